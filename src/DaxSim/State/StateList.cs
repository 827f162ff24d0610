using System.Collections;

namespace DaxSim.State;

/// <summary>A list whose contents a snapshot brings back. Elements that are themselves mutable must be recoverable too.</summary>
internal sealed class StateList<T>(Journal journal) : Recoverable(journal), IReadOnlyList<T>
{
    private T[] items = [];

    public int Count { get; private set; }

    public T this[int index]
    {
        get => index < Count ? items[index] : throw new ArgumentOutOfRangeException(nameof(index));
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            Touch();
            items[index] = value;
        }
    }

    internal ReadOnlySpan<T> Span => items.AsSpan(0, Count);

    internal void Add(T item) => Insert(Count, item);

    internal void Insert(int index, T item)
    {
        Touch();
        if (Count == items.Length)
        {
            Array.Resize(ref items, Math.Max(4, Count * 2));
        }

        items.AsSpan(index, Count - index).CopyTo(items.AsSpan(index + 1));
        items[index] = item;
        Count++;
    }

    internal void RemoveAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        Touch();
        items.AsSpan(index + 1, Count - index - 1).CopyTo(items.AsSpan(index));
        items[--Count] = default!;
    }

    internal bool Remove(T item)
    {
        var index = Array.IndexOf(items, item, 0, Count);
        if (index < 0)
        {
            return false;
        }

        RemoveAt(index);
        return true;
    }

    internal void Clear()
    {
        if (Count > 0)
        {
            Touch();
            Array.Clear(items, 0, Count);
            Count = 0;
        }
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return items[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override void DetachStorage() => items = items.AsSpan(0, Count).ToArray();

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Count);
        foreach (var item in Span)
        {
            digest.AddElement(item);
        }
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (StateList<T>)state;
        items = other.items;
        Count = other.Count;
    }

    private protected override void Remap(CloneContext context)
    {
        for (var i = 0; i < Count; i++)
        {
            if (items[i] is Recoverable item)
            {
                items[i] = (T)(object)context.Map(item);
            }
            else if (items[i] is ICloned cloned)
            {
                items[i] = (T)context.MapOther(cloned);
            }
        }
    }
}
