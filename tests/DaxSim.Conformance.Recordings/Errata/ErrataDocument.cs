using System.Text;
using DaxSim.Policy;

namespace DaxSim.Conformance.Errata;

/// <summary>Renders <c>docs/errata.md</c> from code: the known deviations, everything answered Unknown, and the history entries nobody confirmed.</summary>
public static class ErrataDocument
{
    /// <summary>The document's text.</summary>
    public static string Render()
    {
        var text = new StringBuilder();
        text.Append(
            """
            # Errata

            Where DaxSim is known to differ from a real kernel, what it answers `Unknown`, and which parts of the history rest on reading alone.
            This file is generated (`DaxSim.Conformance.Runner --write-errata docs/errata.md`); a test fails when it is stale.


            """);
        Deviations(text);
        Unknowns(text);
        Masks(text);
        History(text, "Unconfirmed changes", "Nobody was found who states or saw these; behaviour that would rest on them alone is answered `Unknown`.", Evidence.Unconfirmed);
        History(text, "Derived changes", "These follow from reading the functions involved; no recording or commit message states them.", Evidence.Derived);
        return text.ToString();
    }

    private static void Deviations(StringBuilder text)
    {
        text.Append("## Known deviations\n\n");
        text.Append("Differences that the replay finds and that no entry lists are counted, by recording and operation, in `tests/DaxSim.Conformance/ratchet.tsv`; the runner prints each with both answers, and ends with 1 because of them.\n\n");
        foreach (var entry in ErrataList.Entries)
        {
            text.Append($"### {entry.Id}\n\n{entry.What}\n\n- Cause: {entry.Cause}\n- Kernels: {entry.Kernels}\n- Evidence: {entry.Evidence}, {entry.Source}\n\n");
        }
    }

    private static void Unknowns(StringBuilder text)
    {
        text.Append("## Answered Unknown\n\n| recordings | operation | why |\n| --- | --- | --- |\n");
        foreach (var entry in UnknownList.Entries)
        {
            text.Append($"| {entry.Recordings} | {entry.Operations} | {entry.Why} |\n");
        }

        text.Append('\n');
    }

    private static void Masks(StringBuilder text)
    {
        text.Append("## Not compared\n\nFields of the recordings that two boots of one kernel do not agree on, or that no part of the model speaks about:\n\n");
        foreach (var entry in UnknownList.NotCompared)
        {
            text.Append($"- {entry}\n");
        }

        text.Append('\n');
    }

    private static void History(StringBuilder text, string title, string introduction, Evidence evidence)
    {
        text.Append($"## {title}\n\n{introduction}\n\n");
        var changes = KernelHistory.Changes.Where(c => c.Evidence == evidence).ToList();
        if (changes.Count == 0)
        {
            text.Append("None.\n\n");
            return;
        }

        text.Append("| change | since | architectures | effect | source |\n| --- | --- | --- | --- | --- |\n");
        foreach (var change in changes)
        {
            var architectures = change.Architectures.Count == 0 ? "all" : string.Join(", ", change.Architectures);
            text.Append($"| {change.Commit ?? change.Key} {Cell(change.Title)} | {change.Since} | {architectures} | {Cell(change.Effect)} | {Cell(change.Source)} |\n");
        }

        text.Append('\n');
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
