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
        var command = new ExampleCommand("why", "Explain in words why one mount ends as it does: what decided, which commit made it so, what other kernels do.")
        {
            Notes = MountOptions.DeviceNotes,
            Examples =
            [
                "why --kernel 4.16 --device pmem:raw --fs ext4",
                "why --kernel 4.9 --device dcssblk:EW --fs ext4",
                "why --kernel 6.17 --device dcssblk:EW,align=1M --fs ext4 --options dax=always",
                "why --kernel 5.15 --device disk --fs xfs --feature reflink --json",
            ],
        };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var (question, elsewhere) = options.Read(parsed);
            var explanation = Explanation.Of(question, elsewhere);
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
}
