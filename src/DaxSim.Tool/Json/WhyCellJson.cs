using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Json;

/// <summary>Neighbouring kernels on which the cell has the same outcome.</summary>
internal sealed record CellEraJson(string From, string To, string Outcome, string? Errno, string? Signal, string? FailedStep, bool? Dax, bool BadPageMap, string? DecidedBy);

/// <summary>The same cell on the kernel without the deciding commit.</summary>
internal sealed record CellWithoutJson(string Commit, string Outcome, string? Errno, string? Signal);

/// <summary>What <c>daxsim why --mapping --op --json</c> prints: the object of cell, the prose, and the other kernels.</summary>
internal sealed record WhyCellJson(CellAnswerJson Answer, string[] Prose, CellWithoutJson? Without, CellEraJson[] Kernels)
{
    internal static WhyCellJson Of(CellExplanation explanation) => new(
        CellAnswerJson.Of(explanation.Question, explanation.Answer),
        [.. CellProse.Of(explanation)],
        explanation.WithoutIt is { } without ? new CellWithoutJson(explanation.DecidedBy!.Commit ?? explanation.DecidedBy.Key, without.Outcome, without.ErrnoName(), without.SignalName()) : null,
        [.. explanation.Eras.Select(e => new CellEraJson(e.From.ToString(), e.To.ToString(), e.Answer.Outcome, e.Answer.ErrnoName(), e.Answer.SignalName(), e.Answer.FailedStep, e.Answer.UsesDax, e.Answer.BadPageMap, e.Answer.Explanation.DecidedBy))]);
}
