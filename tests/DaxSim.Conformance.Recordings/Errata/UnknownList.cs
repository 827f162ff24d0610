namespace DaxSim.Conformance.Errata;

/// <summary>What the replay does not answer, and what it does not compare.</summary>
internal static class UnknownList
{
    /// <summary>Operations that are answered Unknown.</summary>
    internal static IReadOnlyList<(string Recordings, string Operations, string Why)> Entries { get; } =
    [
        ("s390", "exec_singlestep", "The recorder's emulator ends single-stepping with an illegal instruction of its own, on every filesystem."),
    ];

    /// <summary>Fields, or parts of them, that are not compared.</summary>
    internal static IReadOnlyList<string> NotCompared { get; } =
    [
        "`kmsg` of cells: a message that the kernel prints once per boot may be missing from a recorded line, because an earlier cell printed it; a recorded one must be simulated.",
        "Of a kernel warning in `kmsg` only the source file counts: its line, the offset and even the function (the compiler may have inlined it) belong to the build; of a `bad pmd` line, not the hashed address and the value of the entry.",
        "`Private_Clean` and `Private_Dirty` of DAX areas that were only read, on 6.x and 7.x: only their sum is reproducible.",
        "`futex_lock_pi`: whether the word in memory, a letter, happens to be the number of a kernel thread (EPERM) or of nobody (ESRCH).",
        "`badmap` and `badmap_from` outside the spaced pass (the kernel's rate limit swallows reports), and above 60 reports inside it.",
        "`badmap` and the part of `badmap_from` that comes from unmapping, for operations that kill another process at their end and for the next one: whether that process unmaps its pages before the recorder looks at the log is a race.",
        "`badmap` and `badmap_from` of exec_* operations: they count the pages that the recorder's program happens to use.",
        "`MemTotal` and `MemFree` in `meminfo` of the s390 recordings: they depend on the size of the kernel and of everything that runs.",
        "The size of the text segment in `exec_coredump_text`, where it is dumped whole: it is that of the recorder's program.",
        "Suffixes such as `.constprop.0` in `badmap_from`: they are the compiler's.",
        "`dmesg` of memory operations in the old and s390 recordings: only warnings are compared; register dumps and \"segfault at\" lines are the architecture's, and \"Bad page map\" reports are compared by count and origin.",
        "Filesystem UUIDs in messages, frame numbers and kpageflags words of `pagemap`, sizes of whole core files, and addresses that 4.15 to 4.20 print hashed.",
        "Lines of other subsystems in `dmesg` (`random:`).",
    ];
}
