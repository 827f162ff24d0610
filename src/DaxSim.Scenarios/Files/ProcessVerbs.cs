using DaxSim.Outcomes;
using DaxSim.Processes;
using static DaxSim.Scenarios.Files.Field;

namespace DaxSim.Scenarios.Files;

/// <summary>Processes: starting, forking, executing, ending.</summary>
internal static class ProcessVerbs
{
    internal static IReadOnlyList<StepVerb> All { get; } =
    [
        new("spawn", "Starts a process with an empty address space.", r =>
        {
            var process = r.Machine.Spawn(r.Text("name"));
            return new StepOutcome(Verdict.Ok, null, process);
        })
        {
            Fields = [Word("name", "Its name.")], Shorthand = "name", Gives = NameKind.Process, NamedBy = "name",
        },
        new("fork", "fork(2).", r => StepOutcome.Of(r.Process.Fork()))
        {
            Fields = [Word("child", "The child's name.")], Shorthand = "child", Gives = NameKind.Process, NamedBy = "child", InProcess = true,
        },
        new("execve", "execve(2): the address space is replaced by that of a program.", r => StepOutcome.Of(r.Process.Execve(r.Thing<FileHandle>("file"), r.Text("name", "program"))))
        {
            Fields = [Name("file", NameKind.File, "The program."), Word("name", "Its command name.", required: false)], Shorthand = "file", InProcess = true,
        },
        new("exit", "exit(2).", r =>
        {
            r.Process.Exit();
            return new StepOutcome(Verdict.Ok);
        })
        {
            InProcess = true,
        },
        new("core-dump", "Writes a core file, as a fatal signal does; returns how many pages it holds.", r =>
        {
            var pages = r.Process.DumpCore().Segments.Sum(s => s.PagesWritten);
            return new StepOutcome(Verdict.Ok, pages.ToString(System.Globalization.CultureInfo.InvariantCulture));
        })
        {
            InProcess = true,
        },
        new("pass-time", "Lets simulated time pass: rate limits of kernel messages depend on it.", r =>
        {
            r.Machine.PassTime(TimeSpan.FromSeconds(r.Number("seconds")));
            return new StepOutcome(Verdict.Ok);
        })
        {
            Fields = [Number("seconds", "How long.") with { Required = true }], Shorthand = "seconds",
        },
    ];
}
