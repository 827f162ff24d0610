namespace DaxSim.Conformance.Tests;

/// <summary>The recordings that lie beside the test program.</summary>
internal static class Recordings
{
    internal static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "data");

    internal static IEnumerable<string> All => Directory.EnumerateFiles(Folder, "*.gz", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    internal static string Named(string format, string kernel) => Path.Combine(Folder, format, $"{kernel}.jsonl.gz");
}
