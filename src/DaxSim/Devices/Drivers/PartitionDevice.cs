using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.State;

namespace DaxSim.Devices.Drivers;

/// <summary>A partition: a stretch of sectors of a disk, which may begin and end anywhere.</summary>
internal sealed class PartitionDevice : BlockDevice
{
    private BlockDevice disk;

    internal PartitionDevice(BlockDevice disk, string name, ulong startSector, ulong sectors)
        : base(disk.Table, name, (long)(sectors << SectorShift))
    {
        this.disk = disk;
        StartSector = startSector;
    }

    internal override string Driver => disk.Driver;

    internal override int LogicalBlockSize => disk.LogicalBlockSize;

    internal override bool ReadOnly => ReadOnlyMark || disk.ReadOnly;

    internal override BlockDevice WholeDisk => disk;

    internal override ulong StartSector { get; }

    internal override ContentStore? Contents => disk.Contents;

    /// <summary>The pages that lie wholly inside, when the partition begins on a page.</summary>
    internal override PfnRange? Frames
        => disk.Frames is { } frames && StartSector % SectorsPerPage == 0
            ? new PfnRange(frames.StartPfn + (StartSector / SectorsPerPage), SectorCount / SectorsPerPage)
            : null;

    internal override DevPagemap? Pagemap => disk.Pagemap;

    internal override Verdict Open(bool write)
    {
        var verdict = disk.IsRemoved ? disk.Open(write) : base.Open(write);
        if (verdict.IsOk)
        {
            // A partition keeps its disk open, for reading: the read-only state was tested above.
            disk.Open(write: false);
        }

        return verdict;
    }

    internal override void Close()
    {
        base.Close();
        disk.Close();
    }

    internal override Verdict Read(long offset, Span<byte> destination)
    {
        var verdict = CheckRange(offset, destination.Length);
        return verdict.IsOk ? disk.Read(offset + StartOffset, destination) : verdict;
    }

    internal override Verdict Write(long offset, ReadOnlySpan<byte> source)
    {
        var verdict = CheckRange(offset, source.Length);
        if (verdict.IsOk && ReadOnly)
        {
            return Verdict.Fail(Errno.EPERM, new Reason("blkdev_write_iter", $"{Name} is a read-only device."));
        }

        return verdict.IsOk ? disk.Write(offset + StartOffset, source) : verdict;
    }

    private long StartOffset => (long)(StartSector << SectorShift);

    private Verdict CheckRange(long offset, int length)
        => offset >= 0 && offset + length <= SizeBytes
            ? Verdict.Ok
            : Verdict.Fail(Errno.EIO, new Reason("bio_check_eod", $"The request reaches beyond the end of {Name}."));

    private ulong SectorsPerPage => (ulong)Table.PageSize >> SectorShift;

    internal override void Describe(StateDigest digest)
    {
        base.Describe(digest);
        digest.Add(disk);
        digest.Add(StartSector);
    }

    private protected override void Remap(CloneContext context)
    {
        base.Remap(context);
        disk = context.Map(disk);
    }
}
