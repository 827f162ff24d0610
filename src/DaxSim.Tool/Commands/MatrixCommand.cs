using System.CommandLine;
using System.Text.Json;
using DaxSim.Policy;
using DaxSim.Tool.Json;
using DaxSim.Tool.Questions;
using DaxSim.Tool.Rendering;

namespace DaxSim.Tool.Commands;

/// <summary><c>daxsim matrix</c>: every driver and filesystem against every kernel at one glance.</summary>
internal static class MatrixCommand
{
    internal static Command Build(ToolConsole console)
    {
        var kernels = new KernelOptions("Only these kernels: 4.14, 4.12..4.18, 6.0.., lists with commas. Default: every release from 3.10 to 7.3.");
        var device = new Option<string[]>("--device", "-d") { Description = "Only these devices; see below. Default: every kind.", HelpName = "SPEC" };
        var fileSystem = new Option<string[]>("--fs", "-f") { Description = $"Only these filesystems: {string.Join(", ", FileSystemNames.All)}.", HelpName = "TYPE" };
        var options = new Option<string?>("--options", "-o") { Description = "Mount options, for example \"ro,dax\". Default: dax, or xip where ext2 has that instead; ro too on a read-only device.", HelpName = "LIST" };
        var json = KernelOptions.JsonOption();
        var command = new ExampleCommand("matrix", "Show for every device and filesystem on every kernel whether the filesystem may use DAX.")
        {
            Notes = MountOptions.DeviceNotes,
            Examples =
            [
                "matrix",
                "matrix --kernel 4.14..4.18 --device dcssblk:SR --device pmem:raw",
                "matrix --config /boot/config-6.1.0",
                "matrix --kernel 4.16,4.17 --revert 569d0365f571 --fs ext4",
                "matrix --json",
            ],
        };
        command.Add(device);
        command.Add(fileSystem);
        kernels.AddTo(command);
        command.Add(options);
        command.Add(json);
        command.SetAction(parsed =>
        {
            var specs = parsed.GetValue(device) is { Length: > 0 } devices ? [.. devices.Select(DeviceSpec.Parse)] : DeviceSpec.Catalogue;
            var types = parsed.GetValue(fileSystem) is { Length: > 0 } names ? [.. names.Select(FileSystemNames.Read)] : FileSystemNames.All;
            var choice = kernels.Read(parsed, KernelVersion.Releases);
            var matrix = Matrix.Ask(choice, specs, types, MountOptions.CheckOptions(parsed.GetValue(options)));
            if (parsed.GetValue(json))
            {
                console.Out.WriteLine(JsonSerializer.Serialize(MatrixJson.Of(matrix), ToolJson.Default.MatrixJson));
            }
            else
            {
                MatrixView.Write(console, matrix);
            }

            return ExitCode.Ok;
        });
        return command;
    }
}
