using DaxSim.Memory;
using DaxSim.State;

namespace DaxSim.Devices.Drivers;

/// <summary>
/// A pmem namespace in sector mode (drivers/nvdimm/btt.c): /dev/pmemNs. A translation table makes sector writes atomic, so
/// neighbouring sectors lie anywhere and there is no direct_access.
/// </summary>
internal sealed class BttDisk : BlockDevice
{
    private const long ArenaSize = 512L << 30;
    private const long InfoSize = 4096;
    private const int MapEntrySize = 4;
    private const int FreeBlocks = 256;
    private const int LogGroupSize = 64;

    private ContentStore contents;

    internal BttDisk(DeviceTable table, string name, long rawBytes, int sectorSize)
        : base(table, name, UsableBytes(rawBytes, sectorSize))
    {
        LogicalBlockSize = sectorSize;
        contents = new ContentStore(table.HostJournal, table.PageSize);
    }

    internal override string Driver => "btt";

    internal override int LogicalBlockSize { get; }

    internal override ContentStore? Contents => contents;

    /// <summary>What alloc_arena leaves for data: two info blocks, the log and the map go off, and 256 blocks are kept free.</summary>
    private static long UsableBytes(long rawBytes, int sectorSize)
    {
        var usable = 0L;
        for (var rest = rawBytes; rest > 0; rest -= ArenaSize)
        {
            var available = Math.Min(rest, ArenaSize) - (2 * InfoSize) - ((FreeBlocks * LogGroupSize + 4095) / 4096 * 4096);
            var blocks = ((available - 4096) / (sectorSize + MapEntrySize)) - FreeBlocks;
            usable += Math.Max(blocks, 0) * sectorSize;
        }

        return usable;
    }

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
