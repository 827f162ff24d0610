using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;
using DaxSim.Conformance.Replay;

namespace DaxSim.Conformance.Environment;

/// <summary>Replays the <c>env/</c> cases: mounts, remounts, inode flags, partitions, programs, argument checks.</summary>
internal sealed class EnvironmentSession(KernelRelease release) : IReplaySession
{
    private Machine? machine;
    private MachineSnapshot? fresh;
    private ProgramCases? programs;

    private ProgramCases Programs()
    {
        var mounted = OracleMachine.Modern(release);
        mounted.Mark();
        return new ProgramCases(mounted);
    }

    /// <inheritdoc/>
    public Answer Replay(Observation observation)
    {
        var parts = (observation.Text("case") ?? "").Split('/');
        if (parts.Length < 3 || parts[0] != "env")
        {
            return Answer.Unknown("the case is not one that recordings are known to contain");
        }

        try
        {
            return parts[1] switch
            {
                "mount" when parts.Length == 5 => MountCase(parts[2], parts[3], parts[4]),
                "remount" => new MountOperations(Fresh()).Remount(observation),
                "inode_flag" => new MountOperations(Fresh()).InodeFlag(parts[2], observation),
                "partition" => PartitionCase(parts[2]),
                "file_calls" when parts.Length == 3 => new FileCalls(Fresh()).Run(parts[2]),
                "reflink" => new FileCalls(Fresh()).SharedExtents(),
                "devdax" or "devmem" or "pmemblk" => new DeviceChecks(Fresh()).Run(string.Join('/', parts[1..])) ?? Answer.Unknown("the case is not replayed yet"),
                "exec" or "exec_fork" or "breakpoint" or "breakpoint_private" when parts.Length == 3 => (programs ??= Programs()).Run(parts[1], parts[2]),
                _ => Answer.Unknown("the case is not replayed yet"),
            };
        }
        catch (SetupException e)
        {
            return Answer.Unknown(e.Message);
        }
    }

    private Answer MountCase(string device, string variant, string options)
    {
        if (OracleDevices.Find(device, variant) is not { } name)
        {
            return Answer.Unknown($"the device '{device}' is not one that recordings are known to contain");
        }

        var operations = new MountOperations(Fresh());
        operations.Format(name, variant);
        return operations.Mount(name, variant.Split('-')[0], options == "none" ? "" : options);
    }

    /// <summary>A partition of the fsdax namespace, 64 MiB from that byte on, with an ext4.</summary>
    private Answer PartitionCase(string place)
    {
        if (!place.StartsWith("start", StringComparison.Ordinal) || ParseStart(place[5..]) is not { } start)
        {
            return Answer.Unknown($"the partition '{place}' is not understood");
        }

        var partitioned = OracleMachine.ModernDevices(release, m => m.Partition("pmem0", start >> 9, (64UL << 20) >> 9));
        var operations = new MountOperations(partitioned);
        operations.Format("pmem0p1", "ext4");
        return operations.Mount("pmem0p1", "ext4", "dax");
    }

    private static ulong? ParseStart(string text)
    {
        ulong sum = 0;
        foreach (var part in text.Split('+'))
        {
            if (!Text.ByteSize.TryParse(part, out var bytes))
            {
                return null;
            }

            sum += (ulong)bytes;
        }

        return sum % 512 == 0 ? sum : null;
    }

    /// <summary>The machine without any filesystem.</summary>
    private Machine Fresh()
    {
        if (machine is null)
        {
            machine = OracleMachine.ModernDevices(release, static m => m.DeviceDax("128M"));
            fresh = machine.Snapshot();
        }
        else
        {
            machine.Restore(fresh!);
        }

        return machine;
    }
}
