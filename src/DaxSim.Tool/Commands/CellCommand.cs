using System.CommandLine;
using System.Text.Json;
using DaxSim.Tool.Json;
using DaxSim.Tool.Rendering;

namespace DaxSim.Tool.Commands;

/// <summary><c>daxsim cell</c>: one operation on one mapping on one kernel, with everything that decided.</summary>
internal static class CellCommand
{
    internal static Command Build(ToolConsole console)
    {
        var kernels = new KernelOptions("The kernel, for example 4.14 or 4.14.74.");
        var mapping = CellOptions.MappingOption("The mapping, for example dcssblk:EW/ext4,shared,wr; see below.");
        var operation = CellOptions.OperationOption("The operation, for example gup-read; see below.");
        var expect = CellOptions.ExpectOption();
        var json = KernelOptions.JsonOption();
        var command = new ExampleCommand("cell", "Try one operation (an access, fork, get_user_pages, a system call) on one mapped page and show outcome, dmesg and what decided.")
        {
            Notes = CellOptions.Notes,
            Examples =
            [
                "cell --kernel 4.14 --arch s390x --mapping dcssblk:EW/ext4,shared,wr --op fork",
                "cell --kernel 4.14 --arch x86_64 --mapping pmem:raw/ext4,shared,wr --op odirect-read",
                "cell --kernel 6.12 --arch s390x --mapping dcssblk:EW/ext4,private,rd --op ptrace-poke --json",
                "cell --kernel 5.10 --mapping pmem:fsdax/xfs,shared,wr --op longterm-write --expect EOPNOTSUPP",
                "cell --kernel 6.1 --mapping anon,private,wr --op fork-child-store",
            ],
        };
        command.Add(mapping);
        command.Add(operation);
        kernels.AddTo(command);
        command.Add(expect);
        command.Add(json);
        command.SetAction(parsed =>
        {
            var (question, _) = CellOptions.Read(kernels.Read(parsed, whenNone: null), parsed.GetValue(mapping), parsed.GetValue(operation));
            var answer = question.Ask();
            var code = CellOptions.Judge(parsed.GetValue(expect), answer);
            if (parsed.GetValue(json))
            {
                console.Out.WriteLine(JsonSerializer.Serialize(CellAnswerJson.Of(question, answer), ToolJson.Default.CellAnswerJson));
            }
            else
            {
                CellView.Write(console, question, answer);
            }

            return code;
        });
        return command;
    }
}
