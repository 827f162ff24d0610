using System.Globalization;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Devices;

/// <summary>What the common part of the kernel answers a filesystem that wants DAX on a device.</summary>
/// <param name="Admitted">True when it may.</param>
/// <param name="Errno">The error number; <see cref="Errno.None"/> where the kernel of that era only answers true or false.</param>
/// <param name="Reason">The test that decided.</param>
internal readonly record struct AdmissionVerdict(bool Admitted, Errno Errno, Reason Reason);

/// <summary>
/// The common tests of filesystem DAX: bdev_dax_supported and its successors, in the order of each era, with their messages.
/// </summary>
/// <remarks>Which tests run is the policy's business; dax-support 1.7 to 1.18 gives the lists.</remarks>
internal static partial class Admission
{
    /// <summary>bdev_dax_supported (4.7 to 5.14), or dax_supported over fs_dax_get_by_bdev (5.15, 5.16).</summary>
    /// <param name="device">The device or partition.</param>
    /// <param name="blockSize">The filesystem's block size.</param>
    /// <param name="trace">Collects the tests, or null.</param>
    internal static AdmissionVerdict BdevDaxSupported(BlockDevice device, int blockSize, DecisionTrace? trace)
        => device.Policy.FsDaxDecision switch
        {
            FsDaxDecision.BlockCore => AskBlockCore(device, blockSize, trace),
            FsDaxDecision.DaxCore => AskDaxCore(device, blockSize, trace),
            FsDaxDecision.DriverOperation => AskDriver(device, blockSize, trace),
            FsDaxDecision.FileSystemAsksDriver => AskDriverOf(FsDaxGetByBdev(device, null, trace), device, blockSize, trace),
            _ => throw new InvalidOperationException($"Under {device.Policy.FsDaxDecision} there is no common test of the block size (simulator defect)."),
        };

    /// <summary>bdev_dax_supported of fs/block_dev.c (4.7 to 4.11).</summary>
    private static AdmissionVerdict AskBlockCore(BlockDevice device, int blockSize, DecisionTrace? trace)
    {
        const string Function = "bdev_dax_supported";
        if (!BlockSizeFits(Function, device, blockSize, trace))
        {
            return RefuseBlockSize(Function, device, blockSize);
        }

        var access = device.BdevDirectAccess(0, device.Table.PageSize, trace);
        trace?.Step(Function, "can the first page be reached?", access.IsOk ? "yes" : access.Verdict.ToString(), PolicyProperty.FsDaxDecision);
        if (access.IsOk)
        {
            return new(true, Errno.None, Because(device, Function, "The first page can be reached through the driver; nothing else is asked.", PolicyProperty.FsDaxDecision));
        }

        Say(device, access.Errno switch
        {
            Errno.EOPNOTSUPP => "error: device does not support dax",
            Errno.EINVAL => "error: unaligned partition for dax",
            _ => string.Create(CultureInfo.InvariantCulture, $"error: dax access failed ({-(int)access.Errno})"),
        });
        return new(false, access.Errno, access.Verdict.Reason ?? Because(device, Function, "The first page cannot be reached.", PolicyProperty.FsDaxDecision));
    }

    /// <summary>__bdev_dax_supported of the dax core (4.12 to 5.1).</summary>
    private static AdmissionVerdict AskDaxCore(BlockDevice device, int blockSize, DecisionTrace? trace)
    {
        const string Function = "__bdev_dax_supported";
        var policy = device.Policy;
        if (!policy.Config.IsEnabled("DAX"))
        {
            trace?.Step("bdev_dax_supported", "is the dax core built?", "no");
            return Refuse(device, Errno.EOPNOTSUPP, new Reason("bdev_dax_supported", "The kernel was built without the dax core."));
        }

        if (!BlockSizeFits(Function, device, blockSize, trace))
        {
            return RefuseBlockSize(Function, device, blockSize);
        }

        if (policy.AdmissionQueueFlag == AdmissionQueueFlag.Asked && !QueueHasFlag(Function, device, trace, PolicyProperty.AdmissionQueueFlag))
        {
            Say(device, "error: request queue doesn't support dax");
            return Refuse(device, Errno.EOPNOTSUPP, NoQueueFlag(device, Function, PolicyProperty.AdmissionQueueFlag));
        }

        // The last page's sector is reckoned with 8 sectors a page, which is right for pages of 4 KiB only.
        var last = (ulong)((device.SizeBytes - 1) / device.Table.PageSize) * 8;
        if (!TryPgoff(Function, device, 0, trace, out var pgoff) || (policy.AdmissionProbe == AdmissionProbe.FirstAndLastPage && !TryPgoff(Function, device, last, trace, out last)))
        {
            Say(device, "error: unaligned partition for dax");
            return Refuse(device, Errno.EINVAL, Unaligned(device, Function));
        }

        var dax = device.DaxDevice;
        trace?.Step(Function, "is a dax_device registered under the disk's name?", dax is null ? "no" : "yes", PolicyProperty.FsDaxDecision);
        if (dax is null)
        {
            Say(device, "error: device does not support dax");
            return Refuse(device, Errno.EOPNOTSUPP, NoDaxDevice(device, Function));
        }

        return Probe(Function, device, dax, pgoff, policy.AdmissionProbe == AdmissionProbe.FirstAndLastPage ? last : pgoff, fromDriverTest: false, trace);
    }

    /// <summary>__bdev_dax_supported that asks the driver (5.2 to 5.14).</summary>
    private static AdmissionVerdict AskDriver(BlockDevice device, int blockSize, DecisionTrace? trace)
    {
        const string Function = "__bdev_dax_supported";
        if (!device.Policy.Config.IsEnabled("DAX"))
        {
            trace?.Step("bdev_dax_supported", "is the dax core built?", "no");
            return Refuse(device, Errno.EOPNOTSUPP, new Reason("bdev_dax_supported", "The kernel was built without the dax core."));
        }

        if (!QueueHasFlag(Function, device, trace, PolicyProperty.FsDaxDecision))
        {
            Say(device, "error: request queue doesn't support dax");
            return Refuse(device, Errno.EOPNOTSUPP, NoQueueFlag(device, Function, PolicyProperty.FsDaxDecision));
        }

        var dax = device.DaxDevice;
        trace?.Step(Function, "is a dax_device registered under the disk's name?", dax is null ? "no" : "yes", PolicyProperty.FsDaxDecision);
        if (dax is null)
        {
            Say(device, "error: device does not support dax");
            return Refuse(device, Errno.EOPNOTSUPP, NoDaxDevice(device, Function));
        }

        return AskDriverOf(dax, device, blockSize, trace);
    }

    /// <summary>dax_supported: the device must live, then the driver's operation decides.</summary>
    private static AdmissionVerdict AskDriverOf(DaxDevice? dax, BlockDevice device, int blockSize, DecisionTrace? trace)
    {
        const string Function = "dax_supported";
        trace?.Step(Function, "is there a live dax_device?", dax is { Alive: true } ? "yes" : "no", PolicyProperty.FsDaxDecision);
        if (dax is not { Alive: true })
        {
            return Refuse(device, Errno.EOPNOTSUPP, ExplainLookup(device, found: false));
        }

        return device.WholeDisk.DaxSupported(device, blockSize, 0, device.SectorCount, trace);
    }

    /// <summary>generic_fsdax_supported (5.2 to 5.16): the dax_supported operation of pmem and dcssblk, and what dm asks of every span.</summary>
    /// <param name="dax">The dax_device, or null.</param>
    /// <param name="device">The device or partition that the span lies on.</param>
    /// <param name="blockSize">The filesystem's block size.</param>
    /// <param name="start">The first sector of the span, relative to the device.</param>
    /// <param name="sectors">The span's length in sectors.</param>
    /// <param name="trace">Collects the tests, or null.</param>
    internal static AdmissionVerdict GenericFsDaxSupported(DaxDevice? dax, BlockDevice device, int blockSize, ulong start, ulong sectors, DecisionTrace? trace)
    {
        const string Function = "__generic_fsdax_supported";
        if (!BlockSizeFits(Function, device, blockSize, trace))
        {
            return RefuseBlockSize(Function, device, blockSize, fromDriverTest: true);
        }

        if (dax is null && device.Policy.AdmissionNullDevice == AdmissionNullDevice.Refused)
        {
            trace?.Step(Function, "is there a dax_device?", "no", PolicyProperty.AdmissionNullDevice);
            device.Table.Print(KernelLogLevel.Debug, Subsystem.Dax, $"{device.Name}: error: dax unsupported by block device");
            return Refuse(device, Errno.EOPNOTSUPP, NoDaxDevice(device, Function));
        }

        var sectorsOfPage = (ulong)device.Table.PageSize >> BlockDevice.SectorShift;
        var last = (start + sectors - 1) / sectorsOfPage * sectorsOfPage;
        if (!TryPgoff(Function, device, start, trace, out var first) || !TryPgoff(Function, device, last, trace, out last))
        {
            Say(device, "error: unaligned partition for dax", fromDriverTest: true);
            return Refuse(device, Errno.EINVAL, Unaligned(device, Function));
        }

        return Probe(Function, device, dax, first, last, fromDriverTest: true, trace);
    }

    /// <summary>The probe of the first (and last) page, then the tests on the pfn.</summary>
    private static AdmissionVerdict Probe(string function, BlockDevice device, DaxDevice? dax, ulong first, ulong last, bool fromDriverTest, DecisionTrace? trace)
    {
        var head = Access(dax, first, trace);
        var tail = device.Policy.AdmissionProbe == AdmissionProbe.FirstAndLastPage ? Access(dax, last, trace) : head;
        var failed = !head.IsOk ? head : tail;
        trace?.Step(function, device.Policy.AdmissionProbe == AdmissionProbe.FirstPage ? "can the first page be reached?" : "can the first and the last page be reached?", failed.IsOk ? "yes" : failed.Verdict.ToString(), PolicyProperty.AdmissionProbe);
        if (!failed.IsOk)
        {
            Say(device, string.Create(CultureInfo.InvariantCulture, $"error: dax access failed ({-(int)failed.Errno})"), fromDriverTest);
            return Refuse(device, failed.Errno, failed.Verdict.Reason ?? Because(device, function, "A page cannot be reached through the driver.", PolicyProperty.AdmissionProbe));
        }

        return TestPfn(function, device, head.Value, tail.Value, fromDriverTest, trace);
    }

    private static Result<DirectAccess> Access(DaxDevice? dax, ulong pgoff, DecisionTrace? trace)
        => dax is null
            ? Verdict.Fail(Errno.EOPNOTSUPP, new Reason("dax_direct_access", "There is no dax_device."))
            : dax.DirectAccess(pgoff, 1, DaxAccessMode.Access, trace);

    private static AdmissionVerdict TestPfn(string function, BlockDevice device, DirectAccess head, DirectAccess tail, bool fromDriverTest, DecisionTrace? trace)
    {
        const PolicyProperty Property = PolicyProperty.AdmissionPfnTest;
        var policy = device.Policy;
        if (policy.AdmissionPfnTest == AdmissionPfnTest.None)
        {
            return new(true, Errno.None, Because(device, function, "The driver hands out the page; whether it has a struct page is not asked.", Property));
        }

        if (policy.AdmissionPfnTest == AdmissionPfnTest.DevmapOrReadOnly)
        {
            trace?.Step(function, "is the device read-only?", device.ReadOnly ? "yes" : "no", Property);
            if (device.ReadOnly)
            {
                return new(true, Errno.None, Because(device, function, "The device is read-only, so it is admitted without struct pages.", Property));
            }
        }

        var limited = policy.Config.IsEnabled("FS_DAX_LIMITED");
        var special = (head.Flags & PfnFlags.Special) != 0;
        trace?.Step(function, "is FS_DAX_LIMITED built and the pfn special?", limited && special ? "yes" : limited ? "no, the pfn is not special" : special ? "no, FS_DAX_LIMITED is not built" : "no", Property);
        if (limited && special)
        {
            if (policy.AdmissionLimitedWarning == AdmissionLimitedWarning.Warns && policy.Config.IsEnabled("ARCH_HAS_PMEM_API"))
            {
                device.Table.Print(KernelLogLevel.Warning, Subsystem.Dax, $"WARNING: CPU: 0 PID: 1 at drivers/dax/super.c {function}");
                device.Table.Log.Taint(Taints.Warn);
            }

            return new(true, Errno.None, Because(device, function, "The pfn is special, which FS_DAX_LIMITED admits although it has no struct page.", Property));
        }

        var devmap = IsDevmap(device, head) && IsDevmap(device, tail);
        trace?.Step(function, "is the pfn devmap?", devmap ? "yes" : policy.DevmapPte == DevmapPteSupport.Bit ? "no" : "no, the architecture has no devmap entries", Property);
        if (devmap && policy.PagemapTyping == PagemapTyping.Typed)
        {
            var pagemap = device.Table.Memory.PagemapOf(head.Pfn);
            devmap = pagemap is { Type: PagemapType.FsDax } && (policy.AdmissionProbe == AdmissionProbe.FirstPage || ReferenceEquals(device.Table.Memory.PagemapOf(tail.Pfn), pagemap));
            trace?.Step(function, "does it belong to a pagemap of type MEMORY_DEVICE_FS_DAX?", devmap ? "yes" : "no", PolicyProperty.PagemapTyping);
        }

        if (devmap)
        {
            return new(true, Errno.None, Because(device, function, "The pfn is devmap: the driver made struct pages for it.", Property));
        }

        Say(device, "error: dax support not enabled", fromDriverTest);
        var what = (head.Flags & PfnFlags.Dev) == 0
            ? "The page is ordinary RAM to its driver, not devmap, and only devmap pfns are admitted."
            : "The pfn has no struct page, and neither is it special under FS_DAX_LIMITED.";
        return Refuse(device, Errno.EOPNOTSUPP, Because(device, function, what, Property));
    }

    /// <summary>pfn_t_devmap: constant false where the architecture has no devmap entries.</summary>
    private static bool IsDevmap(BlockDevice device, DirectAccess access)
        => device.Policy.DevmapPte == DevmapPteSupport.Bit && (access.Flags & (PfnFlags.Dev | PfnFlags.Map)) == (PfnFlags.Dev | PfnFlags.Map);

    private static bool BlockSizeFits(string function, BlockDevice device, int blockSize, DecisionTrace? trace)
    {
        var fits = blockSize == device.Table.PageSize;
        trace?.Step(function, "is the block size the page size?", fits ? "yes" : string.Create(CultureInfo.InvariantCulture, $"no, {blockSize}"));
        return fits;
    }

    private static bool QueueHasFlag(string function, BlockDevice device, DecisionTrace? trace, PolicyProperty property)
    {
        trace?.Step(function, "does the queue advertise DAX?", device.HasQueueDaxFlag ? "yes" : "no", property);
        return device.HasQueueDaxFlag;
    }

    /// <summary>bdev_dax_pgoff: the page offset on the disk, if the sector begins a page there.</summary>
    private static bool TryPgoff(string function, BlockDevice device, ulong sector, DecisionTrace? trace, out ulong pgoff)
    {
        var physical = (device.StartSector + sector) << BlockDevice.SectorShift;
        pgoff = physical >> device.Table.PageShift;
        var aligned = physical % (ulong)device.Table.PageSize == 0;
        trace?.Step(function, string.Create(CultureInfo.InvariantCulture, $"does sector {sector} begin a page of the disk?"), aligned ? "yes" : "no");
        return aligned;
    }

    private static AdmissionVerdict RefuseBlockSize(string function, BlockDevice device, int blockSize, bool fromDriverTest = false)
    {
        Say(device, "error: unsupported blocksize for dax", fromDriverTest);
        return Refuse(device, Errno.EINVAL, new Reason(function, string.Create(CultureInfo.InvariantCulture, $"The block size is {blockSize}, and only {device.Table.PageSize}, the page size, will do.")));
    }

    private static AdmissionVerdict Refuse(BlockDevice device, Errno errno, Reason reason)
        => new(false, device.Policy.AdmissionAnswer == AdmissionAnswer.Errno ? errno : Errno.None, reason);

    private static Reason Unaligned(BlockDevice device, string function)
        => new(function, $"{device.Name} begins at sector {device.StartSector} of {device.WholeDisk.Name} or ends inside a page, so its pages are not those of the memory.");

    /// <summary>Why there is no dax_device: what the driver says of itself weighs more than the question.</summary>
    private static Reason NoDaxDevice(BlockDevice device, string function)
        => device.WholeDisk.DaxDecidedBy is { } property && device.Policy.SetBy(property) is not null
            ? Because(device, function, $"{device.WholeDisk.Name} has no dax_device: its driver {device.WholeDisk.Driver} offers none.", property)
            : Because(device, function, $"{device.WholeDisk.Name} has no dax_device.", PolicyProperty.FsDaxDecision);

    private static Reason NoQueueFlag(BlockDevice device, string function, PolicyProperty asked)
        => device.WholeDisk.DaxDecidedBy is { } property && device.Policy.SetBy(property) is not null
            ? Because(device, function, $"The queue of {device.WholeDisk.Name} does not advertise DAX: its driver {device.WholeDisk.Driver} does not set the flag.", property)
            : Because(device, function, $"The queue of {device.WholeDisk.Name} does not advertise DAX.", asked);

    private static Reason Because(BlockDevice device, string function, string because, PolicyProperty property) => device.Table.Because(function, because, property);

    private static void Say(BlockDevice device, string text, bool fromDriverTest = false)
    {
        var policy = device.Policy;
        var level = policy.AdmissionMessageLevel switch
        {
            AdmissionMessageLevel.Error => KernelLogLevel.Error,
            AdmissionMessageLevel.InfoFromDriverTest when fromDriverTest => KernelLogLevel.Info,
            _ => KernelLogLevel.Debug,
        };
        device.Table.Print(level, Subsystem.Dax, policy.AdmissionMessageSubject == AdmissionMessageSubject.SuperBlock ? $"VFS ({device.Name}): {text}" : $"{device.Name}: {text}");
    }
}
