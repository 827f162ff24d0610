using DaxSim.Memory;
using DaxSim.Outcomes;

namespace DaxSim.Devices;

/// <summary>Moves bytes between a caller and a whole disk as its driver does for a bio, after the tests that are common to all.</summary>
internal static class DeviceTransfer
{
    internal static Verdict Read(BlockDevice device, long offset, Span<byte> destination)
    {
        var verdict = Check(device, offset, destination.Length, write: false);
        if (!verdict.IsOk)
        {
            return verdict;
        }

        var (store, position) = Place(device, offset);
        for (var done = 0; done < destination.Length;)
        {
            var inPage = (int)(position % store.PageSize);
            var count = Math.Min(store.PageSize - inPage, destination.Length - done);
            store.Read((ulong)(position / store.PageSize), inPage, destination.Slice(done, count));
            done += count;
            position += count;
        }

        return Verdict.Ok;
    }

    internal static Verdict Write(BlockDevice device, long offset, ReadOnlySpan<byte> source)
    {
        var verdict = Check(device, offset, source.Length, write: true);
        if (!verdict.IsOk)
        {
            return verdict;
        }

        var (store, position) = Place(device, offset);
        for (var done = 0; done < source.Length;)
        {
            var inPage = (int)(position % store.PageSize);
            var count = Math.Min(store.PageSize - inPage, source.Length - done);
            store.Write((ulong)(position / store.PageSize), inPage, source.Slice(done, count));
            done += count;
            position += count;
        }

        return Verdict.Ok;
    }

    /// <summary>Range, read-only mark and media errors, in the order in which a bio meets them.</summary>
    private static Verdict Check(BlockDevice device, long offset, int length, bool write)
    {
        if (device.IsRemoved)
        {
            return Verdict.Fail(Errno.EIO, new Reason("submit_bio", $"{device.Name} is gone."));
        }

        if (offset < 0 || offset + length > device.SizeBytes)
        {
            return Verdict.Fail(Errno.EIO, new Reason("bio_check_eod", $"The request reaches beyond the end of {device.Name}."));
        }

        if (write && device.ReadOnly)
        {
            return Verdict.Fail(Errno.EPERM, new Reason("blkdev_write_iter", $"{device.Name} is a read-only device."));
        }

        if (device.Badblocks is { IsEmpty: false } badblocks)
        {
            var first = (ulong)offset >> BlockDevice.SectorShift;
            var count = ((ulong)(offset & 511) + (ulong)length + 511) >> BlockDevice.SectorShift;
            if (badblocks.TryFind(first, count, out var bad, out _))
            {
                if (!write)
                {
                    return Verdict.Fail(Errno.EIO, new Reason("pmem_do_read", $"Sector {bad} of {device.Name} is a known media error."));
                }

                // A write through the driver lets the firmware repair the sectors it covers.
                badblocks.Clear(first, count);
            }
        }

        return Verdict.Ok;
    }

    private static (ContentStore Store, long Position) Place(BlockDevice device, long offset)
    {
        if (device.Frames is { } frames)
        {
            return (device.Table.Memory.Contents, ((long)frames.StartPfn << device.Table.PageShift) + offset);
        }

        return device.Contents is { } store
            ? (store, offset)
            : throw new InvalidOperationException($"{device.Name} has neither frames nor contents of its own (simulator defect).");
    }
}
