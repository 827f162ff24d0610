namespace DaxSim.Tests.House;

/// <summary>Code that README and docs show is code that tests run: a part of tests/DaxSim.Consumer, which uses the packed packages.</summary>
/// <remarks>
/// A fence names the part after the language: <c>csharp Tutorial.cs#first-test</c> is what stands between <c>#region first-test</c> and <c>#endregion</c> there,
/// without the indentation; <c>text Expected/failing-test.txt</c> is the whole file. Run once with DAXSIM_UPDATE_DOCS=1, the tests write the parts into the documents.
/// </remarks>
public class CodeBlockTests
{
    private static readonly string[] Languages = ["csharp", "xml", "text"];

    private static string Consumer => Path.Combine(SourceTree.Root, "tests", "DaxSim.Consumer");

    public static TheoryData<string> Documents => new(
        Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "src"), "README.md", SearchOption.AllDirectories))
            .Append(Path.Combine(SourceTree.Root, "README.md"))
            .Select(f => Path.GetRelativePath(SourceTree.Root, f))
            .Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Documents))]
    public void Code_is_shown_as_the_consumer_runs_it(string document)
    {
        var path = Path.Combine(SourceTree.Root, document);
        var lines = File.ReadAllLines(path);
        var expected = Filled(lines);
        if (Environment.GetEnvironmentVariable("DAXSIM_UPDATE_DOCS") == "1" && !expected.SequenceEqual(lines))
        {
            File.WriteAllLines(path, expected);
        }

        string.Join('\n', lines).Should().Be(string.Join('\n', expected));
    }

    [Fact]
    public void A_region_is_found_and_loses_its_indentation()
    {
        Part("Tutorial.cs#first-test")[0].Should().Be("[Fact]");
        Part("DaxSim.Consumer.csproj#packages")[0].Should().Be("<ItemGroup>");
    }

    [Fact]
    public void Code_without_a_source_is_refused()
    {
        var act = () => Filled(["```csharp", "x();", "```"]);

        act.Should().Throw<InvalidOperationException>().WithMessage("*names no part of tests/DaxSim.Consumer*");
    }

    private static List<string> Filled(string[] lines)
    {
        var filled = new List<string>();
        for (var i = 0; i < lines.Length; i++)
        {
            filled.Add(lines[i]);
            if (!lines[i].StartsWith("```", StringComparison.Ordinal) || lines[i].Length == 3)
            {
                continue;
            }

            var words = lines[i][3..].Split(' ');
            var end = Array.IndexOf(lines, "```", i + 1);
            if (Languages.Contains(words[0]))
            {
                if (words.Length != 2)
                {
                    throw new InvalidOperationException($"'{lines[i]}' names no part of tests/DaxSim.Consumer: write it like ```csharp Tutorial.cs#first-test.");
                }

                filled.AddRange(Part(words[1]));
            }
            else
            {
                filled.AddRange(lines[(i + 1)..end]);
            }

            filled.Add("```");
            i = end;
        }

        return filled;
    }

    private static string[] Part(string name)
    {
        var parts = name.Split('#');
        var lines = File.ReadAllLines(Path.Combine(Consumer, parts[0]));
        if (parts.Length == 1)
        {
            return lines;
        }

        var start = Array.FindIndex(lines, l => l.Trim() is var t && (t == $"#region {parts[1]}" || t == $"<!-- #region {parts[1]} -->"));
        var end = start < 0 ? -1 : Array.FindIndex(lines, start, l => l.Contains("#endregion", StringComparison.Ordinal));
        if (end < 0)
        {
            throw new InvalidOperationException($"tests/DaxSim.Consumer/{parts[0]} has no '#region {parts[1]}' with its '#endregion'.");
        }

        var inside = lines[(start + 1)..end];
        var indent = inside.Where(l => l.Length > 0).Min(l => l.Length - l.TrimStart().Length);
        return [.. inside.Select(l => l.Length == 0 ? l : l[indent..])];
    }
}
