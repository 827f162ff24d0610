using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;
using DaxSim.Policy;

namespace DaxSim.Conformance.Errata;

/// <summary>Every known deviation. <c>docs/errata.md</c> is generated from this list.</summary>
public static class ErrataList
{
    /// <summary>The entries, in the order of the document.</summary>
    public static IReadOnlyList<Erratum> Entries { get; } =
    [
        new(
            "s390-72-nodax-breakpoint",
            "In one boot of 7.2.13 (s390x), a program on ext4 without dax that had run through a function once was not stopped by a breakpoint planted there, and was killed by SIGILL in another run.",
            "Not understood, and not the kernel's page handling: the same operations on `plain-ext4` of the same boot, also page cache, are stopped. The emulated processor may have run translated code.",
            "7.2.13+deb14-s390x",
            Evidence.Recorded,
            "s390 7.2.13 nodax-ext4, exec_*.readtouched")
        {
            Explains = static (difference, release) => release.IsS390 && difference.Observation.Text("case") == "nodax-ext4"
                && difference.Observation.Operation is ("exec_peektext.readtouched" or "exec_breakpoint_peek_then_poke.readtouched" or "exec_breakpoint_blind_poke.readtouched" or "exec_text_pagemap"),
        },
        new(
            "s390-72-private-registration",
            "Private memory of a DAX file that was written first, so that its pages are anonymous: 7.2.13 on s390x refused to register it with io_uring in some runs (EOPNOTSUPP) and took it in others; the simulator always takes it.",
            "get_user_pages_fast takes anonymous pages without looking at the area, and the area is looked at (and refused, being a DAX file's) only when the fast path gives up. It gives up on a page that may not be pinned for long where it lies, as one of a contiguous memory area, which 7.2 on s390x has and the simulator does not model: so the answer depends on which free page the store happened to get. Both answers are the kernel's.",
            "6.12 and later on s390x",
            Evidence.Recorded,
            "s390 7.2.13 io_uring_register_buffer.written private of sr-ext4 and ew-xfs; s390.md: \"ok in some runs, EOPNOTSUPP in others: both correct\"; that contiguous memory is the reason is derived")
        {
            Explains = static (difference, release) => release.IsS390 && difference.Observation.Mapping == "private" && difference.Observation.Operation == "io_uring_register_buffer.written" && difference.Expected.Contains("EOPNOTSUPP", StringComparison.Ordinal),
        },
    ];

    /// <summary>The entry that lists a difference, or null.</summary>
    internal static Erratum? Find(Judgement difference, KernelRelease release) => Entries.FirstOrDefault(e => e.Explains?.Invoke(difference, release) == true);
}
