using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Json;

/// <summary>One cell: what became of the operation.</summary>
internal sealed record OperationCellJson(string Kernel, string Op, string Outcome, string? Errno, string? Signal, string? FailedStep, bool? Dax, bool BadPageMap, string? DecidedBy);

/// <summary>One mapping with every operation, or one operation on every kernel (then <c>op</c> is set).</summary>
internal sealed record OperationRowJson(string Mapping, string Arch, string? Op, OperationCellJson[] Cells);

/// <summary>What <c>daxsim matrix --operations --json</c> and <c>daxsim matrix --mapping --json</c> print.</summary>
internal sealed record OperationMatrixJson(string[] Kernels, string[] Operations, string? Config, string[] Revert, string[] Pick, OperationRowJson[] Rows)
{
    internal static OperationMatrixJson Of(OperationMatrix matrix) => new(
        [.. matrix.Kernels.Select(k => k.ToString())],
        [.. matrix.Operations.Select(o => o.Name)],
        matrix.Choice.Config?.Source,
        [.. matrix.Choice.Revert],
        [.. matrix.Choice.Pick],
        [.. matrix.Rows.Select(r => new OperationRowJson(r.Mapping.ToString(), r.Architecture.Name, r.Operation?.Name, [.. r.Cells.Select((c, i) => Of(matrix, r, c, i))]))]);

    private static OperationCellJson Of(OperationMatrix matrix, OperationRow row, OperationCell cell, int column) => new(
        (matrix.KernelsAreColumns ? matrix.Kernels[column] : matrix.Kernels[0]).ToString(),
        (row.Operation ?? matrix.Operations[column]).Name,
        cell.Outcome,
        cell.Errno,
        cell.Signal,
        cell.FailedStep,
        cell.Dax,
        cell.BadPageMap,
        cell.DecidedBy);
}
