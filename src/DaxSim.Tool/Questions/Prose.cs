using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tool.Questions;

/// <summary>Says an explanation in sentences, a paragraph each.</summary>
internal static class Prose
{
    internal static IEnumerable<string> Of(MountExplanation explanation)
    {
        var answer = explanation.Answer;
        var question = answer.Question;
        yield return $"On kernel {question.Policy}, mounting {question.FileSystem} ({question.EffectiveBlockSize}-byte blocks{Features(question)}) on {question.Device} with {answer.OptionsText} {Outcome(answer)}.";
        if (answer.Reason is { } reason)
        {
            yield return $"{reason.Function} decided: {Sentence(reason.Because)}";
            yield return Origin(reason, question.Policy);
        }

        if (explanation.WithoutIt is { } without)
        {
            yield return without.Outcome == answer.Outcome && without.Errno == answer.Errno
                ? $"Without that commit the same kernel would answer the same ({Short(without)})."
                : $"Without that commit the same kernel would answer: {Short(without)}.";
        }

        yield return $"Other kernels: {string.Join("; ", explanation.Eras.Select(e => $"{e.Releases} {Short(e.Answer)}"))}.";
    }

    /// <summary>An answer in two or three words.</summary>
    internal static string Short(MountAnswer answer) => answer.Outcome switch
    {
        CellOutcome.Dax => "DAX",
        CellOutcome.NoDax => "mounted without DAX",
        CellOutcome.Refused => $"fails with {answer.Errno}",
        CellOutcome.Absent => "not there",
        _ => "unknown",
    };

    private static string Outcome(MountAnswer answer) => answer.Outcome switch
    {
        CellOutcome.Dax => "succeeds, and its files use DAX",
        CellOutcome.NoDax => "succeeds, but its files do not use DAX",
        CellOutcome.Refused => $"fails with {answer.Errno}",
        CellOutcome.Absent => $"is impossible ({answer.Errno})",
        _ => "has an unknown outcome",
    };

    private static string Features(MountQuestion question) => question.Features.Count == 0 ? "" : $", {string.Join(", ", question.Features)}";

    /// <summary>Since when, and by which commit, it is so.</summary>
    internal static string Origin(Reason reason, KernelPolicy policy)
    {
        if (reason.Property is not { } property)
        {
            return "Every modelled kernel does the same here.";
        }

        if (reason.Change is not { } change)
        {
            return policy.IsWhatIf(property) ? $"The behaviour {property} was replaced for this question." : $"It has been so since 3.10 ({property}: {policy.Describe(property)}).";
        }

        if (change.IsProposal)
        {
            return $"No kernel does that: it is the proposal {change.Title.Trim('[', ']')} ({property}: {policy.Describe(property)}; {change.Source}).";
        }

        var what = change.Commit is null ? change.Title.Trim('[', ']') : $"{change.Commit} \"{change.Title}\"";
        return $"That is so since {what} ({change.Since}): {Sentence(change.Effect)} ({property}: {policy.Describe(property)}; {Evidence(change)}, {change.Source})";
    }

    private static string Evidence(KernelChange change) => change.Evidence switch
    {
        Policy.Evidence.Recorded => "recorded in a running kernel",
        Policy.Evidence.Source => "read in the source",
        Policy.Evidence.CommitMessage => "stated by the commit",
        Policy.Evidence.Mail => "stated in a mail",
        Policy.Evidence.Derived => "derived from the source",
        _ => "unconfirmed",
    };

    /// <summary>With a full stop.</summary>
    internal static string Sentence(string text) => text.EndsWith('.') ? text : $"{text}.";
}
