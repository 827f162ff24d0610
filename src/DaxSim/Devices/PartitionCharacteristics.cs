namespace DaxSim.Devices;

/// <summary>How a logical partition holds its processors. Several can be true at once.</summary>
[Flags]
public enum PartitionCharacteristics
{
    /// <summary>Nothing is said.</summary>
    None = 0,

    /// <summary>Processors of its own.</summary>
    Dedicated = 1,

    /// <summary>Processors shared with other partitions.</summary>
    Shared = 2,

    /// <summary>No more than its share.</summary>
    Limited = 4,
}
