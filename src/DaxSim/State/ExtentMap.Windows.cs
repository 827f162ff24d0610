using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DaxSim.State;

/// <summary>How the values of a flat window that was derived from another follow from those; see <see cref="ExtentMap{T}.TryDeriveWindow"/>.</summary>
internal abstract class WindowCopy<T>
{
    /// <summary>Writes every value of <paramref name="copies"/>, which is as long as <paramref name="values"/>.</summary>
    internal abstract void Write(ReadOnlySpan<T> values, Span<T> copies);
}

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

    /// <summary>
    /// The same, but for a derived window that nobody looked at yet the values that it was derived from: for questions to which both give the same answer.
    /// </summary>
    internal bool TryWindowOrOrigin(ulong key, out ReadOnlySpan<T> items)
    {
        var i = FindEndingAfter(key);
        if (i < count && segments[i].Start <= key && segments[i].Flat is { } flat)
        {
            items = flat.ItemsOrOrigin;
            return true;
        }

        items = default;
        return false;
    }

    /// <summary>The values of the flat window that holds a key, to change in place. The key must lie in a flat window.</summary>
    internal Span<T> OwnWindow(ulong key) => segments[FindEndingAfter(key)].Flat!.Own();

    /// <summary>
    /// Makes a flat window whose values follow from those of the same window of another map, where that is flat. They are computed when somebody looks at
    /// them for the first time; until then both share one array. False, and nothing is changed, where this map's window is not empty.
    /// </summary>
    internal bool TryDeriveWindow(ulong key, ExtentMap<T> from, WindowCopy<T> copy)
    {
        var start = key & ~(ulong)(WindowSize - 1);
        var at = FindEndingAfter(start);
        if (at < count && segments[at].Start < start + WindowSize)
        {
            return false;
        }

        Touch();
        MakeRoom(at, 1);
        segments[at] = new Segment { Start = start, End = start + WindowSize, Flat = from.segments[from.FindEndingAfter(start)].Flat!.Derive(Journal, copy) };
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
        private T[] items = items;

        /// <summary>The array belongs to other windows, too, and is never changed again: whoever changes a value takes a copy first.</summary>
        private bool frozen;

        /// <summary>How the values follow from those in the array, which are another window's; null once they were computed.</summary>
        private WindowCopy<T>? pending;

        /// <summary>The values, to read.</summary>
        internal T[] Items
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => pending is null ? items : Compute();
        }

        internal T[] ItemsOrOrigin => items;

        /// <summary>The values, to change.</summary>
        internal Span<T> Own()
        {
            Touch();
            var own = Items;
            if (frozen)
            {
                items = own = [.. own];
                frozen = false;
            }

            return own;
        }

        internal void Fill(int start, int end, T value) => Own()[start..end].Fill(value);

        internal void Transform<TTransform>(int start, int end, ulong offset, ref TTransform transform)
            where TTransform : struct, IExtentTransform<T>
        {
            var own = Own();
            for (var i = start; i < end; i++)
            {
                if (!own[i].Equals(default))
                {
                    own[i] = transform.Apply(offset + (ulong)i, offset + (ulong)i + 1, own[i]);
                }
            }
        }

        /// <summary>A window that shares this one's array until somebody looks at it.</summary>
        internal FlatWindow Derive(Journal journal, WindowCopy<T> copy)
        {
            var shared = Items;
            frozen = true;
            return new FlatWindow(journal, shared) { frozen = true, pending = copy };
        }

        internal override void Describe(StateDigest digest) => digest.Add(MemoryMarshal.AsBytes(Items.AsSpan()));

        private protected override void DetachStorage()
        {
            if (!frozen)
            {
                items = [.. items];
            }
        }

        private protected override void CopyFrom(Recoverable state)
        {
            var other = (FlatWindow)state;
            (items, frozen, pending) = (other.items, other.frozen, other.pending);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private T[] Compute()
        {
            var own = GC.AllocateUninitializedArray<T>(WindowSize);
            pending!.Write(items, own);
            (items, frozen, pending) = (own, false, null);
            return own;
        }
    }
}
