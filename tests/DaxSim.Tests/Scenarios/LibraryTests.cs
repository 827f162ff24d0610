using DaxSim.Scenarios.Files;
using DaxSim.Tests.House;

namespace DaxSim.Tests.Scenarios;

/// <summary>The library under docs/scenarios: every file runs, and holds, on every kernel it names.</summary>
public class LibraryTests
{
    private static string Folder => Path.Combine(SourceTree.Root, "docs", "scenarios");

    public static TheoryData<string> Names => [.. ScenarioFiles.Find([Folder]).Select(f => Path.GetFileName(f))];

    private static List<Scenario> All => [.. ScenarioFiles.Find([Folder]).Select(Scenario.Read)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_scenario_holds_on_every_kernel_it_names(string name)
    {
        var result = ScenarioRunner.Run(Scenario.Read(Path.Combine(Folder, name)));

        var problems = from run in result.Runs
                       from problem in run.Steps.Where(s => !s.Passed).Select(s => $"{run.Kernel} {s.Place.Line}: {s.Action}: {s.Problem} ({s.Reason})").Concat(run.Findings.Select(f => $"{run.Kernel} audit: {f}"))
                       select problem;
        problems.Should().BeEmpty();
        result.Passed.Should().BeTrue();
        result.Runs.Should().NotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_scenario_says_what_it_is_why_and_how_that_is_known(string name)
    {
        var scenario = Scenario.Read(Path.Combine(Folder, name));

        scenario.Why.Length.Should().BeGreaterThan(30);
        scenario.Sources.Should().NotBeEmpty();
        File.ReadAllText(Path.Combine(Folder, name)).Should().StartWith("# yaml-language-server: $schema=../../src/DaxSim.Scenarios/daxsim.schema.json\n$schema: ../../src/DaxSim.Scenarios/daxsim.schema.json\n");
    }

    [Fact]
    public void There_are_at_least_forty_and_no_two_have_the_same_title()
    {
        All.Should().HaveCountGreaterThanOrEqualTo(40);
        All.Select(s => s.Title).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void A_scenario_can_fail()
    {
        // If a wrong expectation passed, the tests above would prove nothing.
        var file = Path.Combine(Folder, "gup-of-page-less-memory.daxsim.yaml");
        var wrong = File.ReadAllText(file).Replace("\"..5.17\": EFAULT, \"5.18..\": EEXIST", "\"..5.16\": EFAULT, \"5.17..\": EEXIST", StringComparison.Ordinal);

        var result = ScenarioRunner.Run(Scenario.Parse(wrong));

        result.Runs.Where(r => !r.Passed).Select(r => r.Kernel.ToString()).Should().Equal("5.17");
        result.Runs.Single(r => !r.Passed).Steps.First(s => !s.Passed).Problem.Should().Be("expected EEXIST, got EFAULT");
    }

    [Fact]
    public void The_index_is_made_from_the_files()
    {
        var path = Path.Combine(Folder, "README.md");
        var index = ScenarioIndex.Write(All);
        if (Environment.GetEnvironmentVariable("DAXSIM_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(path, index);
        }

        File.ReadAllText(path).ReplaceLineEndings("\n").Should().Be(index, "run these tests once with DAXSIM_UPDATE_DOCS=1");
    }
}
