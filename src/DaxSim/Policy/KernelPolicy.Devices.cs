namespace DaxSim.Policy;

public sealed partial record KernelPolicy
{
    /// <summary>What a driver's direct_access looks like.</summary>
    public DirectAccessInterface DirectAccessInterface { get => (DirectAccessInterface)Get(PolicyProperty.DirectAccessInterface); init => Set(PolicyProperty.DirectAccessInterface, (int)value); }

    /// <summary>What bdev_direct_access makes of the number of bytes that the driver reports.</summary>
    public DirectAccessLength DirectAccessLength { get => (DirectAccessLength)Get(PolicyProperty.DirectAccessLength); init => Set(PolicyProperty.DirectAccessLength, (int)value); }

    /// <summary>Whether queues advertise DAX.</summary>
    public QueueDaxFlag QueueDaxFlag { get => (QueueDaxFlag)Get(PolicyProperty.QueueDaxFlag); init => Set(PolicyProperty.QueueDaxFlag, (int)value); }

    /// <summary>What dax_direct_access answers to a negative number of pages.</summary>
    public DaxNegativeLength DaxNegativeLength { get => (DaxNegativeLength)Get(PolicyProperty.DaxNegativeLength); init => Set(PolicyProperty.DaxNegativeLength, (int)value); }

    /// <summary>Whether dax_direct_access tests that the driver supplied operations.</summary>
    public DaxOperationsTest DaxOperationsTest { get => (DaxOperationsTest)Get(PolicyProperty.DaxOperationsTest); init => Set(PolicyProperty.DaxOperationsTest, (int)value); }

    /// <summary>How a driver says which page frame it means.</summary>
    public PfnRepresentation PfnRepresentation { get => (PfnRepresentation)Get(PolicyProperty.PfnRepresentation); init => Set(PolicyProperty.PfnRepresentation, (int)value); }

    /// <summary>Whether a dax_device knows that its flushes are asynchronous.</summary>
    public DaxSynchronousFlag DaxSynchronousFlag { get => (DaxSynchronousFlag)Get(PolicyProperty.DaxSynchronousFlag); init => Set(PolicyProperty.DaxSynchronousFlag, (int)value); }

    /// <summary>Whether a dax_device has an exclusive holder.</summary>
    public DaxHolder DaxHolder { get => (DaxHolder)Get(PolicyProperty.DaxHolder); init => Set(PolicyProperty.DaxHolder, (int)value); }

    /// <summary>Whether there is a driver for persistent memory.</summary>
    public LaterDriver PmemDriver { get => (LaterDriver)Get(PolicyProperty.PmemDriver); init => Set(PolicyProperty.PmemDriver, (int)value); }

    /// <summary>What pmem's direct_access does about known media errors.</summary>
    public PmemBadblocks PmemBadblocks { get => (PmemBadblocks)Get(PolicyProperty.PmemBadblocks); init => Set(PolicyProperty.PmemBadblocks, (int)value); }

    /// <summary>The pfn_t flags of pmem.</summary>
    public PmemPfnFlags PmemPfnFlags { get => (PmemPfnFlags)Get(PolicyProperty.PmemPfnFlags); init => Set(PolicyProperty.PmemPfnFlags, (int)value); }

    /// <summary>When pmem sets its queue's DAX flag.</summary>
    public PmemQueueFlag PmemQueueFlag { get => (PmemQueueFlag)Get(PolicyProperty.PmemQueueFlag); init => Set(PolicyProperty.PmemQueueFlag, (int)value); }

    /// <summary>How pmem reckons the length it hands out.</summary>
    public PmemLength PmemLength { get => (PmemLength)Get(PolicyProperty.PmemLength); init => Set(PolicyProperty.PmemLength, (int)value); }

    /// <summary>Which raw namespaces of pmem get struct pages.</summary>
    public PmemRawPages PmemRawPages { get => (PmemRawPages)Get(PolicyProperty.PmemRawPages); init => Set(PolicyProperty.PmemRawPages, (int)value); }

    /// <summary>Whether there is a driver for virtio-pmem.</summary>
    public LaterDriver VirtioPmemDriver { get => (LaterDriver)Get(PolicyProperty.VirtioPmemDriver); init => Set(PolicyProperty.VirtioPmemDriver, (int)value); }

    /// <summary>Whether there are character devices for DAX (/dev/daxX.Y).</summary>
    public LaterDriver DeviceDaxDriver { get => (LaterDriver)Get(PolicyProperty.DeviceDaxDriver); init => Set(PolicyProperty.DeviceDaxDriver, (int)value); }

    /// <summary>Whether a dax range can become system RAM.</summary>
    public LaterDriver KmemDriver { get => (LaterDriver)Get(PolicyProperty.KmemDriver); init => Set(PolicyProperty.KmemDriver, (int)value); }

    /// <summary>Whether a dax range can be lent to a filesystem directly.</summary>
    public LaterDriver FsdevDriver { get => (LaterDriver)Get(PolicyProperty.FsdevDriver); init => Set(PolicyProperty.FsdevDriver, (int)value); }

    /// <summary>Whether virtiofs can map the host's page cache (the DAX window).</summary>
    public LaterDriver VirtiofsWindow { get => (LaterDriver)Get(PolicyProperty.VirtiofsWindow); init => Set(PolicyProperty.VirtiofsWindow, (int)value); }

    /// <summary>What the RAM disk offers.</summary>
    public BrdDirectAccess BrdDirectAccess { get => (BrdDirectAccess)Get(PolicyProperty.BrdDirectAccess); init => Set(PolicyProperty.BrdDirectAccess, (int)value); }

    /// <summary>Whether there is a driver for the memory banks of Cell blades.</summary>
    public LegacyDriver AxonRamDriver { get => (LegacyDriver)Get(PolicyProperty.AxonRamDriver); init => Set(PolicyProperty.AxonRamDriver, (int)value); }

    /// <summary>What axonram's direct_access hands out.</summary>
    public AxonRamDirectAccess AxonRamDirectAccess { get => (AxonRamDirectAccess)Get(PolicyProperty.AxonRamDirectAccess); init => Set(PolicyProperty.AxonRamDirectAccess, (int)value); }

    /// <summary>Whether there is a driver for s390 expanded memory.</summary>
    public LegacyDriver XpramDriver { get => (LegacyDriver)Get(PolicyProperty.XpramDriver); init => Set(PolicyProperty.XpramDriver, (int)value); }

    /// <summary>Whether dcssblk has DAX, and with which pages.</summary>
    public DcssDax DcssDax { get => (DcssDax)Get(PolicyProperty.DcssDax); init => Set(PolicyProperty.DcssDax, (int)value); }

    /// <summary>How dcssblk reckons the length it hands out.</summary>
    public DcssLength DcssLength { get => (DcssLength)Get(PolicyProperty.DcssLength); init => Set(PolicyProperty.DcssLength, (int)value); }

    /// <summary>The pfn_t flags of dcssblk.</summary>
    public DcssPfnFlags DcssPfnFlags { get => (DcssPfnFlags)Get(PolicyProperty.DcssPfnFlags); init => Set(PolicyProperty.DcssPfnFlags, (int)value); }

    /// <summary>What segment_load answers on success.</summary>
    public DcssSegmentType DcssSegmentType { get => (DcssSegmentType)Get(PolicyProperty.DcssSegmentType); init => Set(PolicyProperty.DcssSegmentType, (int)value); }

    /// <summary>What loading a segment over memory that Linux uses answers.</summary>
    public DcssMemoryOverlap DcssMemoryOverlap { get => (DcssMemoryOverlap)Get(PolicyProperty.DcssMemoryOverlap); init => Set(PolicyProperty.DcssMemoryOverlap, (int)value); }

    /// <summary>How extmem prints the addresses of a segment.</summary>
    public DcssLogAddresses DcssLogAddresses { get => (DcssLogAddresses)Get(PolicyProperty.DcssLogAddresses); init => Set(PolicyProperty.DcssLogAddresses, (int)value); }

    /// <summary>When a device-mapper table offers DAX.</summary>
    public DeviceMapperDax DeviceMapperDax { get => (DeviceMapperDax)Get(PolicyProperty.DeviceMapperDax); init => Set(PolicyProperty.DeviceMapperDax, (int)value); }

    /// <summary>Whether a device-mapper device is as synchronous as its members.</summary>
    public DeviceMapperSynchronous DeviceMapperSynchronous { get => (DeviceMapperSynchronous)Get(PolicyProperty.DeviceMapperSynchronous); init => Set(PolicyProperty.DeviceMapperSynchronous, (int)value); }

    private static string? DescribeDevices(PolicyProperty property, int value) => property switch
    {
        PolicyProperty.DirectAccessInterface => ((DirectAccessInterface)value).ToString(),
        PolicyProperty.DirectAccessLength => ((DirectAccessLength)value).ToString(),
        PolicyProperty.QueueDaxFlag => ((QueueDaxFlag)value).ToString(),
        PolicyProperty.DaxNegativeLength => ((DaxNegativeLength)value).ToString(),
        PolicyProperty.DaxOperationsTest => ((DaxOperationsTest)value).ToString(),
        PolicyProperty.PfnRepresentation => ((PfnRepresentation)value).ToString(),
        PolicyProperty.DaxSynchronousFlag => ((DaxSynchronousFlag)value).ToString(),
        PolicyProperty.DaxHolder => ((DaxHolder)value).ToString(),
        PolicyProperty.PmemBadblocks => ((PmemBadblocks)value).ToString(),
        PolicyProperty.PmemPfnFlags => ((PmemPfnFlags)value).ToString(),
        PolicyProperty.PmemQueueFlag => ((PmemQueueFlag)value).ToString(),
        PolicyProperty.PmemLength => ((PmemLength)value).ToString(),
        PolicyProperty.PmemRawPages => ((PmemRawPages)value).ToString(),
        PolicyProperty.PmemDriver or PolicyProperty.VirtioPmemDriver or PolicyProperty.DeviceDaxDriver or PolicyProperty.KmemDriver
            or PolicyProperty.FsdevDriver or PolicyProperty.VirtiofsWindow => ((LaterDriver)value).ToString(),
        PolicyProperty.AxonRamDriver or PolicyProperty.XpramDriver => ((LegacyDriver)value).ToString(),
        PolicyProperty.BrdDirectAccess => ((BrdDirectAccess)value).ToString(),
        PolicyProperty.AxonRamDirectAccess => ((AxonRamDirectAccess)value).ToString(),
        PolicyProperty.DcssDax => ((DcssDax)value).ToString(),
        PolicyProperty.DcssLength => ((DcssLength)value).ToString(),
        PolicyProperty.DcssPfnFlags => ((DcssPfnFlags)value).ToString(),
        PolicyProperty.DcssSegmentType => ((DcssSegmentType)value).ToString(),
        PolicyProperty.DcssMemoryOverlap => ((DcssMemoryOverlap)value).ToString(),
        PolicyProperty.DcssLogAddresses => ((DcssLogAddresses)value).ToString(),
        PolicyProperty.DeviceMapperDax => ((DeviceMapperDax)value).ToString(),
        PolicyProperty.DeviceMapperSynchronous => ((DeviceMapperSynchronous)value).ToString(),
        _ => null,
    };
}
