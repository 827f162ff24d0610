using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Scenarios.Files;

namespace DaxSim.Scenarios.Import;

/// <summary>Says of each mount and DAX device of a machine whether DAX works, and what would have to change.</summary>
/// <remarks>
/// What stands in the way is found by trial: each likely cure is applied to a copy of the machine, alone and then in pairs, and the mount
/// is tried again. Only what makes DAX work is advised.
/// </remarks>
public static class Doctor
{
    /// <summary>Examines a machine.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="kernel">The kernel to be examined on; null for the machine's own.</param>
    /// <param name="others">The kernels to compare with, oldest first.</param>
    /// <exception cref="InvalidOperationException">The machine names no kernel, or its parts do not fit together.</exception>
    /// <exception cref="FormatException">Its kernel configuration cannot be read.</exception>
    public static DoctorReport Examine(MachineFile machine, KernelVersion? kernel, IReadOnlyList<KernelVersion> others)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(others);
        var version = kernel ?? machine.Kernel ?? throw new InvalidOperationException("The machine names no kernel: say which with --kernel.");
        var findings = new List<DoctorFinding>();
        foreach (var mount in machine.Mounts.Where(m => Concerns(machine, m)))
        {
            findings.Add(Examine(machine, mount, version, others));
        }

        findings.AddRange(Devices(machine, version, others));
        return new DoctorReport(machine.PolicyOf(version), findings);
    }

    /// <summary>A mount on an ordinary disk that nobody wants DAX for is nothing to report.</summary>
    private static bool Concerns(MachineFile machine, MachineMount mount) => Trial.AsksForDax(mount.Options) || DoctorCures.BasesOf(machine, mount.Device).Any(d => IsMemory(d.Spec!.Kind));

    private static bool IsMemory(DeviceKind kind) => kind is not (DeviceKind.Disk or DeviceKind.Loop or DeviceKind.Partition or DeviceKind.DmLinear or DeviceKind.DmStripe);

    private static DoctorFinding Examine(MachineFile machine, MachineMount mount, KernelVersion version, IReadOnlyList<KernelVersion> others)
    {
        var now = Trial.Of(machine, mount, version);

        // On another kernel the administrator would write the option as it is written there.
        var elsewhere = Trial.AsksForDax(mount.Options) && Array.TrueForAll(mount.Options.Split(','), o => o is "ro" or "dax" or "dax=always" or "xip") ? mount with { Options = MachineMount.UsualDax } : mount;
        return new DoctorFinding(mount.Device, mount.Path, mount.Type, mount.Options)
        {
            Health = now.Health,
            Errno = now.Errno,
            Reason = now.Reason,
            Log = now.Log,
            Advice = now.Health switch
            {
                DaxHealth.NotAsked => [new DoctorAdvice("nobody asked for DAX", DoctorCures.AskFor(machine, mount, version))],
                DaxHealth.Works or DaxHealth.Unknown => [],
                _ => DoctorCures.Find(machine, mount, version),
            },
            Kernels = Eras(others, v => Trial.Of(machine, elsewhere, v)),
        };
    }

    private static List<DoctorFinding> Devices(MachineFile machine, KernelVersion version, IReadOnlyList<KernelVersion> others)
    {
        var used = machine.Mounts.Select(m => Strip(m.Device)).Concat(machine.Devices.SelectMany(d => d.Stacked?.On ?? [])).ToHashSet(StringComparer.Ordinal);
        var findings = new List<DoctorFinding>();
        var built = machine.Build(version);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, kind) in built.Devices.Select(d => (d.Name, d.Driver)).Concat(built.Refusals.Select(r => (Name: r.Device, Driver: ""))))
        {
            if (kind == "kmem" || used.Contains(name) || !names.Add(name) || kind is "sd" or "loop" or "virtiofs" || built.FindDevice(name)?.IsPartition is true || OrdinaryDisk(machine, name))
            {
                continue;
            }

            var now = OnDevice(machine, name, version);
            findings.Add(new DoctorFinding($"/dev/{name}", null, null, "")
            {
                Health = now.Health,
                Errno = now.Errno,
                Reason = now.Reason,
                Log = now.Log,
                Advice = now.Health is DaxHealth.Works or DaxHealth.Unknown or DaxHealth.Absent ? [] : DoctorCures.Find(machine, new MachineMount($"/dev/{name}", "/mnt", "ext4") { Options = MachineMount.UsualDax }, version),
                Kernels = Eras(others, v => OnDevice(machine, name, v)),
            });
        }

        return findings;
    }

    private static bool OrdinaryDisk(MachineFile machine, string name) => machine.Devices.Any(d => d.Name == name && d.Spec is { Kind: DeviceKind.Disk or DeviceKind.Loop or DeviceKind.VirtioFs });

    /// <summary>A character device works when it is there; a block device when ext4 could be mounted on it with DAX.</summary>
    private static Trial OnDevice(MachineFile machine, string name, KernelVersion version)
    {
        var built = machine.Build(version);
        if (built.Refusals.FirstOrDefault(r => r.Device == name) is { } refused)
        {
            return new Trial(DaxHealth.Absent, Errno.ENODEV, refused.Reason, []);
        }

        if (built.FindDevice(name) is not { } device)
        {
            return new Trial(DaxHealth.Absent, Errno.ENODEV, null, []);
        }

        return device.Sectors == 0 || name.StartsWith("dax", StringComparison.Ordinal)
            ? new Trial(DaxHealth.Works, Errno.None, null, [])
            : Trial.Of(machine, new MachineMount($"/dev/{name}", "/mnt", "ext4") { Options = MachineMount.UsualDax }, version);
    }

    private static List<DoctorEra> Eras(IReadOnlyList<KernelVersion> versions, Func<KernelVersion, Trial> run)
    {
        var eras = new List<DoctorEra>();
        foreach (var version in versions)
        {
            var trial = run(version);
            if (eras.Count > 0 && eras[^1] is var last && last.Health == trial.Health && last.Errno == trial.Errno)
            {
                eras[^1] = last with { Last = version };
            }
            else
            {
                eras.Add(new DoctorEra(version, version, trial.Health, trial.Errno));
            }
        }

        return eras;
    }

    internal static string Strip(string device) => device.StartsWith("/dev/", StringComparison.Ordinal) ? device["/dev/".Length..] : device;
}

/// <summary>One mount tried on one kernel.</summary>
internal sealed record Trial(DaxHealth Health, Errno Errno, Reason? Reason, IReadOnlyList<string> Log)
{
    internal static bool AsksForDax(string options) => options == MachineMount.UsualDax || options.Split(',').Any(o => o is "dax" or "dax=always" or "xip");

    internal static Trial Of(MachineFile machine, MachineMount mount, KernelVersion version)
    {
        var trial = Run(machine, mount, version);
        if (trial.Health != DaxHealth.WithoutDax || AsksForDax(mount.Options))
        {
            return trial;
        }

        // Nobody asked: would it work?
        var asked = Run(machine, mount with { Options = MachineMount.UsualDax }, version);
        return asked.Health == DaxHealth.Works ? trial with { Health = DaxHealth.NotAsked, Reason = null } : asked with { Health = DaxHealth.NotAskedAndImpossible, Errno = Errno.None, Log = [] };
    }

    private static Trial Run(MachineFile machine, MachineMount mount, KernelVersion version)
    {
        // Filesystems alone, without the files that a scenario puts there.
        var built = machine.Build(version);
        if (built.FindDevice(mount.Device) is null && mount.Type != "virtiofs")
        {
            var refused = built.Refusals.FirstOrDefault(r => r.Device == Doctor.Strip(mount.Device));
            return new Trial(DaxHealth.Absent, Errno.ENODEV, refused?.Reason, []);
        }

        var printed = built.Log.Entries.Count;
        Result<Mount> mounted;
        try
        {
            mounted = MachineFile.Mount(built, mount with { Files = [] });
        }
        catch (ArgumentException problem)
        {
            return new Trial(DaxHealth.Unknown, Errno.None, new Reason("mkfs", problem.Message.Split(" (Parameter")[0]), []);
        }

        var log = built.Log.Entries.Skip(printed).Select(e => e.Text.TrimEnd('\n')).ToList();
        return mounted switch
        {
            { IsOk: true } => new Trial(mounted.Value.IsDax ? DaxHealth.Works : DaxHealth.WithoutDax, Errno.None, mounted.Value.IsDax ? null : mounted.Value.DaxReason, log),
            { Verdict.Kind: VerdictKind.Unknown } => new Trial(DaxHealth.Unknown, Errno.None, mounted.Verdict.Reason, log),
            { Errno: Errno.ENODEV } => new Trial(DaxHealth.Absent, Errno.ENODEV, mounted.Verdict.Reason, log),
            _ => new Trial(DaxHealth.MountFails, mounted.Errno, mounted.Verdict.Reason, log),
        };
    }
}
