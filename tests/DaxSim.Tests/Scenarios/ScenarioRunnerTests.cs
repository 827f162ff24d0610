using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Scenarios.Files;

namespace DaxSim.Tests.Scenarios;

/// <summary>Steps are the library's own calls; outcomes and reasons arrive unchanged.</summary>
public class ScenarioRunnerTests
{
    [Fact]
    public void A_step_that_needs_what_a_failed_one_did_not_give_is_skipped()
    {
        var run = Run("""
            title: t
            kernels: "4.14"
            machine: {}
            steps:
            - spawn: a
            - open: /nowhere/f
              as: file
              expect: ENOENT
            - mmap: {file: file}
              as: map
            - load: map
              expect: returns A
            """);

        run.Steps.Select(s => s.Outcome.ToString()).Should().Equal("ok", "ENOENT", "skipped", "skipped");
        run.Steps.Select(s => s.Passed).Should().Equal(true, true, true, false);
        run.Steps[3].Problem.Should().Be("expected returns A, got skipped: there is no map: the step that gives it did not succeed");
    }

    [Fact]
    public void What_a_process_does_after_its_end_is_skipped()
        => Run("""
            title: t
            kernels: "4.14"
            machine: {}
            steps:
            - spawn: a
            - exit:
            - mmap: {length: 4K}
              expect: skipped
            """).Passed.Should().BeTrue();

    [Fact]
    public void The_reason_is_that_of_the_library_call()
    {
        var run = Run("""
            title: t
            kernels: "4.16"
            machine:
              devices: ["dcssblk:EW"]
              mounts: [{device: /dev/dcssblk0, path: /m, type: ext4, options: dax, files: [{path: f}]}]
            steps:
            - spawn: a
            - open: /m/f
              as: f
            - mmap: {file: f, flags: shared}
              as: map
            - load: map
            - gup: map
              expect: EFAULT
            """);

        var machine = Machine.Build(m => m.Kernel("4.16", Architecture.S390X).Device("dcssblk:EW"));
        var mount = machine.Mount("/dev/dcssblk0", "/m", "ext4", "dax").Value;
        mount.PlaceFile("f", new byte[4096]);
        var process = machine.Spawn("a");
        var map = process.Mmap(0, 4096, Prot.Read | Prot.Write, MapFlags.Shared, mount.Open("f", OpenFlags.ReadWrite).Value).Value;
        process.ReadByte(map);
        var expected = machine.Explain(() => process.GetUserPages(map, 1));

        run.Steps[^1].Outcome.Verdict.Should().Be(expected.Verdict);
        run.Steps[^1].Reason.Should().Be(expected.Because);
        run.Steps[^1].Tests.Should().Equal(expected.Steps);
        machine.Audit().Should().BeEmpty();
    }

    [Fact]
    public void A_misuse_that_only_shows_when_it_runs_is_told_with_its_place()
    {
        var running = () => Run("title: t\nkernels: \"4.14\"\nmachine: {}\nsteps:\n- spawn: a\n- mmap: {length: 4K}\n  as: p\n- pin: p\n  as: pin\n- release: pin\n- release: pin\n");

        running.Should().Throw<FormatException>().WithMessage("f.yaml:11:3: release makes no sense on kernel 4.14: *");
    }

    [Fact]
    public void A_machine_that_does_not_fit_together_is_told_in_a_line()
    {
        var running = () => Run("title: t\nkernels: \"4.14\"\nmachine: {devices: [\"pmem:fsdax,at=4G\", \"pmem:fsdax,at=4G\"]}\nsteps: []\n");

        running.Should().Throw<FormatException>().WithMessage("f.yaml: the machine cannot be built on kernel 4.14: *overlaps*");
    }

    [Fact]
    public void Who_watches_sees_the_machine_after_every_step()
    {
        var seen = new List<string>();
        var scenario = Scenario.Parse("title: t\nkernels: \"4.14\"\nmachine: {}\nsteps:\n- spawn: a\n- mmap: {length: 4K}\n  as: p\n- fork: b\n", "f.yaml");

        ScenarioRunner.RunOn(scenario, KernelVersion.Parse("4.14"), m => seen.Add($"{m.Step?.Action} {string.Join('+', m.Processes.Select(p => p.Name))} {m.Areas.Count}"));

        seen.Should().Equal("  0", "spawn a 0", "mmap a 1", "fork a+b 1");
    }

    [Theory]
    [InlineData("ok", true)]
    [InlineData("returns 1", true)]
    [InlineData("returns 2", false)]
    [InlineData("shows 1", true)]
    [InlineData("shows not 2", true)]
    [InlineData("EFAULT", false)]
    [InlineData("any", true)]
    [InlineData("skipped", false)]
    public void An_expectation_matches_an_outcome_or_does_not(string expected, bool matches)
        => ExpectedOutcome.Parse(expected).Matches(new StepOutcome(Verdict.Ok, "1")).Should().Be(matches);

    private static ScenarioRun Run(string text)
    {
        var scenario = Scenario.Parse(text, "f.yaml");
        return ScenarioRunner.RunOn(scenario, scenario.RunsOn[0]);
    }
}
