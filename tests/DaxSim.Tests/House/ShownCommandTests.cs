using System.Text.RegularExpressions;
using DaxSim.Scenarios.Files;
using DaxSim.Tests.Tool;

namespace DaxSim.Tests.House;

/// <summary>
/// No block of README and docs escapes the tests: every fence is of a kind that one of them reads, every indented command is executed here or by
/// .ci/run, and every command named within a line exists.
/// </summary>
public partial class ShownCommandTests
{
    /// <summary>Who looks at a fence: <see cref="DocumentationTests"/>, <see cref="CodeBlockTests"/>, this class; pictures have no output to compare.</summary>
    private static readonly string[] Fences = ["console", "csharp", "xml", "text", "yaml", "mermaid", "drawing"];

    private static readonly (string Command, string In, string Means)[] RunByCi =
    [
        ("dotnet test -c Release DaxSim.sln", ".ci/run", "command=$(readme_test_command)"),
        ("dotnet pack -c Release ../DaxSim/DaxSim.sln -o ../DaxSim/artifacts/packages", ".ci/run", "dotnet pack -c Release --no-build DaxSim.sln -o artifacts/packages"),
        ("dotnet test", ".ci/run", "cd '$folder/first' && dotnet test"),
    ];

    public static TheoryData<string> Documents => new(Texts.Keys);

    private static SortedDictionary<string, string[]> Texts { get; } = new(
        Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "src"), "README.md", SearchOption.AllDirectories))
            .Append(Path.Combine(SourceTree.Root, "README.md"))
            .ToDictionary(f => Path.GetRelativePath(SourceTree.Root, f), File.ReadAllLines),
        StringComparer.Ordinal);

    public static TheoryData<string, string> IndentedCommands
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (file, lines) in Texts)
            {
                foreach (var command in Indented(lines))
                {
                    data.Add(file, command);
                }
            }

            return data;
        }
    }

    public static TheoryData<string, string> NamedCommands
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (file, lines) in Texts)
            {
                foreach (var command in Outside(lines).SelectMany(l => Named().Matches(l)).Select(m => m.Groups[1].Value).Distinct())
                {
                    data.Add(file, command);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_fence_is_of_a_kind_that_a_test_reads(string document)
    {
        var inside = false;
        foreach (var line in Texts[document])
        {
            line.Should().NotMatchRegex(@"^\s*~~~|^\s+```|^````", "a fence begins with three backticks at the start of its line");
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inside = !inside;
                if (inside)
                {
                    Fences.Should().Contain(line[3..].Split(' ')[0], $"'{line}' is read by no test");
                    (line is "```console" or "```yaml" or "```mermaid" or "```drawing" || line.Contains(' ', StringComparison.Ordinal)).Should().BeTrue($"'{line}' has to name its source");
                }
            }
        }

        inside.Should().BeFalse("every fence is closed");
    }

    /// <summary>Programs are run as far as they are daxsim itself; the rest is what .ci/run does, and the document says the same as that.</summary>
    [Theory]
    [MemberData(nameof(IndentedCommands))]
    public void An_indented_command_works(string document, string command)
    {
        const string FromSource = "dotnet run -c Release --project src/DaxSim.Tool -- ";
        const string Benchmarks = "tests/DaxSim.Benchmarks";
        if (command.StartsWith("daxsim ", StringComparison.Ordinal) || command.StartsWith(FromSource, StringComparison.Ordinal))
        {
            var arguments = command[(command.StartsWith(FromSource, StringComparison.Ordinal) ? FromSource.Length : "daxsim ".Length)..]
                .Replace("/boot/config-$(uname -r)", Path.Combine(SourceTree.Root, "tests/DaxSim.Tests/Data/config-6.1.0-56-cloud-amd64.gz"), StringComparison.Ordinal);
            var said = Daxsim.Run([.. System.CommandLine.Parsing.CommandLineParser.SplitCommandLine(arguments)]);
            (said.ExitCode, said.Error).Should().Be((0, ""), $"{document} shows '{command}'");
            said.Out.Should().NotBeEmpty();
        }
        else if (command.Contains(Benchmarks, StringComparison.Ordinal))
        {
            // .ci/run starts every benchmark once. What a program of measurements is asked for has to be something that it knows.
            var words = command.Split(' ');
            var program = File.ReadAllText(Path.Combine(SourceTree.Root, Benchmarks, "Program.cs"));
            words.Any(w => program.Contains($"[\"{w}\"]", StringComparison.Ordinal) || w == "--filter").Should().BeTrue($"the benchmarks know nothing of '{command}'");
            File.ReadAllText(Path.Combine(SourceTree.Root, ".ci/run")).Should().Contain($"dotnet run -c Release --no-build --project {Benchmarks} -- --filter '*'");
        }
        else
        {
            var known = RunByCi.SingleOrDefault(c => c.Command == command);
            known.Command.Should().NotBeNull($"{document} shows '{command}', which nothing runs");
            File.ReadAllText(Path.Combine(SourceTree.Root, known.In)).Should().Contain(known.Means, $"that is what executes '{command}'");
        }
    }

    [Theory]
    [MemberData(nameof(NamedCommands))]
    public void A_command_that_is_named_exists(string document, string command)
    {
        var said = Daxsim.Run(command, "--help");

        (said.ExitCode, said.Error).Should().Be((0, ""), $"{document} speaks of 'daxsim {command}'");
        said.Out.Should().Contain($"daxsim {command}");
    }

    [Fact]
    public void A_scenario_that_is_shown_runs()
    {
        var shown = Texts.SelectMany(t => Fenced(t.Value, "yaml").Select((text, i) => (Name: $"{t.Key} {i + 1}.daxsim.yaml", Text: text))).ToList();

        shown.Should().NotBeEmpty();
        foreach (var (name, text) in shown)
        {
            var result = ScenarioRunner.Run(Scenario.Parse(text, name));
            result.Runs.SelectMany(r => r.Steps.Select(s => s.Problem).Concat(r.Findings)).Where(p => p is not null).Should().BeEmpty(name);
            result.Passed.Should().BeTrue(name);
        }
    }

    private static IEnumerable<string> Fenced(string[] lines, string kind)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i] == $"```{kind}")
            {
                var end = Array.IndexOf(lines, "```", i);
                yield return string.Join('\n', lines[(i + 1)..end]) + "\n";
                i = end;
            }
        }
    }

    /// <summary>The lines that stand in no fence.</summary>
    private static IEnumerable<string> Outside(string[] lines)
    {
        var inside = false;
        foreach (var line in lines)
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inside = !inside;
            }
            else if (!inside)
            {
                yield return line;
            }
        }
    }

    /// <summary>Indented blocks: four blanks or a tab after an empty line, until a line that is not indented.</summary>
    private static IEnumerable<string> Indented(string[] lines)
    {
        var (before, block) = ("", false);
        foreach (var line in Outside(lines))
        {
            var isIndented = line.StartsWith("    ", StringComparison.Ordinal) || line.StartsWith('\t');
            block = isIndented && (block || before.Length == 0);
            if (block)
            {
                yield return line.Trim();
            }

            before = line.Trim();
        }
    }

    /// <summary>A command within a line, such as <c>`daxsim why --kernel V`</c>.</summary>
    [GeneratedRegex("`daxsim ([a-z]+)[^`]*`")]
    private static partial Regex Named();
}
