using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.State;

namespace DaxSim.Devices.Drivers;

/// <summary>
/// Expanded memory of s390 as a block device (drivers/s390/block/xpram.c). Instructions move whole 4 KiB pages between it and
/// real memory; loads and stores cannot reach it, so it never had DAX.
/// </summary>
internal sealed class XpramDisk : BlockDevice
{
    private const int BlockSize = 4096;
    private ContentStore contents;

    internal XpramDisk(DeviceTable table, string name, long sizeBytes)
        : base(table, name, sizeBytes)
    {
        contents = new ContentStore(table.HostJournal, BlockSize);
    }

    internal override string Driver => "xpram";

    internal override int LogicalBlockSize => BlockSize;

    internal override ContentStore? Contents => contents;

    internal override Verdict Read(long offset, Span<byte> destination)
    {
        var verdict = CheckRequest(offset, destination.Length);
        return verdict.IsOk ? base.Read(offset, destination) : verdict;
    }

    internal override Verdict Write(long offset, ReadOnlySpan<byte> source)
    {
        var verdict = CheckRequest(offset, source.Length);
        return verdict.IsOk ? base.Write(offset, source) : verdict;
    }

    private static Verdict CheckRequest(long offset, int length)
        => offset % BlockSize == 0 && length % BlockSize == 0
            ? Verdict.Ok
            : Verdict.Fail(Errno.EIO, new Reason("xpram_make_request", "The request is not made of whole 4 KiB pages."));

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
