using System.Diagnostics.CodeAnalysis;

namespace DaxSim.Outcomes;

/// <summary>The kinds of outcome a simulated operation can have.</summary>
public enum VerdictKind
{
    /// <summary>The operation did what was asked.</summary>
    Ok,

    /// <summary>The system call (or kernel function) returned an error.</summary>
    Errno,

    /// <summary>The access raised a signal.</summary>
    Signal,

    /// <summary>The kernel oopsed: it went on, but the calling process died and the kernel is tainted.</summary>
    Oops,

    /// <summary>The kernel used garbage (a page pointer never written): anything may follow.</summary>
    Undefined,

    /// <summary>Nothing is known about this case; see the errata.</summary>
    Unknown,

    /// <summary>The operation sleeps until something else happens.</summary>
    Blocked,
}

/// <summary>The outcome of a simulated operation, without a value. Simulated failures are values; exceptions mean misuse of the API.</summary>
public readonly struct Verdict : IEquatable<Verdict>
{
    private readonly SignalInfo signal;

    /// <summary>The reason, or on a machine that records its decisions the record of the whole operation; null for an unsurprising success.</summary>
    private readonly object? because;

    private Verdict(VerdictKind kind, Errno errno, SignalInfo signal, object? because)
    {
        Kind = kind;
        Errno = errno;
        this.signal = signal;
        this.because = because;
    }

    /// <summary>What kind of outcome this is.</summary>
    public VerdictKind Kind { get; }

    /// <summary>The error number when <see cref="Kind"/> is <see cref="VerdictKind.Errno"/>, otherwise <see cref="Errno.None"/>.</summary>
    public Errno Errno { get; }

    /// <summary>The signal when <see cref="Kind"/> is <see cref="VerdictKind.Signal"/> (or the fatal one of an oops).</summary>
    public SignalInfo Signal => signal;

    /// <summary>Why; may be null for an unsurprising success.</summary>
    public Reason? Reason => because as Reason ?? Record?.Given;

    /// <summary>The record of the operation, where one was kept.</summary>
    internal IOperationRecord? Record => because as IOperationRecord;

    /// <summary>True when the operation did what was asked.</summary>
    public bool IsOk => Kind == VerdictKind.Ok;

    /// <summary>Success.</summary>
    public static Verdict Ok => default;

    /// <summary>Success with a reason worth telling.</summary>
    public static Verdict OkBecause(Reason reason) => new(VerdictKind.Ok, Errno.None, default, reason);

    /// <summary>The operation returned <paramref name="errno"/>.</summary>
    public static Verdict Fail(Errno errno, Reason? reason = null)
        => errno == Errno.None ? throw new ArgumentOutOfRangeException(nameof(errno), "A failure needs an error number; use Verdict.Ok for success.") : new(VerdictKind.Errno, errno, default, reason);

    /// <summary>The access raised a signal.</summary>
    public static Verdict Raise(SignalInfo signal, Reason? reason = null) => new(VerdictKind.Signal, Errno.None, signal, reason);

    /// <summary>The kernel oopsed.</summary>
    public static Verdict Oops(Reason reason) => new(VerdictKind.Oops, Errno.None, new SignalInfo(Outcomes.Signal.SIGSEGV, SiCode.None, 0), reason);

    /// <summary>The kernel used garbage.</summary>
    public static Verdict Undefined(Reason reason) => new(VerdictKind.Undefined, Errno.None, default, reason);

    /// <summary>Nothing is known.</summary>
    public static Verdict Unknown(Reason reason) => new(VerdictKind.Unknown, Errno.None, default, reason);

    /// <summary>The operation sleeps.</summary>
    public static Verdict Blocked(Reason reason) => new(VerdictKind.Blocked, Errno.None, default, reason);

    /// <summary>The same outcome, with the record of how it came about.</summary>
    internal Verdict With(IOperationRecord record) => new(Kind, Errno, signal, record);

    /// <inheritdoc/>
    public bool Equals(Verdict other) => Kind == other.Kind && Errno == other.Errno && signal == other.signal;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Verdict other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Errno, signal);

    /// <summary>Two verdicts are equal when outcome, error and signal are; reasons are not compared.</summary>
    public static bool operator ==(Verdict left, Verdict right) => left.Equals(right);

    /// <summary>The negation of equality.</summary>
    public static bool operator !=(Verdict left, Verdict right) => !left.Equals(right);

    /// <summary>For example <c>Ok</c>, <c>EFAULT</c>, <c>SIGBUS/BUS_ADRERR at 0x1000</c>.</summary>
    public override string ToString() => Kind switch
    {
        VerdictKind.Errno => Errno.ToString(),
        VerdictKind.Signal => signal.ToString(),
        _ => Kind.ToString(),
    };
}

/// <summary>The outcome of a simulated operation together with its value.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public readonly struct Result<T>
{
    private readonly T value;

    /// <summary>A success with a value.</summary>
    public Result(T value, Reason? reason = null)
    {
        this = default;
        this.value = value;
        if (reason is not null)
        {
            Verdict = Verdict.OkBecause(reason);
        }
    }

    /// <summary>An outcome without a value.</summary>
    /// <exception cref="ArgumentException">The outcome is a success, which needs a value.</exception>
    public Result(Verdict verdict)
    {
        if (verdict.IsOk)
        {
            throw new ArgumentException($"A success has a value: construct the result from the {typeof(T).Name}.", nameof(verdict));
        }

        value = default!;
        Verdict = verdict;
    }

    private Result(T value, Verdict verdict)
    {
        this.value = value;
        Verdict = verdict;
    }

    /// <summary>The outcome.</summary>
    public Verdict Verdict { get; }

    /// <summary>True when there is a value.</summary>
    public bool IsOk => Verdict.IsOk;

    /// <summary>The error number, <see cref="Errno.None"/> unless the outcome is an errno.</summary>
    public Errno Errno => Verdict.Errno;

    /// <summary>The value of a success.</summary>
    /// <exception cref="InvalidOperationException">The outcome is not a success; the message says what it is and why.</exception>
    public T Value => Verdict.IsOk ? value : throw new InvalidOperationException(Missing);

    /// <summary>What the exception says to somebody who did not expect a failure; on a machine that records its decisions all of it.</summary>
    private string Missing => $"There is no value: the outcome is {Verdict}{(Verdict.Reason is null ? "" : $" ({Verdict.Reason})")}. Test IsOk first.{(Verdict.Record is { } record ? $"\n\n{record.Report()}" : "")}";

    /// <summary>The same result, with the record of how it came about.</summary>
    internal Result<T> With(IOperationRecord record) => new(value, Verdict.With(record));

    /// <summary>Wraps a value.</summary>
    public static implicit operator Result<T>(T value) => new(value);

    /// <summary>Wraps an outcome without a value.</summary>
    public static implicit operator Result<T>(Verdict verdict) => new(verdict);

    /// <summary>The value or the outcome.</summary>
    public override string ToString() => Verdict.IsOk ? $"{value}" : Verdict.ToString();
}
