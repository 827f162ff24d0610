using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>Sealing areas, and a call that is only there for old programs.</summary>
internal sealed partial class MemoryManager
{
    /// <summary>do_mseal.</summary>
    internal Verdict Seal(AddressSpace space, ulong address, ulong length)
    {
        var end = address + RoundUp(length);
        for (var at = address; at < end;)
        {
            if (space.Find(at) is not { } area)
            {
                return Verdict.Fail(Errno.ENOMEM, Because("check_mm_seal", "Part of the range is not mapped."));
            }

            at = area.End;
        }

        if (SplitAt(space, address, end) is { IsOk: false } refused)
        {
            return refused;
        }

        foreach (var area in space.Overlapping(address, end))
        {
            area.SetFlags(area.Flags | VmFlags.Sealed);
        }

        return Verdict.Ok;
    }

    /// <summary>pr_warn_once of the deprecated call.</summary>
    internal void WarnDeprecatedRemap(AddressSpace space)
    {
        if (counters.WarnOnce("remap_file_pages"))
        {
            var place = Policy.RemapFilePages == RemapFilePagesRule.EmulatedNamingVm ? "vm" : "mm";
            Log.Print(KernelLogLevel.Warning, Subsystem.Mm, $"mmap: {space.Name} ({space.Id}) uses deprecated remap_file_pages() syscall. See Documentation/{place}/remap_file_pages.rst.");
        }
    }
}
