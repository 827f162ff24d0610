namespace DaxSim.Policy;

/// <summary>What was built into a kernel: the CONFIG_ symbols that the model asks for.</summary>
public sealed record KernelConfig
{
    /// <summary>The usual configuration of a distribution kernel of that version and architecture.</summary>
    public static KernelConfig Default(KernelVersion version, Architecture architecture) => new();
}
