using System.CommandLine;
using System.Text.Json;
using DaxSim.Tool.Json;
using DaxSim.Tool.Questions;
using DaxSim.Tool.Rendering;

namespace DaxSim.Tool.Commands;

/// <summary><c>daxsim admit</c>: one mount on one kernel, with every test that the kernel makes.</summary>
internal static class AdmitCommand
{
    internal static Command Build(ToolConsole console)
    {
        var options = new MountOptions();
        var command = new ExampleCommand("admit", "Mount one filesystem on one device and show verdict, errno, dmesg and every test that decided.")
        {
            Notes = MountOptions.DeviceNotes,
            Examples =
            [
                "admit --kernel 4.16 --device pmem:raw --fs ext4",
                "admit --kernel 4.9 --arch s390x --device dcssblk:SR --fs ext2 --options \"ro,dax\" --json",
                "admit --kernel 5.10 --device pmem:fsdax --fs xfs --feature reflink --expect dax",
                "admit --config /boot/config-6.1.0 --device partition:start=63s,on=pmem:fsdax --fs ext4",
                "admit --kernel 4.16 --revert 569d0365f571 --device pmem:raw --fs ext4",
            ],
        };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var answer = Mounting.Ask(options.Read(parsed).Question);
            var code = options.Judge(parsed, answer);
            if (parsed.GetValue(options.Json))
            {
                console.Out.WriteLine(JsonSerializer.Serialize(AdmitJson.Of(answer), ToolJson.Default.AdmitJson));
            }
            else
            {
                AdmitView.Write(console, answer);
            }

            return code;
        });
        return command;
    }
}
