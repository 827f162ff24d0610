using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.State;

namespace DaxSim.Devices;

/// <summary>The driver that a dax range is bound to.</summary>
internal enum DaxRangeDriver
{
    /// <summary>device_dax: a character device that programs map.</summary>
    DeviceDax,

    /// <summary>kmem: the range is system RAM.</summary>
    Kmem,

    /// <summary>fsdev: the range is lent to filesystems; the character device cannot be mapped.</summary>
    Fsdev,
}

/// <summary>The sizes in which a fault can be tried.</summary>
internal enum FaultSize
{
    /// <summary>One page.</summary>
    Pte,

    /// <summary>One PMD entry.</summary>
    Pmd,

    /// <summary>One PUD entry.</summary>
    Pud,
}

/// <summary>What device-dax makes of a fault of one size.</summary>
internal enum DevDaxFault
{
    /// <summary>It maps the memory.</summary>
    Map,

    /// <summary>VM_FAULT_FALLBACK: try the next smaller size.</summary>
    Fallback,

    /// <summary>VM_FAULT_SIGBUS.</summary>
    Sigbus,
}

/// <summary>A dax range with its character device /dev/daxX.Y (drivers/dax/device.c), or in the hands of kmem or fsdev.</summary>
internal sealed class CharacterDax : Recoverable, IDaxOperations
{
    private DeviceTable table;
    private DevPagemap? pagemap;
    private DaxDevice daxDevice;

    internal CharacterDax(DeviceTable table, string name, PfnRange frames, long align, DevPagemap? pagemap, DaxRangeDriver driver, bool synchronous = true)
        : base(table.HostJournal)
    {
        this.table = table;
        this.pagemap = pagemap;
        Name = name;
        Frames = frames;
        Align = align;
        Driver = driver;

        // Only fsdev lends operations; device-dax maps the pages itself.
        daxDevice = new DaxDevice(table, name, driver == DaxRangeDriver.Fsdev ? this : null, synchronous);
    }

    /// <summary>The name below /dev, for example <c>dax0.0</c>.</summary>
    internal string Name { get; }

    internal PfnRange Frames { get; }

    /// <summary>The attribute align: every mapping is made of pieces of this size.</summary>
    internal long Align { get; }

    internal DaxRangeDriver Driver { get; }

    internal DeviceTable Table => table;

    internal DevPagemap? Pagemap => pagemap;

    internal DaxDevice DaxDevice => daxDevice;

    internal long SizeBytes => (long)Frames.PageCount << table.PageShift;

    /// <summary>check_vma: may this range of a process be a mapping of the device?</summary>
    /// <param name="shared">MAP_SHARED.</param>
    /// <param name="start">The first address.</param>
    /// <param name="end">The address behind the last.</param>
    /// <param name="program">The program's name, for the log.</param>
    /// <param name="function">The caller, for the log.</param>
    internal Verdict CheckMapping(bool shared, ulong start, ulong end, string program, string function = "dax_mmap")
    {
        const string Check = "check_vma";
        if (!daxDevice.Alive)
        {
            return Verdict.Fail(Errno.ENXIO, new Reason(Check, $"{Name} is going away."));
        }

        if (Driver != DaxRangeDriver.DeviceDax)
        {
            return Verdict.Fail(Errno.ENODEV, new Reason(function, $"{Name} is bound to {Driver}, which has no mmap."));
        }

        if (!shared)
        {
            Complain($"{program}: {function}: fail, attempted private mapping");
            return Verdict.Fail(Errno.EINVAL, new Reason(Check, $"{Name} can be mapped shared only."));
        }

        var mask = (ulong)Align - 1;
        if ((start & mask) != 0 || (end & mask) != 0)
        {
            Complain($"{program}: {function}: fail, unaligned vma (0x{start:x} - 0x{end:x}, 0x{mask:x})");
            return Verdict.Fail(Errno.EINVAL, new Reason(Check, $"The mapping does not begin and end on a multiple of {Name}'s alignment, {ByteSize.Format(Align)}."));
        }

        return Verdict.Ok;
    }

    /// <summary>__dev_dax_{pte,pmd,pud}_fault: what happens to a fault that is tried in one size.</summary>
    /// <param name="size">The size tried.</param>
    /// <param name="pgoff">The page of the device that the fault's address shows.</param>
    /// <param name="address">The faulting address.</param>
    /// <param name="vmaStart">The first address of the mapping.</param>
    /// <param name="vmaEnd">The address behind its last.</param>
    internal DevDaxFault Fault(FaultSize size, ulong pgoff, ulong address, ulong vmaStart, ulong vmaEnd)
    {
        var bytes = BytesOf(size);
        if (!daxDevice.Alive || Align > bytes)
        {
            return DevDaxFault.Sigbus;
        }

        if (Align < bytes)
        {
            return DevDaxFault.Fallback;
        }

        // The entry must fit into the mapping and the range into the device.
        var first = address & ~((ulong)bytes - 1);
        var firstPage = pgoff - ((address - first) >> table.PageShift);
        return first >= vmaStart && first + (ulong)bytes <= vmaEnd && firstPage + ((ulong)bytes >> table.PageShift) <= Frames.PageCount
            ? DevDaxFault.Map
            : DevDaxFault.Sigbus;
    }

    /// <summary>fsdev_dax_direct_access.</summary>
    public Result<DirectAccess> DaxDirectAccess(ulong pgoff, long pageCount, DaxAccessMode mode, DecisionTrace? trace)
        => pgoff >= Frames.PageCount
            ? Verdict.Fail(Errno.EFAULT, new Reason("fsdev_dax_direct_access", $"Page {pgoff} lies beyond the end of {Name}."))
            : new DirectAccess(Frames.StartPfn + pgoff, PfnFlags.None, (long)(Frames.PageCount - pgoff) << table.PageShift);

    /// <summary>Unbinds the driver: the dax device is killed and the struct pages go.</summary>
    internal void Unbind()
    {
        daxDevice.Kill();
        if (pagemap is not null)
        {
            table.UnmapPages(pagemap);
            Touch();
            pagemap = null;
        }
    }

    private long BytesOf(FaultSize size)
    {
        var architecture = table.Policy.Architecture;
        return 1L << (size switch { FaultSize.Pte => architecture.PageShift, FaultSize.Pmd => architecture.PmdShift, _ => architecture.PudShift });
    }

    private void Complain(string text) => table.Print(KernelLogLevel.Info, Subsystem.Dax, $"device_dax {Name}: {text}");

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Name);
        digest.Add(Frames.StartPfn);
        digest.Add(Frames.PageCount);
        digest.Add(Align);
        digest.Add(Driver);
        digest.Add(pagemap);
        digest.Add(daxDevice);
    }

    private protected override void CopyFrom(Recoverable state) => pagemap = ((CharacterDax)state).pagemap;

    private protected override void Remap(CloneContext context)
    {
        table = context.Map(table);
        pagemap = context.MapOrNull(pagemap);
        daxDevice = context.Map(daxDevice);
    }
}
