using DaxSim.Memory;

namespace DaxSim.Devices.Drivers;

/// <summary>The personalities of a namespace of persistent memory.</summary>
internal enum NamespaceMode
{
    /// <summary>The bare memory.</summary>
    Raw,

    /// <summary>Info block and struct pages: a block device.</summary>
    FsDax,

    /// <summary>A block translation table.</summary>
    Sector,

    /// <summary>Info block and struct pages: a character device.</summary>
    DevDax,
}

/// <summary>What the info block of a namespace says.</summary>
/// <param name="Mode">The personality.</param>
/// <param name="Map">Where the struct pages lie.</param>
/// <param name="Alignment">Of the data, and for a character device the size of the pieces of a mapping.</param>
internal readonly record struct NamespaceSetup(NamespaceMode Mode, MemmapPlacement Map = MemmapPlacement.Ram, long Alignment = 2 << 20);
