using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Reading;
using DaxSim.Outcomes;

namespace DaxSim.Conformance.Cells;

/// <summary>What /proc and core files show.</summary>
internal static class IntrospectionOperations
{
    private static readonly string[] SmapsNames =
    [
        "KernelPageSize", "MMUPageSize", "Rss", "Pss", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty",
        "Anonymous", "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped", "Private_Hugetlb", "Shared_Hugetlb", "THPeligible",
    ];

    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("pagemap", Pagemap),
        ("pagemap_fork", PagemapFork),
        ("smaps", Smaps),
        ("proc_maps", Maps),
        ("uffd", Userfault),
        ("core_default", static c => Core(c, 0x33)),
        ("core_all", static c => Core(c, 0x1ff)),
        ("core_dax", static c => Core(c, 0x180)),
        ("core_filebits", static c => Core(c, 0x0f)),
    ];

    private static void Pagemap(Cell c)
    {
        c.Main(Verdict.Ok);
        Entry(c, "page0", c.Process, c.P(0));
        if (c.Length > LinuxNumbers.Page)
        {
            Entry(c, "page3", c.Process, c.P(3));
        }
    }

    private static void PagemapFork(Cell c)
    {
        var child = c.Fork();
        Entry(c, "child", child, c.P(0));
        c.Main(Verdict.Ok);
        Entry(c, "parent", c.Process, c.P(0));
        child.Exit();
    }

    private static void Entry(Cell c, string field, ISimulatedProcess process, ulong address)
    {
        var result = process.Pagemap(address);
        c.Note(result.Verdict);
        var e = result.Value;
        var head = $"\"swap\":{Bit(e.Swap)},\"file\":{Bit(e.FileOrShared)},\"excl\":{Bit(e.Exclusive)}";
        if (!e.Present)
        {
            c.Answer.Set(field, FieldValue.OfJson($"{{\"present\":0,{head}}}"));
            return;
        }

        var tail = e.Flags is { } f
            ? $"\"nopage\":{Bit(f.NoPage)},\"mmap\":{Bit(f.Mmap)},\"anon\":{Bit(f.Anon)},\"thp\":{Bit(f.Thp)},\"huge\":{Bit(f.Huge)},\"zero\":{Bit(f.Zero)},\"count\":{e.Count}"
            : "\"kpageflags\":\"unreadable\"";
        c.Answer.Set(field, FieldValue.OfJson($"{{\"present\":1,{head},\"pfn\":{Bit(e.HasPfn)},{tail}}}"));
    }

    private static int Bit(bool value) => value ? 1 : 0;

    private static void Smaps(Cell c)
    {
        var smaps = c.Process.Smaps(c.Address);
        c.Note(smaps.Verdict);
        if (smaps.Value is { } area)
        {
            c.Answer.Set("vma_kb", area.Kilobytes["Size"]);
            foreach (var name in SmapsNames)
            {
                if (area.Kilobytes.TryGetValue(name, out var value))
                {
                    c.Answer.Set(name, value);
                }
            }

            c.Answer.Set("vmflags", area.VmFlags);
        }

        c.Main(Verdict.Ok);
    }

    private static void Maps(Cell c)
    {
        var maps = c.Process.Maps(c.Address);
        c.Note(maps.Verdict);
        if (maps.Value is { } area)
        {
            c.Answer.Set("perm", area.Permissions);
            if (c.Mapping.Kind != MappingKind.Special)
            {
                c.Answer.Set("off", area.Offset).Set("name", area.Name);
            }
        }

        c.Main(Verdict.Ok);
    }

    private static void Userfault(Cell c)
    {
        c.Main(Verdict.Ok);
        foreach (var (name, mode) in new[] { ("missing", 1), ("wp", 2), ("minor", 4) })
        {
            c.Call(name, c.Process.UserfaultRegister(c.Address, c.Length, mode));
        }
    }

    private static void Core(Cell c, int filter)
    {
        // A child dies, so that the recorder goes on.
        var child = c.Fork();
        var dumped = child.DumpCore(c.Address, filter);
        c.Note(dumped.Verdict);
        child.Exit();
        c.Main(Verdict.Ok);
        c.Answer.Set("dumped", 1);
        if (dumped.Value is { } segment)
        {
            c.Answer.Set("filesz", segment.FileSize).Set("memsz", segment.MemorySize);
            if (segment.FileSize > 0 && c.Mapping.Kind != MappingKind.Special && segment.FirstBytes is [var first, ..])
            {
                c.Answer.Set("value", Cell.ByteText(first));
            }
        }

        c.Answer.Set("segment", dumped.Value is null ? 0 : 1);
    }
}
