using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tool.Questions;

/// <summary>A machine with one device, on which mounts are tried without changing it.</summary>
internal sealed class Mounting
{
    private readonly Machine machine;
    private readonly string device;
    private readonly bool refused;

    private Mounting(Machine machine, DeviceSpec spec)
    {
        this.machine = machine;
        refused = machine.Refusals.Count > 0;
        device = refused ? machine.Refusals[^1].Device
            : spec.Kind == DeviceKind.VirtioFs ? "virtiofs0"
            : machine.Devices[^1].Name;
    }

    /// <summary>Puts a machine together. What does not fit together is the user's mistake.</summary>
    internal static Mounting On(KernelPolicy policy, DeviceSpec spec, bool dynamicDebug = false)
    {
        try
        {
            var machine = Machine.Build(m => m.Kernel(policy).Device(spec));
            machine.Log.DynamicDebug = dynamicDebug;
            return new Mounting(machine, spec);
        }
        catch (Exception problem) when (problem is InvalidOperationException or ArgumentException)
        {
            throw new UsageException($"{spec}: {UsageException.TextOf(problem)}");
        }
    }

    /// <summary>Answers one question with everything that is known about it.</summary>
    internal static MountAnswer Ask(MountQuestion question)
    {
        var mounting = On(question.Policy, question.Device, question.DynamicDebug);
        var options = question.Options ?? mounting.DefaultOptions(question.FileSystem);
        var report = mounting.Try(question.FileSystem, question.BlockSize, question.Features, options);
        return new MountAnswer(question, options, mounting.OutcomeOf(report), report.Errno, report.Reason, report.LogLines, report.Tests, report.ShownOption, report.ProcMountsLine);
    }

    /// <summary>Answers one cell.</summary>
    internal MatrixCell AskCell(string fileSystem, string? options)
    {
        var report = Try(fileSystem, null, [], options ?? DefaultOptions(fileSystem));
        return new MatrixCell(OutcomeOf(report), report.Errno, report.DecidedBy);
    }

    private string DefaultOptions(string fileSystem) => machine.UsualDaxOptions(device, fileSystem);

    private AdmissionReport Try(string fileSystem, int? blockSize, IReadOnlyList<string> features, string options)
    {
        try
        {
            return machine.TryAdmit(device, fileSystem, blockSize, features, options);
        }
        catch (ArgumentException problem)
        {
            throw new UsageException(UsageException.TextOf(problem));
        }
    }

    private CellOutcome OutcomeOf(AdmissionReport report) => report.Result switch
    {
        "dax" => CellOutcome.Dax,
        "no-dax" => CellOutcome.NoDax,
        "errno" => refused || report.Reason?.Function == "get_fs_type" ? CellOutcome.Absent : CellOutcome.Refused,
        _ => CellOutcome.Unknown,
    };
}
