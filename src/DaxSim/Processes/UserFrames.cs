using DaxSim.State;

namespace DaxSim.Processes;

/// <summary>
/// Memory of a process that a driver lets a device or a guest use: pages that it holds, or bare frame numbers of device memory that nobody
/// holds and that a driver must trust to stay.
/// </summary>
public sealed class UserFrames : IDisposable
{
    private readonly UserPages? held;

    internal UserFrames(UserPages held)
    {
        this.held = held;
        Pfns = held.Pfns;
    }

    internal UserFrames(ulong[] pfns) => Pfns = Array.AsReadOnly(pfns);

    /// <summary>The page frame numbers, in address order.</summary>
    public IReadOnlyList<ulong> Pfns { get; }

    /// <summary>True where the pages are referenced or pinned; false for frame numbers of device memory.</summary>
    public bool AreHeld => held is { AreHeld: true };

    /// <summary>True for FOLL_PIN.</summary>
    public bool ArePinned => held is { ArePinned: true };

    /// <summary>The driver is done: held pages are given back, dirty when the device could write them.</summary>
    /// <exception cref="InvalidOperationException">Held pages were released before.</exception>
    public void Release(bool dirty = true) => held?.Release(dirty);

    /// <summary>Releases held pages as <see cref="Release"/> does, unless that was done before.</summary>
    public void Dispose()
    {
        if (AreHeld)
        {
            Release();
        }
    }
}
