namespace DaxSim;

/// <summary>The drivers that a <see cref="DeviceSpec"/> can ask for.</summary>
public enum DeviceKind
{
    /// <summary>A z/VM discontiguous saved segment (drivers/s390/block/dcssblk.c).</summary>
    DcssBlock,

    /// <summary>A DDR2 bank of a Cell blade (arch/powerpc/sysdev/axonram.c).</summary>
    AxonRam,

    /// <summary>s390 expanded memory (drivers/s390/block/xpram.c).</summary>
    Xpram,

    /// <summary>A RAM disk (drivers/block/brd.c).</summary>
    Brd,

    /// <summary>A persistent memory namespace of an NVDIMM region (drivers/nvdimm/pmem.c, btt.c).</summary>
    Pmem,

    /// <summary>Ordinary RAM declared persistent on the boot line, memmap=nn!ss (drivers/nvdimm/e820.c).</summary>
    E820Pmem,

    /// <summary>Persistent memory of a hypervisor with asynchronous flush (drivers/nvdimm/virtio_pmem.c).</summary>
    VirtioPmem,

    /// <summary>A character device over persistent memory (drivers/dax/device.c).</summary>
    DeviceDax,

    /// <summary>Persistent memory turned into system RAM (drivers/dax/kmem.c).</summary>
    Kmem,

    /// <summary>An ordinary disk without any memory to map.</summary>
    Disk,

    /// <summary>A loop device over a file.</summary>
    Loop,

    /// <summary>A partition of another device.</summary>
    Partition,

    /// <summary>A device-mapper linear table over other devices.</summary>
    DmLinear,

    /// <summary>A device-mapper stripe table over other devices.</summary>
    DmStripe,

    /// <summary>A virtio filesystem device with its shared memory window (fs/fuse/virtio_fs.c).</summary>
    VirtioFs,
}
