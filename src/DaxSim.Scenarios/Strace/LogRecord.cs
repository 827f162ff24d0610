using System.Buffers;

namespace DaxSim.Scenarios.Strace;

/// <summary>What a line of a log is.</summary>
internal enum RecordKind
{
    /// <summary>Nothing, or nothing of interest: an empty line, what strace says about itself, a stack frame, the summary of -c.</summary>
    Other,

    /// <summary>A system call with its result.</summary>
    Call,

    /// <summary>A system call that another process's line interrupted: <c>read(3, &lt;unfinished ...&gt;</c>.</summary>
    Unfinished,

    /// <summary>The rest of it: <c>&lt;... read resumed&gt;"x", 1) = 1</c>.</summary>
    Resumed,

    /// <summary><c>--- SIGSEGV {si_signo=SIGSEGV, ...} ---</c>.</summary>
    Signal,

    /// <summary><c>+++ exited with 0 +++</c> or <c>+++ killed by SIGKILL +++</c>.</summary>
    Exit,

    /// <summary>A frame of -k: <c> > /usr/lib/libc.so.6(read+0x10) [0x10e1b4]</c>.</summary>
    Frame,

    /// <summary>A row of the dump of -e read or -e write: <c> | 00000  7f 45 4c 46 ... |</c>.</summary>
    Dump,

    /// <summary>No line of strace's.</summary>
    Garbage,
}

/// <summary>One line of a log, cut into its parts; the spans are of the line.</summary>
internal ref struct LogRecord
{
    internal RecordKind Kind;

    /// <summary>0 when the line does not say.</summary>
    internal int Pid;

    /// <summary>Seconds, for putting several files in order; NaN when the line has no time that allows it.</summary>
    internal double Time;

    /// <summary>The instruction pointer of -i; 0 when there is none.</summary>
    internal ulong Instruction;

    /// <summary>The call's name; the signal's for a signal.</summary>
    internal ReadOnlySpan<byte> Name;

    /// <summary>What follows the opening parenthesis (or <c>resumed&gt;</c>), up to the end of the line.</summary>
    internal ReadOnlySpan<byte> Rest;

    /// <summary>The process that strace says it attached to, 0 when it does not; it says so in the middle of a call, too.</summary>
    internal int Attached;

    /// <summary>What is wrong with the line, when it is garbage.</summary>
    internal string? Problem;
}

/// <summary>Cuts lines into prefix, name and the rest. Allocates nothing.</summary>
internal static class LogLineParser
{
    /// <summary>PID_MAX_LIMIT of 64-bit kernels.</summary>
    internal const int LargestPid = 4194304;

    /// <summary>What is wrong with a line that is none of strace's.</summary>
    internal const string NoLine = "it is neither a system call nor a signal nor an exit";

    private const int Name = 64;

    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_?"u8);

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>Reads one line.</summary>
    /// <param name="line">The line without its end.</param>
    internal static LogRecord Parse(ReadOnlySpan<byte> line)
    {
        var record = new LogRecord { Time = double.NaN };
        line = line.TrimEnd(" \t\r"u8);
        if (line.IsEmpty)
        {
            return record;
        }

        if (line[0] == ' ' && line.Length > 3 && line[2] == ' ')
        {
            switch (line[1])
            {
                case (byte)'>':
                    record.Kind = RecordKind.Frame;
                    record.Rest = line[3..];
                    return record;
                case (byte)'|':
                    record.Kind = RecordKind.Dump;
                    record.Rest = line[3..];
                    return record;
                case (byte)'*' or (byte)'=' when line.IndexOf(" buffer"u8) >= 0:
                    // " * 5 bytes in buffer 0" and " = 2 buffers in vector 0" head the dumps of vectors.
                    return record;
            }
        }

        var rest = Prefix(line, ref record);
        if (rest.IsEmpty)
        {
            return record.Pid != 0 || !double.IsNaN(record.Time) ? record : Garbage(record, "the line holds a number and nothing else");
        }

        return rest[0] switch
        {
            (byte)'<' when rest.SequenceEqual("<unfinished ...>"u8) => record,
            (byte)'<' => Resumed(rest, record),
            (byte)')' or (byte)',' => Continued(rest, record),
            (byte)'-' when rest.StartsWith("--- "u8) => Signal(rest, record),
            (byte)'+' when rest.StartsWith("+++ "u8) => Exit(rest, record),
            _ => Call(rest, record),
        };
    }

    /// <summary>Process id, time, instruction pointer and call number, in whatever order strace put them.</summary>
    private static ReadOnlySpan<byte> Prefix(ReadOnlySpan<byte> line, scoped ref LogRecord record)
    {
        var rest = line.TrimStart(" \t"u8);
        var padded = rest.Length < line.Length;
        while (!rest.IsEmpty)
        {
            if (rest[0] == '[')
            {
                var close = rest.IndexOf((byte)']');
                if (close < 0 || !Bracket(rest[1..close], ref record))
                {
                    return rest;
                }

                rest = rest[(close + 1)..].TrimStart((byte)' ');
            }
            else if (rest[0] is >= (byte)'0' and <= (byte)'9')
            {
                if (Named(rest, ref record) is > 0 and var named)
                {
                    rest = rest[named..].TrimStart((byte)' ');
                    continue;
                }

                var word = rest[..(rest.IndexOfAny(" \t"u8) is >= 0 and var end ? end : rest.Length)];
                if (!Number(word, padded, ref record))
                {
                    return rest;
                }

                rest = rest[word.Length..].TrimStart(" \t"u8);
            }
            else if (rest[0] == '(' && rest.StartsWith("(+"u8) && rest.IndexOf((byte)')') is > 0 and var delta)
            {
                // -r together with an absolute time: "(+     0.000123)".
                rest = rest[(delta + 1)..].TrimStart((byte)' ');
            }
            else
            {
                return rest;
            }
        }

        return rest;
    }

    /// <summary>1234&lt;bash&gt;, as --decode-pids=comm writes a process: its length, or 0.</summary>
    private static int Named(ReadOnlySpan<byte> rest, scoped ref LogRecord record)
    {
        var digits = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits <= 0 || rest[digits] != '<' || !LogText.TryPid(rest[..digits], out var pid))
        {
            return 0;
        }

        var close = rest.IndexOf("> "u8);
        if (close < 0)
        {
            return 0;
        }

        record.Pid = pid;
        return close + 1;
    }

    private static bool Bracket(ReadOnlySpan<byte> inside, scoped ref LogRecord record)
    {
        if (inside.StartsWith("pid"u8))
        {
            // [pid  1234], or [pid 1234<bash>] with --decode-pids=comm.
            var number = inside[3..].TrimStart((byte)' ');
            var end = number.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            return LogText.TryPid(end < 0 ? number : number[..end], out record.Pid);
        }

        var text = inside.Trim((byte)' ');
        if (inside.Length >= 8 && (text.IndexOfAnyExcept(HexDigits) < 0 || text.IndexOfAnyExcept((byte)'?') < 0))
        {
            LogText.TryHex(text, out record.Instruction);
            return true;
        }

        // -n: the number of the call.
        return text.Length is > 0 and <= 8 && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
    }

    private static bool Number(ReadOnlySpan<byte> word, bool padded, scoped ref LogRecord record)
    {
        if (word.IndexOf((byte)':') >= 0)
        {
            return LogText.TryClock(word, out record.Time);
        }

        if (word.IndexOf((byte)'.') >= 0)
        {
            if (!LogText.TrySeconds(word, out var seconds))
            {
                return false;
            }

            // Times since the last call put nothing in order; those since 1970 do.
            record.Time = seconds > LargestPid ? seconds : double.NaN;
            return true;
        }

        if (!padded && record.Pid == 0 && double.IsNaN(record.Time) && LogText.TryPid(word, out var pid))
        {
            record.Pid = pid;
            return true;
        }

        if (LogText.TrySeconds(word, out var whole))
        {
            record.Time = whole > LargestPid ? whole : double.NaN;
            return true;
        }

        return false;
    }

    private static LogRecord Call(ReadOnlySpan<byte> rest, LogRecord record)
    {
        var length = rest.IndexOf((byte)'(');
        if (length is <= 0 or > Name || rest[..length].ContainsAnyExcept(NameBytes))
        {
            return Words(rest, record);
        }

        record.Name = rest[..length];
        record.Rest = rest[(length + 1)..];
        record.Kind = rest.EndsWith("<unfinished ...>"u8) ? RecordKind.Unfinished : RecordKind.Call;
        if (record.Kind == RecordKind.Unfinished)
        {
            record.Rest = record.Rest[..^"<unfinished ...>".Length].TrimEnd((byte)' ');
        }
        else if (record.Rest.EndsWith(" attached"u8) && record.Rest.LastIndexOf("Process "u8) is >= 0 and var at)
        {
            // clone(strace: Process 12 attached
            record.Attached = PidAfterProcess(record.Rest[at..]);
            record.Rest = record.Rest[..at];
            record.Rest = record.Rest.EndsWith("strace: "u8) ? record.Rest[..^"strace: ".Length] : record.Rest;
            record.Kind = RecordKind.Unfinished;
        }
        else if (rest.EndsWith("<detached ...>"u8) || rest.EndsWith("<ptrace(SYSCALL):No such process>"u8))
        {
            record.Kind = RecordKind.Other;
        }

        return record;
    }

    private static LogRecord Resumed(ReadOnlySpan<byte> rest, LogRecord record)
    {
        var marker = rest.IndexOf(" resumed>"u8);
        if (!rest.StartsWith("<... "u8) || marker < 5)
        {
            return Garbage(record, "it begins with '<' but is no resumed call");
        }

        record.Kind = RecordKind.Resumed;
        record.Name = rest[5..marker];
        record.Rest = rest[(marker + " resumed>".Length)..];
        return record;
    }

    /// <summary>The rest of a call that strace's own words interrupted; it does not say of which.</summary>
    private static LogRecord Continued(ReadOnlySpan<byte> rest, LogRecord record)
    {
        record.Kind = RecordKind.Resumed;
        record.Rest = rest;
        return record;
    }

    /// <summary>Of "Process 12 attached", 12.</summary>
    private static int PidAfterProcess(ReadOnlySpan<byte> words)
    {
        var number = words["Process ".Length..];
        var end = number.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return end > 0 && LogText.TryPid(number[..end], out var pid) ? pid : 0;
    }

    private static LogRecord Signal(ReadOnlySpan<byte> rest, LogRecord record)
    {
        if (!rest.EndsWith("---"u8))
        {
            return Garbage(record, "a signal's line without its end");
        }

        var inside = rest[4..^3].Trim((byte)' ');
        var space = inside.IndexOf((byte)' ');
        record.Kind = RecordKind.Signal;
        record.Name = space < 0 ? inside : inside[..space];
        record.Rest = space < 0 ? default : inside[(space + 1)..];
        return record;
    }

    private static LogRecord Exit(ReadOnlySpan<byte> rest, LogRecord record)
    {
        // "+++ superseded by execve in pid N +++" is the end of a thread too.
        record.Kind = rest.EndsWith("+++"u8) ? RecordKind.Exit : RecordKind.Garbage;
        record.Name = rest;
        record.Problem = record.Kind == RecordKind.Garbage ? "an exit's line without its end" : null;
        return record;
    }

    /// <summary>What strace says about itself, and the table of -c.</summary>
    private static LogRecord Words(ReadOnlySpan<byte> rest, LogRecord record)
    {
        if (rest.StartsWith("strace:"u8) || rest.StartsWith("Process "u8) || rest.StartsWith("[ Process"u8) || rest.StartsWith("% time"u8) || rest.StartsWith("------"u8)
            || rest.StartsWith("System call usage summary"u8) || rest.StartsWith("syscall "u8))
        {
            if (rest.IndexOf("Process "u8) is >= 0 and var at && rest[at..].IndexOf(" attached"u8) >= 0)
            {
                record.Attached = PidAfterProcess(rest[at..]);
            }

            return record;
        }

        // -z writes the rest of an unfinished call on a line of its own, without a word before it.
        return LogArguments.TrySplit(rest, out var arguments) && arguments.After.TrimStart((byte)' ').StartsWith("= "u8)
            ? Continued(rest, record)
            : Garbage(record, NoLine);
    }

    private static LogRecord Garbage(LogRecord record, string problem)
    {
        record.Kind = RecordKind.Garbage;
        record.Problem = problem;
        return record;
    }
}
