using System.Text.Json;

namespace DaxSim.Scenarios.Import;

/// <summary>Reads the JSON lists of ndctl and daxctl.</summary>
internal static class NdctlReader
{
    /// <summary>ndctl list in any combination of -B, -D, -R, -N, -X, -i and -u: buses hold regions, regions hold namespaces, or there are namespaces alone.</summary>
    internal static void ReadNdctl(HostFile file, HostDump dump)
    {
        if (file.Text.AsSpan().Trim().IsEmpty)
        {
            dump.NoteList.Add($"{file.Name} is empty: ndctl saw no persistent memory.");
            return;
        }

        if (JsonText.IsOther(file))
        {
            dump.NoteList.Add($"{file.Name} was left out: it is not the JSON that ndctl list prints.");
            return;
        }

        using var document = JsonText.Parse(file);
        foreach (var item in JsonText.Items(document.RootElement))
        {
            Walk(file, item, null, dump);
        }
    }

    internal static void ReadDaxctl(HostFile file, HostDump dump)
    {
        if (JsonText.IsOther(file))
        {
            dump.NoteList.Add($"{file.Name} was left out: it is not the JSON that daxctl list prints.");
            return;
        }

        using var document = JsonText.Parse(file);
        foreach (var item in JsonText.Items(document.RootElement))
        {
            AddDevices(file, item, dump);
        }
    }

    private static void Walk(HostFile file, JsonElement item, string? provider, HostDump dump)
    {
        provider = JsonText.Text(item, "provider") ?? provider;
        if (JsonText.Text(item, "mode") is { } mode && JsonText.Text(item, "dev") is { } name)
        {
            AddNamespace(file, item, name, mode, provider, dump);
        }

        foreach (var child in (string[])["buses", "regions", "namespaces"])
        {
            foreach (var below in JsonText.Items(item, child))
            {
                Walk(file, below, provider, dump);
            }
        }
    }

    private static void AddNamespace(HostFile file, JsonElement item, string name, string mode, string? provider, HostDump dump)
    {
        var characters = JsonText.Items(item, "daxregion").SelectMany(r => JsonText.Items(r, "devices")).Select(d => JsonText.Text(d, "chardev")).OfType<string>().ToList();
        var known = new HostNamespace(name, mode switch { "memory" => "fsdax", "dax" => "devdax", "safe" => "sector", _ => mode })
        {
            Size = JsonText.Size(file, item, "size"),
            Map = JsonText.Text(item, "map"),
            BlockDevice = JsonText.Text(item, "blockdev"),
            CharacterDevice = JsonText.Text(item, "chardev") ?? characters.FirstOrDefault(),
            Align = JsonText.Size(file, item, "align"),
            SectorSize = (int?)JsonText.Size(file, item, "sector_size"),
            IsEnabled = JsonText.Text(item, "state") != "disabled",
            Provider = provider,
        };
        if (known.Mode is not ("fsdax" or "raw" or "sector" or "devdax"))
        {
            throw new FormatException($"{file.Name}: {name} is in mode '{IomemReader.Shorten(mode)}': the modes are fsdax, raw, sector and devdax.");
        }

        var index = dump.NamespaceList.FindIndex(n => n.Name == name);
        if (index < 0)
        {
            dump.NamespaceList.Add(known);
        }
        else if (dump.NamespaceList[index].Size is null || (dump.NamespaceList[index].Provider is null && provider is not null))
        {
            dump.NamespaceList[index] = known;
        }
    }

    private static void AddDevices(HostFile file, JsonElement item, HostDump dump)
    {
        if (JsonText.Text(item, "chardev") is { } name && dump.DaxList.TrueForAll(d => d.Name != name))
        {
            var mode = JsonText.Text(item, "mode") ?? "devdax";
            if (JsonText.Size(file, item, "size") is > 0 and var size && mode is "devdax" or "system-ram")
            {
                dump.DaxList.Add(new HostDaxDevice(name, size, mode, JsonText.Size(file, item, "align")));
            }
            else
            {
                dump.NoteList.Add($"{name} was left out: {file.Name} gives it {(mode is "devdax" or "system-ram" ? "no size" : $"the mode '{IomemReader.Shorten(mode)}'")}.");
            }
        }

        foreach (var child in (string[])["regions", "devices"])
        {
            foreach (var below in JsonText.Items(item, child))
            {
                AddDevices(file, below, dump);
            }
        }
    }
}
