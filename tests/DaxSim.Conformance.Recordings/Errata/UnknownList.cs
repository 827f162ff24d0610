namespace DaxSim.Conformance.Errata;

/// <summary>What the replay does not answer, and what it does not compare.</summary>
internal static class UnknownList
{
    /// <summary>Operations that are answered Unknown.</summary>
    internal static IReadOnlyList<(string Recordings, string Operations, string Why)> Entries { get; } =
    [
        ("cells, old, s390", "core_*, coredump_filter_*, exec_coredump_text", "Core dumps are not modelled."),
        ("cells, old, s390", "smaps, vma_flags", "/proc/pid/smaps is not modelled."),
        ("cells, old, s390", "pagemap, pagemap_fork, exec_text_pagemap", "/proc/kpageflags and /proc/kpagecount are not modelled; only entries that are not present are answered."),
        ("cells", "the vvar and vdso mappings", "The architecture's own areas are not part of a simulated process."),
        ("cells", "env: exec, breakpoint, read, write, fd_calls, file_calls, reflink", "The calls that only these environment checks make are not modelled."),
        ("old, s390", "odirect_readv_anon_then_map", "readv and writev with several buffers are not modelled."),
        ("old, s390", "exec_singlestep, exec_open_running_for_write", "The simulator has no instructions to step through, and does not keep running programs from being written."),
        ("old, s390", "tainted_at_end", "The kernel's taint flags are not modelled."),
        ("s390", "attr_dev_dax, meminfo, sysinfo_cpi", "Listings of sysfs, /proc/meminfo and /proc/sysinfo are not modelled."),
    ];

    /// <summary>Fields, or parts of them, that are not compared.</summary>
    internal static IReadOnlyList<string> NotCompared { get; } =
    [
        "`kmsg` of cells: a message that the kernel prints once per boot may be missing from a recorded line, because an earlier cell printed it; a recorded one must be simulated.",
        "`Private_Clean` and `Private_Dirty` of DAX areas that were only read, on 7.x: only their sum is reproducible.",
        "`badmap` and `badmap_from` outside the spaced pass (the kernel's rate limit swallows reports), and above 60 reports inside it.",
        "`badmap` and the part of `badmap_from` that comes from unmapping, for operations that kill another process at their end and for the next one: whether that process unmaps its pages before the recorder looks at the log is a race.",
        "`badmap` and `badmap_from` of exec_* operations: they count the pages that the recorder's program happens to use.",
        "The size of the text segment in `exec_coredump_text`, where it is dumped whole: it is that of the recorder's program.",
        "Suffixes such as `.constprop.0` in `badmap_from`: they are the compiler's.",
        "`dmesg` of memory operations in the old and s390 recordings: only warnings are compared; register dumps and \"segfault at\" lines are the architecture's, and \"Bad page map\" reports are compared by count and origin.",
        "Filesystem UUIDs in messages, frame numbers and kpageflags words of `pagemap`, sizes of whole core files, and addresses that 4.15 to 4.20 print hashed.",
        "Lines of other subsystems in `dmesg` (`random:`).",
    ];
}
