using DaxSim.Outcomes;

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

    /// <summary>The access raised that signal.</summary>
    /// <param name="verdict">Its outcome.</param>
    /// <param name="signal">The signal.</param>
    /// <param name="code">Its si_code.</param>
    /// <exception cref="CheckException">It did not.</exception>
    public static void Raises(Verdict verdict, Signal signal, SiCode code)
        => Require(verdict.Kind == VerdictKind.Signal && verdict.Signal.Signal == signal && verdict.Signal.Code == code, $"{signal}/{code}", verdict);

    /// <summary>The machine's counts, page tables and struct pages agree (<see cref="Machine.Audit"/>).</summary>
    /// <param name="machine">The machine.</param>
    /// <exception cref="CheckException">They do not; the message lists what is wrong.</exception>
    public static void IsConsistent(Machine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        var findings = machine.Audit();
        if (findings.Count > 0)
        {
            throw new CheckException($"The machine is not consistent:\n  {string.Join("\n  ", findings)}");
        }
    }

    private static void Require(bool condition, string expected, Verdict verdict)
    {
        if (!condition)
        {
            throw Failure(expected, verdict);
        }
    }

    private static CheckException Failure(string expected, Verdict verdict) => new($"Expected {expected}, but the outcome is {verdict}.\n{Explanation.Report(verdict)}");
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
