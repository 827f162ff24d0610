using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Scenarios.Files;

public sealed partial record MachineFile
{
    /// <summary>How the machine's kernel behaves, in another version if one is given.</summary>
    /// <param name="version">The kernel; null for the file's own.</param>
    /// <exception cref="InvalidOperationException">Neither the file nor the caller names a kernel.</exception>
    /// <exception cref="FormatException">The kernel configuration cannot be read or does not fit.</exception>
    public KernelPolicy PolicyOf(KernelVersion? version = null)
    {
        var chosen = version ?? Kernel ?? throw new InvalidOperationException("The machine names no kernel: give kernel: \"6.1\" in the file, or --kernels.");
        var architecture = ChosenArchitecture;
        var config = ConfigFile is null ? KernelConfig.Default(chosen, architecture) : ReadConfigFile(chosen, architecture);
        foreach (var (symbol, value) in Config)
        {
            config = config.With(symbol, value);
        }

        var policy = ConfigFile is null && Config.Count == 0 ? KernelPolicy.Mainline(chosen, architecture) : KernelPolicy.Mainline(chosen, architecture, config);
        foreach (var change in Revert.Select(Find).Where(policy.Has))
        {
            policy = policy.Revert(change.Key);
        }

        foreach (var change in Pick.Select(Find).Where(c => !policy.Has(c) && c.Concerns(architecture)))
        {
            policy = policy.Pick(change.Key);
        }

        return policy;
    }

    /// <summary>Puts the machine together; nothing is mounted yet. Devices that the kernel cannot drive are among its refusals.</summary>
    /// <param name="version">The kernel; null for the file's own.</param>
    /// <exception cref="InvalidOperationException">The parts do not fit together; the message says what to change.</exception>
    /// <exception cref="FormatException">The kernel configuration cannot be read.</exception>
    public Machine Build(KernelVersion? version = null)
    {
        var policy = PolicyOf(version);
        return Machine.Build(m => Describe(m.Kernel(policy)));
    }

    /// <summary>Says to a builder what the machine is made of, all but the kernel and the mounts.</summary>
    /// <param name="builder">The builder.</param>
    public void Describe(MachineBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (Ram is { } ram)
        {
            builder.Ram(ram);
        }

        foreach (var node in Nodes)
        {
            builder.Node(node);
        }

        foreach (var region in Memory)
        {
            builder.Region(region);
        }

        if (HugePages > 0)
        {
            builder.HugePages(HugePages);
        }

        if (TransparentHugePages is { } always)
        {
            builder.TransparentHugePages(always);
        }

        if (ZVm is { } zvm)
        {
            builder.ZVm(zvm);
        }

        foreach (var device in Devices)
        {
            Add(builder, device);
        }
    }

    /// <summary>Formats the mount's device, mounts it and puts its files there.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="mount">What to mount.</param>
    /// <returns>What mount(2) came to.</returns>
    /// <exception cref="ArgumentException">The filesystem cannot be made on the device, or a file is named twice.</exception>
    public static Result<Mount> Mount(Machine machine, MachineMount mount)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(mount);
        if ((mount.BlockSize is not null || mount.Features.Count > 0) && machine.FindDevice(mount.Device) is not null)
        {
            machine.Format(mount.Device, mount.Type, mount.BlockSize, mount.Features);
        }

        var options = mount.Options == MachineMount.UsualDax ? machine.UsualDaxOptions(mount.Device, mount.Type) : mount.Options;
        var mounted = machine.Mount(mount.Device, mount.Path, mount.Type, options);
        if (mounted.IsOk)
        {
            foreach (var file in mount.Files)
            {
                mounted.Value.PlaceFile(file.Path, Fill(file.Content, file.Length));
            }
        }

        return mounted;
    }

    private static byte[] Fill(string? content, long length)
    {
        var bytes = new byte[length];
        if (content is { Length: > 0 })
        {
            var pattern = System.Text.Encoding.UTF8.GetBytes(content);
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = pattern[i % pattern.Length];
            }
        }

        return bytes;
    }

    private static void Add(MachineBuilder builder, MachineDevice device)
    {
        switch (device)
        {
            case { Spec: { } spec, Name: { } name }:
                builder.Device(spec, name);
                break;
            case { Spec: { } spec }:
                builder.Device(spec);
                break;
            case { Stacked: { Kind: StackKind.Partition } stack }:
                builder.Partition(stack.On[0], (ulong)(stack.Start ?? 1 << 20) / 512, stack.Length is { } length ? (ulong)length / 512 : null);
                break;
            case { Stacked: { Kind: StackKind.Linear } stack }:
                builder.DmLinear([.. stack.On.Select(n => new Devices.DmSegment(n, (ulong)(stack.Start ?? 0) / 512))], device.Name);
                break;
            case { Stacked: { } stack }:
                builder.DmStripe(ByteSize.Format(stack.Chunk ?? 64 << 10), stack.On, device.Name);
                break;
            default:
                throw new InvalidOperationException("A device of a machine file has a Spec or is Stacked: give one of them.");
        }
    }

    private static KernelChange Find(string commit) => KernelHistory.TryFind(commit, out var change, out var problem) ? change : throw new FormatException(problem);

    private KernelConfig ReadConfigFile(KernelVersion version, Architecture architecture)
    {
        var path = Folder is null ? ConfigFile! : Path.Combine(Folder, ConfigFile!);
        try
        {
            using var stream = File.OpenRead(path);
            return KernelConfig.Read(stream, ConfigFile!).For(version, architecture);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{path} cannot be read: {(problem is FileNotFoundException or DirectoryNotFoundException ? "it does not exist." : problem.Message)}");
        }
        catch (ArgumentException problem)
        {
            throw new FormatException(problem.Message);
        }
    }
}
