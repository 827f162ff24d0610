using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Old;
using DaxSim.Conformance.Probe;
using DaxSim.Conformance.Reading;
using DaxSim.Conformance.Replay;

namespace DaxSim.Conformance.S390;

/// <summary>Replays the dcssblk recordings: administration of segments, and operations on files of DAX filesystems on them.</summary>
internal sealed class S390Session(KernelRelease release) : IReplaySession
{
    // Answers of the sequence that a case belongs to, in the order of the calls, and how many of each were asked for.
    private readonly Dictionary<(string Case, string Operation), Queue<Answer>> answers = [];
    private readonly Dictionary<string, ProbeMachine> machines = new(StringComparer.Ordinal);
    private readonly BootTaint taint = new();
    private readonly HashSet<string> run = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Answer Replay(Observation observation)
    {
        var name = observation.Text("case")!;
        if (observation.Mapping != "-")
        {
            return OfMapping(name, observation);
        }

        if (name.StartsWith("add-", StringComparison.Ordinal))
        {
            return OfSequence(name, observation);
        }

        return name switch
        {
            "notzvm" => WithoutZvm(observation),
            "module" => Module(observation),
            _ => MountCases.Find(name) is { } place ? OfMounts(place, observation) : Answer.Unknown($"the case '{name}' is not one that recordings are known to contain"),
        };
    }

    /// <summary>Loading, mounting and removing, each on a machine brought into the state before it.</summary>
    private Answer OfMounts((string Segment, string Variant) place, Observation observation)
    {
        var machine = new AdminMachine(release, underZvm: true);
        if (observation.Operation != "add")
        {
            machine.Add(place.Segment);
        }

        var command = MountCases.Command(observation.Text("value")!);
        machine.TakeMessages();
        var line = observation.Operation switch
        {
            "add" => machine.Add(place.Segment),
            "remove" => machine.Remove(place.Segment),
            "mount" when command is { } mount => WithOrdinaryMount(machine.MountImage(place.Variant, mount.Type, mount.Options, keep: true), observation),
            "dax_active" => Active(machine, place.Variant),
            _ => AdminLine.Unknown("the recorder's script has no such step"),
        };
        return ToAnswer(line, machine.TakeMessages());
    }

    /// <summary>The recorder shows the last line of /proc/mounts with "/m" in it: where it operated on mappings, the ordinary xfs on /mnt/x if the segment could not be mounted.</summary>
    private AdminLine WithOrdinaryMount(AdminLine line, Observation observation)
    {
        if (line.Result == "ok" || MountCases.IsOfMountsOnly(observation.Text("case")!))
        {
            return line;
        }

        var machine = OracleMachine.Segments(release, underZvm: true, static m => m.Disk("320M", "vda"));
        var mounts = new Dictionary<string, Mount>(StringComparer.Ordinal);
        OldCases.Mount(machine, mounts, "vda", "xfs", "/mnt/x", "xfs", "");
        return line with { Value = line.Value + mounts["/mnt/x"].ProcMountsLine };
    }

    private static AdminLine Active(AdminMachine machine, string variant)
    {
        machine.MountImage(variant, variant == "real-ext2" ? "ext2" : variant.Split('-')[0], "dax", keep: true);
        machine.TakeMessages();
        return machine.DaxActive();
    }

    private Answer OfMapping(string name, Observation observation)
    {
        if (!machines.TryGetValue(name, out var machine))
        {
            if (name is not ("anon" or "plain-ext4") && MountCases.Find(name) is null)
            {
                return Answer.Unknown($"the case '{name}' is not one that recordings are known to contain");
            }

            machines[name] = machine = MappingCases.Mounted(release, name, taint);
        }

        return machine.Run(observation);
    }

    private Answer OfSequence(string name, Observation observation)
    {
        var plain = name["add-".Length..];
        foreach (var suffix in new[] { "-nonshared", "-ro" })
        {
            if (plain.EndsWith(suffix, StringComparison.Ordinal))
            {
                plain = plain[..^suffix.Length];
            }
        }

        if (run.Add(plain))
        {
            Run(plain);
        }

        return answers.TryGetValue((name, observation.Operation), out var queue) && queue.Count > 0 ? queue.Dequeue() : Answer.Unknown("the recorder's script has no such step");
    }

    private void Run(string plain)
    {
        var machine = new AdminMachine(release, underZvm: true);
        foreach (var step in AdminScript.For(plain))
        {
            machine.BeginStep();
            var line = step.Do(machine);
            var messages = machine.TakeMessages();
            var key = ($"add-{plain}{step.CaseSuffix}", step.Operation);
            if (!answers.TryGetValue(key, out var queue))
            {
                answers[key] = queue = new Queue<Answer>();
            }

            queue.Enqueue(ToAnswer(line, messages));
        }
    }

    private static Answer ToAnswer(AdminLine line, string messages)
    {
        if (line.UnknownBecause is { } because)
        {
            return Answer.Unknown(because);
        }

        var answer = new Answer().Set("result", line.Result).Set("errno", line.Errno is null ? FieldValue.Null : FieldValue.OfText(line.Errno)).Set("signal", FieldValue.Null).Set("value", line.Value);
        if (messages.Length > 0)
        {
            answer.Set("dmesg", messages);
        }

        if (line.Because is { } reason)
        {
            answer.Note(reason);
        }

        return answer;
    }

    private Answer WithoutZvm(Observation observation)
    {
        var text = observation.Operation switch { "add" => "DAXEW", "add_lower" => "daxew", "add_unknown" => "NOSUCH", _ => null };
        if (text is null)
        {
            var sysinfo = new AdminMachine(release, underZvm: false).Machine.ReadSysinfo();
            return sysinfo.IsOk ? new Answer().Set("result", "ok").Set("errno", FieldValue.Null).Set("signal", FieldValue.Null).Set("value", $"/proc/sysinfo: {AsRead(sysinfo.Value)}") : Answer.Unknown(sysinfo.Verdict.ToString());
        }

        var machine = new AdminMachine(release, underZvm: false);
        var line = machine.Add(text);
        return ToAnswer(line, machine.TakeMessages());
    }

    /// <summary>The recorder reads so many bytes of a file and drops the white space at their end.</summary>
    private static string AsRead(string text) => text[..Math.Min(text.Length, 399)].TrimEnd();

    /// <summary>The module loads where the kernel has the driver.</summary>
    private Answer Module(Observation observation)
    {
        if (observation.Operation != "insmod_dcssblk")
        {
            return Answer.Unknown("not replayed");
        }

        var loaded = new AdminMachine(release, underZvm: true).Machine.Dcss.Add("");
        return ToAnswer(loaded.IsOk ? new AdminLine("ok", null, "rc=0") : new AdminLine("errno", loaded.Errno.ToString(), "rc=1"), "");
    }
}
