using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using DaxSim.Policy;

namespace DaxSim;

/// <summary>What the text of one kind of device may say.</summary>
internal sealed class DeviceGrammar
{
    private const int DeepestNesting = 4;

    private static readonly Setting SizeSetting = new("size", SettingKind.Size);

    private static readonly Setting AddressSetting = new("at", SettingKind.Address);

    private static readonly DeviceGrammar[] All =
    [
        new("dcssblk", DeviceKind.DcssBlock, Architecture.S390X, "64M", ["EW", "SW", "SR", "ER", "SN", "EN", "SC", "MIXED"])
        {
            Settings = [new("name", SettingKind.SegmentName), SizeSetting, new("align", SettingKind.Alignment), AddressSetting, new("exclusive", SettingKind.Word)],
        },
        new("axonram", DeviceKind.AxonRam, Architecture.Ppc64Cell, "256M") { Settings = [SizeSetting] },
        new("xpram", DeviceKind.Xpram, Architecture.S390X, "64M") { Settings = [SizeSetting] },
        new("brd", DeviceKind.Brd, Architecture.X8664, "64M") { Settings = [SizeSetting] },
        new("pmem", DeviceKind.Pmem, Architecture.X8664, "1G", ["fsdax", "raw", "btt"])
        {
            Settings = [SizeSetting, AddressSetting, new("pagemap", SettingKind.Word, "raw"), new("map", SettingKind.Choice, "fsdax", "mem", "dev")],
        },
        new("e820", DeviceKind.E820Pmem, Architecture.X8664, "1G") { Settings = [SizeSetting] },
        new("virtio-pmem", DeviceKind.VirtioPmem, Architecture.X8664, "1G") { Settings = [SizeSetting] },
        new("devdax", DeviceKind.DeviceDax, Architecture.X8664, "1G") { Settings = [SizeSetting, new("align", SettingKind.Alignment)] },
        new("kmem", DeviceKind.Kmem, Architecture.X8664, "1G") { Settings = [SizeSetting, AddressSetting] },
        new("disk", DeviceKind.Disk, Architecture.X8664, "1G") { Settings = [SizeSetting, new("sector", SettingKind.Choice, null, "512", "4096")] },
        new("loop", DeviceKind.Loop, Architecture.X8664, "256M") { Settings = [SizeSetting] },
        new("partition", DeviceKind.Partition, Architecture.X8664, "0")
        {
            Settings = [new("start", SettingKind.Sectors), new("size", SettingKind.Sectors)],
            Members = 1,
        },
        new("dm-linear", DeviceKind.DmLinear, Architecture.X8664, "0") { Settings = [new("start", SettingKind.Sectors)], Members = 8 },
        new("dm-stripe", DeviceKind.DmStripe, Architecture.X8664, "0") { Settings = [new("chunk", SettingKind.Size)], Members = 8 },
        new("virtiofs", DeviceKind.VirtioFs, Architecture.X8664, "1G") { Settings = [SizeSetting, new("nowindow", SettingKind.Word)] },
    ];

    private static readonly Lazy<IReadOnlyList<DeviceSpec>> LazyCatalogue = new(() =>
        [.. new[]
        {
            "dcssblk:EW", "dcssblk:SR", "dcssblk:EW,align=1M", "axonram", "xpram", "brd",
            "pmem:fsdax", "pmem:fsdax,map=dev", "pmem:raw", "pmem:raw,pagemap", "pmem:btt", "e820", "virtio-pmem",
            "disk", "loop", "partition:start=2048s,on=pmem:fsdax", "partition:start=63s,on=pmem:fsdax", "partition:start=63s,on=disk",
            "dm-linear:on=pmem:fsdax", "dm-linear:on=pmem:fsdax+disk", "dm-stripe:on=pmem:fsdax+pmem:fsdax", "virtiofs",
        }.Select(DeviceSpec.Parse)]);

    private DeviceGrammar(string name, DeviceKind kind, Architecture usualArchitecture, string usualSize, string[]? modes = null)
    {
        Name = name;
        Kind = kind;
        UsualArchitecture = usualArchitecture;
        UsualSize = ByteSize.Parse(usualSize);
        Modes = modes ?? [];
    }

    private enum SettingKind
    {
        Word,
        Size,
        Alignment,
        Address,
        Sectors,
        SegmentName,
        Choice,
    }

    internal static IReadOnlyList<DeviceSpec> Catalogue => LazyCatalogue.Value;

    internal DeviceKind Kind { get; }

    internal Architecture UsualArchitecture { get; }

    internal long UsualSize { get; }

    private string Name { get; }

    /// <summary>The words that may follow the colon; the first is meant when none does.</summary>
    private string[] Modes { get; }

    private Setting[] Settings { get; init; } = [];

    /// <summary>How many devices <c>on=</c> may name; 0 when there is nothing beneath.</summary>
    private int Members { get; init; }

    internal static bool TryRead(string text, int depth, [NotNullWhen(true)] out DeviceSpec? spec, [NotNullWhen(false)] out string? problem)
    {
        spec = null;
        var colon = text.AsSpan().IndexOfAny(':', ',');
        var name = colon < 0 ? text : text[..colon];
        var grammar = Array.Find(All, g => g.Name == name);
        if (grammar is null)
        {
            problem = $"'{Shorten(name)}' is not a device: the devices are {string.Join(", ", All.Select(g => g.Name))}.{Spelling.DidYouMean(name, All.Select(g => g.Name))}";
            return false;
        }

        if (depth > DeepestNesting)
        {
            problem = $"Devices are stacked more than {DeepestNesting} deep at '{Shorten(text)}'.";
            return false;
        }

        try
        {
            spec = grammar.Read(text, colon < 0 ? "" : text[(colon + 1)..], colon >= 0, depth);
            problem = null;
            return true;
        }
        catch (FormatException exception)
        {
            problem = exception.Message;
            return false;
        }
    }

    internal static ulong ReadSectors(string value)
    {
        if (value.EndsWith('s'))
        {
            return ulong.TryParse(value.AsSpan(0, value.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sectors) && sectors <= long.MaxValue / 512
                ? sectors
                : throw new FormatException($"'{Shorten(value)}' is not a number of sectors: write it like 63s or 1M.");
        }

        var bytes = ByteSize.Parse(value);
        return bytes % 512 == 0 ? (ulong)bytes / 512 : throw new FormatException($"'{Shorten(value)}' is not a whole number of 512-byte sectors.");
    }

    internal string Write(DeviceSpec spec)
    {
        var parts = new List<string>();
        if (spec.Mode is not null)
        {
            parts.Add(spec.Mode);
        }

        foreach (var setting in Settings)
        {
            if (spec.Setting(setting.Name) is { } value)
            {
                parts.Add(setting.Kind == SettingKind.Word ? setting.Name : $"{setting.Name}={value}");
            }
        }

        if (spec.On.Count > 0)
        {
            parts.Add($"on={string.Join('+', spec.On)}");
        }

        return parts.Count == 0 ? Name : $"{Name}:{string.Join(',', parts)}";
    }

    private static bool BeginsWithDevice(string text)
    {
        var end = text.AsSpan().IndexOfAny(":,+");
        var name = end < 0 ? text : text[..end];
        return Array.Exists(All, g => g.Name == name);
    }

    private DeviceSpec Read(string text, string rest, bool hasRest, int depth)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        string? mode = null;
        List<DeviceSpec>? on = null;
        var first = true;
        while (hasRest)
        {
            if (rest.StartsWith("on=", StringComparison.Ordinal) && Members > 0)
            {
                on = ReadMembers(rest[3..], depth);
                break;
            }

            // What lies beneath may also be named without on=: dm-linear:pmem:fsdax+disk.
            if (Members > 0 && BeginsWithDevice(rest))
            {
                on = ReadMembers(rest, depth);
                break;
            }

            var comma = rest.IndexOf(',');
            var item = comma < 0 ? rest : rest[..comma];
            hasRest = comma >= 0;
            rest = hasRest ? rest[(comma + 1)..] : "";
            if (first && Array.Find(Modes, m => m == item) is { } found)
            {
                mode = found;
            }
            else
            {
                ReadSetting(text, item, settings);
            }

            first = false;
        }

        mode ??= Modes.FirstOrDefault();
        foreach (var setting in Settings)
        {
            if (setting.OnlyMode is not null && setting.OnlyMode != mode && settings.ContainsKey(setting.Name))
            {
                throw new FormatException($"'{Shorten(text)}': {setting.Name} is for {Name}:{setting.OnlyMode} only.");
            }
        }

        if (Members > 0 && on is null)
        {
            throw new FormatException($"'{Shorten(text)}' does not say on which device: end it with on=DEVICE, for example {Name}:on=pmem:fsdax.");
        }

        return new DeviceSpec(this, mode, settings, on ?? []);
    }

    private List<DeviceSpec> ReadMembers(string text, int depth)
    {
        var list = new List<DeviceSpec>();
        foreach (var member in SplitMembers(text))
        {
            list.Add(TryRead(member, depth + 1, out var spec, out var problem) ? spec : throw new FormatException(problem));
        }

        return list.Count <= Members
            ? list
            : throw new FormatException(Members == 1 ? $"A {Name} lies on one device, not on {list.Count}." : $"A {Name} table has at most {Members} devices here, not {list.Count}.");
    }

    /// <summary>Members are separated by '+', or by a comma that the name of a device follows (other commas belong to a member's settings).</summary>
    private static List<string> SplitMembers(string text)
    {
        var members = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '+' || (text[i] == ',' && BeginsWithDevice(text[(i + 1)..])))
            {
                members.Add(text[start..i]);
                start = i + 1;
            }
        }

        members.Add(text[start..]);
        return members;
    }

    private void ReadSetting(string text, string item, Dictionary<string, string> settings)
    {
        var equals = item.IndexOf('=');
        var name = equals < 0 ? item : item[..equals];
        var value = equals < 0 ? "" : item[(equals + 1)..];
        var setting = Array.Find(Settings, s => s.Name == name);
        if (setting is null)
        {
            throw new FormatException($"'{Shorten(text)}': {Name} has no '{Shorten(name)}'; it takes {Choices()}.{Spelling.DidYouMean(name, [.. Modes, .. Settings.Select(s => s.Name)])}");
        }

        if ((setting.Kind == SettingKind.Word) != (equals < 0))
        {
            throw new FormatException(setting.Kind == SettingKind.Word ? $"'{Shorten(text)}': {name} takes no value." : $"'{Shorten(text)}': {name} needs a value, {name}=….");
        }

        if (!settings.TryAdd(name, setting.Check(value)))
        {
            throw new FormatException($"'{Shorten(text)}' gives {name} twice.");
        }
    }

    private string Choices()
    {
        var words = Modes.Concat(Settings.Select(s => s.Kind == SettingKind.Word ? s.Name : $"{s.Name}=")).Concat(Members > 0 ? ["on="] : []).ToList();
        return words.Count == 0 ? "nothing" : string.Join(", ", words);
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : $"{text[..60]}…";

    /// <summary>One setting of a kind of device.</summary>
    private sealed class Setting(string name, SettingKind kind, string? onlyMode = null, params string[] choices)
    {
        internal string Name { get; } = name;

        internal SettingKind Kind { get; } = kind;

        internal string? OnlyMode { get; } = onlyMode;

        /// <summary>Returns the canonical value, or throws when it is none.</summary>
        internal string Check(string value)
        {
            switch (Kind)
            {
                case SettingKind.Size:
                    return ByteSize.Parse(value) is > 0 and var size ? ByteSize.Format(size) : throw new FormatException($"{Name}={Shorten(value)}: a {Name} of nothing makes no sense.");
                case SettingKind.Alignment:
                    return ByteSize.Parse(value) is >= 4096 and var align && long.IsPow2(align)
                        ? ByteSize.Format(align)
                        : throw new FormatException($"{Name}={Shorten(value)}: an alignment is a power of two from 4K on.");
                case SettingKind.Address:
                    return ByteSize.Parse(value) is var address && address % 4096 == 0
                        ? ByteSize.Format(address)
                        : throw new FormatException($"{Name}={Shorten(value)}: an address is a multiple of 4K.");
                case SettingKind.Sectors:
                    return $"{ReadSectors(value)}s";
                case SettingKind.SegmentName:
                    return value.Length is > 0 and <= 8
                        ? value
                        : throw new FormatException($"{Name}={Shorten(value)}: a DCSS name has 1 to 8 characters, this one has {value.Length}.");
                case SettingKind.Choice:
                    return Array.IndexOf(choices, value) >= 0
                        ? value
                        : throw new FormatException($"{Name}={Shorten(value)}: choose one of {string.Join(", ", choices)}.{Spelling.DidYouMean(value, choices)}");
                default:
                    return value;
            }
        }
    }
}
