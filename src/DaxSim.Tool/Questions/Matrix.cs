using DaxSim.Policy;

namespace DaxSim.Tool.Questions;

/// <summary>What became of one mount.</summary>
internal enum CellOutcome
{
    /// <summary>Mounted, and files use DAX.</summary>
    Dax,

    /// <summary>Mounted, but files do not use DAX.</summary>
    NoDax,

    /// <summary>The mount failed.</summary>
    Refused,

    /// <summary>The kernel lacks the driver or the filesystem.</summary>
    Absent,

    /// <summary>Nothing is known.</summary>
    Unknown,
}

/// <summary>One answer of the matrix.</summary>
internal readonly record struct MatrixCell(CellOutcome Outcome, string? Errno, string? DecidedBy);

/// <summary>The answers of one device and filesystem on every kernel.</summary>
internal sealed record MatrixRow(DeviceSpec Device, Architecture Architecture, string FileSystem, MatrixCell[] Cells);

/// <summary>Devices and filesystems against kernels.</summary>
internal sealed record Matrix(IReadOnlyList<KernelVersion> Kernels, IReadOnlyList<MatrixRow> Rows, string OptionsText);
