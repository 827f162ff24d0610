namespace DaxSim.Scenarios.Strace;

/// <summary>What cannot be known from the log.</summary>
/// <param name="Log">The log file.</param>
/// <param name="Line">The first line that it concerns, from 1.</param>
/// <param name="Count">How many lines it concerns.</param>
/// <param name="Pid">The process of the first.</param>
/// <param name="Syscall">The call of the first.</param>
/// <param name="Why">What is missing, in a sentence; also what was taken to be the case instead, if anything was.</param>
/// <param name="Record">How to record a log that tells it.</param>
public sealed record StraceUndecided(string Log, long Line, long Count, int Pid, string Syscall, string Why, string Record);

/// <summary>A part of a log that could not be read.</summary>
/// <param name="Log">The log file.</param>
/// <param name="Line">The line, from 1; 0 when it concerns the whole file.</param>
/// <param name="Message">What is wrong with it.</param>
public sealed record StraceProblem(string Log, long Line, string Message)
{
    /// <summary>For example <c>app.strace:12: it is neither a system call nor a signal nor an exit</c>.</summary>
    public override string ToString() => Line == 0 ? $"{Log}: {Message}" : $"{Log}:{Line}: {Message}";
}

/// <summary>Collects what is not known, each kind once.</summary>
internal sealed class UndecidedList(IReadOnlyList<string> logs)
{
    private const int Most = 1000;

    private readonly List<StraceUndecided> list = [];
    private readonly Dictionary<(string, string), int> known = [];

    internal IReadOnlyList<StraceUndecided> Items => list;

    internal void Add(int log, long line, int pid, string call, string why, string record)
    {
        if (known.TryGetValue((call, why), out var index))
        {
            list[index] = list[index] with { Count = list[index].Count + 1 };
        }
        else if (list.Count < Most)
        {
            known[(call, why)] = list.Count;
            list.Add(new StraceUndecided(logs[log], line, 1, pid == LogFollower.OnlyPid ? 0 : pid, call, why, record));
        }
    }
}
