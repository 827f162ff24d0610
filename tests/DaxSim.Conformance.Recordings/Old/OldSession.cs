using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Probe;
using DaxSim.Conformance.Reading;
using DaxSim.Conformance.Replay;
using DaxSim.Conformance.S390;

namespace DaxSim.Conformance.Old;

/// <summary>Replays the recordings of kernels from 3.19 to 4.19.</summary>
internal sealed class OldSession(KernelRelease release) : IReplaySession
{
    private readonly Dictionary<string, ProbeMachine> machines = new(StringComparer.Ordinal);
    private const string MountPoint = "/mnt/t";

    // The lines of the kernel log that the recorder keeps contain one of these.
    private static readonly string[] Kept = ["mount", "BUG", "Bad ", "WARN", "dax", "DAX", "EXT", "XFS", "Oops", "RIP", "page:", "xip", "XIP", "corrupt", "error", "pte:"];

    /// <inheritdoc/>
    public Answer Replay(Observation observation)
    {
        var name = observation.Text("case")!;
        if (observation.Mapping != "-")
        {
            return OfMapping(name, observation);
        }

        if (OldCases.Device(name) is not { } device || MountCases.Command(observation.Text("value")!) is not { } command)
        {
            return Answer.Unknown($"the case '{name}' is not one that recordings are known to contain");
        }

        return Mount(OldCases.Build(release, name), device, OldCases.FileSystem(name), command.Type, command.Options);
    }

    private Answer OfMapping(string name, Observation observation)
    {
        if (!machines.TryGetValue(name, out var machine))
        {
            if (OldCases.Device(name) is null && name is not ("anon" or "devmem"))
            {
                return Answer.Unknown($"the case '{name}' is not one that recordings are known to contain");
            }

            machines[name] = machine = OldCases.Mounted(release, name);
        }

        return machine.Run(observation);
    }

    private static Answer Mount(Machine machine, string device, string variant, string type, string options)
    {
        machine.Log.DynamicDebug = true;
        var recipe = ImageRecipes.Find(variant == "ext2" ? "real-ext2" : variant) ?? throw new SetupException($"no recipe for '{variant}'");
        ImageRecipes.Make(machine, device, recipe);
        var before = machine.Log.Entries.Count;
        var mounted = machine.Mount($"/dev/{device}", MountPoint, type, options);
        var answer = new Answer();
        answer.Note(mounted.Verdict);
        answer.Set("result", mounted.IsOk ? "ok" : "errno").Set("errno", mounted.IsOk ? FieldValue.Null : FieldValue.OfText(mounted.Errno.ToString())).Set("signal", FieldValue.Null)
            .Set("value", $"mount -t {type} -o {options}; /proc/mounts: {(mounted.IsOk ? mounted.Value.ProcMountsLine : "")}");
        var messages = machine.Log.Entries.Skip(before).Select(e => $"<{(int)e.Level}>{e.Text}").Where(t => Kept.Any(k => t.Contains(k, StringComparison.Ordinal))).ToList();
        if (messages.Count > 0)
        {
            answer.Set("dmesg", string.Join("\n", messages));
        }

        return answer;
    }
}
