using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Json;

/// <summary>One test of the decision list.</summary>
internal sealed record TestJson(string Function, string Test, string Answer, string? Property, string? SetBy)
{
    internal static TestJson Of(DecisionStep step, KernelPolicy policy)
    {
        var change = step.Property is { } property ? policy.SetBy(property) : null;
        return new TestJson(step.Function, step.Test, step.Answer, step.Property?.ToString(), change?.Commit ?? change?.Key);
    }
}

/// <summary>What <c>daxsim admit --json</c> prints.</summary>
internal sealed record AdmitJson(
    string Kernel,
    string Arch,
    string Device,
    string Fs,
    int BlockSize,
    string[] Features,
    string Options,
    string Result,
    string? Errno,
    string[] Log,
    string? ShownOption,
    string? ProcMounts,
    string? Because,
    string? Function,
    string? Property,
    string? DecidedBy,
    string? DecidedByTitle,
    string? Since,
    string? Evidence,
    TestJson[] Tests)
{
    internal static AdmitJson Of(MountAnswer answer)
    {
        var (question, reason) = (answer.Question, answer.Reason);
        return new AdmitJson(
            question.Policy.Version.ToString(),
            question.Policy.Architecture.Name,
            question.Device.ToString(),
            question.FileSystem,
            question.EffectiveBlockSize,
            [.. question.Features],
            answer.Options,
            answer.Result,
            answer.ErrnoName,
            [.. answer.Log],
            answer.ShownOption,
            answer.ProcMounts,
            reason?.Because,
            reason?.Function,
            reason?.Property?.ToString(),
            reason?.DecidedBy,
            reason?.Change?.Title,
            reason?.Change?.Since.ToString(),
            reason?.Change?.Evidence.ToString(),
            [.. answer.Tests.Select(t => TestJson.Of(t, question.Policy))]);
    }
}
