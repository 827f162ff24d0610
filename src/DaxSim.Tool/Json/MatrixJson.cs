using DaxSim.Outcomes;
using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Json;

/// <summary>One cell: what became of the mount.</summary>
internal sealed record CellJson(string Kernel, string Result, string? Errno, string? DecidedBy);

/// <summary>One device and filesystem on every kernel asked about.</summary>
internal sealed record RowJson(string Device, string Arch, string Fs, CellJson[] Cells);

/// <summary>What <c>daxsim matrix --json</c> prints. A cell's result is dax, no-dax, errno, absent or unknown.</summary>
internal sealed record MatrixJson(string[] Kernels, string? Config, string[] Revert, string[] Pick, string Options, RowJson[] Rows)
{
    internal static MatrixJson Of(Matrix matrix) => new(
        [.. matrix.Kernels.Select(k => k.ToString())],
        matrix.Choice.Config?.Source,
        [.. matrix.Choice.Revert],
        [.. matrix.Choice.Pick],
        matrix.OptionsText,
        [.. matrix.Rows.Select(r => new RowJson(r.Device.ToString(), r.Architecture.Name, r.FileSystem, [.. r.Cells.Select((c, i) => Of(c, matrix.Kernels[i].ToString()))]))]);

    private static CellJson Of(MatrixCell cell, string kernel) => new(
        kernel,
        cell.Outcome switch
        {
            CellOutcome.Dax => "dax",
            CellOutcome.NoDax => "no-dax",
            CellOutcome.Refused => "errno",
            CellOutcome.Absent => "absent",
            _ => "unknown",
        },
        cell.Errno == Errno.None ? null : cell.Errno.ToString(),
        cell.DecidedBy);
}
