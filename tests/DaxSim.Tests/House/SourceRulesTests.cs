using System.Text.RegularExpressions;

namespace DaxSim.Tests.House;

/// <summary>House rules that are about text.</summary>
public class SourceRulesTests
{
    [Fact]
    public void No_source_file_is_longer_than_600_lines()
    {
        SourceTree.SourceFiles("src")
            .Select(f => (Path.GetRelativePath(SourceTree.Root, f), Lines: File.ReadLines(f).Count()))
            .Where(f => f.Lines > 600)
            .Should().BeEmpty("a file is one concept");
    }

    [Fact]
    public void Nothing_is_left_for_later()
    {
        Matches("src", new Regex(@"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedException")).Should().BeEmpty();
    }

    [Fact]
    public void Only_the_policy_room_compares_versions()
    {
        // KernelVersion literals or components outside Policy/ would be a second history.
        Matches("src/DaxSim", new Regex(@"KernelVersion\.(Parse|TryParse)\(|Policy\.Version\s*[<>=!]=?|\.Version\.(Major|Minor|Patch|Mainline|CompareTo)"))
            .Where(m => !m.Replace('\\', '/').StartsWith("src/DaxSim/Policy/", StringComparison.Ordinal))
            .Should().BeEmpty();
    }

    [Fact]
    public void Tests_and_sources_do_not_read_outside_the_repository()
    {
        Matches("src", new Regex(@"""/(work|root|tmp)/")).Concat(Matches("tests", new Regex(@"""/(work|root)/"))).Should().BeEmpty();
    }

    private static IEnumerable<string> Matches(string folder, Regex pattern)
        => from file in SourceTree.SourceFiles(folder)
           where Path.GetFileName(file) != $"{nameof(SourceRulesTests)}.cs"
           from line in File.ReadLines(file).Select((text, index) => (text, Number: index + 1))
           where pattern.IsMatch(line.text)
           select $"{Path.GetRelativePath(SourceTree.Root, file)}:{line.Number}: {line.text.Trim()}";
}
