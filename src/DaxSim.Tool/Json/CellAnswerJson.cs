using DaxSim.AddressSpaces;
using DaxSim.Cells;
using DaxSim.Outcomes;
using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Json;

/// <summary>A page at one moment. Addresses and frames are hexadecimal text.</summary>
internal sealed record PageJson(string Address, string[]? Area, string Level, string[] Entry, string? Pfn, string? Kind, bool StructPage, int? References, int? Mappings, int? Pins, bool AnonExclusive, long ResidentPages)
{
    internal static PageJson? Of(PageView? view) => view is null ? null : new(
        $"0x{view.Address:x}",
        view.AreaFlags is null ? null : [.. view.AreaFlags],
        view.Level,
        [.. view.EntryBits],
        view.Pfn is { } pfn ? $"0x{pfn:x}" : null,
        view.Kind,
        view.HasStructPage,
        view.References,
        view.Mappings,
        view.Pins,
        view.AnonExclusive,
        view.ResidentPages);
}

/// <summary>What <c>daxsim cell --json</c> prints.</summary>
internal sealed record CellAnswerJson(
    string Kernel,
    string Arch,
    string Mapping,
    string Op,
    string Outcome,
    string? Errno,
    string? Signal,
    string? SiCode,
    string? FailedStep,
    bool? Dax,
    string[] Log,
    string? Because,
    string? Function,
    string? Property,
    string? DecidedBy,
    string? DecidedByTitle,
    string? Since,
    string? Evidence,
    PageJson? Before,
    PageJson? After,
    PageJson? Child,
    TestJson[] Tests)
{
    internal static CellAnswerJson Of(CellQuestion question, CellAnswer answer)
    {
        var reason = answer.Explanation.Because;
        return new CellAnswerJson(
            question.Policy.Version.ToString(),
            question.Policy.Architecture.Name,
            question.Mapping.ToString(),
            question.Operation.Name,
            answer.Outcome,
            answer.ErrnoName(),
            answer.SignalName(),
            answer.Signal is null || answer.Verdict.Signal.Code == Outcomes.SiCode.None ? null : answer.Verdict.Signal.Code.ToString(),
            answer.FailedStep,
            answer.UsesDax,
            [.. answer.Explanation.LogLines],
            reason?.Because,
            reason?.Function,
            reason?.Property?.ToString(),
            reason?.DecidedBy,
            reason?.Change?.Title,
            reason?.Change?.Since.ToString(),
            reason?.Change?.Evidence.ToString(),
            PageJson.Of(answer.Explanation.Before),
            PageJson.Of(answer.Explanation.After),
            PageJson.Of(answer.Child),
            [.. answer.Explanation.Steps.Select(s => TestJson.Of(s, question.Policy))]);
    }
}
