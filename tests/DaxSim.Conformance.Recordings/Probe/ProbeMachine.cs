using System.Text;
using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;
using DaxSim.Conformance.Replay;
using DaxSim.Outcomes;

namespace DaxSim.Conformance.Probe;

/// <summary>A machine with one case's filesystem mounted, on which the operations of the old and s390 recordings run one after the other.</summary>
internal sealed class ProbeMachine
{
    private const string Report = "BUG: Bad page map";
    private readonly ISimulatedMachine machine;
    private readonly ProbeCase setting;

    /// <param name="machine">The machine, everything mounted.</param>
    /// <param name="setting">Where the case's files and the disk for direct I/O are.</param>
    internal ProbeMachine(ISimulatedMachine machine, ProbeCase setting)
    {
        this.machine = machine;
        this.setting = setting;
        var disk = machine.TryOpen(setting.Disk);
        if (disk.IsOk)
        {
            disk.Value.Write([.. Enumerable.Repeat((byte)'V', 1 << 16)], 0);
        }

        machine.Mark();
    }

    /// <summary>The taint flags of the boot: what any operation so far has set.</summary>
    internal BootTaint Taint { get; init; } = new();

    /// <summary>Runs the operation of an observation on the machine as it was before the first.</summary>
    internal Answer Run(Observation observation)
    {
        var name = OperationCatalog.WithoutState(observation.Operation);
        if (name == "tainted_at_end")
        {
            return new Answer().Set("result", "ok").Set("errno", FieldValue.Null).Set("signal", FieldValue.Null).Set("value", $"tainted={Taint.Value}");
        }

        if (ProbeOperations.Find(name) is not { } operation)
        {
            return Answer.Unknown("the operation is not replayed");
        }

        if (Kind(observation.Mapping) is not { } kind)
        {
            return Answer.Unknown($"the mapping '{observation.Mapping}' is not replayed");
        }

        machine.Reset();
        var run = new ProbeRun(machine, setting, kind, State(observation.Operation));
        try
        {
            operation(run);
        }
        catch (ProbeEnd)
        {
            // The answer says how it ended.
        }
        catch (SetupException e)
        {
            run.Answer.SetUnknown(e.Message);
        }

        if (run.Answer.UnknownBecause is null)
        {
            // The recorder kills what is left before it looks at the kernel log.
            machine.KillAll();
            Messages(run.Answer);
            Taint.Value |= machine.Tainted;
        }

        return run.Answer;
    }

    private static ProbeMapping? Kind(string mapping) => mapping switch
    {
        "shared" => ProbeMapping.Shared,
        "private" => ProbeMapping.Private,
        "anon" => ProbeMapping.Anonymous,
        "anonshared" => ProbeMapping.AnonymousShared,
        "devmem" => ProbeMapping.DeviceMemory,
        "hole" => ProbeMapping.Hole,
        "text" => ProbeMapping.Program,
        _ => null,
    };

    private static char State(string operation) => operation[(operation.LastIndexOf('.') + 1)..] switch { "readtouched" => 'r', "written" => 'w', _ => 'u' };

    /// <summary>Warnings as text; reports of bad entries by number and by the functions that ran into them.</summary>
    private void Messages(Answer answer)
    {
        var warnings = new StringBuilder();
        var origins = new List<(string Function, int Count)>();
        var reports = 0;
        foreach (var entry in machine.Log)
        {
            if (entry.Text.StartsWith(Report, StringComparison.Ordinal))
            {
                reports++;
            }
            else if (entry.Text.StartsWith("addr:", StringComparison.Ordinal) && entry.Text.LastIndexOf(" in ", StringComparison.Ordinal) is var at and > 0)
            {
                Add(origins, entry.Text[(at + 4)..]);
            }
            else if (entry.Text.Contains("WARNING:", StringComparison.Ordinal))
            {
                warnings.Append(warnings.Length == 0 ? "" : "\n").Append(entry.Text);
            }
        }

        if (warnings.Length > 0)
        {
            answer.Set("dmesg", warnings.ToString());
        }

        if (reports > 0)
        {
            answer.Set("badmap", reports).Set("badmap_from", string.Join(",", origins.Select(o => $"{o.Function}*{o.Count}")));
        }
    }

    private static void Add(List<(string Function, int Count)> origins, string function)
    {
        var at = origins.FindIndex(o => o.Function == function);
        if (at < 0)
        {
            origins.Add((function, 1));
        }
        else
        {
            origins[at] = (function, origins[at].Count + 1);
        }
    }
}

/// <summary>The taint flags of one boot of a recorded kernel, which all its cases share.</summary>
internal sealed class BootTaint
{
    internal int Value { get; set; }
}
