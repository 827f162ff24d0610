using DaxSim.Cells;
using DaxSim.Policy;

namespace DaxSim.Tool.Questions;

/// <summary>A run of neighbouring kernels on which a cell has the same outcome.</summary>
internal sealed record CellEra(KernelVersion From, KernelVersion To, CellAnswer Answer)
{
    /// <summary>For example <c>4.16 to 4.20</c>.</summary>
    internal string Releases => From == To ? From.ToString() : $"{From} to {To}";
}

/// <summary>A cell's answer, what the deciding commit has to do with it, and what all other kernels answer.</summary>
internal sealed record CellExplanation(CellQuestion Question, CellAnswer Answer, KernelChange? DecidedBy, CellAnswer? WithoutIt, IReadOnlyList<CellEra> Eras)
{
    internal static CellExplanation Of(CellQuestion question, Func<KernelVersion, CellQuestion> elsewhere)
    {
        var answer = question.Ask();
        var change = answer.UsesDax == false && answer.MountReason?.Change is { } refusal ? refusal : answer.Explanation.Because?.Change;
        var without = change is not null && question.Policy.Has(change) ? (question with { Policy = question.Policy.Revert(change.Key) }).Ask() : null;
        var answers = new CellAnswer[KernelVersion.Releases.Count];
        Parallel.For(0, answers.Length, i => answers[i] = elsewhere(KernelVersion.Releases[i]).Ask());
        var eras = new List<CellEra>();
        for (var i = 0; i < answers.Length; i++)
        {
            if (eras.Count > 0 && CellProse.Short(eras[^1].Answer) == CellProse.Short(answers[i]))
            {
                eras[^1] = eras[^1] with { To = KernelVersion.Releases[i] };
            }
            else
            {
                eras.Add(new CellEra(KernelVersion.Releases[i], KernelVersion.Releases[i], answers[i]));
            }
        }

        return new CellExplanation(question, answer, change, without, eras);
    }
}
