using System.CommandLine;
using System.Text.Json;
using DaxSim.Tool.Json;
using DaxSim.Tool.Questions;
using DaxSim.Tool.Rendering;

namespace DaxSim.Tool.Commands;

/// <summary><c>daxsim why</c>: one mount explained in prose, with the commit that decided and how other kernels answer.</summary>
internal static class WhyCommand
{
    internal static Command Build(ToolConsole console)
    {
        var options = new MountOptions();
        var mapping = CellOptions.MappingOption("Explain an operation on this mapping instead of a mount, for example dcssblk:EW/ext4,shared,wr; see 'daxsim cell --help'.");
        var operation = CellOptions.OperationOption("The operation on the mapping, for example gup-read.");
        var command = new ExampleCommand("why", "Explain in words why one mount, or one operation on a mapped page, ends as it does: what decided, which commit made it so, what other kernels do.")
        {
            Notes = MountOptions.DeviceNotes,
            Examples =
            [
                "why --kernel 4.16 --device pmem:raw --fs ext4",
                "why --kernel 4.9 --device dcssblk:EW --fs ext4",
                "why --kernel 6.17 --device dcssblk:EW,align=1M --fs ext4 --options dax=always",
                "why --kernel 4.14 --arch s390x --mapping dcssblk:EW/ext4,shared,wr --op fork",
                "why --kernel 5.15 --device disk --fs xfs --feature reflink --json",
            ],
        };
        options.AddTo(command);
        command.Add(mapping);
        command.Add(operation);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(mapping) is not null || parsed.GetValue(operation) is not null)
            {
                options.RefuseMountOptions(parsed);
                var (cell, onOtherKernels) = CellOptions.Read(options.ReadKernels(parsed), parsed.GetValue(mapping), parsed.GetValue(operation));
                return WriteCell(console, CellExplanation.Of(cell, onOtherKernels), options.Expected(parsed), parsed.GetValue(options.Json));
            }

            var (question, elsewhere) = options.Read(parsed);
            var explanation = MountExplanation.Of(question, elsewhere);
            var code = options.Judge(parsed, explanation.Answer);
            if (parsed.GetValue(options.Json))
            {
                console.Out.WriteLine(JsonSerializer.Serialize(WhyJson.Of(explanation), ToolJson.Default.WhyJson));
            }
            else
            {
                WhyView.Write(console, explanation);
            }

            return code;
        });
        return command;
    }

    private static int WriteCell(ToolConsole console, CellExplanation explanation, string? expected, bool asJson)
    {
        var code = CellOptions.Judge(expected, explanation.Answer);
        if (asJson)
        {
            console.Out.WriteLine(JsonSerializer.Serialize(WhyCellJson.Of(explanation), ToolJson.Default.WhyCellJson));
        }
        else
        {
            WhyView.Write(console, explanation);
        }

        return code;
    }
}
