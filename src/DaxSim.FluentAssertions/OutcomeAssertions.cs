using DaxSim;
using DaxSim.Outcomes;
using DaxSim.Policy;
using FluentAssertions.Execution;
using FluentAssertions.Primitives;

namespace FluentAssertions;

/// <summary>What outcomes with a value and without have in common.</summary>
/// <typeparam name="TSubject"><see cref="Verdict"/> or <see cref="Result{T}"/>.</typeparam>
/// <typeparam name="TAssertions">The class that derives from this one.</typeparam>
public abstract class OutcomeAssertions<TSubject, TAssertions> : ObjectAssertions<TSubject, TAssertions>
    where TAssertions : OutcomeAssertions<TSubject, TAssertions>
{
    private protected OutcomeAssertions(TSubject subject, Verdict verdict)
        : base(subject) => Verdict = verdict;

    /// <inheritdoc/>
    protected override string Identifier => "result";

    private protected Verdict Verdict { get; }

    /// <summary>The call failed with that error number.</summary>
    /// <param name="errno">For example <see cref="Errno.EFAULT"/>.</param>
    /// <param name="because">Why it should, as for every assertion of FluentAssertions.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    [CustomAssertion]
    public AndConstraint<TAssertions> FailWith(Errno errno, string because = "", params object[] becauseArgs)
    {
        Require(Verdict.Kind == VerdictKind.Errno && Verdict.Errno == errno, $"fail with {errno}", because, becauseArgs);
        return new((TAssertions)this);
    }

    /// <summary>The access raised that signal.</summary>
    /// <param name="signal">For example <see cref="Signal.SIGBUS"/>.</param>
    /// <param name="code">Its si_code, for example <see cref="SiCode.BUS_ADRERR"/>.</param>
    /// <param name="because">Why it should.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    /// <returns><c>Which</c> is the signal with its address.</returns>
    [CustomAssertion]
    public AndWhichConstraint<TAssertions, SignalInfo> RaiseSignal(Signal signal, SiCode code, string because = "", params object[] becauseArgs)
    {
        Require(Verdict.Kind == VerdictKind.Signal && Verdict.Signal.Signal == signal && Verdict.Signal.Code == code, $"raise {signal}/{code}", because, becauseArgs);
        return new((TAssertions)this, Verdict.Signal);
    }

    /// <summary>The kernel used garbage, after which anything may follow (<see cref="VerdictKind.Undefined"/>).</summary>
    /// <param name="because">Why it should.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    [CustomAssertion]
    public AndConstraint<TAssertions> BeUndefined(string because = "", params object[] becauseArgs)
    {
        Require(Verdict.Kind == VerdictKind.Undefined, "be undefined", because, becauseArgs);
        return new((TAssertions)this);
    }

    /// <summary>Nothing is known of this case: no recording and no source says what the kernel does (<see cref="VerdictKind.Unknown"/>).</summary>
    /// <param name="because">Why it should.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    [CustomAssertion]
    public AndConstraint<TAssertions> BeUnknown(string because = "", params object[] becauseArgs)
    {
        Require(Verdict.Kind == VerdictKind.Unknown, "be unknown", because, becauseArgs);
        return new((TAssertions)this);
    }

    /// <summary>The operation sleeps until something else happens, for example a truncate until a page of the file is given back (<see cref="VerdictKind.Blocked"/>).</summary>
    /// <param name="because">Why it should.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    [CustomAssertion]
    public AndConstraint<TAssertions> BeBlocked(string because = "", params object[] becauseArgs)
    {
        Require(Verdict.Kind == VerdictKind.Blocked, "sleep", because, becauseArgs);
        return new((TAssertions)this);
    }

    /// <summary>The kernel oopsed (<see cref="VerdictKind.Oops"/>).</summary>
    /// <param name="because">Why it should.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    [CustomAssertion]
    public AndConstraint<TAssertions> Oops(string because = "", params object[] becauseArgs)
    {
        Require(Verdict.Kind == VerdictKind.Oops, "oops", because, becauseArgs);
        return new((TAssertions)this);
    }

    /// <summary>The behaviour that decided the outcome, success or failure, was set by that commit.</summary>
    /// <remarks>On a machine that records its decisions a plain success is decided by the last test that was made; otherwise only outcomes that give a reason can tell.</remarks>
    /// <param name="commit">Its id (at least 7 hexadecimal digits) or the change's key.</param>
    /// <param name="because">Why it should.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    /// <returns><c>Which</c> is the change.</returns>
    /// <exception cref="ArgumentException">There is no such change in the history.</exception>
    [CustomAssertion]
    public AndWhichConstraint<TAssertions, KernelChange> DecidedBy(string commit, string because = "", params object[] becauseArgs)
    {
        var expected = KernelHistory.Find(commit);
        var actual = (Explanation.Of(Verdict)?.Because ?? Verdict.Reason)?.Change;
        Require(
            actual is not null && (actual == expected || (actual.Commit is not null && actual.Commit == expected.Commit)),
            $"be decided by {expected}",
            $"it was decided by {actual?.ToString() ?? "no commit"}",
            because,
            becauseArgs);
        return new((TAssertions)this, actual!);
    }

    [CustomAssertion]
    private protected void Require(bool condition, string expected, string because, object[] becauseArgs) => Require(condition, expected, Happened, because, becauseArgs);

    [CustomAssertion]
    private void Require(bool condition, string expected, string otherwise, string because, object[] becauseArgs)
    {
        // The report is made for a failure only: it costs more than the assertion.
        Execute.Assertion
            .BecauseOf(because, becauseArgs)
            .ForCondition(condition)
            .WithDefaultIdentifier(Identifier)
            .FailWith(condition ? "" : $"Expected {{context}} to {Braces.Escape(expected)}{{reason}}, but {Braces.Escape(otherwise)}.\n\n{Braces.Escape(Explanation.Report(Verdict))}");
    }

    private string Happened => Verdict.Kind switch
    {
        VerdictKind.Ok => "it succeeded",
        VerdictKind.Errno => $"it failed with {Verdict.Errno}",
        VerdictKind.Signal => $"it raised {Verdict.Signal}",
        VerdictKind.Oops => "the kernel oopsed",
        VerdictKind.Undefined => "it is undefined",
        VerdictKind.Blocked => "it sleeps",
        _ => "nothing is known of it",
    };
}

/// <summary>What can be expected of an outcome without a value.</summary>
public sealed class VerdictAssertions : OutcomeAssertions<Verdict, VerdictAssertions>
{
    internal VerdictAssertions(Verdict verdict)
        : base(verdict, verdict)
    {
    }

    /// <summary>The operation did what was asked.</summary>
    /// <param name="because">Why it should.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    [CustomAssertion]
    public AndConstraint<VerdictAssertions> Succeed(string because = "", params object[] becauseArgs)
    {
        Require(Verdict.IsOk, "succeed", because, becauseArgs);
        return new(this);
    }
}

/// <summary>What can be expected of an outcome with a value.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public sealed class ResultAssertions<T> : OutcomeAssertions<Result<T>, ResultAssertions<T>>
{
    internal ResultAssertions(Result<T> result)
        : base(result, result.Verdict)
    {
    }

    /// <summary>The operation did what was asked.</summary>
    /// <param name="because">Why it should.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    /// <returns><c>Which</c> is the value.</returns>
    [CustomAssertion]
    public AndWhichConstraint<ResultAssertions<T>, T> Succeed(string because = "", params object[] becauseArgs)
    {
        Require(Verdict.IsOk, "succeed", because, becauseArgs);
        return new(this, Verdict.IsOk ? Subject.Value : default!);
    }
}
