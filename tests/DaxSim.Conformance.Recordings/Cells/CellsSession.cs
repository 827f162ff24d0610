using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;
using DaxSim.Conformance.Replay;
using DaxSim.Outcomes;

namespace DaxSim.Conformance.Cells;

/// <summary>Replays the mapping x state x operation table and the environment cases of one kernel.</summary>
internal sealed class CellsSession(KernelRelease release) : IReplaySession
{
    private readonly Environment.EnvironmentSession environment = new(release);
    private readonly PreparedMachine usual = new();
    private readonly PreparedMachine twoNodes = new();

    /// <inheritdoc/>
    public Answer Replay(Observation observation)
    {
        if (observation.Mapping == "-")
        {
            return environment.Replay(observation);
        }

        if (CellOperations.Find(observation.Operation) is not { } operation)
        {
            return Answer.Unknown("the operation is not replayed");
        }

        if (MappingDefinition.Find(observation.Mapping) is not { } mapping)
        {
            return Answer.Unknown($"the mapping '{observation.Mapping}' is not one that recordings are known to contain");
        }

        if (observation.State is not ("cold" or "rd" or "wr"))
        {
            return Answer.Unknown($"the state '{observation.State}' is not cold, rd or wr");
        }

        var wanted = NodeOperations.Needs(observation.Operation) ? twoNodes : usual;
        return Prepare(wanted) is { } prepared ? Run(prepared, mapping, observation, operation) : Answer.Unknown(wanted.Missing!);
    }

    /// <summary>The recorded machine with the files that operations use, as it is before every cell.</summary>
    private ISimulatedMachine? Prepare(PreparedMachine wanted)
    {
        if (wanted.Machine is not null || wanted.Missing is not null)
        {
            wanted.Machine?.Reset();
            return wanted.Machine;
        }

        try
        {
            var prepared = OracleMachine.Modern(release, wanted == twoNodes);
            foreach (var path in new[] { "/mnt/ext4/src", "/mnt/dax/src", "/tmp/t/src" })
            {
                var file = prepared.Open(path, create: true);
                for (var i = 0; i < 4; i++)
                {
                    file.Write([.. Enumerable.Repeat((byte)('S' + i), (int)LinuxNumbers.Page)], i * (long)LinuxNumbers.Page);
                }

                file.Sync();
                file.Close();
            }

            WriteDeviceBehindTheCpu(prepared);
            prepared.Open(OraclePaths.SlowDisk).Write([.. Enumerable.Repeat((byte)'V', (int)LinuxNumbers.Page)], 0);
            prepared.Mark();
            wanted.Machine = prepared;
        }
        catch (SetupException e)
        {
            wanted.Missing = e.Message;
        }

        return wanted.Machine;
    }

    /// <summary>A machine as it is before every cell, or why there is none.</summary>
    private sealed class PreparedMachine
    {
        internal ISimulatedMachine? Machine { get; set; }

        internal string? Missing { get; set; }
    }

    /// <summary>
    /// Earlier cells of the same boot read files into the device-dax device by direct I/O. Its pages are not made anew for each cell, and
    /// some kernels never forget that they were written.
    /// </summary>
    private static void WriteDeviceBehindTheCpu(ISimulatedMachine machine)
    {
        var device = machine.TryOpen(OraclePaths.DeviceDax);
        var process = machine.Spawn("cells");
        if (device.IsOk && process.Mmap(Cell.Base, 2UL << 20, LinuxNumbers.ReadWrite, LinuxNumbers.MapShared | LinuxNumbers.MapFixed, device.Value, 0).IsOk)
        {
            process.Pread(machine.Open("/mnt/ext4/src", write: false, direct: true), Cell.Base, LinuxNumbers.Page, 0);
        }

        process.Exit();
    }

    private static Answer Run(ISimulatedMachine machine, MappingDefinition mapping, Observation observation, CellOperation operation)
    {
        var cell = new Cell(machine, mapping, observation.State, observation.Operation);
        try
        {
            if (CellConstruction.Construct(cell))
            {
                CellConstruction.SetState(cell);
                operation(cell);
            }
        }
        catch (CellEnd)
        {
            // The answer says how it ended.
        }
        catch (SetupException e)
        {
            cell.Answer.SetUnknown(e.Message);
        }

        if (cell.Answer.UnknownBecause is null)
        {
            // The recorder kills what is left of the cell before it looks at the kernel log.
            cell.Process.Exit();
            machine.Unlink(cell.Path);
            Messages(cell);
        }

        return cell.Answer;
    }

    private static void Messages(Cell cell)
    {
        var kept = new List<string>();
        foreach (var entry in cell.Machine.Log)
        {
            if (entry.Level > KernelLogLevel.Warning || kept.Count >= 4 || !KernelMessages.IsKeptByCells(entry.Text))
            {
                continue;
            }

            var text = KernelMessages.MaskForCells(entry.Text);
            kept.Add(text);
            if (KernelMessages.IsPrintedOncePerBoot(text))
            {
                cell.Answer.MarkOncePerBoot(text);
            }
        }

        if (kept.Count > 0)
        {
            cell.Answer.Set("kmsg", FieldValue.OfJson(System.Text.Json.JsonSerializer.Serialize(kept)));
        }
    }
}
