using System.Globalization;
using System.Text;
using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim;

public sealed partial class Explanation
{
    /// <summary>
    /// All of it as text of several lines, for the message of a test that fails: the call, the path of decisions with the kernel's functions, the behaviour
    /// that decided and the commit that set it, the page before and after with its owners, and what the kernel printed.
    /// </summary>
    /// <returns>Lines separated by <c>\n</c>, without one at the end.</returns>
    public string Report()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Operation ?? "The operation"} on {machine.Policy}: {Verdict}");
        AddSteps(text);
        AddReason(text, Because, machine.Policy);
        AddPages(text);
        AddLines(text, "dmesg", [.. LogLines.SelectMany(static l => l.Split('\n'))]);
        if (Taints != Taints.None)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  taints: {Taints}");
        }

        return text.ToString();
    }

    /// <summary>The reason of an outcome whose machine keeps no explanations, as far as the outcome itself tells; otherwise the same as <see cref="Report()"/>.</summary>
    /// <param name="verdict">The outcome.</param>
    /// <returns>Lines separated by <c>\n</c>, without one at the end.</returns>
    public static string Report(Verdict verdict)
    {
        if (Of(verdict) is { } explanation)
        {
            return explanation.Report();
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Outcome: {verdict}");
        AddReason(text, verdict.Reason, policy: null);
        return text.Append("\n  The machine keeps no decisions: build it with RecordDecisions() to see the path, the page and dmesg.").ToString();
    }

    private void AddSteps(StringBuilder text)
    {
        text.Append(Steps.Count == 0 ? "\n  decisions: none" : "\n  decisions:");
        for (var i = 0; i < Steps.Count; i++)
        {
            if (OmittedSteps > 0 && i == Steps.Count / 2)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n    … {OmittedSteps} more …");
            }

            var step = Steps[i];
            text.Append(CultureInfo.InvariantCulture, $"\n    {step.Function}: {step.Test} {step.Answer}");
        }
    }

    private static void AddReason(StringBuilder text, Reason? reason, KernelPolicy? policy)
    {
        if (reason is null)
        {
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"\n  decided by {reason.Function}: {reason.Because}");
        if (reason.Property is { } property)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n    behaviour: {property}{(policy is null ? "" : $" = {policy.Describe(property)}")}");
            text.Append(CultureInfo.InvariantCulture, $"\n    commit: {(reason.Change is { } change ? change.ToString() : policy?.IsWhatIf(property) == true ? "none: the behaviour was replaced" : "none: as old as the history, which begins with 3.10")}");
        }
    }

    private void AddPages(StringBuilder text)
    {
        if (Before is { } before)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  page before: {before}");
        }

        if (After is { } after)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  page after: {after}");
            foreach (var owner in after.Owners)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n    {owner}");
            }
        }
    }

    private static void AddLines(StringBuilder text, string title, IReadOnlyList<string> lines)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n  {title}:{(lines.Count == 0 ? " nothing" : "")}");
        foreach (var line in lines)
        {
            text.Append("\n    ").Append(line);
        }
    }
}
