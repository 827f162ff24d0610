namespace DaxSim;

/// <summary>The counters of /proc/vmstat that speak of pins.</summary>
/// <param name="PinsAcquired">nr_foll_pin_acquired: references taken with FOLL_PIN since the machine was built.</param>
/// <param name="PinsReleased">nr_foll_pin_released: those given back.</param>
public readonly record struct PinCounters(long PinsAcquired, long PinsReleased);

public sealed partial class Machine
{
    /// <summary>The pins counted in /proc/vmstat.</summary>
    public PinCounters PinCounters => new(MemoryManager.PinsAcquired, MemoryManager.PinsReleased);
}
