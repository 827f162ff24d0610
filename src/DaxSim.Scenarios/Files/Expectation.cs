using DaxSim.Policy;

namespace DaxSim.Scenarios.Files;

/// <summary>What one range of kernels is expected to do.</summary>
/// <param name="Kernels">The kernels; null for all that the other ranges do not name.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Place">Where it stands.</param>
public sealed record ExpectedPart(KernelRange? Kernels, ExpectedOutcome Outcome, FilePlace Place);

/// <summary>What a step is expected to come to: one outcome, or one for each range of kernels. Immutable.</summary>
public sealed class Expectation
{
    /// <summary>The key for every kernel that no range names.</summary>
    public const string Otherwise = "otherwise";

    private Expectation(IReadOnlyList<ExpectedPart> parts) => Parts = parts;

    /// <summary>The parts, as they stand in the file.</summary>
    public IReadOnlyList<ExpectedPart> Parts { get; }

    /// <summary>The outcome on every kernel.</summary>
    public static Expectation Always(ExpectedOutcome outcome) => new([new ExpectedPart(null, outcome, default)]);

    /// <summary>What a kernel is expected to do; null when the file does not say.</summary>
    public ExpectedOutcome? On(KernelVersion kernel)
        => (Parts.FirstOrDefault(p => p.Kernels?.Contains(kernel) == true) ?? Parts.FirstOrDefault(p => p.Kernels is null))?.Outcome;

    internal static Expectation Read(YamlNode node)
    {
        if (node.Text is not null)
        {
            return new([new ExpectedPart(null, node.Read("expect", ExpectedOutcome.Parse), node.Place)]);
        }

        var parts = new List<ExpectedPart>();
        foreach (var entry in node.AsMapping("expect"))
        {
            KernelRange? kernels = null;
            if (entry.Key != Otherwise)
            {
                try
                {
                    kernels = KernelRange.Parse(entry.Key);
                }
                catch (FormatException problem)
                {
                    throw YamlNode.Problem(entry.Place, $"expect: {problem.Message} The keys of expect are kernels, for example \"..4.15\", or {Otherwise}.");
                }
            }

            parts.Add(new ExpectedPart(kernels, entry.Value.Read("expect", ExpectedOutcome.Parse), entry.Place));
        }

        return parts.Count > 0 ? new(parts) : throw node.Problem("expect says nothing: write an outcome, or kernels with their outcomes.");
    }

    /// <summary>Complains when two ranges speak of the same kernel, or none of a kernel that the scenario names.</summary>
    internal void Check(IReadOnlyList<KernelVersion> kernels)
    {
        foreach (var kernel in kernels)
        {
            var speaking = Parts.Where(p => p.Kernels?.Contains(kernel) == true).ToList();
            if (speaking.Count > 1)
            {
                throw YamlNode.Problem(speaking[1].Place, $"'{speaking[0].Kernels}' and '{speaking[1].Kernels}' both speak of kernel {kernel}: let only one of them.");
            }

            if (speaking.Count == 0 && !Parts.Any(p => p.Kernels is null))
            {
                throw YamlNode.Problem(Parts[0].Place, $"expect does not say what kernel {kernel} does, which the scenario runs on: add it, or {Otherwise}.");
            }
        }
    }

    /// <summary>As YAML on one line.</summary>
    internal string Write()
        => Parts is [{ Kernels: null } only] ? MachineFile.Quote(only.Outcome.ToString()) : $"{{{string.Join(", ", Parts.Select(p => $"\"{p.Kernels?.ToString() ?? Otherwise}\": {MachineFile.Quote(p.Outcome.ToString())}"))}}}";
}
