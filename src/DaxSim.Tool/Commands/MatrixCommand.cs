using System.CommandLine;
using System.Text.Json;
using DaxSim.Cells;
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
        var operations = new Option<bool>("--operations") { Description = "Show operations on mapped pages instead of mounts: rows mappings, columns operations, for one kernel." };
        var mapping = CellOptions.MappingOption("Show the operations on this mapping on every kernel: rows operations, columns kernels. See 'daxsim cell --help'.");
        var operation = new Option<string[]>("--op", "--operation") { Description = "Only these operations; see 'daxsim cell --help'.", HelpName = "OP" };
        var json = KernelOptions.JsonOption();
        var command = new ExampleCommand("matrix", "Show for every device and filesystem on every kernel whether the filesystem may use DAX; or what operations on mapped pages come to.")
        {
            Notes = MountOptions.DeviceNotes,
            Examples =
            [
                "matrix",
                "matrix --kernel 4.14..4.18 --device dcssblk:SR --device pmem:raw",
                "matrix --config /boot/config-6.1.0",
                "matrix --kernel 4.16,4.17 --revert 569d0365f571 --fs ext4",
                "matrix --operations --kernel 4.14",
                "matrix --mapping dcssblk:EW/ext4,shared,wr",
                "matrix --json",
            ],
        };
        command.Add(device);
        command.Add(fileSystem);
        kernels.AddTo(command);
        command.Add(options);
        command.Add(operations);
        command.Add(mapping);
        command.Add(operation);
        command.Add(json);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(operations) || parsed.GetValue(mapping) is not null)
            {
                return WriteOperations(console, AskOperations(parsed), parsed.GetValue(json));
            }

            if (parsed.GetValue(operation) is { Length: > 0 })
            {
                throw new UsageException("--op needs --operations or --mapping SPEC: the matrix of mounts has no operations.");
            }

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

        OperationMatrix AskOperations(ParseResult parsed)
        {
            var chosen = parsed.GetValue(operation) is { Length: > 0 } names ? names.SelectMany(n => n.Split(',')).Select(CellOperation.Parse).ToList() : null;
            var devices = parsed.GetValue(device) ?? [];
            var types = parsed.GetValue(fileSystem) ?? [];
            if (parsed.GetValue(options) is not null)
            {
                throw new UsageException("--options is for mounts: the matrix of operations mounts with -o dax.");
            }

            if (parsed.GetValue(mapping) is { } spec)
            {
                if (parsed.GetValue(operations) || devices.Length > 0 || types.Length > 0)
                {
                    throw new UsageException("--mapping names the one mapping to look at: leave out --operations, --device and --fs.");
                }

                return OperationMatrix.OfKernels(kernels.Read(parsed, KernelVersion.Releases), CellMapping.Parse(spec), chosen ?? CellOperation.All);
            }

            return OperationMatrix.OfMappings(kernels.Read(parsed, whenNone: null), Mappings(devices, types), chosen ?? CellOperation.Basic);
        }
    }

    /// <summary>The rows: the usual ones, or those of the devices and filesystems that were named.</summary>
    private static IReadOnlyList<CellMapping> Mappings(string[] devices, string[] fileSystems)
    {
        var types = fileSystems.Select(FileSystemNames.Read).ToList();
        if (devices.Length == 0)
        {
            return CellMapping.Catalogue.Where(m => types.Count == 0 || (m.FileSystem is { } type && types.Contains(type))).ToList() is { Count: > 0 } usual
                ? usual
                : throw new UsageException("None of the usual mappings lies on that filesystem: name a device with --device too.");
        }

        var rows = from spec in devices.Select(DeviceSpec.Parse)
                   from type in types.Count > 0 ? types : spec.Kind == DeviceKind.VirtioFs ? ["virtiofs"] : ["ext4"]
                   from kind in (string[])["shared,wr", "private,rd", "private,wr"]
                   select CellMapping.Parse(spec.Kind == DeviceKind.DeviceDax ? $"{spec},{kind}" : $"{spec}/{type},{kind}");
        return [.. rows.Distinct()];
    }

    private static int WriteOperations(ToolConsole console, OperationMatrix matrix, bool asJson)
    {
        if (asJson)
        {
            console.Out.WriteLine(JsonSerializer.Serialize(OperationMatrixJson.Of(matrix), ToolJson.Default.OperationMatrixJson));
        }
        else
        {
            OperationMatrixView.Write(console, matrix);
        }

        return ExitCode.Ok;
    }
}
