using System.CommandLine;
using DaxSim.Policy;
using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Commands;

/// <summary>The options that choose the kernels; the commands that ask kernels have all of them.</summary>
internal sealed class KernelOptions
{
    private readonly Option<string[]> kernel;
    private readonly Option<string?> architecture;
    private readonly Option<string?> config = new("--config") { Description = "Take what was built in from this file: a /boot/config-* or /proc/config.gz. It also says kernel and architecture where --kernel and --arch do not.", HelpName = "FILE" };
    private readonly Option<string[]> revert = new("--revert") { Description = "What if this commit (7 hex digits or more, or its key in 'daxsim history') were not there. May be repeated.", HelpName = "COMMIT" };
    private readonly Option<string[]> pick = new("--pick") { Description = "What if this commit were there already. May be repeated.", HelpName = "COMMIT" };

    internal KernelOptions(string kernelDescription, string architectureDescription = "The architecture; without it each device is looked at where it is usually met.")
    {
        kernel = KernelOption(kernelDescription);
        architecture = ArchitectureOption(architectureDescription);
    }

    internal static Option<string[]> KernelOption(string description)
        => new("--kernel", "--kernels", "-k") { Description = description, HelpName = "VERSION", Arity = ArgumentArity.OneOrMore };

    internal static Option<string?> ArchitectureOption(string description)
        => new("--arch", "-a") { Description = $"{description} One of {string.Join(", ", Architecture.All)}.", HelpName = "ARCH" };

    internal static Option<bool> JsonOption() => new("--json") { Description = "Print JSON." };

    /// <summary>Adds the options to a command; one that knows its architecture has none to ask for.</summary>
    internal void AddTo(Command command, bool withArchitecture = true)
    {
        command.Add(kernel);
        if (withArchitecture)
        {
            command.Add(architecture);
        }

        command.Add(config);
        command.Add(revert);
        command.Add(pick);
    }

    /// <summary>True when the command line or a configuration says which kernel.</summary>
    internal bool NamesKernel(ParseResult parsed) => parsed.GetValue(kernel) is { Length: > 0 } || parsed.GetValue(config) is not null;

    /// <summary>Reads the choice.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="whenNone">The kernels when neither the command line nor a configuration names one; null when one is needed.</param>
    internal KernelChoice Read(ParseResult parsed, IReadOnlyList<KernelVersion>? whenNone)
    {
        var file = parsed.GetValue(config) is { } path ? ConfigFile.Read(path) : null;
        var named = parsed.GetValue(kernel) is { Length: > 0 } texts ? KernelSelection.Read(texts) : null;
        IReadOnlyList<KernelVersion>? fromFile = file is null ? null : [file.Version];
        var chosen = parsed.GetValue(architecture) is { } name ? Architecture.Parse(name) : file?.Architecture;
        if (file is not null && chosen != file.Architecture)
        {
            throw new UsageException($"{file.Source} is a configuration of {file.Architecture} and cannot be used with --arch {chosen}.");
        }

        return new KernelChoice
        {
            Versions = named ?? fromFile ?? whenNone ?? throw new UsageException("Say which kernel: --kernel VERSION (3.10 to 7.3), or --config FILE."),
            Architecture = chosen,
            Config = file,
            Revert = parsed.GetValue(revert) ?? [],
            Pick = parsed.GetValue(pick) ?? [],
        };
    }
}
