using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Probe;

/// <summary>pagemap, smaps and core files.</summary>
internal static class ProbeIntrospection
{
    private static readonly string[] SmapsNames = ["Rss", "Pss", "Shared_Dirty", "Private_Clean", "Private_Dirty", "Anonymous"];
    private static readonly string[] FlagNames = ["Size", "Referenced", "FilePmdMapped", "Locked", "THPeligible"];

    internal static IEnumerable<(string Name, ProbeOperation Operation)> All =>
    [
        ("pagemap", Pagemap),
        ("smaps", static r => Smaps(r, SmapsNames)),
        ("vma_flags", static r => Smaps(r, FlagNames)),
        ("coredump_filter_0x33", static r => Core(r, 0x33)),
        ("coredump_filter_0x7f", static r => Core(r, 0x7f)),
        ("coredump_filter_0x1ff", static r => Core(r, 0x1ff)),
    ];

    /// <summary>Frame number and kpageflags are masked on both sides; only whether they are there, and NOPAGE, count.</summary>
    private static void Pagemap(ProbeRun r)
    {
        var result = r.Process.Pagemap(r.MapInState());
        r.Note(result.Verdict);
        var e = result.Value;
        var unread = e.Flags is null;
        r.Ok($"present={Bit(e.Present)} file_or_shared={Bit(e.FileOrShared)} exclusive={Bit(e.Exclusive)} pfn=0x{(e.HasPfn ? 1 : 0)} kpageflags={(unread ? "(unread)" : "")}0x0 NOPAGE={(unread ? -1 : Bit(e.Flags!.NoPage))}");
    }

    private static int Bit(bool value) => value ? 1 : 0;

    private static void Smaps(ProbeRun r, string[] names)
    {
        var p = r.MapInState();
        var smaps = r.Process.Smaps(p);
        r.Note(smaps.Verdict);
        var text = "";
        if (smaps.Value is { } area)
        {
            foreach (var name in names)
            {
                if (area.Kilobytes.TryGetValue(name, out var value))
                {
                    text += name == "THPeligible" ? $"{name}: {value};" : $"{name}: {value} kB;";
                }
            }

            text += $"VmFlags: {area.VmFlags} ;";
        }

        r.Ok(text);
    }

    private static void Core(ProbeRun r, int filter)
    {
        var p = r.Map();
        if (r.Fork() is not { } child)
        {
            return;
        }

        r.Touch(child, p, r.State);
        var dumped = child.DumpCore(p, filter);
        r.Note(dumped.Verdict);
        child.Exit();
        if (dumped.Value is not { } segment)
        {
            r.Fail(Errno.ENOENT, "mapping not in core");
            return;
        }

        var has = segment.FileSize > 0;
        var bytes = segment.FirstBytes;
        r.Ok($"status=0x86 core=1 filesz={segment.FileSize} memsz={segment.MemorySize} bytes_read={(has ? 2 : 0)} byte0={(has ? bytes[0] : 0)} byte1={(has ? bytes[1] : 0)} page1={(has && bytes.Length > (int)Page ? bytes[Page] : 0)} (expect 97,{(r.State == 'w' ? "87" : "97")},98) core_size=0");
    }
}
