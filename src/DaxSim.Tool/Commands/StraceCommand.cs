using System.CommandLine;
using System.Text.Json;
using DaxSim.Policy;
using DaxSim.Scenarios.Strace;
using DaxSim.Tool.Json;
using DaxSim.Tool.Questions;
using DaxSim.Tool.Rendering;

namespace DaxSim.Tool.Commands;

/// <summary><c>daxsim strace</c>: a recorded program on a machine where some directories lie on other devices.</summary>
internal static class StraceCommand
{
    internal static Command Build(ToolConsole console)
    {
        var logs = new Argument<string[]>("LOG") { Description = "strace output, plain or gzip; LOG also means the set LOG.PID of strace -ff.", Arity = ArgumentArity.OneOrMore };
        var places = new Option<string[]>("--place", "-p") { Description = "PATH=DEVICE[@FS[:OPTIONS]]: this directory, or this one file, lies on that device. May be repeated.", HelpName = "PLACE", Required = true };
        var kernels = new KernelOptions("The kernels, for example 4.16 or 3.10..7.3.");
        var json = KernelOptions.JsonOption();
        var command = new ExampleCommand("strace", "Run what strace recorded on a machine where some directories lie on other devices, and say which calls would have gone differently, and why.")
        {
            Notes =
            [
                "Places:",
                "  /usr=dcssblk:SR   /home/u/data=pmem:fsdax@xfs   /home/u/app/cache.bin=pmem:raw@ext4:dax,noatime",
                "  Without @FS, the first filesystem with which the kernel gives DAX: ext2, ext4, xfs on dcssblk, axonram and xpram; ext4, xfs, ext2 on others.",
                "  Without OPTIONS, dax (xip where ext2 has that instead), and ro on a read-only device. A device without size= gets 8 GiB, a dcssblk 1 GiB.",
                "",
                "How to record: strace -f -y -o app.strace -e raw=read,write,pread64,pwrite64 PROGRAM (raw shows buffers by address; -y shows paths).",
                "",
                .. MountOptions.DeviceNotes,
            ],
            Examples =
            [
                "strace bash.strace.gz --place /usr=dcssblk:SR --kernel 4.16",
                "strace fio.strace.gz --place /home/u/proj/dax.img=dcssblk:EW --kernels 3.10..7.3",
                "strace gdb.strace.gz --place /home/u/proj=dcssblk:EW --kernel 4.18 --json",
                "strace app.strace --place /srv=pmem:fsdax@xfs --kernel 6.1 --arch x86_64",
            ],
        };
        command.Add(logs);
        command.Add(places);
        kernels.AddTo(command);
        command.Add(json);
        command.SetAction(parsed =>
        {
            var report = Ask(console, parsed.GetValue(logs) ?? [], parsed.GetValue(places) ?? [], kernels.Read(parsed, whenNone: null));
            if (parsed.GetValue(json))
            {
                console.Out.WriteLine(report.Answers.Count == 1
                    ? JsonSerializer.Serialize(StraceJson.Of(report, report.Answers[0]), ToolJson.Default.StraceJson)
                    : JsonSerializer.Serialize([.. report.Answers.Select(a => StraceJson.Of(report, a))], ToolJson.Default.StraceJsonArray));
            }
            else
            {
                StraceView.Write(console, report);
            }

            return report.Answers.Any(static a => a.Fails) ? ExitCode.DoesNotHold : ExitCode.Ok;
        });
        return command;
    }

    private static StraceReport Ask(ToolConsole console, string[] paths, string[] placeTexts, KernelChoice choice)
    {
        var places = placeTexts.Select(PlacedDevice.Parse).ToList();
        var architecture = choice.Architecture ?? places[0].Device.UsualArchitecture;
        if (choice.Architecture is null && places.Find(p => p.Device.UsualArchitecture != architecture) is { } other)
        {
            throw new UsageException($"{places[0].Device} is usually met on {architecture}, {other.Device} on {other.Device.UsualArchitecture}: say which machine with --arch.");
        }

        IReadOnlyList<StraceLog> logs;
        try
        {
            logs = StraceLog.Find(paths);
        }
        catch (FileNotFoundException problem)
        {
            throw new UsageException(problem.Message);
        }

        using var bar = StraceProgressBar.Start(console);
        StraceReport report;
        try
        {
            report = StraceWhatIf.Run(new StraceQuestion
            {
                Logs = logs,
                Places = places,
                Kernels = [.. choice.Versions.Select(v => choice.PolicyOf(v, architecture))],
                Progress = bar is null ? null : bar.Show,
            });
        }
        catch (Exception problem) when (problem is ArgumentException or InvalidOperationException)
        {
            throw new UsageException(UsageException.TextOf(problem));
        }

        choice.CheckAllApplied();
        if (report.Calls == 0)
        {
            throw new UsageException(report.Problems.Count > 0 ? $"{report.Problems[0]}. There is no system call in it: is it the output of strace?" : $"{logs[0].Name} holds no system call: is it the output of strace?");
        }

        return report;
    }
}
