using DaxSim.Memory;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>
/// struct vm_special_mapping: an area that the kernel itself adds to every program, over pages of its own. It has a fault handler and
/// no file, so it is neither file memory nor anonymous memory.
/// </summary>
/// <param name="Name">The name that /proc/pid/maps shows.</param>
/// <param name="Frames">The frame behind each page; none where nothing stands behind it and a fault ends in SIGBUS.</param>
/// <param name="HidesPages">vmf_insert_pfn: entries are special, although the frames have struct pages.</param>
/// <param name="RefusesRemoteFaults">The handler answers faults by other processes (FAULT_FLAG_REMOTE) with SIGBUS.</param>
internal sealed record SpecialMapping(string Name, IReadOnlyList<ulong?> Frames, bool HidesPages, bool RefusesRemoteFaults);

/// <summary>The pages behind the kernel's special mappings: the vDSO's image and its data. The kernel never gives them back.</summary>
/// <param name="image">The first of two frames, the vDSO of x86-64.</param>
/// <param name="data">The first of four frames, in the order of the generic layout: clock data, time namespace, random numbers, the architecture's own.</param>
internal sealed class SpecialPages(ulong image, ulong data) : IPageHolder
{
    /// <summary>log2 of the pages of the vDSO's image.</summary>
    internal const int ImageOrder = 1;

    /// <summary>log2 of the pages of its data.</summary>
    internal const int DataOrder = 2;

    internal ulong Image => image;

    /// <summary>The page that clock_gettime reads, and those behind it.</summary>
    internal ulong Data => data;

    string IPageHolder.HolderName => "vdso";

    IEnumerable<(ulong Pfn, bool Pin)> IPageHolder.Held
    {
        get
        {
            for (var pfn = image; pfn < image + (1 << ImageOrder); pfn++)
            {
                yield return (pfn, false);
            }

            for (var pfn = data; pfn < data + (1 << DataOrder); pfn++)
            {
                yield return (pfn, false);
            }
        }
    }

    object ICloned.CloneInto(CloneContext context) => new SpecialPages(image, data);

    void IDescribed.Describe(StateDigest digest)
    {
        digest.Add(image);
        digest.Add(data);
    }
}

/// <summary>arch_setup_additional_pages: [vvar], [vvar_vclock] and [vdso] (arch/x86/entry/vdso/vma.c, lib/vdso/datastore.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>Where the vDSO begins without address space randomisation; its data lie directly below.</summary>
    private const ulong VdsoStart = 0x7fff_f7fc_f000;

    /// <summary>map_vdso: adds the areas that every program has from execve on. False when memory is short.</summary>
    /// <remarks>Modelled for x86-64; a program of another architecture gets none.</remarks>
    internal bool MapSpecialAreas(AddressSpace space)
    {
        if (Policy.Architecture != Architecture.X8664)
        {
            return true;
        }

        if (FindOrMakeSpecialPages() is not { } pages)
        {
            return false;
        }

        var data = VvarPages(pages);
        var clocks = Policy.VvarLayout >= VvarLayoutRule.ClocksApart ? 2 : 0;
        var start = VdsoStart - ((ulong)(data.Length + clocks) << PageShift);
        var vvar = new SpecialMapping("[vvar]", data, Policy.VvarPages is VvarPagesRule.RemappedWhole or VvarPagesRule.RawFrames, Policy.VvarLayout >= VvarLayoutRule.Generic);
        const VmFlags Data = VmFlags.Read | VmFlags.MayRead | VmFlags.DontExpand | VmFlags.DontDump;
        var vvarFlags = Data | Policy.VvarPages switch
        {
            VvarPagesRule.PagesOfDeviceArea => VmFlags.Io | VmFlags.MixedMap,
            VvarPagesRule.OrdinaryPages => VmFlags.MixedMap,
            _ => VmFlags.Io | VmFlags.PfnMap,
        };
        if (data.Length > 0)
        {
            InsertSpecialArea(space, start, vvar, vvarFlags);
        }

        if (clocks > 0)
        {
            InsertSpecialArea(space, VdsoStart - ((ulong)clocks << PageShift), new SpecialMapping("[vvar_vclock]", new ulong?[clocks], HidesPages: true, RefusesRemoteFaults: false), Data | VmFlags.Io | VmFlags.PfnMap);
        }

        InsertSpecialArea(space, VdsoStart, new SpecialMapping("[vdso]", [pages.Image, pages.Image + 1], HidesPages: false, RefusesRemoteFaults: false),
            VmFlags.Read | VmFlags.Exec | VmFlags.MayRead | VmFlags.MayWrite | VmFlags.MayExec | VmFlags.DontExpand);
        return true;
    }

    /// <summary>The pages of [vvar] by era. A clock that this machine does not have and the page of a time namespace have nothing behind them.</summary>
    private ulong?[] VvarPages(SpecialPages pages) => Policy.VvarLayout switch
    {
        VvarLayoutRule.None => [],
        VvarLayoutRule.DataAndTimer => [pages.Data, null],
        VvarLayoutRule.DataAndClocks => [pages.Data, null, null],
        VvarLayoutRule.WithTimeNamespace => [pages.Data, null, null, null],
        VvarLayoutRule.ClocksApart => [pages.Data, null],
        VvarLayoutRule.Generic => [pages.Data, null, pages.Data + 2, null],
        _ => [pages.Data, pages.Data + 1, pages.Data + 2, pages.Data + 3],
    };

    private void InsertSpecialArea(AddressSpace space, ulong start, SpecialMapping special, VmFlags flags)
    {
        var area = new Vma(Journal, start, start + ((ulong)special.Frames.Count << PageShift), flags, null, 0) { Special = special };
        space.Insert(area);
        if (special.Name == "[vvar]" && Policy.VvarPages == VvarPagesRule.RemappedWhole)
        {
            InsertSpecialPfn(space, area, PageOf(start), special.Frames[0]!.Value);
        }
    }

    /// <summary>The pages exist from boot on; here they are made when the first program needs them.</summary>
    private SpecialPages? FindOrMakeSpecialPages()
    {
        foreach (var holder in holders)
        {
            if (holder is SpecialPages known)
            {
                return known;
            }
        }

        if (!Memory.TryAllocate(SpecialPages.ImageOrder, PageFlags.None, 0, 0, out var image) || !Memory.TryAllocate(SpecialPages.DataOrder, PageFlags.None, 0, 0, out var data))
        {
            return null;
        }

        // split_page: they are counted one by one.
        var split = new OrderChange(0);
        Memory.Pages.TransformAll(image, image + (1 << SpecialPages.ImageOrder), ref split);
        Memory.Pages.TransformAll(data, data + (1 << SpecialPages.DataOrder), ref split);
        Memory.Contents.Write(image, 0, [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]);
        var pages = new SpecialPages(image, data);
        AddHolder(pages);
        return pages;
    }

    /// <summary>special_mapping_fault and what the mapping's own handler does.</summary>
    private FaultResult SpecialFault(AddressSpace space, Vma area, ulong address, bool remote)
    {
        var special = area.Special!;
        var index = area.PageIndex(address, PageShift);
        if (remote && special.RefusesRemoteFaults)
        {
            return new FaultResult(FaultCode.Sigbus, Because("vvar_fault", "Another process faults: whose time namespace counts would be unclear.", PolicyProperty.VvarLayout));
        }

        if (index >= (ulong)special.Frames.Count || special.Frames[(int)index] is not { } pfn)
        {
            return new FaultResult(FaultCode.Sigbus, Because("vvar_fault", "Nothing stands behind this page: the clock or the time namespace it is for does not exist here."));
        }

        if (special.HidesPages)
        {
            InsertSpecialPfn(space, area, PageOf(address), pfn);
        }
        else
        {
            MapCachePage(space, area, PageOf(address), pfn, write: false);
        }

        return FaultResult.Done;
    }

    private void InsertSpecialPfn(AddressSpace space, Vma area, ulong page, ulong pfn)
        => space.PageTable[page] = new Pte(page, pfn, AreaBits(area) | PteFlags.Present | PteFlags.Special | PteFlags.Young);
}
