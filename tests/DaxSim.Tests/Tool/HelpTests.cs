namespace DaxSim.Tests.Tool;

public class HelpTests
{
    public static TheoryData<string> Commands => ["matrix", "admit", "why", "history", "replay", "run"];

    [Fact]
    public void The_program_explains_itself()
    {
        var run = Daxsim.Run("--help");

        run.ExitCode.Should().Be(0);
        run.Out.Should().Contain("matrix").And.Contain("admit").And.Contain("why").And.Contain("history").And.Contain("Exit codes:");
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_has_help_with_examples(string command)
    {
        var run = Daxsim.Run(command, "--help");

        run.ExitCode.Should().Be(0);
        run.Error.Should().BeEmpty();
        run.Out.Should().Contain("Examples:\n").And.Contain($"  daxsim {command}").And.Contain("--json");
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_example_of_the_help_runs(string command)
    {
        foreach (var line in Daxsim.Run(command, "--help").Lines.Where(l => l.StartsWith($"  daxsim {command}", StringComparison.Ordinal)))
        {
            if (line.Contains("/boot/config-", StringComparison.Ordinal))
            {
                continue;
            }

            var args = System.CommandLine.Parsing.CommandLineParser.SplitCommandLine(line.Trim()["daxsim ".Length..])
                .Select(a => a.StartsWith("docs/", StringComparison.Ordinal) ? Path.Combine(House.SourceTree.Root, a) : a).ToArray();
            var run = Daxsim.Run(args);
            run.Error.Should().BeEmpty($"'{line.Trim()}' is an example");
            run.ExitCode.Should().BeOneOf([0, 1], $"'{line.Trim()}' is an example");
        }
    }

    [Fact]
    public void The_version_is_one_line()
    {
        Daxsim.Run("--version").Out.Trim().Should().MatchRegex(@"^\d+\.\d+\.\d+\S*$");
    }
}
