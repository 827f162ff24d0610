using System.Collections;

namespace DaxSim.State;

/// <summary>A map in key order whose contents a snapshot brings back. Enumeration order is the key order, never a hash order.</summary>
internal sealed class StateMap<TKey, TValue>(Journal journal, IComparer<TKey>? comparer = null) : Recoverable(journal), IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    private readonly IComparer<TKey> comparer = comparer ?? Comparer<TKey>.Default;
    private TKey[] keys = [];
    private TValue[] values = [];

    internal int Count { get; private set; }

    internal ReadOnlySpan<TKey> Keys => keys.AsSpan(0, Count);

    internal ReadOnlySpan<TValue> Values => values.AsSpan(0, Count);

    internal TValue this[TKey key]
    {
        get => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"No entry for {key}.");
        set
        {
            Touch();
            var index = Find(key);
            if (index >= 0)
            {
                values[index] = value;
                return;
            }

            index = ~index;
            if (Count == keys.Length)
            {
                var (oldKeys, oldValues) = (keys, values);
                keys = new TKey[Math.Max(4, Count * 2)];
                values = new TValue[keys.Length];
                Array.Copy(oldKeys, keys, Count);
                Array.Copy(oldValues, values, Count);
            }

            Array.Copy(keys, index, keys, index + 1, Count - index);
            Array.Copy(values, index, values, index + 1, Count - index);
            keys[index] = key;
            values[index] = value;
            Count++;
        }
    }

    internal bool TryGetValue(TKey key, out TValue value)
    {
        var index = Find(key);
        value = index >= 0 ? values[index] : default!;
        return index >= 0;
    }

    internal bool ContainsKey(TKey key) => Find(key) >= 0;

    internal bool Remove(TKey key)
    {
        var index = Find(key);
        if (index < 0)
        {
            return false;
        }

        Touch();
        Array.Copy(keys, index + 1, keys, index, Count - index - 1);
        Array.Copy(values, index + 1, values, index, Count - index - 1);
        Count--;
        keys[Count] = default!;
        values[Count] = default!;
        return true;
    }

    public IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return new(keys[i], values[i]);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int Find(TKey key) => Array.BinarySearch(keys, 0, Count, key, comparer);

    private protected override void DetachStorage()
    {
        keys = keys.AsSpan(0, Count).ToArray();
        values = values.AsSpan(0, Count).ToArray();
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Count);
        for (var i = 0; i < Count; i++)
        {
            digest.AddElement(keys[i]);
            digest.AddElement(values[i]);
        }
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (StateMap<TKey, TValue>)state;
        keys = other.keys;
        values = other.values;
        Count = other.Count;
    }

    private protected override void Remap(CloneContext context)
    {
        for (var i = 0; i < Count; i++)
        {
            if (keys[i] is Recoverable key)
            {
                keys[i] = (TKey)(object)context.Map(key);
            }

            if (values[i] is Recoverable item)
            {
                values[i] = (TValue)(object)context.Map(item);
            }
        }
    }
}
