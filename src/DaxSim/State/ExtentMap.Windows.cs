using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DaxSim.State;

/// <summary>The flat windows of an <see cref="ExtentMap{T}"/>: one array per 512 keys whose values differ.</summary>
internal sealed partial class ExtentMap<T>
{
    /// <summary>The values of the flat window that holds a key, to read; false where the key lies in a run or in none.</summary>
    internal bool TryWindow(ulong key, out ReadOnlySpan<T> items)
    {
        var i = FindEndingAfter(key);
        if (i < count && segments[i].Start <= key && segments[i].Flat is { } flat)
        {
            items = flat.Items;
            return true;
        }

        items = default;
        return false;
    }

    /// <summary>The values of the flat window that holds a key, to change in place. The key must lie in a flat window.</summary>
    internal Span<T> OwnWindow(ulong key) => segments[FindEndingAfter(key)].Flat!.Own();

    /// <summary>Makes a flat window of values that the map keeps. False, and nothing is changed, where the window is not empty.</summary>
    internal bool TryAddWindow(ulong key, T[] items)
    {
        var start = key & ~(ulong)(WindowSize - 1);
        var at = FindEndingAfter(start);
        if (at < count && segments[at].Start < start + WindowSize)
        {
            return false;
        }

        Touch();
        MakeRoom(at, 1);
        segments[at] = new Segment { Start = start, End = start + WindowSize, Flat = new FlatWindow(Journal, items) };
        return true;
    }

    private void FlattenIfShattered(ulong window)
    {
        var start = window << WindowShift;
        var end = start + WindowSize;
        var lo = FindEndingAfter(start);
        if (lo + FlattenAbove >= count || segments[lo + FlattenAbove].Start >= end)
        {
            return;
        }

        var flat = new FlatWindow(Journal, new T[WindowSize]);
        var hi = lo;
        var keepLeft = default(Segment);
        var keepRight = default(Segment);
        while (hi < count && segments[hi].Start < end)
        {
            var s = segments[hi];
            Debug.Assert(s.Flat is null, "a flat window is the only record of its keys");
            flat.Fill((int)(Math.Max(s.Start, start) - start), (int)(Math.Min(s.End, end) - start), s.Value);
            if (s.Start < start)
            {
                keepLeft = s with { End = start };
            }

            if (s.End > end)
            {
                keepRight = s with { Start = end };
            }

            hi++;
        }

        MakeRoom(lo, 1 + (keepLeft.End > 0 ? 1 : 0) + (keepRight.End > 0 ? 1 : 0) - (hi - lo));
        if (keepLeft.End > 0)
        {
            segments[lo++] = keepLeft;
        }

        segments[lo++] = new Segment { Start = start, End = end, Flat = flat };
        if (keepRight.End > 0)
        {
            segments[lo] = keepRight;
        }
    }

    private sealed class FlatWindow(Journal journal, T[] items) : Recoverable(journal)
    {
        internal T[] Items { get; private set; } = items;

        internal Span<T> Own()
        {
            Touch();
            return Items;
        }

        internal void Fill(int start, int end, T value)
        {
            Touch();
            Items.AsSpan(start, end - start).Fill(value);
        }

        internal void Transform<TTransform>(int start, int end, ulong offset, ref TTransform transform)
            where TTransform : struct, IExtentTransform<T>
        {
            Touch();
            var items = Items;
            for (var i = start; i < end; i++)
            {
                if (!items[i].Equals(default))
                {
                    items[i] = transform.Apply(offset + (ulong)i, offset + (ulong)i + 1, items[i]);
                }
            }
        }

        internal override void Describe(StateDigest digest) => digest.Add(MemoryMarshal.AsBytes(Items.AsSpan()));

        private protected override void DetachStorage() => Items = [.. Items];

        private protected override void CopyFrom(Recoverable state) => Items = ((FlatWindow)state).Items;
    }
}
