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
    ];

    /// <summary>The entry that lists a difference, or null.</summary>
    internal static Erratum? Find(Judgement difference, KernelRelease release) => Entries.FirstOrDefault(e => e.Explains?.Invoke(difference, release) == true);
}
