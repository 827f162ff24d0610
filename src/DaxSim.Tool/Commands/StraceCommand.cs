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
            var reports = Ask(console, parsed.GetValue(logs) ?? [], parsed.GetValue(places) ?? [], kernels.Read(parsed, whenNone: null));
            if (parsed.GetValue(json))
            {
                var answers = reports[0].Answers.Select((_, i) => StraceJson.Of([.. reports.Select(r => (r, r.Answers[i]))])).ToArray();
                console.Out.WriteLine(answers.Length == 1 ? JsonSerializer.Serialize(answers[0], ToolJson.Default.StraceJson) : JsonSerializer.Serialize(answers, ToolJson.Default.StraceJsonArray));
            }
            else
            {
                StraceView.Write(console, reports);
            }

            return reports.Any(static r => r.Answers.Any(static a => a.Fails)) ? ExitCode.DoesNotHold : ExitCode.Ok;
        });
        return command;
    }

    /// <summary>One report for each machine: devices that never meet in one (dcssblk and pmem) get one each, unless --arch names the machine.</summary>
    private static List<StraceReport> Ask(ToolConsole console, string[] paths, string[] placeTexts, KernelChoice choice)
    {
        var places = placeTexts.Select(PlacedDevice.Parse).ToList();
        if (places.GroupBy(static p => p.Path, StringComparer.Ordinal).FirstOrDefault(static g => g.Count() > 1) is { } twice)
        {
            throw new UsageException($"{twice.Key} is placed twice: give each path one device.");
        }

        var reports = places.GroupBy(p => choice.Architecture ?? p.Device.UsualArchitecture).Select(g => AskOne(console, paths, [.. g], choice, g.Key)).ToList();
        choice.CheckAllApplied();
        return reports;
    }

    private static StraceReport AskOne(ToolConsole console, string[] paths, List<PlacedDevice> places, KernelChoice choice, Architecture architecture)
    {
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

        if (report.Calls == 0)
        {
            throw new UsageException(report.Problems.Count > 0 ? $"{report.Problems[0]}. There is no system call in it: is it the output of strace?" : $"{logs[0].Name} holds no system call: is it the output of strace?");
        }

        return report;
    }
}
