using System.CommandLine;
using DaxSim.Policy;
using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Commands;

/// <summary>The options that describe one mount on one kernel, shared by <c>admit</c> and <c>why</c>.</summary>
internal sealed class MountOptions
{
    private readonly KernelOptions kernels = new("The kernel, for example 4.14 or 4.14.74.");
    private readonly Option<string?> device = new("--device", "-d") { Description = "The device, for example dcssblk:SR or pmem:raw,pagemap; see below.", HelpName = "SPEC" };
    private readonly Option<string?> fileSystem = new("--fs", "-f") { Description = $"The filesystem: {string.Join(", ", FileSystemNames.All)}.", HelpName = "TYPE" };
    private readonly Option<string?> blockSize = new("--block-size") { Description = "The filesystem's block size. Default: the architecture's page size.", HelpName = "BYTES" };
    private readonly Option<string[]> features = new("--feature") { Description = "A feature that mkfs was given, for example reflink or inline_data. May be repeated.", HelpName = "NAME" };
    private readonly Option<string?> options = new("--options", "-o") { Description = "Mount options, for example \"ro,dax\". Default: dax, or xip where ext2 has that instead; ro too on a read-only device.", HelpName = "LIST" };
    private readonly Option<bool> dynamicDebug = new("--dynamic-debug") { Description = "Show pr_debug lines too (dyndbg=\"+p\")." };
    private readonly Option<string?> expect = new("--expect") { Description = "Exit with 1 unless the result is this: dax, no-dax, errno, or an error name such as EINVAL.", HelpName = "RESULT" };

    internal Option<bool> Json { get; } = KernelOptions.JsonOption();

    /// <summary>What <c>--expect</c> names, or null.</summary>
    internal string? Expected(ParseResult parsed) => parsed.GetValue(expect);

    /// <summary>The kernels, without a mount.</summary>
    internal KernelChoice ReadKernels(ParseResult parsed) => kernels.Read(parsed, whenNone: null);

    /// <summary>Complains about options of a mount where there is none.</summary>
    internal void RefuseMountOptions(ParseResult parsed)
    {
        foreach (var option in (IEnumerable<Option>)[device, fileSystem, blockSize, features, options, dynamicDebug])
        {
            if (parsed.GetResult(option) is { Implicit: false })
            {
                throw new UsageException($"{option.Name} describes a mount and cannot be used with --mapping, which names device and filesystem itself.");
            }
        }
    }

    /// <summary>What help says about devices.</summary>
    internal static IReadOnlyList<string> DeviceNotes { get; } =
    [
        "Devices (KIND[:MODE][,SETTING]...; most take size=SIZE):",
        "  dcssblk:EW|SW|SR|ER|SN|EN|SC|MIXED [,align=1M] [,name=NAME] [,exclusive]   z/VM segment (s390x)",
        "  pmem:fsdax[,map=mem|dev]  pmem:raw[,pagemap]  pmem:btt   e820   virtio-pmem   persistent memory",
        "  axonram   xpram   brd   disk   loop   virtiofs[:nowindow]   devdax[:align=2M]   kmem",
        "  partition:[start=63s,][size=...,]on=DEVICE   dm-linear:[on=]DEVICE[+DEVICE]...   dm-stripe:on=...",
        "",
    ];

    internal void AddTo(Command command)
    {
        command.Add(device);
        command.Add(fileSystem);
        kernels.AddTo(command);
        command.Add(options);
        command.Add(blockSize);
        command.Add(features);
        command.Add(dynamicDebug);
        command.Add(expect);
        command.Add(Json);
    }

    /// <summary>Reads the question, and the same question for any other kernel.</summary>
    internal (MountQuestion Question, Func<KernelVersion, MountQuestion> Elsewhere) Read(ParseResult parsed)
    {
        var spec = DeviceSpec.Parse(parsed.GetValue(device) ?? throw new UsageException("Say which device: --device SPEC, for example --device pmem:fsdax."));
        var choice = kernels.Read(parsed, whenNone: null);
        if (choice.Versions.Count != 1)
        {
            throw new UsageException($"This command answers for one kernel, not for {choice.Versions.Count}: give --kernel one version, or use 'daxsim matrix'.");
        }

        var type = FileSystemNames.Read(parsed.GetValue(fileSystem) ?? throw new UsageException($"Say which filesystem: --fs TYPE, one of {string.Join(", ", FileSystemNames.All)}."));
        var block = parsed.GetValue(blockSize) is { } text ? ReadBlockSize(text) : (int?)null;
        var architecture = choice.Architecture ?? spec.UsualArchitecture;
        var fixedChoice = new KernelChoice { Versions = choice.Versions, Architecture = architecture, Config = choice.Config, Revert = choice.Revert, Pick = choice.Pick };
        var question = new MountQuestion(fixedChoice.One(architecture), spec, type, block, parsed.GetValue(features) ?? [], CheckOptions(parsed.GetValue(options)), parsed.GetValue(dynamicDebug));
        return (question, version => question with
        {
            Policy = choice.Config is null ? KernelPolicy.Mainline(version, architecture) : KernelPolicy.Mainline(version, architecture, choice.Config.For(version, architecture)),
        });
    }

    /// <summary>The exit code: 1 only when <c>--expect</c> names another result.</summary>
    internal int Judge(ParseResult parsed, MountAnswer answer)
    {
        if (parsed.GetValue(expect) is not { } expected)
        {
            return ExitCode.Ok;
        }

        if (expected is not ("dax" or "no-dax" or "errno") && !Enum.TryParse<Outcomes.Errno>(expected, out _))
        {
            throw new UsageException($"'{expected}' is no result: expect dax, no-dax, errno, or an error name such as EINVAL.");
        }

        return expected == answer.Result || expected == answer.ErrnoName ? ExitCode.Ok : ExitCode.DoesNotHold;
    }

    /// <summary>Anything may be asked of the simulated mount(2), as long as it is text.</summary>
    internal static string? CheckOptions(string? text)
        => text is null || !text.AsSpan().ContainsAnyInRange('\0', '\u001f')
            ? text
            : throw new UsageException("--options holds control characters: write mount options separated by commas, for example ro,dax.");

    private static int ReadBlockSize(string text)
    {
        var bytes = ByteSize.Parse(text);
        return bytes is >= 512 and <= 65536 && long.IsPow2(bytes)
            ? (int)bytes
            : throw new UsageException($"--block-size {text}: a block size is a power of two from 512 to 64K.");
    }
}
