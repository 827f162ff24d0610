using DaxSim.Outcomes;

namespace DaxSim.Scenarios.Files;

/// <summary>What a step came to.</summary>
public sealed class StepOutcome
{
    internal StepOutcome(Verdict verdict, string? value = null, object? given = null)
    {
        Verdict = verdict;
        Value = verdict.IsOk ? value : null;
        Given = verdict.IsOk ? given : null;
    }

    private StepOutcome(string because) => SkippedBecause = because;

    /// <summary>The outcome; Ok for a skipped step.</summary>
    public Verdict Verdict { get; }

    /// <summary>What a success returned, as text: the byte of a load, the count of a transfer; null when there is nothing to tell.</summary>
    public string? Value { get; }

    /// <summary>Why the step was not tried; null when it was.</summary>
    public string? SkippedBecause { get; }

    /// <summary>True when the step was not tried.</summary>
    public bool IsSkipped => SkippedBecause is not null;

    /// <summary>What the step's name stands for from now on.</summary>
    internal object? Given { get; }

    /// <summary>A file operation that sleeps: it has a name although it did not succeed yet.</summary>
    internal object? Sleeping { get; init; }

    internal static StepOutcome Skip(string because) => new(because);

    internal static StepOutcome Of<T>(Result<T> result, Func<T, string?>? value = null, object? given = null)
        => new(result.Verdict, result.IsOk ? value?.Invoke(result.Value) : null, result.IsOk ? given ?? result.Value : null);

    internal static StepOutcome Count(Result<int> result) => Of(result, n => n.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The outcome in the words of a scenario file: <c>ok</c>, <c>returns A</c>, <c>EFAULT</c>, <c>SIGBUS/BUS_ADRERR</c>, <c>skipped</c>.</summary>
    public override string ToString() => IsSkipped ? "skipped" : Verdict.Kind switch
    {
        VerdictKind.Ok => Value is null ? "ok" : $"returns {Value}",
        VerdictKind.Errno => Verdict.Errno.ToString(),
        VerdictKind.Signal => Verdict.Signal.Code == SiCode.None ? Verdict.Signal.Signal.ToString() : $"{Verdict.Signal.Signal}/{Verdict.Signal.Code}",
        VerdictKind.Oops => "oops",
        VerdictKind.Undefined => "undefined",
        VerdictKind.Blocked => "blocked",
        _ => "unknown",
    };
}
