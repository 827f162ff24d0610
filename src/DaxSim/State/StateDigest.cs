using System.Globalization;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DaxSim.State;

/// <summary>State that is no <see cref="Recoverable"/> of its own but is part of a machine's state.</summary>
internal interface IDescribed
{
    /// <summary>Tells everything that two equal states must have in common.</summary>
    void Describe(StateDigest digest);
}

/// <summary>
/// A fingerprint of a machine's state. Objects are numbered in the order in which they are met, so that two machines of equal
/// state have equal fingerprints whatever their objects are.
/// </summary>
internal sealed class StateDigest
{
    private readonly XxHash128 hash = new();
    private readonly Dictionary<object, int> numbers = new(ReferenceEqualityComparer.Instance);
    private readonly byte[] buffer = new byte[4096];
    private int used;

    internal void Add(ulong value)
    {
        if (used > buffer.Length - sizeof(ulong))
        {
            Flush();
        }

        Unsafe.WriteUnaligned(ref buffer[used], value);
        used += sizeof(ulong);
    }

    internal void Add(long value) => Add((ulong)value);

    internal void Add(bool value) => Add(value ? 1UL : 0UL);

    internal void Add(Enum value) => Add(((IConvertible)value).ToInt64(CultureInfo.InvariantCulture));

    internal void Add(string? text)
    {
        Add(text is null ? -1 : text.Length);
        if (text is not null)
        {
            Add(MemoryMarshal.AsBytes(text.AsSpan()));
        }
    }

    internal void Add(ReadOnlySpan<byte> bytes)
    {
        Flush();
        hash.Append(bytes);
    }

    /// <summary>Another object of the machine: described where it is met first, named by its number everywhere else.</summary>
    internal void Add(Recoverable? item)
    {
        if (IsNew(item))
        {
            item!.Describe(this);
        }
    }

    /// <summary>The same for a part of the machine that is no recoverable object.</summary>
    internal void Add(IDescribed? item)
    {
        if (IsNew(item))
        {
            item!.Describe(this);
        }
    }

    /// <summary>An element of a list or map.</summary>
    internal void AddElement<T>(T element)
    {
        switch (element)
        {
            case Recoverable recoverable:
                Add(recoverable);
                break;
            case IDescribed described:
                Add(described);
                break;
            case IFormattable formattable:
                Add(formattable.ToString(null, CultureInfo.InvariantCulture));
                break;
            default:
                Add(element?.ToString());
                break;
        }
    }

    /// <summary>32 hexadecimal digits.</summary>
    internal string Finish()
    {
        Flush();
        return hash.GetCurrentHashAsUInt128().ToString("x32", CultureInfo.InvariantCulture);
    }

    private bool IsNew(object? item)
    {
        if (item is null)
        {
            Add(-1L);
            return false;
        }

        if (numbers.TryGetValue(item, out var number))
        {
            Add(number);
            return false;
        }

        number = numbers.Count;
        numbers.Add(item, number);
        Add(number);
        return true;
    }

    private void Flush()
    {
        hash.Append(buffer.AsSpan(0, used));
        used = 0;
    }
}
