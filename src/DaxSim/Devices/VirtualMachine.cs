namespace DaxSim.Devices;

/// <summary>A virtual machine (an entry of STSI 3.2.2).</summary>
public sealed record VirtualMachine
{
    /// <summary>Its name, 8 characters: the guest's user id.</summary>
    public required string Name { get; init; }

    /// <summary>Its control program, 16 characters: <c>z/VM    6.4.0</c> or <c>KVM/Linux</c>.</summary>
    public required string ControlProgram { get; init; }

    /// <summary>Its share of the machine, in thousandths.</summary>
    public int Adjustment { get; init; }

    /// <summary>Its processors.</summary>
    public required SystemProcessors Processors { get; init; }
}
