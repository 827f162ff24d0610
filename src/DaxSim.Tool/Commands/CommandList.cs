using System.CommandLine;

namespace DaxSim.Tool.Commands;

/// <summary>Every command of the program, in the order of its help. A new command is one class and one line here.</summary>
internal static class CommandList
{
    internal static IEnumerable<Command> Build(ToolConsole console) =>
    [
        MatrixCommand.Build(console),
        AdmitCommand.Build(console),
        CellCommand.Build(console),
        WhyCommand.Build(console),
        HistoryCommand.Build(console),
        ImportCommand.Build(console),
        DoctorCommand.Build(console),
        StraceCommand.Build(console),
        ReplayCommand.Build(console),
        RunCommand.Build(console),
        ReportCommand.Build(console),
    ];
}
