using DaxSim.Policy;

namespace DaxSim.Tool.Questions;

/// <summary>A run of neighbouring kernels that answer alike.</summary>
internal sealed record AnswerEra(KernelVersion From, KernelVersion To, MountAnswer Answer)
{
    /// <summary>For example <c>4.16 to 4.20</c>.</summary>
    internal string Releases => From == To ? From.ToString() : $"{From} to {To}";
}

/// <summary>An answer, what the deciding commit has to do with it, and what all other kernels answer.</summary>
internal sealed record MountExplanation(MountAnswer Answer, KernelChange? DecidedBy, MountAnswer? WithoutIt, IReadOnlyList<AnswerEra> Eras)
{
    internal static MountExplanation Of(MountQuestion question, Func<KernelVersion, MountQuestion> elsewhere)
    {
        var answer = Mounting.Ask(question);
        var change = answer.Reason?.Change;
        var without = change is not null && question.Policy.Has(change) ? Mounting.Ask(question with { Policy = question.Policy.Revert(change.Key) }) : null;
        var eras = new List<AnswerEra>();
        foreach (var release in KernelVersion.Releases)
        {
            var there = Mounting.Ask(elsewhere(release));
            if (eras.Count > 0 && eras[^1].Answer.Outcome == there.Outcome && eras[^1].Answer.Errno == there.Errno)
            {
                eras[^1] = eras[^1] with { To = release };
            }
            else
            {
                eras.Add(new AnswerEra(release, release, there));
            }
        }

        return new MountExplanation(answer, change, without, eras);
    }
}
