using System.Diagnostics.CodeAnalysis;

namespace DaxSim.Policy;

/// <summary>An architecture that one of the modelled drivers exists on, with the facts that never changed over time.</summary>
/// <remarks>What did change (whether a PTE can be "devmap", whether ZONE_DEVICE can be built) is a property of <see cref="KernelPolicy"/>.</remarks>
public sealed class Architecture
{
    private Architecture(int index, string name, string kconfigName, int pageShift, int pmdShift, int pudShift)
    {
        Index = index;
        Name = name;
        KconfigName = kconfigName;
        PageShift = pageShift;
        PmdShift = pmdShift;
        PudShift = pudShift;
    }

    /// <summary>x86_64: pmem, virtio-pmem, brd, device-dax.</summary>
    public static Architecture X8664 { get; } = new(0, "x86_64", "x86", 12, 21, 30);

    /// <summary>s390x: dcssblk and xpram.</summary>
    public static Architecture S390X { get; } = new(1, "s390x", "s390", 12, 20, 31);

    /// <summary>The Cell blades (64-bit big-endian powerpc): axonram.</summary>
    public static Architecture Ppc64Cell { get; } = new(2, "ppc64-cell", "powerpc", 16, 24, 34);

    /// <summary>64-bit little-endian powerpc (book3s64, radix): pmem.</summary>
    public static Architecture Ppc64Le { get; } = new(3, "ppc64le", "powerpc", 16, 21, 30);

    /// <summary>arm64: pmem, virtio-pmem.</summary>
    public static Architecture Arm64 { get; } = new(4, "arm64", "arm64", 12, 21, 30);

    /// <summary>Every architecture, in the order of the documentation.</summary>
    public static IReadOnlyList<Architecture> All { get; } = [X8664, S390X, Ppc64Cell, Ppc64Le, Arm64];

    /// <summary>Where it stands in <see cref="All"/>.</summary>
    internal int Index { get; }

    /// <summary>The name on the command line.</summary>
    public string Name { get; }

    /// <summary>The name in the first line of a kernel configuration file (<c># Linux/x86 …</c>).</summary>
    public string KconfigName { get; }

    /// <summary>log2 of the page size in bytes.</summary>
    public int PageShift { get; }

    /// <summary>PAGE_SIZE in bytes.</summary>
    public int PageSize => 1 << PageShift;

    /// <summary>log2 of the bytes that one PMD entry maps.</summary>
    public int PmdShift { get; }

    /// <summary>log2 of the bytes that one PUD entry maps.</summary>
    public int PudShift { get; }

    /// <summary>True when a machine of this architecture can run under z/VM.</summary>
    public bool CanRunUnderZvm => this == S390X;

    /// <summary>Finds an architecture by its name on the command line.</summary>
    /// <exception cref="FormatException">There is none of that name; the message lists those there are.</exception>
    public static Architecture Parse(string name)
        => TryParse(name, out var architecture) ? architecture : throw new FormatException($"'{name}' is not a modelled architecture: choose one of {string.Join(", ", All)}.");

    /// <summary>Finds an architecture by its name on the command line, without throwing.</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, [NotNullWhen(true)] out Architecture? architecture)
    {
        architecture = All.FirstOrDefault(a => a.Name == name);
        return architecture is not null;
    }

    /// <summary>The name on the command line.</summary>
    public override string ToString() => Name;
}
