using System.Runtime.CompilerServices;

namespace DaxSim.State;

/// <summary>Single keys of an <see cref="ExtentMap{T}"/>: read and changed where they lie, without a copy.</summary>
internal sealed partial class ExtentMap<T>
{
    private static readonly T[] Nothing = new T[1];

    /// <summary>The value of a key where it lies, until the map changes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref readonly T Peek(ulong key)
    {
        var array = segments;
        var i = last;
        if ((uint)i < (uint)array.Length)
        {
            // Records above the count are empty, so no key lies in them.
            ref readonly var s = ref array[i];
            if (key - s.Start < s.End - s.Start)
            {
                return ref s.Flat is null ? ref s.Value : ref s.Flat.Items[(int)(key - s.Start)];
            }
        }

        return ref PeekElsewhere(key);
    }

    /// <summary>
    /// The value of a key that shares its record with no other, to be changed in place; <see cref="Settle"/> has to be called
    /// afterwards, and nothing else before. A null reference where the key lies in a run or in no record.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref T Cell(ulong key, out int at)
    {
        var array = segments;
        at = last;
        if ((uint)at < (uint)array.Length)
        {
            ref var s = ref array[at];
            if (s.Start == key && s.End == key + 1 && s.Flat is null)
            {
                Touch();
                return ref s.Value;
            }
        }

        return ref CellElsewhere(key, out at);
    }

    /// <summary>Joins a record whose value was changed in place with neighbours that are equal now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Settle(int at)
    {
        var array = segments;
        ref readonly var s = ref array[at];
        if (s.Flat is null && (FirstWord(in s.Value) == 0 || (at > 0 && MayJoin(in array[at - 1], in s)) || (at + 1 < count && MayJoin(in s, in array[at + 1]))))
        {
            // Told apart by one word first, since a value that was just changed in part is slow to read as a whole.
            Join(at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MayJoin(in Segment left, in Segment right) => left.End == right.Start && FirstWord(in left.Value) == FirstWord(in right.Value);

    /// <summary>The first four bytes of a value, or 0 where it has fewer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FirstWord(in T value) => Unsafe.SizeOf<T>() < sizeof(int) ? 0 : Unsafe.As<T, int>(ref Unsafe.AsRef(in value));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Join(int at)
    {
        var (start, end, value) = (segments[at].Start, segments[at].End, segments[at].Value);
        if (!TryReplace(at, start, end, value))
        {
            SetRun(at, start, end, value);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ref readonly T PeekElsewhere(ulong key)
    {
        var at = last = Search(key);
        if (at < count)
        {
            ref readonly var s = ref segments[at];
            if (s.Start <= key)
            {
                return ref s.Flat is null ? ref s.Value : ref s.Flat.Items[(int)(key - s.Start)];
            }
        }

        return ref Nothing[0];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ref T CellElsewhere(ulong key, out int at)
    {
        at = FindEndingAfter(key);
        if (at < count)
        {
            ref var s = ref segments[at];
            if (s.Start <= key && s.Flat is { } flat)
            {
                return ref flat.Own()[(int)(key - s.Start)];
            }

            if (s.Start == key && s.End == key + 1)
            {
                Touch();
                return ref s.Value;
            }
        }

        return ref Unsafe.NullRef<T>();
    }
}
