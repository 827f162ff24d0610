using DaxSim.AddressSpaces;
using DaxSim.Cells;
using DaxSim.Outcomes;

namespace DaxSim.Tool.Questions;

/// <summary>Says the explanation of a cell in sentences, a paragraph each.</summary>
internal static class CellProse
{
    internal static IEnumerable<string> Of(CellExplanation explanation)
    {
        var (question, answer) = (explanation.Question, explanation.Answer);
        var what = $"On kernel {question.Policy}, {question.Operation} ({question.Operation.Description}) on {question.Mapping}";
        yield return answer.FailedStep is { } step
            ? $"{what} is not reached: {Step(step)} {Ending(answer)}."
            : $"{what} {Ending(answer)}{(answer.BadPageMap ? ", and the kernel reports a bad page map, which taints it" : "")}.";
        if (answer.UsesDax == false && answer.MountReason is { } refused)
        {
            yield return $"The filesystem was mounted, but without DAX, so this is a page of the page cache. {refused.Function} decided that: {Prose.Sentence(refused.Because)}";
            yield return Prose.Origin(refused, question.Policy);
        }

        if (DecidingBit(answer) is { } bit)
        {
            yield return bit;
        }

        if (answer.Explanation.Because is { } reason)
        {
            yield return $"{reason.Function} decided: {Prose.Sentence(reason.Because)}";
            yield return Prose.Origin(reason, question.Policy);
        }

        if (explanation.WithoutIt is { } without)
        {
            yield return without.ToString() == answer.ToString() && without.BadPageMap == answer.BadPageMap
                ? $"Without that commit the same kernel would answer the same ({Short(without)})."
                : $"Without that commit the same kernel would answer: {Short(without)}.";
        }

        yield return $"Other kernels: {string.Join("; ", explanation.Eras.Select(e => $"{e.Releases} {Short(e.Answer)}"))}.";
    }

    /// <summary>An answer in a few words.</summary>
    internal static string Short(CellAnswer answer)
        => $"{(answer.FailedStep is null ? "" : $"{answer.FailedStep} ")}{(answer.SignalName() ?? answer.ErrnoName() ?? answer.Outcome)}{(answer.FailedStep is null && answer.UsesDax == false && answer.MountReason is not null ? " (no DAX)" : "")}{(answer.FailedStep is null && answer.BadPageMap ? " + bad page map" : "")}";

    /// <summary>The outcome as the heading of an answer.</summary>
    internal static string Verdict(CellAnswer answer)
        => $"{(answer.FailedStep is null ? "" : $"not reached, {Step(answer.FailedStep)} ")}{(answer.FailedStep is null ? Heading(answer) : Ending(answer))}{(answer.BadPageMap && answer.FailedStep is null ? "; the kernel reports a bad page map and is tainted" : "")}";

    private static string Heading(CellAnswer answer) => answer.Verdict.Kind switch
    {
        VerdictKind.Ok => "ok",
        VerdictKind.Errno => $"{answer.Errno}: the call fails",
        VerdictKind.Signal => $"{answer.Verdict.Signal}",
        VerdictKind.Oops => "oops: the kernel crashes in this call",
        VerdictKind.Undefined => "undefined: the kernel goes on with a page pointer that it never wrote",
        VerdictKind.Blocked => "blocked: the call does not return by itself",
        _ => "unknown: nobody has read or recorded this case",
    };

    private static string Ending(CellAnswer answer) => answer.Verdict.Kind switch
    {
        VerdictKind.Ok => "works",
        VerdictKind.Errno => $"fails with {answer.Errno}",
        VerdictKind.Signal => $"raises {answer.Verdict.Signal}",
        VerdictKind.Oops => "crashes the kernel",
        VerdictKind.Undefined => "has an undefined outcome",
        VerdictKind.Blocked => "does not return by itself",
        _ => "has an unknown outcome",
    };

    private static string Step(string step) => step switch
    {
        "device" => "the device",
        "mount" => "the mount",
        "touch" => "the access before it",
        _ => $"{step} before it",
    };

    /// <summary>What the page table entry says, and what that means for whoever wants a struct page.</summary>
    private static string? DecidingBit(CellAnswer answer)
    {
        if (answer.FailedStep is not null)
        {
            return null;
        }

        var before = answer.Explanation.Before;
        var view = before is { Pfn: not null } ? before : answer.Explanation.After;
        if (view?.Pfn is null)
        {
            return "The page table has no entry for the page.";
        }

        var when = view == before ? "The entry" : "The entry that the operation leaves";
        return $"{when} is {view}. {Meaning(view)}";
    }

    private static string Meaning(PageView view)
        => view.Kind == "zero page" ? "It is a hole: the shared zero page, which has a struct page that is not counted."
            : view.HasBit("devmap") ? "The bit that decides is devmap: there is a struct page, usable while the device is held."
            : view.HasBit("special") ? $"The bit that decides is special: nobody looks for a struct page{(view.HasStructPage ? ", although there is one" : "")}."
            : view.HasStructPage ? "The bit that decides is special, which is clear: the entry leads to a struct page."
            : "Nothing marks the entry as special, but there is no struct page.";
}
