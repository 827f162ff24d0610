using DaxSim.Tests.Tool;

namespace DaxSim.Tests.House;

/// <summary>What README and docs show as output of the program is its output.</summary>
/// <remarks>
/// A fence marked <c>console</c> holds commands after <c>$ daxsim</c>, each followed by what it prints. When the output changes on purpose,
/// run these tests once with DAXSIM_UPDATE_DOCS=1: they write the new output into the documents.
/// </remarks>
public class DocumentationTests
{
    private const string Prompt = "$ daxsim ";

    public static TheoryData<string, string, string> Commands
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var file in Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "src"), "README.md", SearchOption.AllDirectories)).Append(Path.Combine(SourceTree.Root, "README.md")).Order(StringComparer.Ordinal))
            {
                if (Environment.GetEnvironmentVariable("DAXSIM_UPDATE_DOCS") == "1")
                {
                    Update(file);
                }

                foreach (var (command, output) in Shown(File.ReadAllLines(file)))
                {
                    data.Add(Path.GetRelativePath(SourceTree.Root, file), command, output);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Shown_output_is_what_the_command_prints(string file, string command, string shown)
    {
        Run(command).Should().Be(shown.TrimEnd(), $"{file} shows 'daxsim {command}'");
    }

    [Fact]
    public void The_readme_shows_the_program_and_gives_two_commands()
    {
        var lines = File.ReadAllLines(Path.Combine(SourceTree.Root, "README.md"));

        Shown(lines).Should().NotBeEmpty();
        lines.Where(l => l.StartsWith("    dotnet ", StringComparison.Ordinal)).Select(l => l.Trim())
            .Should().Equal("dotnet run -c Release --project src/DaxSim.Tool -- matrix", "dotnet test -c Release DaxSim.sln");
    }

    private static string Run(string command)
    {
        var said = Daxsim.Run([.. System.CommandLine.Parsing.CommandLineParser.SplitCommandLine(command)]);
        said.Error.Should().BeEmpty($"a document does not show a refused command ({command})");
        return said.Out.TrimEnd();
    }

    private static void Update(string file)
    {
        var lines = new List<string>();
        var inside = false;
        var skipping = false;
        foreach (var line in File.ReadAllLines(file))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                (inside, skipping) = (line == "```console", false);
            }

            var isCommand = inside && line.StartsWith(Prompt, StringComparison.Ordinal);
            if (isCommand || !skipping)
            {
                lines.Add(line);
            }

            if (isCommand)
            {
                lines.AddRange(Run(line[Prompt.Length..]).Split('\n'));
                skipping = true;
            }
        }

        File.WriteAllLines(file, lines);
    }

    private static IEnumerable<(string Command, string Output)> Shown(string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i] != "```console")
            {
                continue;
            }

            for (i++; lines[i] != "```";)
            {
                lines[i].Should().StartWith(Prompt);
                var command = lines[i++][Prompt.Length..];
                var output = new List<string>();
                while (lines[i] != "```" && !lines[i].StartsWith(Prompt, StringComparison.Ordinal))
                {
                    output.Add(lines[i++]);
                }

                yield return (command, string.Join('\n', output));
            }
        }
    }
}
