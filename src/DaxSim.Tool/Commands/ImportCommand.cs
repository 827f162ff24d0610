using System.CommandLine;
using System.Text.Json;
using DaxSim.Scenarios.Import;
using DaxSim.Tool.Json;

namespace DaxSim.Tool.Commands;

/// <summary><c>daxsim import</c>: a machine file out of what a real host says of itself.</summary>
internal static class ImportCommand
{
    internal static readonly string[] FileNotes =
    [
        "Files of a host, any of them, in a directory or a tar (also .tar.gz), or named singly:",
        "  iomem      cat /proc/iomem, as root      ndctl.json   ndctl list -NRDu (with -B better)",
        "  config     /boot/config-$(uname -r)      daxctl.json  daxctl list",
        "  uname      uname -a                      lsblk.json   lsblk -J -b -O",
        "  mounts     cat /proc/mounts              fstab        cat /etc/fstab",
        "  blkid      blkid                         xfs_info.*, dumpe2fs.*  of a filesystem",
        "Nothing of them is unpacked to disk, and other files among them are passed over.",
        "",
    ];

    internal static Command Build(ToolConsole console)
    {
        var paths = new Argument<string[]>("PATH") { Description = "A directory, a tar archive or files.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string?>("--output", "-o") { Description = "Write the machine file there instead of to standard output.", HelpName = "FILE" };
        var json = KernelOptions.JsonOption();
        var command = new ExampleCommand("import", "Make a machine file out of what a real host says of itself: /proc/iomem, kernel configuration, ndctl, mounts.")
        {
            Notes = FileNotes,
            Examples =
            [
                "import dump.tar.gz -o host.yaml",
                "import /boot/config-$(uname -r) /proc/mounts",
                "import collected/ --json",
            ],
        };
        command.Add(paths);
        command.Add(output);
        command.Add(json);
        command.SetAction(parsed =>
        {
            var dump = HostDump.Read(parsed.GetValue(paths)!);
            var import = MachineImport.Of(dump);
            var text = import.Write();
            if (parsed.GetValue(output) is { } file)
            {
                Save(file, text);
            }

            if (parsed.GetValue(json))
            {
                console.Out.WriteLine(JsonSerializer.Serialize(ImportJson.Of(dump, import, text), ToolJson.Default.ImportJson));
            }
            else if (parsed.GetValue(output) is null)
            {
                console.Out.Write(text);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void Save(string file, string text)
    {
        try
        {
            File.WriteAllText(file, text);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"{file} cannot be written: {problem.Message}");
        }
    }
}
