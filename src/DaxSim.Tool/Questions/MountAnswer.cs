using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tool.Questions;

/// <summary>One mount that is asked about.</summary>
internal sealed record MountQuestion(KernelPolicy Policy, DeviceSpec Device, string FileSystem, int? BlockSize, IReadOnlyList<string> Features, string? Options, bool DynamicDebug = false)
{
    /// <summary>The block size: as given, or the page size, which is what mkfs would choose for DAX.</summary>
    internal int EffectiveBlockSize => BlockSize ?? Policy.Architecture.PageSize;
}

/// <summary>What became of it.</summary>
internal sealed record MountAnswer(
    MountQuestion Question,
    string Options,
    CellOutcome Outcome,
    Errno Errno,
    Reason? Reason,
    IReadOnlyList<string> Log,
    IReadOnlyList<DecisionStep> Tests,
    string? ShownOption,
    string? ProcMounts)
{
    /// <summary>The options as mount(8) is given them.</summary>
    internal string OptionsText => Options.Length == 0 ? "no options" : $"-o {Options}";

    /// <summary>The word of the JSON output.</summary>
    internal string Result => Outcome switch
    {
        CellOutcome.Dax => "dax",
        CellOutcome.NoDax => "no-dax",
        CellOutcome.Unknown => "unknown",
        _ => "errno",
    };

    /// <summary>The error's name, or null.</summary>
    internal string? ErrnoName => Errno == Errno.None ? null : Errno.ToString();
}
