using DaxSim.Tests.House.Documents;

namespace DaxSim.Tests.House;

/// <summary>Documents that are generated are what the code renders now. DAXSIM_UPDATE_DOCS=1 writes them anew.</summary>
public class GeneratedDocumentationTests
{
    [Fact]
    public void The_history_of_the_kernel_is_up_to_date() => Check(new() { ["kernels.md"] = KernelsDocument.Render() });

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

            (File.Exists(file) ? File.ReadAllText(file) : "").Should().Be(text, $"docs/{name} is generated: run this test once with DAXSIM_UPDATE_DOCS=1");
        }
    }
}
