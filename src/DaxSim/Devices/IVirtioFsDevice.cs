using DaxSim.Memory;

namespace DaxSim.Devices;

/// <summary>What the filesystem virtiofs sees of its device.</summary>
internal interface IVirtioFsDevice
{
    /// <summary>The tag by which it is mounted.</summary>
    string Tag { get; }

    /// <summary>The dax device of the window; null when the device has no window or the kernel cannot use it.</summary>
    DaxDevice? DaxDevice { get; }

    /// <summary>The frames of the window; empty when there is none.</summary>
    PfnRange Window { get; }

    /// <summary>The window's struct pages, or null.</summary>
    DevPagemap? Pagemap { get; }
}
