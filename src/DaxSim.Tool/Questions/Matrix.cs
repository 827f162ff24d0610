using DaxSim.Outcomes;
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
internal readonly record struct MatrixCell(CellOutcome Outcome, Errno Errno, string? DecidedBy);

/// <summary>The answers of one device and filesystem on every kernel.</summary>
internal sealed record MatrixRow(DeviceSpec Device, Architecture Architecture, string FileSystem, MatrixCell[] Cells);

/// <summary>Devices and filesystems against kernels.</summary>
internal sealed record Matrix(IReadOnlyList<KernelVersion> Kernels, IReadOnlyList<MatrixRow> Rows, string OptionsText, KernelChoice Choice)
{
    /// <summary>Asks every cell.</summary>
    internal static Matrix Ask(KernelChoice choice, IReadOnlyList<DeviceSpec> devices, IReadOnlyList<string> fileSystems, string? options)
    {
        var rows = new List<MatrixRow>();
        foreach (var device in devices)
        {
            var architecture = choice.Architecture ?? device.UsualArchitecture;
            foreach (var type in fileSystems.Where(t => FileSystemNames.Fits(t, device)))
            {
                rows.Add(new MatrixRow(device, architecture, type, new MatrixCell[choice.Versions.Count]));
            }
        }

        if (rows.Count == 0)
        {
            throw new UsageException("No row is left: virtiofs lies on the device virtiofs only, and on that no other filesystem.");
        }

        var machines = new List<(KernelPolicy Policy, int Column, IGrouping<DeviceSpec, MatrixRow> Rows)>();
        foreach (var group in rows.GroupBy(r => r.Architecture))
        {
            var perDevice = group.GroupBy(r => r.Device).ToList();
            for (var i = 0; i < choice.Versions.Count; i++)
            {
                var policy = choice.PolicyOf(choice.Versions[i], group.Key);
                machines.AddRange(perDevice.Select(d => (policy, i, d)));
            }
        }

        choice.CheckAllApplied();
        AskAll(machines, options);
        return new Matrix(choice.Versions, rows, options is null ? "-o dax (xip where ext2 has that instead; ro too on a read-only device)" : options.Length == 0 ? "no options" : $"-o {options}", choice);
    }

    /// <summary>One machine for each kernel and device, all independent of each other; every answer has its own cell, so order does not matter.</summary>
    private static void AskAll(List<(KernelPolicy Policy, int Column, IGrouping<DeviceSpec, MatrixRow> Rows)> machines, string? options)
    {
        try
        {
            Parallel.ForEach(machines, machine =>
            {
                var mounting = Mounting.On(machine.Policy, machine.Rows.Key);
                foreach (var row in machine.Rows)
                {
                    row.Cells[machine.Column] = mounting.AskCell(row.FileSystem, options);
                }
            });
        }
        catch (AggregateException several)
        {
            // The same mistake is found on many kernels; the user hears of it once.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }
}
