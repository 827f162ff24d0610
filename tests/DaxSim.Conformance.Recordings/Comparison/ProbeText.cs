using System.Text.RegularExpressions;
using DaxSim.Conformance.Reading;

namespace DaxSim.Conformance.Comparison;

/// <summary>The parts of the old and s390 probes' free text that two boots of one kernel do not agree on.</summary>
internal static partial class ProbeText
{
    /// <summary>The kernel prints at most this many "Bad page map" reports a minute.</summary>
    internal const int ReportsPerMinute = 60;

    private const string Unmapping = "unmap_page_range";

    /// <summary>Compares a <c>value</c> or <c>dmesg</c>.</summary>
    internal static bool Same(string name, Observation recorded, string? expected, string? got, KernelRelease release)
    {
        if (name == "dmesg")
        {
            var real = Messages(recorded, expected, release);
            var simulated = Messages(recorded, got, release);

            // A warning during a memory operation is printed once per boot: an earlier operation may have had it.
            return recorded.Mapping == "-" ? real.SequenceEqual(simulated) : real.All(simulated.Contains);
        }

        return expected is not null && got is not null ? Value(recorded, expected, release) == Value(recorded, got, release) : expected == got;
    }

    /// <summary>The reports counted: exact in the spaced pass up to the rate limit, elsewhere only a lower bound.</summary>
    internal static bool SameBadMapCount(Observation recorded, FieldValue? expected, FieldValue? got)
    {
        if (ExecutesProgram(recorded))
        {
            return true;
        }

        var real = Count(expected);
        var simulated = Count(got);
        if (recorded.Text("pass") != "spaced" || LeavesProcessBehind(recorded.Operation))
        {
            // The functions are compared one by one where that is possible. A process that the observation before left behind may unmap its pages now.
            return recorded.Text("pass") == "spaced" || real <= simulated + (LeavesProcessBehind(recorded.Operation) ? Probe.ProbeRun.Pages : 0);
        }

        return real == simulated || (real >= ReportsPerMinute && simulated >= ReportsPerMinute);
    }

    /// <summary>The kernel functions that ran into the entries, each with its number: compared in the spaced pass below the rate limit.</summary>
    internal static bool SameBadMapOrigin(Observation recorded, string? expected, string? got)
    {
        if (ExecutesProgram(recorded) || recorded.Text("pass") != "spaced" || recorded.Number("badmap") >= ReportsPerMinute)
        {
            return true;
        }

        var real = Origins(expected);
        var simulated = Origins(got);
        if (LeavesProcessBehind(recorded.Operation))
        {
            real.Remove(Unmapping);
            simulated.Remove(Unmapping);
        }

        return real.Count == simulated.Count && real.All(o => simulated.TryGetValue(o.Key, out var count) && count == o.Value);
    }

    /// <summary>True where the number of entries is that of the pages that the recorder's program happens to use.</summary>
    private static bool ExecutesProgram(Observation recorded) => recorded.Operation.StartsWith("exec_", StringComparison.Ordinal);

    /// <summary>
    /// True for operations that kill another process at their end, and for those that come right after one: the other process unmaps its
    /// pages before or after the recorder looks at the log, as it happens.
    /// </summary>
    private static bool LeavesProcessBehind(string operation)
    {
        var name = Replay.OperationCatalog.WithoutState(operation);
        return name is "process_vm_readv" or "process_vm_writev" or "process_vm_readv_self" or "proc_mem_read" or "proc_mem_write" or "proc_self_mem" or "self_mem_write_4_bytes" or "exec_cmdline" or "exec_coredump_text" or "exec_process_vm_readv_text"
            || name.StartsWith("ptrace_", StringComparison.Ordinal) || name.StartsWith("remote_", StringComparison.Ordinal) || name.StartsWith("exec_peek", StringComparison.Ordinal)
            || name.StartsWith("exec_breakpoint", StringComparison.Ordinal) || name is "exec_singlestep" or "exec_open_running_for_write";
    }

    /// <summary>Function and number, without the suffixes that compilers add to copies of a function.</summary>
    private static Dictionary<string, int> Origins(string? text)
    {
        var origins = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var star = part.LastIndexOf('*');
            var name = star < 0 ? part : part[..star];
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            var key = dot < 0 ? name : name[..dot];
            origins[key] = origins.GetValueOrDefault(key) + (star >= 0 && int.TryParse(part.AsSpan(star + 1), out var count) ? count : 1);
        }

        return origins;
    }

    private static long Count(FieldValue? value) => value is { Kind: FieldKind.Number } number ? long.Parse(number.Text, System.Globalization.CultureInfo.InvariantCulture) : 0;

    private static string Value(Observation recorded, string text, KernelRelease release)
    {
        // The stale dirty bit of device memory that was only read varies from run to run on 7.x: the sum counts.
        if (release.Version.Major >= 7 && recorded.Operation == "smaps.readtouched")
        {
            text = PrivateSplit().Replace(text, static m => $"Private: {Parse(m.Groups[1]) + Parse(m.Groups[2])} kB");
        }

        if (recorded.Operation == "meminfo")
        {
            text = text[Math.Max(0, text.IndexOf("zone:", StringComparison.Ordinal))..];
        }

        var masked = FrameNumber().Replace(text, "pfn=X");
        masked = PageFlags().Replace(masked, "kpageflags=X");
        masked = WholeSegment().Replace(masked, "whole segment");
        return CoreSize().Replace(masked, "core_size=X").Trim();
    }

    private static List<string> Messages(Observation recorded, string? text, KernelRelease release)
    {
        var lines = new List<string>();
        foreach (var line in (text ?? "").Split('\n'))
        {
            var kept = Line(line, release);
            if (kept.Length > 0 && recorded.Mapping == "-")
            {
                lines.Add(kept);
            }
            else if (IsModelled(kept))
            {
                lines.Add(KernelMessages.NormalizeForCells(kept[kept.IndexOf("WARNING:", StringComparison.Ordinal)..]));
            }
        }

        return lines;
    }

    private static string Line(string line, KernelRelease release)
    {
        var text = KernelMessages.MaskUuid(line.Trim());

        // %p prints a placeholder until the random pool is ready, and a hash afterwards: the value means nothing from 4.15 to 4.20.
        if (release.Version.Mainline >= Policy.KernelVersion.Parse("4.15") && release.Version.Mainline <= Policy.KernelVersion.Parse("4.20"))
        {
            text = Placeholder().Replace(text, "ADDRESS");
            text = SegmentRange().Replace(text, "range ADDRESS to ADDRESS");
        }

        return text.StartsWith("random: ", StringComparison.Ordinal) ? "" : text;
    }

    /// <summary>
    /// During memory operations only warnings are compared, by the function that warned. Reports of killed programs (register dumps,
    /// "segfault at") are the architecture's, and "Bad page map" reports are compared by count and origin.
    /// </summary>
    private static bool IsModelled(string line) => line.Contains("WARNING:", StringComparison.Ordinal);

    private static long Parse(Group digits) => long.Parse(digits.ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex("Private_Clean: ([0-9]{1,9}) kB;Private_Dirty: ([0-9]{1,9}) kB")]
    private static partial Regex PrivateSplit();

    [GeneratedRegex("pfn=0x[1-9a-f][0-9a-f]*")]
    private static partial Regex FrameNumber();

    [GeneratedRegex(@"kpageflags=(\(unread\))?0x[0-9a-f]+")]
    private static partial Regex PageFlags();

    // The size of the recorder's program.
    [GeneratedRegex("text segment in core: filesz=([1-9][0-9]*) memsz=\\1")]
    private static partial Regex WholeSegment();

    [GeneratedRegex("core_size=[0-9]+")]
    private static partial Regex CoreSize();

    [GeneratedRegex(@"\(____ptrval____\)")]
    private static partial Regex Placeholder();

    [GeneratedRegex("range (?:[0-9a-f]{16}|ADDRESS) to (?:[0-9a-f]{16}|ADDRESS)")]
    private static partial Regex SegmentRange();
}
