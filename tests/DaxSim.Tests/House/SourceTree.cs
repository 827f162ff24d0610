using System.Runtime.CompilerServices;

namespace DaxSim.Tests.House;

/// <summary>The repository that these tests were compiled from.</summary>
internal static class SourceTree
{
    internal static string Root { get; } = Find();

    internal static IEnumerable<string> SourceFiles(string folder)
        => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                && !f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static string Find([CallerFilePath] string here = "")
    {
        // A deterministic build replaces the compile-time path, so walk up from the test assembly when it does not exist.
        var folder = File.Exists(here) ? Path.GetDirectoryName(here) : AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "DaxSim.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("The tests run outside the repository: DaxSim.sln is in no parent folder.");
    }
}
