using System.Globalization;
using System.Text.Json;
using DaxSim.Conformance.Cells;
using DaxSim.Conformance.Reading;
using DaxSim.Policy;

namespace DaxSim.Conformance.Comparison;

/// <summary>Compares a recorded observation with the simulator's answer, field by field.</summary>
/// <remarks>
/// Every field counts, except what the recordings' own description calls not reproducible:
/// <list type="bullet">
/// <item>messages printed once per boot may be missing from a recorded line (an earlier cell printed them), but a recorded one must be in the answer;</item>
/// <item>the split of Private_Clean and Private_Dirty of a file-backed DAX area that was only read, on 6.x and 7.x: only their sum counts (PG_dirty outlives the cell that set it, and two boots of 6.1 do not agree);</item>
/// <item>whether the word that a futex cell finds in memory happens to name a thread of the kernel (EPERM) or nobody (ESRCH);</item>
/// <item>VmSwap up to 6.1, where each thread adds up its own changes and hands them in at times (SPLIT_RSS_COUNTING);</item>
/// <item>whether a page whose flag waits in a list of the CPU (mlock, MADV_FREE) has it already;</item>
/// <item>the number of "Bad page map" reports outside the spaced pass, where the kernel's rate limit hides some, and above 60 inside it;</item>
/// <item>UUIDs and addresses in messages, frame numbers and sizes of core files in values (see <see cref="ProbeText"/>).</item>
/// </list>
/// </remarks>
internal static class FieldComparer
{
    // Fields that repeat the question; those of programs are ProgramTrace's.
    private static readonly HashSet<string> Question = new(StringComparer.Ordinal)
    {
        "case", "mapping", "state", "op", "fs", "options", "remount_options", "kernel", "pass", "badmap_suppressed_before",
    };

    /// <summary>The release from which counters of resident pages are the address space's own.</summary>
    private static readonly KernelVersion CountersOfProcesses = KernelVersion.Parse("6.2");

    /// <summary>Sets the two side by side.</summary>
    internal static Judgement Compare(Observation recorded, Answer answer, KernelRelease release)
    {
        if (answer.UnknownBecause is { } because)
        {
            return new Judgement(recorded, Agreement.Unknown, "", "", because);
        }

        var differing = new List<string>();
        foreach (var name in Names(recorded, answer))
        {
            if (!Same(name, recorded, answer, release))
            {
                differing.Add(name);
            }
        }

        if (differing.Count == 0)
        {
            return new Judgement(recorded, Agreement.Agree, "", "", "");
        }

        return new Judgement(recorded, Agreement.Differ, Describe(differing, recorded.Value), Describe(differing, answer.Value), string.Join("; ", answer.Reasons)) { DifferingFields = differing };
    }

    private static List<string> Names(Observation recorded, Answer answer)
    {
        var names = new List<string>();
        foreach (var field in recorded.Fields)
        {
            if (IsAnswer(field.Key, recorded) && !names.Contains(field.Key))
            {
                names.Add(field.Key);
            }
        }

        foreach (var field in answer.Fields)
        {
            if (!names.Contains(field.Key))
            {
                names.Add(field.Key);
            }
        }

        return names;
    }

    /// <summary>Some names are questions in one format and answers in another: <c>file</c> and <c>child</c> are answers of a cell and operands of a step.</summary>
    private static bool IsAnswer(string name, Observation recorded) => recorded.Format switch
    {
        RecordingFormat.Random => ProgramTrace.IsOutcome(recorded.Operation, name),
        _ => !Question.Contains(name),
    };

    private static bool Same(string name, Observation recorded, Answer answer, KernelRelease release)
    {
        var expected = recorded.Value(name);
        var got = answer.Value(name);
        switch (name)
        {
            case "kmsg":
                return SameMessages(expected, got, answer);
            case "Private_Clean" or "Private_Dirty" when release.Version.Major >= 6 && recorded.State == "rd" && recorded.Mapping.Contains("dax", StringComparison.Ordinal):
                return Sum(recorded.Value) == Sum(answer.Value);
            case "vmswap_kb" or "vmswap_kb_in" or "child_vmswap_kb" when release.Version < CountersOfProcesses:
                return true;
            case "flags" when SwapOperations.Names.Contains(recorded.Operation):
                return Settled(expected?.Text, recorded) == Settled(got?.Text, recorded);
            case "errno" when recorded.Operation == "futex_lock_pi" && expected?.Text is "EPERM" or "ESRCH":
                return got?.Text is "EPERM" or "ESRCH";
            case "value" or "dmesg" when recorded.Format is RecordingFormat.Old or RecordingFormat.S390:
                return ProbeText.Same(name, recorded, expected?.Text, got?.Text, release);
            case "badmap":
                return ProbeText.SameBadMapCount(recorded, expected, got);
            case "badmap_from":
                return ProbeText.SameBadMapOrigin(recorded, expected?.Text, got?.Text);
            default:
                return expected == got;
        }
    }

    /// <summary>
    /// The flags without those that wait in a list of the CPU until there are more of them (PG_mlocked, and after MADV_FREE PG_swapbacked), that only the
    /// first page of a large folio shows (PG_swapbacked), or that stay for ever on pages that nobody writes anywhere (PG_dirty of the pool and of secret memory).
    /// </summary>
    private static string? Settled(string? flags, Observation recorded)
    {
        var large = recorded.Mapping == "anon_thp";
        var unwritten = recorded.Mapping is "hugetlb_private" or "secretmem_shared";
        return flags is null ? null : string.Join(' ', flags.Split(' ').Where(f => f != "mlocked" && !(f == "swapbacked" && (large || recorded.Operation == "free_po")) && !(f == "dirty" && unwritten)));
    }

    private static long Sum(Func<string, FieldValue?> value) => Number(value("Private_Clean")) + Number(value("Private_Dirty"));

    private static long Number(FieldValue? value) => value is { Kind: FieldKind.Number } number ? long.Parse(number.Text, CultureInfo.InvariantCulture) : -1;

    private static bool SameMessages(FieldValue? expected, FieldValue? got, Answer answer)
    {
        var recorded = Messages(expected).ConvertAll(KernelMessages.NormalizeForCells);
        var simulated = Messages(got).ConvertAll(KernelMessages.NormalizeForCells);
        if (recorded.SequenceEqual(simulated))
        {
            return true;
        }

        var mayBeMissing = simulated.Where(m => !answer.OncePerBoot.Any(o => KernelMessages.NormalizeForCells(o) == m)).ToList();
        return recorded.All(simulated.Contains) && mayBeMissing.All(recorded.Contains);
    }

    private static List<string> Messages(FieldValue? value)
    {
        var list = new List<string>();
        if (value is { Kind: FieldKind.List } json)
        {
            using var document = JsonDocument.Parse(json.Text);
            foreach (var element in document.RootElement.EnumerateArray())
            {
                list.Add(element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText());
            }
        }

        return list;
    }

    private static string Describe(List<string> names, Func<string, FieldValue?> value)
        => string.Join(", ", names.Select(n => value(n) is { } v ? $"{n}={Shorten(v.ToString())}" : $"no {n}"));

    private static string Shorten(string text) => text.Length <= 400 ? text : text[..400] + "…";
}
