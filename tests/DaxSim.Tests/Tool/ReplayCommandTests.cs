namespace DaxSim.Tests.Tool;

/// <summary><c>daxsim replay</c> on a program that 6.1 ran: a private mapping of memory without struct pages whose first page was copied cannot be forked (recorded), on 7.2 it can.</summary>
public sealed class ReplayCommandTests : IDisposable
{
    private const string Sample = "docs/samples/private-device-memory.jsonl";
    private readonly string folder = Directory.CreateTempSubdirectory("daxsim-replay").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_recorded_kernel_agrees()
    {
        var run = Daxsim.Run("replay", Sample);

        run.ExitCode.Should().Be(0);
        run.Lines.Should().Contain("program 1: agrees, 5 lines").And.Contain("1 program, 1 agree to the last line; steps: 5 agree, 0 differ, 0 unknown");
    }

    [Fact]
    public void Another_kernel_parts_at_the_fork_and_says_why()
    {
        var run = Daxsim.Run("replay", Sample, "--kernel", "7.2");

        run.ExitCode.Should().Be(1);
        run.Out.Should().Contain("!     2   P0 fork child P1\n          recorded    ENOMEM\n          model       ok\n          because     ");
        run.Out.Should().Contain("program 1: parts at step 2 (line 4); 4 of 5 lines agree, 1 differ, 0 unknown");
    }

    [Fact]
    public void Json_is_an_array_with_an_object_per_file()
    {
        var run = Daxsim.Run("replay", Sample, Sample, "--kernel", "7.2", "--json");

        run.ExitCode.Should().Be(1);
        run.Json.GetArrayLength().Should().Be(2);
        var file = run.Json[1];
        (file.GetProperty("file").GetString(), file.GetProperty("kernel").GetString(), file.GetProperty("version").GetString()).Should().Be((Sample, "6.1.0-56-cloud-amd64", "7.2"));
        var parting = file.GetProperty("programs")[0].GetProperty("firstParting");
        (parting.GetProperty("step").GetInt64(), parting.GetProperty("recorded").GetString(), parting.GetProperty("simulated").GetString()).Should().Be((2, "ENOMEM", "ok"));
    }

    [Fact]
    public void A_chosen_program_is_shown_step_by_step()
    {
        var run = Daxsim.Run("replay", Sample, "--program", "1", "--json");

        run.Json[0].GetProperty("programs")[0].GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("agreement").GetString())
            .Should().Equal("agree", "agree", "agree", "agree", "agree");
    }

    [Fact]
    public void Damage_is_told_with_file_and_line_and_the_rest_is_replayed()
    {
        var path = Path.Combine(folder, "6.1.jsonl");
        File.WriteAllLines(path, [.. File.ReadLines(Sample).Take(5), "{\"seed\":1,\"st"]);

        var run = Daxsim.Run("replay", path);

        run.ExitCode.Should().Be(2);
        run.Error.Should().StartWith($"daxsim: {path}:6: the line is cut:");
        run.Out.Should().Contain("4 agree, 0 differ, 0 unknown");
    }

    [Fact]
    public void A_flood_of_damage_is_cut_short()
    {
        var path = Path.Combine(folder, "6.1.jsonl");
        File.WriteAllLines(path, Enumerable.Repeat("nonsense", 1000));

        var run = Daxsim.Run("replay", path);

        run.ExitCode.Should().Be(2);
        run.Error.TrimEnd('\n').Split('\n').Should().HaveCount(51).And.Subject.Last().Should().Be("daxsim: 950 further problems are not shown.");
    }

    [Theory]
    [InlineData("4.12..4.18", "A replay simulates one kernel")]
    [InlineData("9.9", "Kernel 9.9 is not modelled")]
    public void A_kernel_must_be_one_that_is_modelled(string kernel, string because)
        => Daxsim.Run("replay", Sample, "--kernel", kernel).ShouldBeRefused(because);

    [Fact]
    public void A_seed_is_a_number() => Daxsim.Run("replay", Sample, "--program", "first").ShouldBeRefused("'first' is no seed");

    [Fact]
    public void A_seed_that_is_not_there_is_told()
    {
        var run = Daxsim.Run("replay", Sample, "--program", "77");

        run.ExitCode.Should().Be(2);
        run.Error.Should().Contain("there is no program with seed 77 in it.");
    }
}
