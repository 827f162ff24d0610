using System.Globalization;
using System.Text;
using DaxSim.Policy;
using DaxSim.Tool.Questions;

namespace DaxSim.Tests.House.Documents;

/// <summary>docs/kernels.md: the history of the kernel, release by release, as the policy knows it.</summary>
internal static class KernelsDocument
{
    private static readonly string[] Headings = ["DAX: devices, mounting, files", "get_user_pages and pins", "fork and copy on write", "Calls on mapped memory, and what /proc shows"];

    private static readonly PolicyProperty[] Gup =
    [
        PolicyProperty.GupWithoutStructPage, PolicyProperty.UserPins, PolicyProperty.GupPrefaultWithoutStructPage, PolicyProperty.FollowWrite,
        PolicyProperty.PinUnshare, PolicyProperty.PinCounting, PolicyProperty.ZeroPagePin, PolicyProperty.PinnedPagemap, PolicyProperty.ForcedCowOnRead,
        PolicyProperty.FastGupRecheck, PolicyProperty.FastGupDevmapWrite, PolicyProperty.FastGupLongTermDevmap, PolicyProperty.FsDaxLongTerm,
        PolicyProperty.LongTermFileWrite, PolicyProperty.ForcedHugeTlbWrite, PolicyProperty.GupAnonOnly, PolicyProperty.RingLookup,
        PolicyProperty.RingReferences, PolicyProperty.RingFileBuffers, PolicyProperty.ProcessVmReferences, PolicyProperty.DirectIoReferences, PolicyProperty.ZeroCopySend,
    ];

    private static readonly PolicyProperty[] Fork =
    [
        PolicyProperty.AnonReuse, PolicyProperty.HugeAnonReuse, PolicyProperty.CopyWithoutPage, PolicyProperty.DaxPmdFork, PolicyProperty.ForkCopies,
        PolicyProperty.PfnMapForkTracking, PolicyProperty.WriteProtectSequence, PolicyProperty.ForkEarlyCopy, PolicyProperty.DoFork,
    ];

    /// <summary>The whole document.</summary>
    internal static string Render()
    {
        var changes = KernelHistory.Changes.Select(ChangeWithEffects.Of).ToLookup(c => c.Change.Since);
        var text = new StringBuilder();
        Introduce(text, changes);
        foreach (var release in KernelVersion.Releases)
        {
            if (changes.Contains(release))
            {
                Release(text, release, changes[release]);
            }
        }

        text.Append("## Proposed, and in no kernel\n\n");
        foreach (var change in KernelHistory.Proposals)
        {
            text.Append(CultureInfo.InvariantCulture, $"- **{Escape(change.Title)}.** {change.Effect} Try it: `--pick {change.Key}`. ({change.Evidence}; {change.Source})\n");
        }

        return text.ToString();
    }

    /// <summary>Which heading a change stands under: that of the first behaviour it alters, memory management before the rest.</summary>
    private static int Subject(ChangeWithEffects change)
        => change.Effects.Any(e => Fork.Contains(e.Property)) ? 2
            : change.Effects.Any(e => Gup.Contains(e.Property)) ? 1
            : change.Effects.Any(e => e.Property <= PolicyProperty.FlaggedInodeCaching || e.Property is PolicyProperty.DaxAreaFlags or PolicyProperty.DaxPages or PolicyProperty.DaxPageOwner
                or PolicyProperty.DaxHugePages or PolicyProperty.LayoutBreak or PolicyProperty.LayoutWakeup or PolicyProperty.LayoutUnmap or PolicyProperty.DeviceMemoryFailure
                or PolicyProperty.DeviceDaxSplit or PolicyProperty.DeviceDaxMmap) ? 0
            : 3;

    private static void Introduce(StringBuilder text, ILookup<KernelVersion, ChangeWithEffects> changes)
    {
        text.Append(string.Create(CultureInfo.InvariantCulture, $"""
            # What each kernel changed

            Generated from the history that every simulated kernel is folded from: {KernelHistory.Changes.Count} changes of behaviour between 3.10 and 7.3 that
            a program using DAX, `get_user_pages` or `fork` can see. A release that is missing changed nothing of that kind, as far as is known.
            Each entry says what happens since then, the behaviours of `KernelPolicy` that it sets, how that is known and where it was read or recorded:
            `Recorded` was observed in a running kernel, `Source` read in releases on both sides, the rest is weaker in the order of `Evidence`.
            A title in brackets is in own words: the commit is not known. `daxsim history` answers the same with filters, and any entry
            can be taken out or put in with `--revert` and `--pick`.

            | release | {string.Join(" | ", Headings)} |
            | --- | ---: | ---: | ---: | ---: |

            """).ReplaceLineEndings("\n"));
        foreach (var release in KernelVersion.Releases.Where(changes.Contains))
        {
            var counts = Enumerable.Range(0, Headings.Length).Select(i => changes[release].Count(c => Subject(c) == i)).Select(n => n == 0 ? "" : n.ToString(CultureInfo.InvariantCulture));
            text.Append(CultureInfo.InvariantCulture, $"| [{release}](#linux-{release.ToString().Replace(".", "", StringComparison.Ordinal)}) | {string.Join(" | ", counts)} |\n");
        }

        text.Append('\n');
    }

    private static void Release(StringBuilder text, KernelVersion release, IEnumerable<ChangeWithEffects> changes)
    {
        text.Append(CultureInfo.InvariantCulture, $"## Linux {release}\n\n");
        if (release == KernelVersion.Releases[0])
        {
            text.Append("The base: every behaviour without an entry here has been as it is since 3.10 or earlier.\n\n");
        }

        foreach (var group in changes.GroupBy(Subject).OrderBy(g => g.Key))
        {
            text.Append(CultureInfo.InvariantCulture, $"### {Headings[group.Key]}\n\n");
            foreach (var change in group)
            {
                Entry(text, change);
            }

            text.Append('\n');
        }
    }

    private static void Entry(StringBuilder text, ChangeWithEffects known)
    {
        var change = known.Change;
        text.Append("- ");
        if (change.Commit is { } commit)
        {
            text.Append(CultureInfo.InvariantCulture, $"`{commit}` ");
        }

        text.Append(CultureInfo.InvariantCulture, $"**{Escape(change.Title)}**");
        if (change.Architectures.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" on {string.Join(", ", change.Architectures)}");
        }

        text.Append(CultureInfo.InvariantCulture, $"  \n  {Escape(change.Effect)}  \n");
        foreach (var effect in known.Effects)
        {
            var where = effect.Architectures.Count == Architecture.All.Count(change.Concerns) ? "" : $" ({string.Join(", ", effect.Architectures)})";
            text.Append(CultureInfo.InvariantCulture, $"  `{effect.Property}`: {effect.Before} → {effect.After}{where}  \n");
        }

        if (change.Backports.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"  Also in {string.Join(", ", change.Backports)}.  \n");
        }

        text.Append(CultureInfo.InvariantCulture, $"  {change.Evidence}: {Escape(change.Source)}; key `{change.Key}`\n");
    }

    /// <summary>Markdown takes underscores inside a word for letters, but not those before one.</summary>
    private static string Escape(string text)
        => string.Join(' ', text.Split(' ').Select(w => w.StartsWith('_') ? w.Replace("_", "\\_", StringComparison.Ordinal) : w)).Replace("*", "\\*", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
