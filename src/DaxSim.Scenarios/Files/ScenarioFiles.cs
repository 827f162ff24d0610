using System.Text.RegularExpressions;

namespace DaxSim.Scenarios.Files;

/// <summary>Finds scenario files: by name, in directories, by pattern.</summary>
public static class ScenarioFiles
{
    /// <summary>How the name of a scenario file ends.</summary>
    public const string Ending = ".daxsim.yaml";

    /// <summary>The files that are meant, each once, in the order of the arguments and by name within one.</summary>
    /// <param name="names">Files; directories, which stand for the scenario files in and below them; patterns with <c>*</c>, <c>?</c> and <c>**</c>.</param>
    /// <exception cref="FormatException">A name stands for no file; the message says which.</exception>
    public static IReadOnlyList<string> Find(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var found = new List<string>();
        foreach (var name in names)
        {
            var files = Of(name);
            found.AddRange(files.Where(f => !found.Contains(f)));
        }

        return found;
    }

    private static List<string> Of(string name)
    {
        if (File.Exists(name))
        {
            return [name];
        }

        try
        {
            if (Directory.Exists(name))
            {
                var inside = Below(name).Where(f => f.EndsWith(Ending, StringComparison.Ordinal)).ToList();
                return inside.Count > 0 ? inside : throw new FormatException($"{name}: there is no scenario file (*{Ending}) in that directory.");
            }

            var star = name.AsSpan().IndexOfAny('*', '?');
            if (star >= 0)
            {
                var slash = name[..star].LastIndexOf('/');
                var root = slash < 0 ? "." : slash == 0 ? "/" : name[..slash];
                var pattern = new Regex($"^{PatternOf(name)}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
                var matching = Directory.Exists(root) ? Below(root).Select(f => slash < 0 ? f[2..] : f).Where(f => pattern.IsMatch(f)).ToList() : [];
                return matching.Count > 0 ? matching : throw new FormatException($"{name}: no file matches.");
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{name} cannot be read: {problem.Message}");
        }

        throw new FormatException($"{name} does not exist.");
    }

    private static IEnumerable<string> Below(string directory)
        => Directory.EnumerateFiles(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 16, AttributesToSkip = FileAttributes.System })
            .Select(f => f.Replace('\\', '/')).Order(StringComparer.Ordinal);

    private static string PatternOf(string name)
        => Regex.Escape(name).Replace(@"\*\*/", "(.*/)?", StringComparison.Ordinal).Replace(@"\*\*", ".*", StringComparison.Ordinal).Replace(@"\*", "[^/]*", StringComparison.Ordinal).Replace(@"\?", "[^/]", StringComparison.Ordinal);
}
