namespace DaxSim.State;

/// <summary>A number as the value of an <see cref="ExtentMap{T}"/>.</summary>
/// <remarks>
/// A type of this library, since code for generic types over the framework's own numbers can be kept in no assembly of this library, and
/// would be compiled anew in each process; and one type for all small numbers, since each has code of its own.
/// </remarks>
internal readonly struct Number(int value) : IEquatable<Number>
{
    private readonly int value = value;

    public static implicit operator Number(int value) => new(value);

    public static implicit operator int(Number number) => number.value;

    public bool Equals(Number other) => value == other.value;

    public override bool Equals(object? obj) => obj is Number other && Equals(other);

    public override int GetHashCode() => value;

    public override string ToString() => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>How far one number lies above another, modulo 2^64, as the value of an <see cref="ExtentMap{T}"/>: see <see cref="Number"/>.</summary>
internal readonly struct Distance(ulong value) : IEquatable<Distance>
{
    private readonly ulong value = value;

    public static implicit operator Distance(ulong value) => new(value);

    public static implicit operator ulong(Distance distance) => distance.value;

    public bool Equals(Distance other) => value == other.value;

    public override bool Equals(object? obj) => obj is Distance other && Equals(other);

    public override int GetHashCode() => value.GetHashCode();

    public override string ToString() => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
