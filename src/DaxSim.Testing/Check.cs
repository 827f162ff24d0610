using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Testing;

/// <summary>Checks for any test framework: each throws <see cref="CheckException"/>, whose message explains the simulated kernel's decision.</summary>
/// <remarks>With FluentAssertions use the package DaxSim.FluentAssertions instead.</remarks>
public static class Check
{
    /// <summary>The operation succeeded.</summary>
    /// <param name="result">Its outcome.</param>
    /// <returns>The value.</returns>
    /// <exception cref="CheckException">It did not.</exception>
    public static T Succeeds<T>(Result<T> result) => result.IsOk ? result.Value : throw Failure("success", result.Verdict);

    /// <inheritdoc cref="Succeeds{T}(Result{T})"/>
    /// <param name="verdict">Its outcome.</param>
    public static void Succeeds(Verdict verdict) => Require(verdict.IsOk, "success", verdict);

    /// <summary>The operation failed with that error.</summary>
    /// <param name="verdict">Its outcome.</param>
    /// <param name="errno">The error.</param>
    /// <exception cref="CheckException">It did not.</exception>
    public static void FailsWith(Verdict verdict, Errno errno) => Require(verdict.Kind == VerdictKind.Errno && verdict.Errno == errno, errno.ToString(), verdict);

    /// <inheritdoc cref="FailsWith(Verdict, Errno)"/>
    /// <param name="result">Its outcome.</param>
    /// <param name="errno">The error.</param>
    public static void FailsWith<T>(Result<T> result, Errno errno) => FailsWith(result.Verdict, errno);

    /// <summary>The access raised that signal.</summary>
    /// <param name="verdict">Its outcome.</param>
    /// <param name="signal">The signal.</param>
    /// <param name="code">Its si_code.</param>
    /// <exception cref="CheckException">It did not.</exception>
    public static void Raises(Verdict verdict, Signal signal, SiCode code) => Require(verdict.Kind == VerdictKind.Signal && verdict.Signal.Signal == signal && verdict.Signal.Code == code, $"{signal}/{code}", verdict);

    /// <inheritdoc cref="Raises(Verdict, Signal, SiCode)"/>
    /// <param name="result">Its outcome.</param>
    /// <param name="signal">The signal.</param>
    /// <param name="code">Its si_code.</param>
    public static void Raises<T>(Result<T> result, Signal signal, SiCode code) => Raises(result.Verdict, signal, code);

    /// <summary>The kernel oopsed (<see cref="VerdictKind.Oops"/>).</summary>
    /// <param name="verdict">Its outcome.</param>
    /// <exception cref="CheckException">It did not.</exception>
    public static void Oopses(Verdict verdict) => Require(verdict.Kind == VerdictKind.Oops, "an oops", verdict);

    /// <inheritdoc cref="Oopses(Verdict)"/>
    /// <param name="result">Its outcome.</param>
    public static void Oopses<T>(Result<T> result) => Oopses(result.Verdict);

    /// <summary>The kernel used garbage, after which anything may follow (<see cref="VerdictKind.Undefined"/>).</summary>
    /// <param name="verdict">Its outcome.</param>
    /// <exception cref="CheckException">It did not.</exception>
    public static void IsUndefined(Verdict verdict) => Require(verdict.Kind == VerdictKind.Undefined, "garbage to be used", verdict);

    /// <inheritdoc cref="IsUndefined(Verdict)"/>
    /// <param name="result">Its outcome.</param>
    public static void IsUndefined<T>(Result<T> result) => IsUndefined(result.Verdict);

    /// <summary>Nothing is known of this case (<see cref="VerdictKind.Unknown"/>).</summary>
    /// <param name="verdict">Its outcome.</param>
    /// <exception cref="CheckException">It did not.</exception>
    public static void IsUnknown(Verdict verdict) => Require(verdict.Kind == VerdictKind.Unknown, "nothing to be known", verdict);

    /// <inheritdoc cref="IsUnknown(Verdict)"/>
    /// <param name="result">Its outcome.</param>
    public static void IsUnknown<T>(Result<T> result) => IsUnknown(result.Verdict);

    /// <summary>The operation sleeps until something else happens (<see cref="VerdictKind.Blocked"/>).</summary>
    /// <param name="verdict">Its outcome.</param>
    /// <exception cref="CheckException">It did not.</exception>
    public static void IsBlocked(Verdict verdict) => Require(verdict.Kind == VerdictKind.Blocked, "it to sleep", verdict);

    /// <inheritdoc cref="IsBlocked(Verdict)"/>
    /// <param name="result">Its outcome.</param>
    public static void IsBlocked<T>(Result<T> result) => IsBlocked(result.Verdict);

    /// <summary>The behaviour that decided the outcome, success or failure, was set by that commit.</summary>
    /// <param name="verdict">Its outcome.</param>
    /// <param name="commit">The commit's id (at least 7 hexadecimal digits) or the change's key.</param>
    /// <exception cref="CheckException">Another commit did, or none.</exception>
    /// <exception cref="ArgumentException">There is no such change in the history.</exception>
    public static void IsDecidedBy(Verdict verdict, string commit)
    {
        var expected = KernelHistory.Find(commit);
        var actual = (Explanation.Of(verdict)?.Because ?? verdict.Reason)?.Change;
        if (actual is null || (actual != expected && (actual.Commit is null || actual.Commit != expected.Commit)))
        {
            throw new CheckException($"Expected the outcome to be decided by {expected}, but it was decided by {actual?.ToString() ?? "no commit"}.\n\n{Explanation.Report(verdict)}");
        }
    }

    /// <inheritdoc cref="IsDecidedBy(Verdict, string)"/>
    /// <param name="result">Its outcome.</param>
    /// <param name="commit">The commit's id or the change's key.</param>
    public static void IsDecidedBy<T>(Result<T> result, string commit) => IsDecidedBy(result.Verdict, commit);

    /// <summary>The machine's counts, page tables and struct pages agree (<see cref="Machine.Audit"/>).</summary>
    /// <param name="machine">The machine.</param>
    /// <exception cref="CheckException">They do not; the message lists what is wrong.</exception>
    public static void IsConsistent(Machine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        var findings = machine.Audit();
        if (findings.Count > 0)
        {
            throw new CheckException($"Expected the machine to be consistent, but {(findings.Count == 1 ? "one thing is" : $"{findings.Count} things are")} not.\n  {string.Join("\n  ", findings.Select(static f => f.Sentence))}{(Explanation.Of(machine) is { } last ? $"\n\nThe last call before: {last.Report()}" : "")}");
        }
    }

    private static void Require(bool condition, string expected, Verdict verdict)
    {
        if (!condition)
        {
            throw Failure(expected, verdict);
        }
    }

    private static CheckException Failure(string expected, Verdict verdict) => new($"Expected {expected}, but the outcome is {verdict}.\n\n{Explanation.Report(verdict)}");
}

/// <summary>A check of <see cref="Check"/> found otherwise.</summary>
public sealed class CheckException : Exception
{
    /// <summary>A failed check.</summary>
    /// <param name="message">What was expected, what happened, and why.</param>
    public CheckException(string message)
        : base(message)
    {
    }
}
