namespace DaxSim.Consumer;

/// <summary>Texts that the documents show: one file each, below Expected/.</summary>
internal static class Expected
{
    internal static string Text(string file) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Expected", file)).TrimEnd('\n');
}
