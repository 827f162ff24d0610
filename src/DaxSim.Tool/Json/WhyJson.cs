using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Json;

/// <summary>Neighbouring kernels that answer alike.</summary>
internal sealed record EraJson(string From, string To, string Result, string? Errno, string? DecidedBy);

/// <summary>The same mount on the kernel without the deciding commit.</summary>
internal sealed record WithoutJson(string Commit, string Result, string? Errno);

/// <summary>What <c>daxsim why --json</c> prints: the object of admit, the prose, and the other kernels.</summary>
internal sealed record WhyJson(AdmitJson Answer, string[] Prose, WithoutJson? Without, EraJson[] Kernels)
{
    internal static WhyJson Of(MountExplanation explanation) => new(
        AdmitJson.Of(explanation.Answer),
        [.. Questions.Prose.Of(explanation)],
        explanation.WithoutIt is { } without ? new WithoutJson(explanation.DecidedBy!.Commit ?? explanation.DecidedBy.Key, without.Result, without.ErrnoName) : null,
        [.. explanation.Eras.Select(e => new EraJson(e.From.ToString(), e.To.ToString(), e.Answer.Result, e.Answer.ErrnoName, e.Answer.Reason?.DecidedBy))]);
}
