using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace DaxSim.Policy;

/// <summary>A mainline or stable release of Linux, for example 4.14 (the release itself) or 4.14.74 (a point release).</summary>
/// <remarks>Text is read strictly: digits and dots only, no prefix, no suffix, no leading zeros. 4.14 and 4.14.0 are the same release.</remarks>
public readonly struct KernelVersion : IEquatable<KernelVersion>, IComparable<KernelVersion>, ISpanParsable<KernelVersion>
{
    private KernelVersion(int major, int minor, int patch)
    {
        Major = major;
        Minor = minor;
        Patch = patch;
    }

    /// <summary>4 of 4.14.74.</summary>
    public int Major { get; }

    /// <summary>14 of 4.14.74.</summary>
    public int Minor { get; }

    /// <summary>74 of 4.14.74; 0 for the mainline release.</summary>
    public int Patch { get; }

    /// <summary>The mainline release this point release is based on.</summary>
    public KernelVersion Mainline => new(Major, Minor, 0);

    /// <summary>True for a mainline release, false for a point release.</summary>
    public bool IsMainline => Patch == 0;

    /// <summary>The oldest release that DaxSim models.</summary>
    public static KernelVersion Oldest { get; } = new(3, 10, 0);

    /// <summary>The newest release that DaxSim models.</summary>
    public static KernelVersion Newest { get; } = new(7, 3, 0);

    /// <summary>Every mainline release from 3.10 to 7.3, oldest first.</summary>
    public static IReadOnlyList<KernelVersion> Releases { get; } = Array.AsReadOnly(ListReleases());

    /// <summary>Where its mainline release stands in <see cref="Releases"/>.</summary>
    internal int ReleaseIndex
    {
        get
        {
            var index = Minor - FirstMinor(Major);
            for (var major = 3; major < Major; major++)
            {
                index += LastMinor(major) - FirstMinor(major) + 1;
            }

            return index;
        }
    }

    /// <summary>Reads a version such as <c>4.14</c> or <c>4.14.74</c>.</summary>
    /// <exception cref="FormatException">The text is not a version, or not one that DaxSim models; the message says which are.</exception>
    public static KernelVersion Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryRead(text, out var version, out var problem) ? version : throw new FormatException(problem);
    }

    /// <summary>Reads a version without throwing.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out KernelVersion version)
    {
        version = default;
        return text is not null && TryRead(text, out version, out _);
    }

    /// <summary>Reads a version; on failure <paramref name="problem"/> is one line that says what is wrong.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out KernelVersion version, [NotNullWhen(false)] out string? problem)
    {
        version = default;
        problem = $"'{Shorten(text)}' is not a kernel version: write it like 4.14 or 4.14.74.";
        Span<int> parts = stackalloc int[3];
        var count = 0;
        var rest = text;
        while (true)
        {
            var dot = rest.IndexOf('.');
            var part = dot < 0 ? rest : rest[..dot];
            if (count == 3 || part.Length is 0 or > 4 || part.ContainsAnyExceptInRange('0', '9') || (part.Length > 1 && part[0] == '0'))
            {
                return false;
            }

            parts[count++] = int.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture);
            if (dot < 0)
            {
                break;
            }

            rest = rest[(dot + 1)..];
        }

        if (count < 2)
        {
            return false;
        }

        var candidate = new KernelVersion(parts[0], parts[1], parts[2]);
        if (!IsReleased(candidate))
        {
            problem = $"Kernel {candidate} is not modelled: the releases are 3.10 to 3.19, 4.0 to 4.20, 5.0 to 5.19, 6.0 to 6.19 and 7.0 to 7.3, with their point releases.";
            return false;
        }

        version = candidate;
        problem = null;
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(KernelVersion other)
    {
        var major = Major.CompareTo(other.Major);
        if (major != 0)
        {
            return major;
        }

        var minor = Minor.CompareTo(other.Minor);
        return minor != 0 ? minor : Patch.CompareTo(other.Patch);
    }

    /// <inheritdoc/>
    public bool Equals(KernelVersion other) => Major == other.Major && Minor == other.Minor && Patch == other.Patch;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is KernelVersion other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Major, Minor, Patch);

    /// <summary>4.14 or 4.14.74.</summary>
    public override string ToString() => Patch == 0 ? $"{Major}.{Minor}" : $"{Major}.{Minor}.{Patch}";

    /// <summary>Equality.</summary>
    public static bool operator ==(KernelVersion left, KernelVersion right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(KernelVersion left, KernelVersion right) => !left.Equals(right);

    /// <summary>Release order.</summary>
    public static bool operator <(KernelVersion left, KernelVersion right) => left.CompareTo(right) < 0;

    /// <summary>Release order.</summary>
    public static bool operator >(KernelVersion left, KernelVersion right) => left.CompareTo(right) > 0;

    /// <summary>Release order.</summary>
    public static bool operator <=(KernelVersion left, KernelVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Release order.</summary>
    public static bool operator >=(KernelVersion left, KernelVersion right) => left.CompareTo(right) >= 0;

    static KernelVersion ISpanParsable<KernelVersion>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider)
        => TryRead(s, out var version, out var problem) ? version : throw new FormatException(problem);

    static bool ISpanParsable<KernelVersion>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out KernelVersion result) => TryRead(s, out result, out _);

    static KernelVersion IParsable<KernelVersion>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<KernelVersion>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out KernelVersion result) => TryParse(s, out result);

    private static int FirstMinor(int major) => major == 3 ? 10 : 0;

    private static int LastMinor(int major) => major switch { 3 => 19, 4 => 20, 5 => 19, 6 => 19, 7 => 3, _ => -1 };

    private static bool IsReleased(KernelVersion v) => v.Minor <= LastMinor(v.Major) && v.Minor >= FirstMinor(v.Major);

    private static string Shorten(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : $"{text[..40]}…";

    private static KernelVersion[] ListReleases()
    {
        var list = new KernelVersion[Newest.ReleaseIndex + 1];
        var count = 0;
        for (var major = 3; LastMinor(major) >= 0; major++)
        {
            for (var minor = FirstMinor(major); minor <= LastMinor(major); minor++)
            {
                list[count++] = new KernelVersion(major, minor, 0);
            }
        }

        return list;
    }
}
