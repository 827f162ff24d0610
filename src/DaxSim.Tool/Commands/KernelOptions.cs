using System.CommandLine;
using DaxSim.Policy;

namespace DaxSim.Tool.Commands;

/// <summary>The options that several commands share.</summary>
internal static class KernelOptions
{
    internal static Option<string[]> KernelOption(string description)
        => new("--kernel", "--kernels", "-k") { Description = description, HelpName = "VERSION", Arity = ArgumentArity.OneOrMore };

    internal static Option<string?> ArchitectureOption(string description)
        => new("--arch", "-a") { Description = $"{description} One of {string.Join(", ", Architecture.All)}.", HelpName = "ARCH" };

    internal static Option<bool> JsonOption() => new("--json") { Description = "Print JSON." };
}
