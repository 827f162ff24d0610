using System.Globalization;
using System.Text.Json;

namespace DaxSim.Scenarios.Import;

/// <summary>Reads the JSON of lsblk: a tree, or with -l a flat list that names parents.</summary>
internal static class LsblkReader
{
    internal static void Read(HostFile file, HostDump dump)
    {
        if (JsonText.IsOther(file))
        {
            dump.NoteList.Add($"{file.Name} was left out: it is not JSON; lsblk -J -b -O writes that.");
            return;
        }

        using var document = JsonText.Parse(file);
        if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("blockdevices", out var devices))
        {
            throw new FormatException($"{file.Name}: it has no \"blockdevices\": it is not what lsblk -J prints.");
        }

        foreach (var device in JsonText.Items(devices))
        {
            Add(file, device, null, dump);
        }
    }

    private static void Add(HostFile file, JsonElement item, string? parent, HostDump dump)
    {
        if ((JsonText.Text(item, "name") ?? JsonText.Text(item, "kname")) is not { } name)
        {
            throw new FormatException($"{file.Name}: a block device has no \"name\".");
        }

        name = name.StartsWith("/dev/", StringComparison.Ordinal) ? name["/dev/".Length..] : name;
        name = name.StartsWith("mapper/", StringComparison.Ordinal) ? name["mapper/".Length..] : name;
        parent ??= JsonText.Text(item, "pkname") is { } above ? above[(above.LastIndexOf('/') + 1)..] : null;
        var index = dump.BlockList.FindIndex(b => b.Name == name);
        if (index >= 0)
        {
            // A device over several others is listed below each of them.
            var known = dump.BlockList[index];
            if (parent is not null && !known.Parents.Contains(parent))
            {
                dump.BlockList[index] = known with { Parents = [.. known.Parents, parent] };
            }
        }
        else
        {
            dump.BlockList.Add(new HostBlockDevice(name, JsonText.Text(item, "type") ?? (parent is null ? "disk" : "part"))
            {
                Size = JsonText.Size(file, item, "size"),
                Start = JsonText.Text(item, "start") is { } start && ulong.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var sector) ? sector : null,
                SectorSize = (int?)JsonText.Size(file, item, "log-sec"),
                IsReadOnly = JsonText.Bool(item, "ro") ?? false,
                FileSystem = JsonText.Text(item, "fstype"),
                Uuid = JsonText.Text(item, "uuid"),
                Label = JsonText.Text(item, "label"),
                Parents = parent is null ? [] : [parent],
            });
        }

        foreach (var child in JsonText.Items(item, "children"))
        {
            Add(file, child, name, dump);
        }
    }
}
