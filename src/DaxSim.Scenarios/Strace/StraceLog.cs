using System.Globalization;

namespace DaxSim.Scenarios.Strace;

/// <summary>A log to read.</summary>
public sealed class StraceLog
{
    private readonly Func<Stream> open;

    /// <summary>A log that comes from anywhere.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="open">Opens it; called once. The bytes may be plain or gzip.</param>
    /// <param name="pid">The process that all of it is of (a file of strace -ff); 0 when the lines say it, or there is only one.</param>
    /// <param name="bytes">How long it is, for progress; 0 when that is not known.</param>
    public StraceLog(string name, Func<Stream> open, int pid = 0, long bytes = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(open);
        ArgumentOutOfRangeException.ThrowIfNegative(pid);
        Name = name;
        this.open = open;
        Pid = pid;
        Bytes = bytes;
    }

    /// <summary>What messages call it.</summary>
    public string Name { get; }

    /// <summary>The process that all of it is of, or 0.</summary>
    public int Pid { get; }

    internal long Bytes { get; }

    /// <summary>
    /// The logs that paths mean: each file itself; for <c>LOG</c> where there is none but <c>LOG.123</c>, <c>LOG.124</c>, …, that set of strace -ff.
    /// </summary>
    /// <param name="paths">Paths as a user gives them.</param>
    /// <exception cref="FileNotFoundException">There is no such file or set; the message says so in a line.</exception>
    public static IReadOnlyList<StraceLog> Find(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var logs = new List<StraceLog>();
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
            {
                throw new FileNotFoundException($"{path} is a directory: name the log files in it.");
            }

            if (File.Exists(path))
            {
                logs.Add(OfFile(path));
                continue;
            }

            var set = FindSet(path);
            if (set.Count == 0)
            {
                throw new FileNotFoundException($"{path} does not exist, nor does a set {path}.PID of strace -ff.");
            }

            logs.AddRange(set);
        }

        return logs;
    }

    internal Stream Open() => open();

    private static List<StraceLog> FindSet(string path)
    {
        var directory = Path.GetDirectoryName(path);
        directory = string.IsNullOrEmpty(directory) ? "." : directory;
        if (path.Length == 0 || !Directory.Exists(directory))
        {
            return [];
        }

        var name = Path.GetFileName(path);
        return [.. Directory.EnumerateFiles(directory)
            .Where(f => Path.GetFileName(f).StartsWith($"{name}.", StringComparison.Ordinal) && PidOf(f) > 0 && WithoutPid(Path.GetFileName(f)) == name)
            .Select(f => (Pid: PidOf(f), File: f))
            .OrderBy(static f => f.Pid)
            .Select(static f => OfFile(f.File))];
    }

    private static StraceLog OfFile(string path)
        => new(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan), PidOf(path), LengthOf(path));

    private static long LengthOf(string path)
    {
        try
        {
            return new FileInfo(path).Length;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>The number at the end of <c>LOG.123</c> or <c>LOG.123.gz</c>; 0 when there is none.</summary>
    private static int PidOf(string path)
    {
        var name = path.EndsWith(".gz", StringComparison.Ordinal) ? path[..^3] : path;
        var dot = name.LastIndexOf('.');
        return dot >= 0 && int.TryParse(name.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid is > 0 and <= LogLineParser.LargestPid ? pid : 0;
    }

    private static string WithoutPid(string name)
    {
        name = name.EndsWith(".gz", StringComparison.Ordinal) ? name[..^3] : name;
        return name[..name.LastIndexOf('.')];
    }
}
