using DaxSim.Tests.House.Documents;

namespace DaxSim.Tests.House;

/// <summary>Documents that are generated are what the code renders now. DAXSIM_UPDATE_DOCS=1 writes them anew.</summary>
public class GeneratedDocumentationTests
{
    [Fact]
    public void The_history_of_the_kernel_is_up_to_date() => Check(new() { ["kernels.md"] = KernelsDocument.Render() });

    [Fact]
    public void The_reference_is_up_to_date()
    {
        var pages = ReferenceDocument.Render();
        Check(pages);
        Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs", "reference")).Select(f => $"reference/{Path.GetFileName(f)}").Should().BeSubsetOf(pages.Keys, "a page of a namespace that is gone goes too");
    }

    private static void Check(Dictionary<string, string> documents)
    {
        foreach (var (name, text) in documents)
        {
            var file = Path.Combine(SourceTree.Root, "docs", name);
            if (Environment.GetEnvironmentVariable("DAXSIM_UPDATE_DOCS") == "1")
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.WriteAllText(file, text);
            }

            // Only the first difference is worth showing.
            var (there, wanted) = (File.Exists(file) ? File.ReadAllLines(file) : [], text.TrimEnd('\n').Split('\n'));
            var line = Enumerable.Range(0, Math.Max(there.Length, wanted.Length)).FirstOrDefault(i => there.ElementAtOrDefault(i) != wanted.ElementAtOrDefault(i), -1);
            (line < 0 ? null : there.ElementAtOrDefault(line)).Should().Be(line < 0 ? null : wanted.ElementAtOrDefault(line), $"docs/{name} is generated, and line {line + 1} is stale: run this test once with DAXSIM_UPDATE_DOCS=1");
        }
    }
}
