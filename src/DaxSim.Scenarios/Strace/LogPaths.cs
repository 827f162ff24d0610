namespace DaxSim.Scenarios.Strace;

/// <summary>Paths of the recorded system.</summary>
internal static class LogPaths
{
    private const int Longest = 4096;

    /// <summary>An absolute path without <c>.</c>, <c>..</c> and doubled slashes; null when it is not absolute or too long.</summary>
    internal static string? Normalize(string path)
    {
        if (path.Length is 0 or > Longest || path[0] != '/' || path.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        if (!path.Contains("//", StringComparison.Ordinal) && !path.Contains("/.", StringComparison.Ordinal))
        {
            return path.Length > 1 && path[^1] == '/' ? path[..^1] : path;
        }

        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part == "..")
            {
                parts.RemoveRange(Math.Max(0, parts.Count - 1), Math.Min(1, parts.Count));
            }
            else if (part.Length > 0 && part != ".")
            {
                parts.Add(part);
            }
        }

        return $"/{string.Join('/', parts)}";
    }

    /// <summary>A path as a call gives it, from the directory that it starts in; null when that directory is not known.</summary>
    internal static string? Resolve(string? directory, string path)
        => path.Length > 0 && path[0] == '/' ? Normalize(path)
            : directory is null ? null
            : path.Length == 0 ? directory
            : Normalize($"{directory}/{path}");

    internal static bool IsAt(string path, string place)
        => path.StartsWith(place, StringComparison.Ordinal) && (path.Length == place.Length || place.Length == 1 || path[place.Length] == '/');

    /// <summary>/dev, /proc or /sys for a path there: they are no part of what is mounted at /. Null for others.</summary>
    internal static string? OwnFileSystem(string path)
        => IsAt(path, "/dev") ? "/dev" : IsAt(path, "/proc") ? "/proc" : IsAt(path, "/sys") ? "/sys" : null;

    /// <summary>The directories that became links into /usr.</summary>
    internal static bool IsMergedIntoUsr(string path)
        => IsAt(path, "/lib") || IsAt(path, "/lib64") || IsAt(path, "/lib32") || IsAt(path, "/bin") || IsAt(path, "/sbin");
}
