using System.Globalization;

namespace DaxSim.Scenarios.Strace;

/// <summary>How far the reading is.</summary>
/// <param name="BytesRead">Bytes of the files, as they lie on disk.</param>
/// <param name="BytesTotal">Bytes there are; 0 when that is not known.</param>
/// <param name="Lines">Lines so far.</param>
public readonly record struct StraceProgress(long BytesRead, long BytesTotal, long Lines);

/// <summary>
/// Reads one or several logs in an order that makes sense: by time where all lines have one; else a child's file (-ff) when its
/// parent forks, and the others one after the other.
/// </summary>
internal sealed class LogReader
{
    private const int MostProblems = 100;
    private const int LinesPerReport = 65536;

    private readonly IReadOnlyList<StraceLog> logs;
    private readonly LogFollower follower;
    private readonly List<StraceProblem> problems = [];
    private readonly Action<StraceProgress>? progress;
    private readonly long total;
    private long finished;

    internal LogReader(IReadOnlyList<StraceLog> logs, LogFollower follower, Action<StraceProgress>? progress)
    {
        this.logs = logs;
        this.follower = follower;
        this.progress = progress;
        total = logs.Sum(static l => l.Bytes);
    }

    /// <summary>What could not be read; at most a hundred of them.</summary>
    internal IReadOnlyList<StraceProblem> Problems => problems;

    internal long ProblemCount { get; private set; }

    internal long Lines { get; private set; }

    internal long Bytes { get; private set; }

    /// <summary>Reads everything.</summary>
    internal void Run()
    {
        if (logs.Count == 1)
        {
            ReadWhole(0);
        }
        else
        {
            RunSeveral();
        }

        follower.Finish();
        progress?.Invoke(new StraceProgress(total, total, Lines));
    }

    private void ReadWhole(int index)
    {
        using var file = Open(index);
        while (file is not null && file.Advance(this))
        {
            Follow(file);
        }
    }

    /// <summary>Several files: each stands at its next line; the one whose turn it is goes on.</summary>
    private void RunSeveral()
    {
        var open = new List<OpenLog>();
        try
        {
            for (var i = 0; i < logs.Count; i++)
            {
                if (Open(i) is { } file)
                {
                    open.Add(file);
                    file.Advance(this);
                }
            }

            open.RemoveAll(f => f.IsOver);
            if (open.TrueForAll(static f => !double.IsNaN(f.Time)))
            {
                ByTime(open);
            }
            else
            {
                ByBirth(open);
            }
        }
        finally
        {
            open.ForEach(static f => f.Dispose());
        }
    }

    private void ByTime(List<OpenLog> open)
    {
        var queue = new PriorityQueue<OpenLog, (double, int)>();
        foreach (var file in open)
        {
            queue.Enqueue(file, (file.Time, file.Index));
        }

        while (queue.TryDequeue(out var file, out var at))
        {
            var limit = queue.TryPeek(out _, out var next) ? next : (double.PositiveInfinity, 0);
            do
            {
                Follow(file);
            }
            while (file.Advance(this) && (double.IsNaN(file.Time) || (file.Time, file.Index).CompareTo(limit) <= 0));

            if (!file.IsOver)
            {
                // A line without a time (a frame of -k) keeps the time of the line before.
                queue.Enqueue(file, (double.IsNaN(file.Time) ? at.Item1 : file.Time, file.Index));
            }
        }
    }

    /// <summary>Without times, what a child did is taken to happen right after its birth.</summary>
    private void ByBirth(List<OpenLog> open)
    {
        var waiting = open.OrderBy(static f => f.Pid).ThenBy(static f => f.Index).ToList();
        var running = new Stack<OpenLog>();
        while (waiting.Count > 0 || running.Count > 0)
        {
            if (!running.TryPeek(out var file))
            {
                file = waiting[0];
                waiting.RemoveAt(0);
                running.Push(file);
            }

            Follow(file);
            if (!file.Advance(this))
            {
                running.Pop();
            }

            if (follower.TakeNewborn() is var born and > 0 && waiting.Find(f => f.Pid == born) is { } child)
            {
                waiting.Remove(child);
                running.Push(child);
            }
        }

        if (open.Count > 1)
        {
            follower.Undecided.Add(open[0].Index, 1, 0, "", "The order of lines between the files is not in the logs; each child was followed right after its birth.", "let strace print times: strace -ff -ttt");
        }
    }

    private OpenLog? Open(int index)
    {
        try
        {
            return new OpenLog(index, logs[index].Pid, new LogLines(logs[index].Open()));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Complain(index, 0, $"it cannot be read: {problem.Message.TrimEnd('.')}");
            return null;
        }
    }

    private void Follow(OpenLog file)
    {
        var record = LogLineParser.Parse(file.Line);
        var problem = file.IsSummary ? null : follower.Follow(in record, file.Index, file.Number, file.Pid);
        if (problem is not null)
        {
            Complain(file.Index, file.Number, problem);
        }

        Lines++;
        if (Lines % LinesPerReport == 0)
        {
            progress?.Invoke(new StraceProgress(finished + file.Position, total, Lines));
        }
    }

    private void Complain(int index, long line, string message)
    {
        ProblemCount++;
        if (problems.Count < MostProblems)
        {
            problems.Add(new StraceProblem(logs[index].Name, line, message));
        }
    }

    /// <summary>A file and its next line.</summary>
    private sealed class OpenLog(int index, int pid, LogLines lines) : IDisposable
    {
        private byte[] line = new byte[4096];
        private int length;

        internal int Index => index;

        internal int Pid => pid;

        internal long Number => lines.Number;

        internal long Position => lines.FilePosition;

        internal double Time { get; private set; } = double.NaN;

        internal bool IsOver { get; private set; }

        /// <summary>The table of -c has begun: nothing else follows.</summary>
        internal bool IsSummary { get; private set; }

        internal ReadOnlySpan<byte> Line => line.AsSpan(0, length);

        public void Dispose() => lines.Dispose();

        internal bool Advance(LogReader reader)
        {
            while (lines.Next(out var next))
            {
                reader.Bytes += next.Length + 1;
                if (lines.IsCut)
                {
                    reader.Complain(index, lines.Number, string.Create(CultureInfo.InvariantCulture, $"the line is longer than {LogLines.LongestLine >> 20} MiB"));
                    continue;
                }

                IsSummary |= next.StartsWith("% time "u8);
                if (line.Length < next.Length)
                {
                    line = new byte[next.Length * 2];
                }

                next.CopyTo(line);
                length = next.Length;
                if (reader.logs.Count > 1)
                {
                    Time = LogLineParser.Parse(Line).Time;
                }

                return true;
            }

            if (lines.Broken is { } reason)
            {
                reader.Complain(index, lines.Number + 1, $"the file ends early: {reason}");
            }

            IsOver = true;
            reader.finished += lines.FilePosition;
            return false;
        }
    }
}
