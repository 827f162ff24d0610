namespace DaxSim.Scenarios.Import;

/// <summary>One mount of a dump with everything that the other files know of its filesystem.</summary>
internal sealed record HostMountFacts(string Source, string Type, string Options, int? BlockSize, IReadOnlyList<string> Features)
{
    /// <summary>The options that have to do with DAX; the others change nothing about it.</summary>
    private static readonly string[] Known = ["ro", "dax", "nodax", "dax=always", "dax=never", "dax=inode", "xip", "data=journal"];

    internal bool AsksForDax => DaxAsked(Options) is not null;

    /// <summary>The option that asks for DAX on the whole filesystem; null when there is none.</summary>
    internal static string? DaxAsked(string options) => options.Split(',').FirstOrDefault(o => o is "dax" or "dax=always" or "xip");

    internal static HostMountFacts Of(HostDump dump, HostMount mount)
    {
        var source = Resolve(dump, mount.Source);
        var name = NameOf(source);
        var block = dump.BlockDevices.FirstOrDefault(b => b.Name == name);
        var type = mount.Type is "auto" or "" ? block?.FileSystem ?? mount.Type : mount.Type;
        var facts = dump.FileSystems.Where(f => f.Device == source || f.Device == mount.Path || (f.Uuid is not null && f.Uuid == block?.Uuid) || (f.Uuid is not null && mount.Source == $"UUID={f.Uuid}")).ToList();
        if (facts.Count == 0 && dump.FileSystems.Where(f => f.Device.Length == 0 && IsExt(f.Type) && IsExt(type)).ToList() is [var only] && dump.Mounts.Count(m => IsExt(m.Type)) == 1)
        {
            facts.Add(only);
        }

        var options = mount.Options.Split(',', StringSplitOptions.RemoveEmptyEntries).Where(o => Known.Contains(o)).ToList();
        return new HostMountFacts(source, type, string.Join(',', options), facts.Select(f => f.BlockSize).FirstOrDefault(b => b is not null), facts.Select(f => f.Features).FirstOrDefault(f => f.Count > 0) ?? []);
    }

    /// <summary>The name of a device below /dev, as lsblk calls it.</summary>
    internal static string NameOf(string source)
    {
        var name = source.StartsWith("/dev/", StringComparison.Ordinal) ? source["/dev/".Length..] : source;
        if (name.StartsWith("mapper/", StringComparison.Ordinal))
        {
            return name["mapper/".Length..];
        }

        // /dev/vg/lv is the device vg-lv.
        return name.Count(c => c == '/') == 1 && !name.StartsWith("disk/", StringComparison.Ordinal)
            ? string.Join('-', name.Split('/').Select(p => p.Replace("-", "--", StringComparison.Ordinal)))
            : name;
    }

    private static bool IsExt(string type) => type is "ext2" or "ext4";

    private static string Resolve(HostDump dump, string source)
    {
        string? Find(Func<HostBlockDevice, bool> which) => dump.BlockDevices.FirstOrDefault(which) is { } block ? $"/dev/{block.Name}" : null;
        var value = source[(source.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim('"');
        return source switch
        {
            _ when source.StartsWith("UUID=", StringComparison.Ordinal) => Find(b => b.Uuid == value) ?? dump.FileSystems.FirstOrDefault(f => f.Uuid == value && f.Device.StartsWith("/dev/", StringComparison.Ordinal))?.Device ?? source,
            _ when source.StartsWith("LABEL=", StringComparison.Ordinal) => Find(b => b.Label == value) ?? source,
            _ when source.StartsWith("/dev/disk/by-uuid/", StringComparison.Ordinal) => Find(b => source.EndsWith($"/{b.Uuid}", StringComparison.Ordinal)) ?? source,
            _ => source,
        };
    }
}
