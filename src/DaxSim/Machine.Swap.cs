using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim;

/// <summary>A swap area, as /proc/swaps lists it.</summary>
/// <param name="Name">The device or file.</param>
/// <param name="Bytes">How much it holds, without its header.</param>
/// <param name="UsedBytes">How much of that is in use.</param>
/// <param name="IsSynchronous">A device in memory, which has read or written when the call returns.</param>
public readonly record struct SwapAreaInfo(string Name, long Bytes, long UsedBytes, bool IsSynchronous);

public sealed partial class Machine
{
    /// <summary>The swap areas that are on, in order of priority.</summary>
    public IReadOnlyList<SwapAreaInfo> SwapAreas
        => Memory.Swap is not { } swap
            ? []
            : [.. swap.Areas.Select((area, number) => (area, number)).Where(a => a.area.IsOn).Select(a => new SwapAreaInfo(a.area.Name, (long)(a.area.Slots - 1) << Memory.PageShift, (long)swap.UsedIn(a.number) << Memory.PageShift, a.area.IsSynchronous))];

    /// <summary>vmstat pswpin: pages read from swap areas since boot.</summary>
    public long SwappedIn => Memory.Swap?.PagesIn ?? 0;

    /// <summary>vmstat pswpout: pages written to swap areas since boot.</summary>
    public long SwappedOut => Memory.Swap?.PagesOut ?? 0;

    /// <summary>swapon(2) of a block device that mkswap prepared. Pages are read one at a time, as with <c>vm.page-cluster</c> 0.</summary>
    /// <param name="device">The device, for example <c>/dev/sda</c>.</param>
    /// <returns>Ok; EBUSY while it is mounted or swapped to already, EINVAL where there is no room for a page besides the header.</returns>
    /// <exception cref="ArgumentException">There is no such device.</exception>
    public Verdict SwapOn(string device)
    {
        using var call = Call("swapon", device);
        return call.Of(DoSwapOn(device));
    }

    private Verdict DoSwapOn(string device)
    {
        var disk = RequireDisk(device);
        if (SwapAreas.Any(a => a.Name == disk.Name) || FileSystemTable.Mounts.Any(m => m.Instance.Image.Device == disk))
        {
            return Verdict.Fail(Errno.EBUSY, MemoryManager.Because("claim_swapfile", $"{disk.Name} is in use."));
        }

        var pages = disk.SizeBytes >> Memory.PageShift;
        if (pages < 2)
        {
            return Verdict.Fail(Errno.EINVAL, MemoryManager.Because("setup_swap_map_and_extents", "Behind the header there is no room for a page."));
        }

        Memory.AddSwapArea(disk.Name, (ulong)pages, disk.WholeDisk.Driver is "pmem" or "brd" or "btt" or "virtio-pmem" or "dcssblk" or "axonram");
        return Verdict.Ok;
    }

    /// <summary>swapoff(2): every page comes back into memory, and slots are given up.</summary>
    /// <param name="name">The device or file, with or without <c>/dev/</c>.</param>
    /// <returns>Ok; EINVAL where nothing of that name is swapped to, ENOMEM where memory does not suffice, EIO where a page of a memory file cannot be read.</returns>
    public Verdict SwapOff(string name)
    {
        using var call = Call("swapoff", name);
        return call.Of(DoSwapOff(name));
    }

    private Verdict DoSwapOff(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var number = FindSwapArea(name);
        return number < 0 ? Verdict.Fail(Errno.EINVAL, MemoryManager.Because("sys_swapoff", $"Nothing is swapped to {name}.")) : MemoryManager.SwapOff(number);
    }

    /// <summary>Lets a swap area fail every read from now on, or no longer.</summary>
    /// <exception cref="ArgumentException">Nothing of that name is swapped to.</exception>
    public void SetSwapReadErrors(string name, bool fail)
    {
        ArgumentNullException.ThrowIfNull(name);
        var number = FindSwapArea(name);
        if (number < 0)
        {
            throw new ArgumentException($"Nothing is swapped to {name}: add an area with MachineBuilder.Swap or call SwapOn first.", nameof(name));
        }

        Memory.Swap!.Areas[number].SetFailsReads(fail);
    }

    /// <summary>
    /// Takes the pages of a range out of memory as far as that is possible, as memory pressure would: anonymous pages and those of memory
    /// files go to a swap area, clean pages of other files are dropped. Device memory is never taken.
    /// </summary>
    /// <param name="process">Who maps the pages; other processes that map them lose them, too.</param>
    /// <param name="address">The first byte.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>How many pages left memory.</returns>
    public int Reclaim(Process process, ulong address, ulong length)
    {
        Kernel.Require(process);
        var reclaimed = 0;
        foreach (var area in process.Space.Overlapping(address, address + length))
        {
            var (start, end) = (Math.Max(area.Start, address & ~(ulong)(Memory.PageSize - 1)), Math.Min(area.End, address + length));
            reclaimed += start < end && !area.Has(AddressSpaces.VmFlags.HugeTlb | AddressSpaces.VmFlags.PfnMap | AddressSpaces.VmFlags.Locked) ? MemoryManager.ReclaimRange(process.Space, area, start, end, pressure: true) : 0;
        }

        return reclaimed;
    }

    private int FindSwapArea(string name)
    {
        var plain = name.StartsWith("/dev/", StringComparison.Ordinal) ? name[5..] : name;
        for (var number = 0; Memory.Swap is { } swap && number < swap.Areas.Count; number++)
        {
            if (swap.Areas[number].IsOn && (swap.Areas[number].Name == plain || swap.Areas[number].Name == name))
            {
                return number;
            }
        }

        return -1;
    }
}
