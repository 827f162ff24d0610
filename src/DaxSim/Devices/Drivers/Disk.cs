using DaxSim.Memory;
using DaxSim.State;

namespace DaxSim.Devices.Drivers;

/// <summary>An ordinary disk (SATA, virtio-blk, or a loop device): its data is not in addressable memory, so it never has DAX.</summary>
internal sealed class Disk : BlockDevice
{
    private ContentStore contents;

    internal Disk(DeviceTable table, string name, long sizeBytes, int logicalBlockSize = 512, bool loop = false)
        : base(table, name, sizeBytes)
    {
        contents = new ContentStore(table.HostJournal, table.PageSize);
        LogicalBlockSize = logicalBlockSize;
        Driver = loop ? "loop" : "disk";
    }

    internal override string Driver { get; }

    internal override int LogicalBlockSize { get; }

    internal override ContentStore? Contents => contents;

    internal override void Describe(StateDigest digest)
    {
        base.Describe(digest);
        contents.Describe(digest);
    }

    private protected override void Remap(CloneContext context)
    {
        base.Remap(context);
        contents = contents.CloneInto(context);
    }
}
