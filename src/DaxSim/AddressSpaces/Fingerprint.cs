using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using DaxSim.FileSystems;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>Collects state in a fixed order and reduces it to 128 bits.</summary>
internal sealed class FingerprintWriter
{
    private readonly XxHash128 hash = new();

    internal UInt128 Value => hash.GetCurrentHashAsUInt128();

    internal void Add(long value) => hash.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in value)));

    internal void Add(ulong value) => Add((long)value);

    internal void Add(bool value) => Add(value ? 1L : 0);

    internal void Add(string value)
    {
        Add(value.Length);
        hash.Append(Encoding.UTF8.GetBytes(value));
    }

    internal void Add(ReadOnlySpan<byte> bytes) => hash.Append(bytes);

    /// <summary>The stretches of a map; how the map happens to be cut into records does not count.</summary>
    internal void Add<T>(ExtentMap<T> map)
        where T : unmanaged, IEquatable<T>
    {
        var open = default(Extent<T>);
        foreach (var extent in map.Extents())
        {
            if (open.Length > 0 && open.End == extent.Start && open.Value.Equals(extent.Value))
            {
                open = new(open.Start, extent.End, open.Value);
                continue;
            }

            Close(open);
            open = extent;
        }

        Close(open);
        Add(-1L);
    }

    private void Close<T>(Extent<T> extent)
        where T : unmanaged
    {
        if (extent.Length > 0)
        {
            Add(extent.Start);
            Add(extent.End);
            var value = extent.Value;
            hash.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
        }
    }
}

/// <summary>The whole state of memory in a fixed order, for comparing two moments.</summary>
internal sealed partial class MemoryManager
{
    /// <summary>Address spaces, files, struct pages, contents, holders and sleepers.</summary>
    internal void WriteState(FingerprintWriter writer)
    {
        foreach (var space in spaces)
        {
            WriteSpace(writer, space);
        }

        foreach (var (id, inode) in files)
        {
            writer.Add(id);
            writer.Add(inode.Size);
            writer.Add(inode.Cache);
            writer.Add(inode.Blocks);
            WriteBlocks(writer, inode);
        }

        WritePages(writer);
        foreach (var holder in holders)
        {
            writer.Add(holder.HolderName);
            foreach (var (pfn, pin) in holder.Held)
            {
                writer.Add(pfn);
                writer.Add(pin);
            }
        }

        foreach (var waiter in waiters)
        {
            writer.Add(waiter.WaitsFor);
        }

        writer.Add(PinsAcquired);
        writer.Add(PinsReleased);
        writer.Add(HugeTlbCommitted);
        writer.Add(BadPageMaps);
    }

    private static void WriteSpace(FingerprintWriter writer, AddressSpace space)
    {
        writer.Add(space.Id);
        writer.Add(space.HasPinned);
        writer.Add(space.WriteProtectSequence);
        writer.Add(space.AnonPages);
        writer.Add(space.FilePages);
        writer.Add(space.ShmemPages);
        writer.Add(space.LockedPages);
        writer.Add(space.MinorFaults);
        writer.Add(space.MajorFaults);
        writer.Add(space.Users);
        foreach (var area in space.Areas)
        {
            writer.Add(area.Start);
            writer.Add(area.End);
            writer.Add((ulong)area.Flags);
            writer.Add(area.Inode?.Id ?? 0);
            writer.Add(area.PageOffset);
            writer.Add(area.Anon?.Id ?? 0);
            foreach (var link in area.AnonChain)
            {
                writer.Add(link.Id);
                writer.Add(link.ActiveVmas);
                writer.Add(link.Children);
                writer.Add(link.Links);
            }
        }

        writer.Add(space.PageTable.Ptes);
        writer.Add(space.PageTable.Pmds);
        writer.Add(space.PageTable.Puds);
    }

    private void WriteBlocks(FingerprintWriter writer, Inode inode)
    {
        if (!inode.HasBlocks || inode.BlockDevice is not null)
        {
            return;
        }

        var bytes = new byte[PageSize];
        foreach (var extent in inode.Blocks.Extents())
        {
            for (var index = extent.Start; index < extent.End; index++)
            {
                if (inode.TryBlock(index, out var store, out var block))
                {
                    store.Read(block, 0, bytes);
                    writer.Add(bytes);
                }
            }
        }
    }

    private void WritePages(FingerprintWriter writer)
    {
        foreach (var extent in Memory.Pages.Extents())
        {
            for (var pfn = extent.Start; pfn < extent.End; pfn++)
            {
                // Idle device pages that nobody owns are as if they had never been looked at.
                var state = Memory.PageOf(pfn);
                if (state.Equals(default))
                {
                    continue;
                }

                writer.Add(pfn);
                writer.Add(state.References);
                writer.Add(((long)state.MapCount << 32) | (uint)state.EntireMapCount);
                writer.Add(((long)state.PinCount << 32) | (uint)state.Owner);
                writer.Add(((long)state.Flags << 8) | state.Order);
            }
        }

        var bytes = new byte[PageSize];
        foreach (var pfn in Memory.Contents.NonZeroPages())
        {
            writer.Add(pfn);
            Memory.Contents.Read(pfn, 0, bytes);
            writer.Add(bytes);
        }

        foreach (var pagemap in Memory.Pagemaps)
        {
            writer.Add(pagemap.References);
            writer.Add(pagemap.Dead);
        }

        writer.Add(Memory.AllocatedPages);
    }
}
