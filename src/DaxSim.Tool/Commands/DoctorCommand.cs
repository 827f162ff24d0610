using System.CommandLine;
using System.Text.Json;
using DaxSim.Policy;
using DaxSim.Scenarios.Files;
using DaxSim.Scenarios.Import;
using DaxSim.Tool.Json;
using DaxSim.Tool.Questions;
using DaxSim.Tool.Rendering;

namespace DaxSim.Tool.Commands;

/// <summary><c>daxsim doctor</c>: does DAX work on this host, why not, and what helps.</summary>
internal static class DoctorCommand
{
    internal static Command Build(ToolConsole console)
    {
        var paths = new Argument<string[]>("PATH") { Description = "A machine file (.yaml), or what 'daxsim import' reads.", Arity = ArgumentArity.OneOrMore };
        var kernel = new Option<string?>("--kernel", "-k") { Description = "Examine on this kernel instead of the host's own.", HelpName = "VERSION" };
        var kernels = new Option<string[]>("--kernels") { Description = "The other kernels to look at; all releases from 3.10 to 7.3 unless given.", HelpName = "RANGE", Arity = ArgumentArity.OneOrMore };
        var json = KernelOptions.JsonOption();
        var command = new ExampleCommand("doctor", "Say for each pmem or DAX device and mount of a host whether DAX works, on which kernels, why not, and what to do.")
        {
            Notes = [.. ImportCommand.FileNotes, "What is advised was tried: it makes DAX work on the kernel in question. Exit code 1: somebody asked for DAX and does not get it."],
            Examples =
            [
                "doctor dump.tar.gz",
                "doctor host.yaml --kernel 6.12",
                "doctor /proc/mounts /boot/config-6.1.0 --kernels 4.4..6.12 --json",
            ],
        };
        foreach (var option in (IEnumerable<Option>)[kernel, kernels, json])
        {
            command.Add(option);
        }

        command.Add(paths);
        command.SetAction(parsed =>
        {
            var given = parsed.GetValue(paths)!;
            var (machine, notes) = Read(given);
            var version = parsed.GetValue(kernel) is { } text ? KernelVersion.Parse(text) : machine.Kernel ?? throw new UsageException("No file says which kernel the host runs: give --kernel VERSION, or add the output of uname -a.");
            var others = parsed.GetValue(kernels) is { Length: > 0 } ranges ? KernelSelection.Read(ranges) : KernelVersion.Releases;
            var report = Examine(machine, version, others);
            if (parsed.GetValue(json))
            {
                console.Out.WriteLine(JsonSerializer.Serialize(DoctorJson.Of(report, notes), ToolJson.Default.DoctorJson));
            }
            else
            {
                DoctorView.Write(console, report, notes);
            }

            return report.Findings.Any(f => f.IsIll) ? ExitCode.DoesNotHold : ExitCode.Ok;
        });
        return command;
    }

    private static (MachineFile Machine, IReadOnlyList<string> Notes) Read(string[] paths)
    {
        if (paths is [var path] && (path.EndsWith(".yaml", StringComparison.Ordinal) || path.EndsWith(".yml", StringComparison.Ordinal)))
        {
            return (MachineFile.Read(path), []);
        }

        var import = MachineImport.Of(HostDump.Read(paths));
        return (import.Machine, import.Notes);
    }

    private static DoctorReport Examine(MachineFile machine, KernelVersion version, IReadOnlyList<KernelVersion> others)
    {
        try
        {
            return Doctor.Examine(machine, version, others);
        }
        catch (Exception problem) when (problem is InvalidOperationException or ArgumentException)
        {
            throw new UsageException($"The machine cannot be put together: {UsageException.TextOf(problem)}");
        }
    }
}
