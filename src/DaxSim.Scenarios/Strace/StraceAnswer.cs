using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Scenarios.Strace;

/// <summary>What is asked: the same logs on each of the kernels.</summary>
public sealed class StraceQuestion
{
    /// <summary>The logs, in the order in which they were given.</summary>
    public required IReadOnlyList<StraceLog> Logs { get; init; }

    /// <summary>Which directories or files lie on which devices.</summary>
    public required IReadOnlyList<PlacedDevice> Places { get; init; }

    /// <summary>The kernels.</summary>
    public required IReadOnlyList<KernelPolicy> Kernels { get; init; }

    /// <summary>Findings that are kept for each kernel; further ones are counted.</summary>
    public int MostFindings { get; init; } = 10000;

    /// <summary>Called now and then on the calling thread.</summary>
    public Action<StraceProgress>? Progress { get; init; }
}

/// <summary>How a placed device was mounted on a kernel.</summary>
/// <param name="Path">Where.</param>
/// <param name="Device">The device as it was made, with the size that it got.</param>
/// <param name="FileSystem">The filesystem.</param>
/// <param name="Options">The mount options.</param>
/// <param name="Result"><c>dax</c>, <c>no-dax</c> (files go through the page cache), <c>errno</c> or <c>unknown</c>.</param>
/// <param name="Errno">The error when it could not be mounted.</param>
/// <param name="Reason">What decided; null when nothing is told.</param>
public sealed record StraceMount(string Path, string Device, string FileSystem, string Options, string Result, Errno Errno, Reason? Reason);

/// <summary>A call, or an access of the program, that goes differently from the log.</summary>
/// <param name="Log">The log file.</param>
/// <param name="Line">The line, from 1; 0 for the mount itself.</param>
/// <param name="Pid">The process; 0 when the log has no ids.</param>
/// <param name="Syscall">The call.</param>
/// <param name="Outcome"><c>errno</c>, <c>signal</c>, <c>short</c> (fewer bytes), <c>oops</c>, <c>undefined</c>, <c>blocked</c>, or <c>ok</c> for what failed in the log and works.</param>
/// <param name="Errno">The error; None for other outcomes.</param>
/// <param name="Signal">For example <c>SIGBUS/BUS_ADRERR</c>; null for other outcomes.</param>
/// <param name="Bytes">How much was transferred, -1 when that says nothing.</param>
/// <param name="Expected">What the log shows: a number, an errno, or <c>ok</c>.</param>
/// <param name="Address">The user address that it is about, as the simulated machine has it; null when there is none.</param>
/// <param name="Path">The placed file that it is about; null when there is none.</param>
/// <param name="Page">The page afterwards: entry, frame, struct page; null without an address.</param>
/// <param name="Reason">What decided; null when nothing is told.</param>
public sealed record StraceFinding(
    string Log, long Line, int Pid, string Syscall, string Outcome, Errno Errno, string? Signal, long Bytes, string Expected, ulong? Address, string? Path, string? Page, Reason? Reason)
{
    /// <summary>True unless something works that failed in the log.</summary>
    public bool Fails => Outcome != "ok";
}

/// <summary>Calls that worked although they asked for memory without struct page, and how.</summary>
/// <param name="Log">The log file.</param>
/// <param name="Line">The first such line.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Pid">The process of the first.</param>
/// <param name="Syscall">The call.</param>
/// <param name="Address">The address of the first.</param>
/// <param name="Path">The placed file of the first.</param>
/// <param name="Because">How it could work.</param>
public sealed record StraceRemark(string Log, long Line, long Count, int Pid, string Syscall, ulong Address, string? Path, string Because);

/// <summary>What one kernel makes of the logs.</summary>
public sealed class StraceAnswer
{
    internal StraceAnswer(KernelPolicy kernel) => Kernel = kernel;

    /// <summary>The kernel.</summary>
    public KernelPolicy Kernel { get; }

    /// <summary>The placed devices, in the order of the question.</summary>
    public IReadOnlyList<StraceMount> Mounts { get; internal set; } = [];

    /// <summary>What goes differently, in the order of the log.</summary>
    public IReadOnlyList<StraceFinding> Findings { get; internal set; } = [];

    /// <summary>How many findings there are, kept or not.</summary>
    public long FindingCount { get; internal set; }

    /// <summary>How many of them fail.</summary>
    public long FailureCount { get; internal set; }

    /// <summary>What worked although memory without struct page was asked for.</summary>
    public IReadOnlyList<StraceRemark> Remarks { get; internal set; } = [];

    /// <summary>What this kernel alone leaves open.</summary>
    public IReadOnlyList<StraceUndecided> Undecided { get; internal set; } = [];

    /// <summary>Steps that the simulated machine took.</summary>
    public long Steps { get; internal set; }

    /// <summary>The kernel's messages, oldest first.</summary>
    public IReadOnlyList<string> KernelLog { get; internal set; } = [];

    /// <summary>True when something that worked in the log would have failed.</summary>
    public bool Fails => FailureCount > 0;
}

/// <summary>What became of a question.</summary>
/// <param name="Answers">One for each kernel, in the order of the question.</param>
/// <param name="Undecided">What cannot be known from the logs, whatever the kernel.</param>
/// <param name="Problems">What could not be read, at most a hundred.</param>
/// <param name="ProblemCount">How many lines could not be read.</param>
/// <param name="Lines">Lines of all logs.</param>
/// <param name="Calls">System calls in them.</param>
/// <param name="Processes">Processes and threads in them.</param>
/// <param name="Bytes">Bytes of them, unpacked.</param>
/// <param name="LogCount">How many logs there are.</param>
public sealed record StraceReport(
    IReadOnlyList<StraceAnswer> Answers, IReadOnlyList<StraceUndecided> Undecided, IReadOnlyList<StraceProblem> Problems, long ProblemCount, long Lines, long Calls, long Processes, long Bytes, int LogCount);
