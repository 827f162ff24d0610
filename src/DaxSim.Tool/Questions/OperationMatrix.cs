using DaxSim.Cells;
using DaxSim.Policy;

namespace DaxSim.Tool.Questions;

/// <summary>One answer of the matrix of operations.</summary>
internal sealed record OperationCell(string Outcome, string? Errno, string? Signal, string? FailedStep, bool? Dax, bool BadPageMap, string? DecidedBy)
{
    /// <summary>True when the operation was never tried: the kernel lacks the device, or refuses the mount or the mapping.</summary>
    internal bool IsAbsent => FailedStep is not null and not "touch";

    internal static OperationCell Of(CellAnswer answer)
        => new(answer.Outcome, answer.ErrnoName(), answer.SignalName(), answer.FailedStep, answer.MountReason is null ? null : answer.UsesDax, answer.BadPageMap, answer.Explanation.DecidedBy);
}

/// <summary>One row: a mapping with every operation on one kernel, or one operation on every kernel.</summary>
internal sealed record OperationRow(CellMapping Mapping, Architecture Architecture, CellOperation? Operation, OperationCell[] Cells);

/// <summary>Mappings against operations on one kernel, or operations against kernels for one mapping.</summary>
internal sealed record OperationMatrix(IReadOnlyList<KernelVersion> Kernels, IReadOnlyList<CellOperation> Operations, IReadOnlyList<OperationRow> Rows, bool KernelsAreColumns, KernelChoice Choice)
{
    /// <summary>Rows are mappings, columns operations.</summary>
    internal static OperationMatrix OfMappings(KernelChoice choice, IReadOnlyList<CellMapping> mappings, IReadOnlyList<CellOperation> operations)
    {
        if (choice.Versions.Count != 1)
        {
            throw new UsageException($"--operations is for one kernel, not for {choice.Versions.Count}: give --kernel one version, or one mapping with --mapping SPEC.");
        }

        var rows = mappings.Select(m => new OperationRow(m, choice.Architecture ?? m.UsualArchitecture, null, new OperationCell[operations.Count])).ToList();
        var policies = rows.Select(r => choice.One(r.Architecture)).ToList();
        choice.CheckAllApplied();
        AskAll(rows.Count, i =>
        {
            var machine = CellQuestion.Prepare(policies[i], rows[i].Mapping);
            for (var column = 0; column < operations.Count; column++)
            {
                rows[i].Cells[column] = OperationCell.Of(machine.Try(operations[column]));
            }
        });
        return new OperationMatrix(choice.Versions, operations, rows, KernelsAreColumns: false, choice);
    }

    /// <summary>Rows are operations, columns kernels.</summary>
    internal static OperationMatrix OfKernels(KernelChoice choice, CellMapping mapping, IReadOnlyList<CellOperation> operations)
    {
        var architecture = choice.Architecture ?? mapping.UsualArchitecture;
        var rows = operations.Select(o => new OperationRow(mapping, architecture, o, new OperationCell[choice.Versions.Count])).ToList();
        var policies = choice.Versions.Select(v => choice.PolicyOf(v, architecture)).ToList();
        choice.CheckAllApplied();
        AskAll(policies.Count, column =>
        {
            var machine = CellQuestion.Prepare(policies[column], mapping);
            foreach (var row in rows)
            {
                row.Cells[column] = OperationCell.Of(machine.Try(row.Operation!));
            }
        });
        return new OperationMatrix(choice.Versions, operations, rows, KernelsAreColumns: true, choice);
    }

    /// <summary>The machines are independent of each other and every answer has its own cell, so order does not matter.</summary>
    private static void AskAll(int count, Action<int> ask)
    {
        try
        {
            Parallel.For(0, count, ask);
        }
        catch (AggregateException several)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }
}
