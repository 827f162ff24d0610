using DaxSim.Outcomes;

namespace DaxSim.Scenarios.Recordings;

/// <summary>What the simulator answered to one recorded observation: fields by the names of the recording, or that it does not know.</summary>
public sealed class Answer
{
    private readonly List<KeyValuePair<string, FieldValue>> fields = [];
    private readonly List<string> reasons = [];
    private readonly HashSet<string> oncePerBoot = new(StringComparer.Ordinal);

    /// <summary>The fields, in the order they were set.</summary>
    public IReadOnlyList<KeyValuePair<string, FieldValue>> Fields => fields;

    /// <summary>Why nothing is known, or null when the answer is complete.</summary>
    public string? UnknownBecause { get; private set; }

    /// <summary>The explanations of the failures met on the way, first one first.</summary>
    public IReadOnlyList<string> Reasons => reasons;

    /// <summary>The kernel messages in the answer that a real kernel prints only once per boot.</summary>
    public IReadOnlySet<string> OncePerBoot => oncePerBoot;

    /// <summary>The first outcome that was noted and was no plain success, or null.</summary>
    public Verdict? FirstFailure { get; private set; }

    /// <summary>An answer that nothing is known.</summary>
    public static Answer Unknown(string because)
    {
        var answer = new Answer();
        answer.SetUnknown(because);
        return answer;
    }

    /// <summary>Says that nothing is known; the first reason stays.</summary>
    public void SetUnknown(string because) => UnknownBecause ??= because;

    /// <summary>Sets a string field.</summary>
    public Answer Set(string name, string text) => Set(name, FieldValue.OfText(text));

    /// <summary>Sets a number field.</summary>
    public Answer Set(string name, long number) => Set(name, FieldValue.OfNumber(number));

    /// <summary>Sets a field; setting it again replaces the value.</summary>
    public Answer Set(string name, FieldValue value)
    {
        var at = fields.FindIndex(f => f.Key == name);
        if (at >= 0)
        {
            fields[at] = new(name, value);
        }
        else
        {
            fields.Add(new(name, value));
        }

        return this;
    }

    /// <summary>Remembers why a call ended as it did; an unknown outcome makes the whole answer unknown.</summary>
    public void Note(Verdict verdict)
    {
        if (!verdict.IsOk)
        {
            FirstFailure ??= verdict;
        }

        if (verdict.Kind == VerdictKind.Unknown)
        {
            SetUnknown(verdict.Reason?.ToString() ?? "the simulator answers Unknown");
        }

        if (!verdict.IsOk && verdict.Reason is { } reason)
        {
            Note(reason.ToString());
        }
    }

    /// <summary>Remembers a sentence of explanation.</summary>
    public void Note(string reason)
    {
        if (reasons.Count < 4 && !reasons.Contains(reason))
        {
            reasons.Add(reason);
        }
    }

    /// <summary>Marks a kernel message as one that is printed once per boot.</summary>
    public void MarkOncePerBoot(string message) => oncePerBoot.Add(message);

    /// <summary>The value of a field, or null.</summary>
    public FieldValue? Value(string name)
    {
        foreach (var field in fields)
        {
            if (field.Key == name)
            {
                return field.Value;
            }
        }

        return null;
    }
}
