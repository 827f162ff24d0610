using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Scenarios.Import;

/// <summary>How DAX stands with a mount or device.</summary>
public enum DaxHealth
{
    /// <summary>DAX is in force.</summary>
    Works,

    /// <summary>Nobody asked for DAX; it would work.</summary>
    NotAsked,

    /// <summary>Nobody asked for DAX, and it would not work.</summary>
    NotAskedAndImpossible,

    /// <summary>Mounted, but without DAX, though that was asked for.</summary>
    WithoutDax,

    /// <summary>The mount fails.</summary>
    MountFails,

    /// <summary>The kernel has no such device or filesystem.</summary>
    Absent,

    /// <summary>Nobody has read or recorded what this kernel does.</summary>
    Unknown,
}

/// <summary>What stands in the way, and what removes it.</summary>
/// <param name="Problem">In the words of somebody who runs the machine.</param>
/// <param name="Cure">What to do.</param>
public sealed record DoctorAdvice(string Problem, string Cure);

/// <summary>A stretch of releases on which it stands the same.</summary>
/// <param name="First">The oldest.</param>
/// <param name="Last">The newest.</param>
/// <param name="Health">How.</param>
/// <param name="Errno">The errno of a mount that fails.</param>
public sealed record DoctorEra(KernelVersion First, KernelVersion Last, DaxHealth Health, Errno Errno);

/// <summary>One mount, or one device that nothing is mounted on.</summary>
/// <param name="Device">The block or character device.</param>
/// <param name="Path">Where it is mounted; null for a device alone.</param>
/// <param name="Type">The filesystem; null for a device alone.</param>
/// <param name="Options">The options that have to do with DAX.</param>
public sealed record DoctorFinding(string Device, string? Path, string? Type, string Options)
{
    /// <summary>How it stands on the host's kernel.</summary>
    public required DaxHealth Health { get; init; }

    /// <summary>The errno when the mount fails.</summary>
    public Errno Errno { get; init; }

    /// <summary>What stands in the way; empty where DAX works or nothing helps.</summary>
    public IReadOnlyList<DoctorAdvice> Advice { get; init; } = [];

    /// <summary>What the kernel decided; null where nothing had to be.</summary>
    public Reason? Reason { get; init; }

    /// <summary>What the kernel says meanwhile.</summary>
    public IReadOnlyList<string> Log { get; init; } = [];

    /// <summary>The other kernels, oldest first.</summary>
    public IReadOnlyList<DoctorEra> Kernels { get; init; } = [];

    /// <summary>True when somebody asked for DAX and does not get it.</summary>
    public bool IsIll => Path is not null && (Health is DaxHealth.WithoutDax or DaxHealth.MountFails || (Health == DaxHealth.Absent && Trial.AsksForDax(Options)));
}

/// <summary>All findings of one machine.</summary>
/// <param name="Policy">The kernel they are about.</param>
/// <param name="Findings">Mounts in order, then devices.</param>
public sealed record DoctorReport(KernelPolicy Policy, IReadOnlyList<DoctorFinding> Findings);
