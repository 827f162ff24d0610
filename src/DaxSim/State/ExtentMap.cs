using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DaxSim.State;

/// <summary>A stretch of neighbouring keys that all have the same value.</summary>
internal readonly record struct Extent<T>(ulong Start, ulong End, T Value)
{
    internal ulong Length => End - Start;
}

/// <summary>Computes a new value for each stretch of equal old values.</summary>
internal interface IExtentTransform<T>
{
    /// <summary>The new value for the keys from <paramref name="start"/> up to <paramref name="end"/>, which all had <paramref name="value"/>.</summary>
    T Apply(ulong start, ulong end, T value);
}

/// <summary>
/// A map from 64-bit keys to small values in which neighbouring equal values are one record. Where neighbours diverge,
/// a window of 512 keys becomes a flat array, so that cost per key never exceeds an array access.
/// Keys that were never set have the default value and cost nothing.
/// </summary>
internal sealed partial class ExtentMap<T>(Journal journal) : Recoverable(journal)
    where T : unmanaged, IEquatable<T>
{
    internal const int WindowShift = 9;
    internal const int WindowSize = 1 << WindowShift;

#pragma warning disable CA1825 // Array.Empty<Segment>() would be compiled anew in each process, as framework code over a type of this library.
    private static readonly Segment[] NoSegments = new Segment[0];
#pragma warning restore CA1825

    private Segment[] segments = NoSegments;
    private int count;

    /// <summary>Where the last search ended: most searches are for the same place again. No part of the state.</summary>
    private int last;

    /// <summary>How many records there are (runs and flat windows): what a copy or a snapshot costs.</summary>
    internal int SegmentCount => count;

    internal bool IsEmpty => count == 0;

    internal T this[ulong key]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Peek(key);
        set => Set(key, key + 1, value);
    }

    /// <summary>Finds the first stretch of non-default values at or after <paramref name="from"/> that begins before <paramref name="limit"/>, cut to those bounds.</summary>
    internal bool TryNext(ulong from, ulong limit, out Extent<T> extent)
    {
        for (var i = FindEndingAfter(from); i < count; i++)
        {
            ref readonly var s = ref segments[i];
            if (s.Start >= limit)
            {
                break;
            }

            if (s.Flat is null)
            {
                extent = new(Math.Max(s.Start, from), Math.Min(s.End, limit), s.Value);
                return true;
            }

            var items = s.Flat.Items;
            var first = (int)(Math.Max(s.Start, from) - s.Start);
            var stop = (int)(Math.Min(s.End, limit) - s.Start);
            while (first < stop && items[first].Equals(default))
            {
                first++;
            }

            if (first < stop)
            {
                var last = first + 1;
                while (last < stop && items[last].Equals(items[first]))
                {
                    last++;
                }

                extent = new(s.Start + (ulong)first, s.Start + (ulong)last, items[first]);
                return true;
            }
        }

        extent = default;
        return false;
    }

    /// <summary>Calls for each stretch, default values included, between the bounds.</summary>
    internal Extent<T> StretchAt(ulong key, ulong limit)
    {
        if (TryNext(key, limit, out var extent))
        {
            return extent.Start == key ? extent : new(key, extent.Start, default);
        }

        return new(key, limit, default);
    }

    /// <summary>Enumerates the stretches of non-default values between the bounds. The map must not change meanwhile.</summary>
    internal IEnumerable<Extent<T>> Extents(ulong from = 0, ulong limit = ulong.MaxValue)
    {
        while (from < limit && TryNext(from, limit, out var extent))
        {
            yield return extent;
            from = extent.End;
        }
    }

    internal void Clear(ulong start, ulong end) => Set(start, end, default);

    internal void Set(ulong start, ulong end, T value)
    {
        if (start >= end)
        {
            return;
        }

        Touch();
        var lo = FindEndingAfter(start);

        // The common case of diverged pages: one key inside a flat window. A whole window becomes a run again.
        if (lo < count && segments[lo].Flat is { } flat && segments[lo].Start <= start && end <= segments[lo].End && end - start < WindowSize)
        {
            flat.Fill((int)(start - segments[lo].Start), (int)(end - segments[lo].Start), value);
            return;
        }

        if (TryGrow(lo, start, end, value) || TryReplace(lo, start, end, value))
        {
            return;
        }

        SetRun(lo, start, end, value);
        if (count > FlattenAbove)
        {
            FlattenIfShattered(start >> WindowShift);
            if ((end - 1) >> WindowShift != start >> WindowShift)
            {
                FlattenIfShattered((end - 1) >> WindowShift);
            }
        }
    }

    /// <summary>Replaces every stretch of non-default values between the bounds by what <paramref name="transform"/> makes of it.</summary>
    internal void Transform<TTransform>(ulong from, ulong limit, ref TTransform transform)
        where TTransform : struct, IExtentTransform<T>
    {
        var key = from;
        while (key < limit)
        {
            var i = FindEndingAfter(key);
            if (i >= count || segments[i].Start >= limit)
            {
                return;
            }

            var s = segments[i];
            var start = Math.Max(s.Start, key);
            var end = Math.Min(s.End, limit);
            if (s.Flat is null)
            {
                var changed = transform.Apply(start, end, s.Value);
                if (!changed.Equals(s.Value))
                {
                    Set(start, end, changed);
                }
            }
            else
            {
                Touch();
                s.Flat.Transform((int)(start - s.Start), (int)(end - s.Start), s.Start, ref transform);
            }

            key = end;
        }
    }

    /// <summary>Replaces every stretch between the bounds, default values included, by what <paramref name="transform"/> makes of it.</summary>
    internal void TransformAll<TTransform>(ulong from, ulong limit, ref TTransform transform)
        where TTransform : struct, IExtentTransform<T>
    {
        while (from < limit)
        {
            var stretch = StretchAt(from, limit);
            var changed = transform.Apply(stretch.Start, stretch.End, stretch.Value);
            if (!changed.Equals(stretch.Value))
            {
                Set(stretch.Start, stretch.End, changed);
            }

            from = stretch.End;
        }
    }

    /// <summary>A window of more records than this becomes flat; sooner where there are so many records that moving them costs more than an array.</summary>
    private int FlattenAbove => count < 64 ? 12 : 3;

    /// <summary>The index of the first record that ends above a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindEndingAfter(ulong key)
    {
        var i = last;
        if ((uint)i < (uint)count && (uint)i < (uint)segments.Length)
        {
            ref readonly var s = ref segments[i];
            if (key >= s.Start && key < s.End)
            {
                return i;
            }
        }

        return last = Search(key);
    }

    private int Search(ulong key)
    {
        int low = 0, high = count;
        var array = segments;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (array[middle].End <= key)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>
    /// The common case of pages that are touched one after the other: the run on the left grows into free keys, or into a run from which some remain.
    /// </summary>
    private bool TryGrow(int at, ulong start, ulong end, in T value)
    {
        if (at == 0)
        {
            return false;
        }

        ref var left = ref segments[at - 1];
        if (left.End != start || left.Flat is not null || !left.Value.Equals(value))
        {
            return false;
        }

        if (at < count)
        {
            ref var right = ref segments[at];
            if (right.Start == start && right.Flat is null && right.End > end)
            {
                // Runs that touch differ, so nothing joins.
                right.Start = end;
                left.End = end;
                return true;
            }

            if (right.Start <= end)
            {
                return false;
            }
        }

        left.End = end;
        return true;
    }

    /// <summary>Another value for a whole record that stays apart from its neighbours.</summary>
    private bool TryReplace(int at, ulong start, ulong end, in T value)
    {
        if (at >= count || segments[at].Start != start || segments[at].End != end || segments[at].Flat is not null || value.Equals(default))
        {
            return false;
        }

        if ((at > 0 && Joins(in segments[at - 1], start, value)) || (at + 1 < count && segments[at + 1].Start == end && segments[at + 1].Flat is null && segments[at + 1].Value.Equals(value)))
        {
            return false;
        }

        segments[at].Value = value;
        return true;

        static bool Joins(in Segment left, ulong start, in T value) => left.End == start && left.Flat is null && left.Value.Equals(value);
    }

    private void SetRun(int lo, ulong start, ulong end, T value)
    {
        Touch();
        // What remains of a run on the left, or the part of a flat window that the range covers.
        var keepLeft = default(Segment);
        var hasLeft = false;
        if (lo < count && segments[lo].Start < start)
        {
            if (segments[lo].Flat is { } flat)
            {
                var stop = Math.Min(end, segments[lo].End);
                flat.Fill((int)(start - segments[lo].Start), (int)(stop - segments[lo].Start), value);
                start = stop;
                lo++;
                if (start >= end)
                {
                    return;
                }
            }
            else
            {
                keepLeft = segments[lo] with { End = start };
                hasLeft = true;
            }
        }

        var hi = lo;
        while (hi < count && segments[hi].End <= end)
        {
            hi++;
        }

        var keepRight = default(Segment);
        var hasRight = false;
        if (hi < count && segments[hi].Start < end)
        {
            if (segments[hi].Flat is { } flat)
            {
                flat.Fill(0, (int)(end - segments[hi].Start), value);
                end = segments[hi].Start;
            }
            else
            {
                keepRight = segments[hi] with { Start = end };
                hasRight = true;
                hi++;
            }
        }

        if (start >= end)
        {
            return;
        }

        var isDefault = value.Equals(default);
        if (!isDefault)
        {
            // Join with equal neighbours.
            if (hasLeft && keepLeft.Value.Equals(value))
            {
                start = keepLeft.Start;
                hasLeft = false;
            }
            else if (!hasLeft && lo > 0 && segments[lo - 1].Flat is null && segments[lo - 1].End == start && segments[lo - 1].Value.Equals(value))
            {
                start = segments[--lo].Start;
            }

            if (hasRight && keepRight.Value.Equals(value))
            {
                end = keepRight.End;
                hasRight = false;
            }
            else if (!hasRight && hi < count && segments[hi].Flat is null && segments[hi].Start == end && segments[hi].Value.Equals(value))
            {
                end = segments[hi++].End;
            }
        }

        var needed = (hasLeft ? 1 : 0) + (isDefault ? 0 : 1) + (hasRight ? 1 : 0);
        MakeRoom(lo, needed - (hi - lo));
        if (hasLeft)
        {
            segments[lo++] = keepLeft;
        }

        if (!isDefault)
        {
            segments[lo++] = new Segment { Start = start, End = end, Value = value };
        }

        if (hasRight)
        {
            segments[lo] = keepRight;
        }
    }

    /// <summary>Inserts (or with a negative number removes) records at an index.</summary>
    private void MakeRoom(int at, int number)
    {
        if (number == 0)
        {
            return;
        }

        if (number > 0)
        {
            if (count + number > segments.Length)
            {
                var larger = new Segment[Math.Max(segments.Length == 0 ? 2 : 8, Math.Max(count + number, segments.Length * 2))];
                Array.Copy(segments, larger, count);
                segments = larger;
            }

            Array.Copy(segments, at, segments, at + number, count - at);
        }
        else
        {
            Array.Copy(segments, at - number, segments, at, count - at + number);
            Array.Clear(segments, count + number, -number);
        }

        count += number;
    }

    /// <summary>By the values alone: how they are stored does not matter.</summary>
    internal override void Describe(StateDigest digest)
    {
        var pending = default(Extent<T>);
        for (ulong from = 0; TryNext(from, ulong.MaxValue, out var extent); from = extent.End)
        {
            if (pending.End == extent.Start && pending.Value.Equals(extent.Value))
            {
                pending = pending with { End = extent.End };
                continue;
            }

            Describe(digest, pending);
            pending = extent;
        }

        Describe(digest, pending);
        digest.Add(ulong.MaxValue);
    }

    private static void Describe(StateDigest digest, Extent<T> extent)
    {
        if (extent.Length > 0)
        {
            digest.Add(extent.Start);
            digest.Add(extent.End);
            digest.Add(MemoryMarshal.AsBytes([extent.Value]));
        }
    }

    private protected override void DetachStorage() => segments = segments.AsSpan(0, count).ToArray();

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (ExtentMap<T>)state;
        segments = other.segments;
        count = other.count;
    }

    private protected override void Remap(CloneContext context)
    {
        for (var i = 0; i < count; i++)
        {
            if (segments[i].Flat is { } flat)
            {
                segments[i].Flat = context.Map(flat);
            }
        }
    }

    private struct Segment
    {
        internal ulong Start;
        internal ulong End;
        internal T Value;
        internal FlatWindow? Flat;
    }
}
