using System.Buffers;
using DaxSim.Memory;
using DaxSim.Policy;

namespace DaxSim.Scenarios.Files;

public sealed partial record MachineFile
{
    /// <summary>The keys of the part <c>machine:</c>, in the order in which they are written.</summary>
    internal static IReadOnlyList<string> Keys { get; } = ["kernel", "arch", "config", "revert", "pick", "ram", "nodes", "memory", "hugepages", "thp", "zvm", "devices", "mounts"];

    private static readonly SearchValues<char> SymbolCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    internal static IReadOnlyList<string> RegionWords { get; } = ["ram", "reserved", "pmem", "segment", "axonram", "mmio"];

    /// <summary>Reads a machine file.</summary>
    /// <param name="path">The file; its part <c>machine:</c> is read, so a scenario file will do too.</param>
    /// <exception cref="FormatException">It cannot be read; the message is one line with file, line, column and reason.</exception>
    public static MachineFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return OfDocument(YamlReader.ReadFile(path), Path.GetDirectoryName(Path.GetFullPath(path)));
    }

    /// <summary>Reads the text of a machine file.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The file's name for messages.</param>
    /// <exception cref="FormatException">It cannot be read; the message is one line with file, line, column and reason.</exception>
    public static MachineFile Parse(string text, string name = "machine.yaml")
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(name);
        return OfDocument(YamlReader.Read(text, name), null);
    }

    private static MachineFile OfDocument(YamlNode document, string? folder)
        => Of(document.AsMap("The file", Scenario.Keys).Require("machine"), folder);

    internal static MachineFile Of(YamlNode node, string? folder)
    {
        if (node.IsEmpty)
        {
            return new MachineFile { Folder = folder };
        }

        var map = node.AsMap("machine", Keys);
        var (configFile, symbols) = map.Has("config", out var config) ? ReadConfig(config) : (null, []);
        return new MachineFile
        {
            Folder = folder,
            Kernel = map.Find("kernel")?.Read("kernel", KernelVersion.Parse),
            Architecture = map.Read("arch", Policy.Architecture.Parse),
            ConfigFile = configFile,
            Config = symbols,
            Revert = ReadCommits(map, "revert"),
            Pick = ReadCommits(map, "pick"),
            Ram = map.Find("ram")?.Read("ram", Positive),
            Nodes = ReadNodes(map),
            Memory = map.Find("memory")?.AsList("memory").Select(ReadRegion).ToList() ?? [],
            HugePages = (int)(map.Find("hugepages")?.ReadNumber("hugepages", 0, 1 << 20) ?? 0),
            TransparentHugePages = map.Find("thp")?.ReadChoice("thp", "always", "madvise") is { } thp ? thp == "always" : null,
            ZVm = map.Find("zvm")?.ReadBool("zvm"),
            Devices = ReadDevices(map),
            Mounts = map.Find("mounts")?.AsList("mounts").Select(n => ReadMount(n)).ToList() ?? [],
        };
    }

    /// <summary>A mount, in the machine or as a step.</summary>
    internal static MachineMount ReadMount(YamlNode node)
    {
        var map = node.AsMap("mount", "device", "path", "type", "options", "block-size", "features", "files", "expect");
        var path = map.Require("path").AsText("path");
        return path[0] != '/'
            ? throw map.Require("path").Problem($"path: '{path}' is not absolute: write it like /mnt.")
            : new MachineMount(map.Require("device").AsText("device"), path, map.Require("type").ReadChoice("type", [.. Machine.FileSystemTypes]))
            {
                Options = map.Text("options") ?? "",
                BlockSize = (int?)map.Find("block-size")?.Read("block-size", t => Whole(t, 512, 64 << 10)),
                Features = map.Texts("features"),
                Files = map.Find("files")?.AsList("files").Select(ReadFile).ToList() ?? [],
                Expect = map.Has("expect", out var expect) ? Expectation.Read(expect) : null,
            };
    }

    internal static long Positive(string text) => ByteSize.Parse(text) is > 0 and var size ? size : throw new FormatException("a size of nothing makes no sense.");

    private static long Whole(string text, long least, long most)
        => ByteSize.Parse(text) is var size && size >= least && size <= most ? size : throw new FormatException($"'{text}' is not between {least} and {ByteSize.Format(most)}.");

    private static List<long> ReadNodes(YamlMap map)
        => map.Find("nodes") is not { } nodes ? []
            : map.Find("ram") is { } ram ? throw ram.Problem("ram and nodes exclude each other: each node brings its RAM.")
            : [.. nodes.AsList("nodes").Select(n => n.Read("nodes", Positive))];

    private static MachineFileContent ReadFile(YamlNode node)
    {
        var map = node.AsMap("file", "path", "size", "content");
        var content = map.Text("content");
        var length = map.Find("size")?.Read("size", t => Whole(t, 0, 64 << 20)) ?? (content is null ? 4096 : content.Length);
        return new MachineFileContent(map.Require("path").AsText("path").Trim('/'), length, content);
    }

    private static List<string> ReadCommits(YamlMap map, string key)
        => map.Find(key)?.AsOneOrMore().Select(n => n.Read(key, t => KernelHistory.TryFind(t, out _, out var problem) ? t : throw new FormatException(problem))).ToList() ?? [];

    private static (string? File, List<ConfigSymbol> Symbols) ReadConfig(YamlNode node)
    {
        if (node.Text is { } file)
        {
            return (file, []);
        }

        string? named = null;
        var symbols = new List<ConfigSymbol>();
        foreach (var entry in node.AsMapping("config"))
        {
            if (entry.Key == "file")
            {
                named = entry.Value.AsText("file");
                continue;
            }

            var name = entry.Key.StartsWith("CONFIG_", StringComparison.Ordinal) ? entry.Key[7..] : entry.Key;
            if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(SymbolCharacters))
            {
                throw YamlNode.Problem(entry.Place, $"'{YamlNode.Shorten(entry.Key)}' is no symbol of a kernel configuration: write FS_DAX: y, or file: and a path.");
            }

            symbols.Add(new ConfigSymbol(name, entry.Value.ReadChoice(name, "y", "m", "n") switch { "y" => KconfigValue.Yes, "m" => KconfigValue.Module, _ => KconfigValue.No }));
        }

        return (named, symbols);
    }

    private static MemoryRegion ReadRegion(YamlNode node)
    {
        var map = node.AsMap("memory", "kind", "start", "size", "name");
        var kind = (RegionKind)RegionWords.ToList().IndexOf(map.Require("kind").ReadChoice("kind", [.. RegionWords]));
        var name = map.Text("name") ?? (kind switch
        {
            RegionKind.SystemRam => "System RAM",
            RegionKind.PersistentMemory => "Persistent Memory",
            RegionKind.Reserved => "Reserved",
            RegionKind.SavedSegment => "Saved Segment",
            RegionKind.AxonRam => "axonram",
            _ => "PCI BAR",
        });
        return new MemoryRegion(name, kind, (ulong)map.Require("start").Read("start", ByteSize.Parse), (ulong)map.Require("size").Read("size", Positive));
    }

    private static List<MachineDevice> ReadDevices(YamlMap map)
    {
        var devices = new List<MachineDevice>();
        foreach (var node in map.Find("devices")?.AsList("devices") ?? [])
        {
            devices.Add(ReadDevice(node));
        }

        return devices;
    }

    private static MachineDevice ReadDevice(YamlNode node)
    {
        if (node.Text is not null)
        {
            return new MachineDevice(node.Read("device", DeviceSpec.Parse));
        }

        var map = node.AsMap("device", "device", "partition", "dm-linear", "dm-stripe", "name");
        var name = map.Text("name");
        var given = ((string[])["device", "partition", "dm-linear", "dm-stripe"]).Where(k => map.Find(k) is not null).ToList();
        if (given.Count != 1)
        {
            throw node.Problem($"A device is one of device: SPEC, partition:, dm-linear: or dm-stripe:, {(given.Count == 0 ? "and this is none" : "not several")}.");
        }

        var body = map.Find(given[0])!;
        switch (given[0])
        {
            case "device":
                var spec = body.Read("device", DeviceSpec.Parse);
                return name is null || MachineBuilder.CanBeNamed(spec.Kind)
                    ? new MachineDevice(spec, null, name)
                    : throw map.Find("name")!.Problem($"The driver of {spec} names its devices itself: leave the name out.");
            case "partition" when name is not null:
                throw map.Find("name")!.Problem("A partition is named after its disk: leave the name out.");
            case "partition":
                var partition = body.AsMap("partition", "on", "start", "size");
                return new MachineDevice(null, new StackedDevice(StackKind.Partition, [partition.Require("on").AsText("on")], partition.Find("start")?.Read("start", Bytes), partition.Find("size")?.Read("size", Bytes)));
            case "dm-linear":
                var linear = body.AsMap("dm-linear", "on", "start");
                return new MachineDevice(null, new StackedDevice(StackKind.Linear, Members(linear), linear.Find("start")?.Read("start", Bytes)), name);
            default:
                var striped = body.AsMap("dm-stripe", "on", "chunk");
                return new MachineDevice(null, new StackedDevice(StackKind.Striped, Members(striped), Chunk: striped.Find("chunk")?.Read("chunk", Positive)), name);
        }
    }

    private static List<string> Members(YamlMap map)
        => map.Require("on").AsOneOrMore() is { Count: > 0 } members ? [.. members.Select(n => n.AsText("on"))] : throw map.Require("on").Problem("on: name at least one device.");

    /// <summary>Bytes, or sectors with an s as fdisk writes them.</summary>
    private static long Bytes(string text)
        => text.EndsWith('s') && long.TryParse(text.AsSpan(0, text.Length - 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var sectors) && sectors < long.MaxValue / 512
            ? sectors * 512
            : ByteSize.Parse(text) is var bytes && bytes % 512 == 0 ? bytes : throw new FormatException($"'{text}' is not a whole number of 512-byte sectors.");
}
