using DaxSim.Scenarios.Files;
using DaxSim.Tests.House;

namespace DaxSim.Tests.Tool;

public sealed class RunCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("daxsim-run-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_scenario_that_holds_exits_with_0_and_neighbouring_kernels_share_a_line()
    {
        var run = Daxsim.Run("run", Write("good", "ok"));

        run.ExitCode.Should().Be(0);
        run.Lines[1].Should().Be("  pass  4.14..4.16 x86_64 (3 kernels)");
        run.Out.Should().EndWith("1 scenario, 3 runs: 3 passed, 0 failed\n");
    }

    [Fact]
    public void A_failed_expectation_exits_with_1_and_tells_step_expected_got_and_why()
    {
        var run = Daxsim.Run("run", Write("bad", "EFAULT"), "--kernels", "4.15");

        run.ExitCode.Should().Be(1);
        run.Out.Should().Contain("FAIL  4.15 x86_64").And.Contain("step 3 (line 8) a: gup page").And.Contain("expected EFAULT, got returns 1").And.Contain("because ");
    }

    [Fact]
    public void The_json_has_every_step_on_every_kernel()
    {
        var json = Daxsim.Run("run", Write("bad", "EFAULT"), "--json").Json;

        json.GetProperty("failed").GetInt32().Should().Be(3);
        var step = json.GetProperty("scenarios")[0].GetProperty("kernels")[1].GetProperty("steps")[2];
        step.GetProperty("step").GetInt32().Should().Be(3);
        step.GetProperty("line").GetInt32().Should().Be(8);
        step.GetProperty("in").GetString().Should().Be("a");
        step.GetProperty("expected").GetString().Should().Be("EFAULT");
        step.GetProperty("outcome").GetString().Should().Be("returns 1");
        step.GetProperty("passed").GetBoolean().Should().BeFalse();
        step.GetProperty("because").GetString().Should().NotBeEmpty();
    }

    [Fact]
    public void Directories_and_patterns_stand_for_the_files_in_them()
    {
        Write("one", "ok");
        Write("two", "ok");

        Daxsim.Run("run", folder).Out.Should().Contain("2 scenarios, 6 runs");
        Daxsim.Run("run", $"{folder}/t*.daxsim.yaml").Out.Should().Contain("1 scenario, 3 runs");
        Daxsim.Run("run", folder, $"{folder}/one.daxsim.yaml").Out.Should().Contain("2 scenarios");
    }

    /// <summary>70e806e4e645 (5.9): fork copies pinned pages. Without it, a child shares them as before.</summary>
    [Fact]
    public void A_commit_taken_out_shows_what_it_decided()
    {
        var pinned = Path.Combine(SourceTree.Root, "docs", "scenarios", "pinned-page-and-fork.daxsim.yaml");

        var without = Daxsim.Run("run", pinned, "--kernels", "5.8..5.10", "--revert", "70e806e4e645");

        without.ExitCode.Should().Be(1);
        without.Out.Should().Contain("pass  5.8 x86_64").And.Contain("FAIL  5.9..5.10 x86_64").And.Contain("expected returns P, got returns b");
        Daxsim.Run("run", pinned, "--kernels", "5.8", "--pick", "70e806e4e645").Out.Should().Contain("expected returns b, got returns P");
        Daxsim.Run("run", pinned, "--kernels", "4.14", "--revert", "70e806e4e645").ShouldBeRefused("None of the kernels asked about has 70e806e4e645");
        Daxsim.Run("run", pinned, "--revert", "zzz").ShouldBeRefused("'zzz' is no commit");
    }

    [Fact]
    public void A_configuration_says_kernel_and_what_was_built_in()
    {
        var config = Path.Combine(AppContext.BaseDirectory, "Data", "config-6.1.0-56-cloud-amd64.gz");
        var scenarios = Path.Combine(SourceTree.Root, "docs", "scenarios");

        Daxsim.Run("run", $"{scenarios}/pinned-page-and-fork.daxsim.yaml", "--config", config).Out.Should().Contain("pass  6.1.192 x86_64");
        Daxsim.Run("run", $"{scenarios}/fork-over-page-less-dax.daxsim.yaml", "--config", config).ShouldBeRefused("runs on s390x, and");
    }

    [Fact]
    public void The_schema_is_printed_for_editors() => Daxsim.Run("run", "--schema").Out.Should().Be(ScenarioSchema.Text);

    [Fact]
    public void Bad_input_is_one_line()
    {
        Daxsim.Run("run").ShouldBeRefused("Say which scenarios");
        Daxsim.Run("run", $"{folder}/none.daxsim.yaml").ShouldBeRefused("does not exist");
        Daxsim.Run("run", folder).ShouldBeRefused("there is no scenario file");
        Daxsim.Run("run", $"{folder}/*.yaml").ShouldBeRefused("no file matches");
        File.WriteAllText($"{folder}/x.daxsim.yaml", "title: [");
        Daxsim.Run("run", folder).ShouldBeRefused("x.daxsim.yaml:2:1: ");
        File.WriteAllBytes($"{folder}/x.daxsim.yaml", [0xff, 0xfe, 0x00, 0x80]);
        Daxsim.Run("run", folder).ShouldBeRefused("x.daxsim.yaml");
        Daxsim.Run("run", Path.Combine(SourceTree.Root, "docs/scenarios"), "--kernels", "9.9").ShouldBeRefused("9.9");
    }

    private string Write(string name, string expected)
    {
        var path = $"{folder}/{name}.daxsim.yaml";
        File.WriteAllText(path, $"title: {name}\nkernels: \"4.14..4.16\"\nmachine: {{}}\nsteps:\n- spawn: a\n- mmap: {{length: 4K}}\n  as: page\n- gup: page\n  expect: {expected}\n");
        return path;
    }
}
