namespace DaxSim.Devices;

/// <summary>A logical partition (STSI 2.2.2).</summary>
public sealed record LogicalPartition
{
    /// <summary>Its name, 8 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Its number.</summary>
    public int Number { get; init; }

    /// <summary>How it holds its processors.</summary>
    public PartitionCharacteristics Characteristics { get; init; }

    /// <summary>Its share of the machine, in thousandths.</summary>
    public int Adjustment { get; init; }

    /// <summary>Its processors.</summary>
    public required SystemProcessors Processors { get; init; }

    /// <summary>How many of them are its own.</summary>
    public int Dedicated { get; init; }

    /// <summary>How many of them are shared.</summary>
    public int Shared { get; init; }
}
