using System.IO.Compression;
using DaxSim.Policy;
using DaxSim.Scenarios.Recordings;

namespace DaxSim.Tests.Scenarios;

/// <summary>Recorded programs against the model. The steps and outcomes are those of recorded kernels (5.10.0-46, 6.1.0-56, 7.2.12) unless a test says otherwise.</summary>
public sealed class ProgramReplayTests : IDisposable
{
    private const string Setup = """{"seed":1,"step":-1,"op":"setup","kernel":"6.1.0-56-cloud-amd64","steps":60,"slots":6,"slot_pages":8,"file_pages":4}""";
    private const string MapDax = """{"seed":1,"step":0,"op":"mmap","proc":"P0","slot":0,"page":0,"n":2,"kind":"file_shared","prot":"rw","file":"dax","off":1,"res":"ok"}""";

    private readonly string folder = Directory.CreateTempSubdirectory("daxsim-replay").FullName;
    private readonly List<InputProblem> problems = [];
    private ProgramReplay? replay;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_program_agrees_when_every_outcome_does()
    {
        var steps = Replay(Setup, MapDax, Read(1, value: 145), """{"seed":1,"step":2,"op":"futex_wake","proc":"P0","slot":0,"page":0,"shared":1,"res":"ok","ret":0}""");

        steps.Should().OnlyContain(s => s.Agreement == Agreement.Agree);
        (replay!.Programs, replay.ProgramsAgree, replay.Agree).Should().Be((1, 1, 3));
        replay.Kernel!.Version.ToString().Should().Be("6.1.192", "the package of Debian's 6.1.0-56 is built from 6.1.192");
        problems.Should().BeEmpty();
    }

    [Fact]
    public void The_first_difference_is_explained()
    {
        // A value that no kernel gave: page 1 of the DAX file is filled with 0x91.
        var steps = Replay(Setup, MapDax, Read(1, value: 7), Read(2, value: 145));

        var parting = steps[0].Program.FirstParting;
        parting.Should().BeSameAs(steps[1]);
        (parting!.Recorded, parting.Simulated).Should().Be(("ok value 7", "ok value 145"));
        parting.DifferingFields.Should().Equal("value");
        parting.Explanation!.Verdict.IsOk.Should().BeTrue();
        steps[2].Agreement.Should().Be(Agreement.Agree, "explaining a step leaves the machine as the step does");
    }

    [Fact]
    public void A_fork_that_is_explained_happens_once()
    {
        var steps = Replay(
            Setup,
            """{"seed":1,"step":0,"op":"fork","proc":"P0","child":"P1","res":"errno","errno":"ENOMEM"}""",
            """{"seed":1,"step":1,"op":"exit","proc":"P1","res":"ok"}""",
            """{"seed":1,"step":2,"op":"write","proc":"P1","slot":0,"page":0,"value":1,"res":"errno","errno":"ESRCH"}""");

        steps.Select(s => s.Agreement).Should().Equal(Agreement.Differ, Agreement.Agree, Agreement.Agree);
    }

    [Fact]
    public void Another_kernel_answers_by_its_own_behaviour()
    {
        // MADV_POPULATE_READ came with 5.14; 5.10 answers EINVAL (recorded on both).
        var populate = """{"seed":1,"step":1,"op":"madvise","proc":"P0","slot":0,"page":0,"n":1,"advice":"POPULATE_READ","res":"ok"}""";

        Replay(Setup, MapDax, populate)[1].Agreement.Should().Be(Agreement.Agree);
        Replay(KernelVersion.Parse("5.10"), null, Setup, MapDax, populate)[1].Simulated.Should().Be("EINVAL");
    }

    [Fact]
    public void One_program_can_be_chosen()
    {
        var steps = Replay(null, 2, Setup, MapDax, Read(1, value: 145), Setup.Replace("\"seed\":1", "\"seed\":2", StringComparison.Ordinal), MapDax.Replace("\"seed\":1", "\"seed\":2", StringComparison.Ordinal));

        steps.Should().ContainSingle().Which.Program.Seed.Should().Be(2);
        replay!.Programs.Should().Be(1);
    }

    [Fact]
    public void Each_program_begins_on_a_fresh_machine()
    {
        var write = """{"seed":1,"step":1,"op":"write","proc":"P0","slot":0,"page":0,"value":9,"res":"ok"}""";
        var steps = Replay(Setup, MapDax, write, Setup.Replace(":1,", ":2,", StringComparison.Ordinal), MapDax.Replace(":1,\"step\"", ":2,\"step\"", StringComparison.Ordinal), Read(1, value: 145).Replace(":1,\"step\"", ":2,\"step\"", StringComparison.Ordinal));

        steps.Should().OnlyContain(s => s.Agreement == Agreement.Agree);
        replay!.ProgramsAgree.Should().Be(2);
    }

    [Theory]
    [InlineData("""{"seed":1,"step":2,"op":"frobnicate","proc":"P0"}""", "the operation 'frobnicate' is not known; such lines count as unknown.")]
    [InlineData("""{"seed":1,"step":2,"op":"read","proc":"P0","slot":0,"pa""", "the line is cut:*")]
    [InlineData("""{"seed":1,"step":2,"op":"read","proc":"P0","slot":"0","page":0}""", "'slot' is a string, expected a number.")]
    [InlineData("""{"seed":1.5,"step":2,"op":"read"}""", "'seed' is no whole number of 64 bits.")]
    [InlineData("""{"case":"anon_private/cold/read","op":"read"}""", "the line has no 'seed', which every line of the random format has.")]
    [InlineData("\u0001\u0002", "the line is no JSON object:*")]
    public void A_line_that_cannot_be_used_is_told_and_the_rest_runs(string line, string message)
    {
        var steps = Replay(Setup, MapDax, line, Read(3, value: 145));

        problems.Should().ContainSingle();
        problems[0].Line.Should().Be(3);
        problems[0].Message.Should().Match(message);
        steps[^1].Agreement.Should().Be(Agreement.Agree);
    }

    [Fact]
    public void A_step_whose_operands_make_no_sense_is_unknown()
    {
        var steps = Replay(Setup, MapDax, """{"seed":1,"step":1,"op":"read","proc":"P0","slot":99,"page":0,"res":"ok"}""", Read(2, value: 145));

        steps.Select(s => s.Agreement).Should().Equal(Agreement.Agree, Agreement.Unknown, Agreement.Agree);
        steps[1].Answer.UnknownBecause.Should().Be("the step cannot be made: 'slot' is 99; it must be 0 to 5.");
    }

    [Fact]
    public void A_program_after_damage_says_that_lines_are_missing()
    {
        Replay(Setup, MapDax, "{", Read(1, value: 145))[^1].Program.HasGaps.Should().BeTrue();
        Replay(Setup, MapDax, Read(1, value: 145))[^1].Program.HasGaps.Should().BeFalse();
    }

    [Fact]
    public void A_program_without_its_beginning_is_told_once()
    {
        var steps = Replay(MapDax, Read(1, value: 145));

        steps.Select(s => s.Agreement).Should().Equal(Agreement.Unknown, Agreement.Unknown);
        problems.Should().ContainSingle().Which.Message.Should().Be("the program with seed 1 has no set-up line; its earlier steps are missing.");
    }

    [Fact]
    public void A_cut_gzip_file_is_told_after_what_could_be_read()
    {
        var whole = new MemoryStream();
        using (var gzip = new GZipStream(whole, CompressionLevel.Fastest))
        {
            gzip.Write(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', Setup, MapDax, Read(1, value: 145)) + "\n"));
        }

        var path = Path.Combine(folder, "6.1.jsonl.gz");
        File.WriteAllBytes(path, whole.ToArray()[..^9]);
        replay = new ProgramReplay(path, problems.Add);
        _ = replay.Steps().Count();

        problems.Should().ContainSingle().Which.Message.Should().StartWith("reading stops here: the gzip data is damaged or cut off: it ends too early");
    }

    [Fact]
    public void A_kernel_without_persistent_memory_cannot_have_the_machine()
        => Replay(KernelVersion.Parse("3.10"), null, Setup, MapDax)[0].Answer.UnknownBecause.Should().Contain("no device pmem0");

    [Theory]
    [InlineData("missing.jsonl", "there is no such file.")]
    [InlineData("", "this is a directory: name the recordings in it.")]
    public void A_file_that_cannot_be_opened_is_one_problem(string name, string message)
    {
        replay = new ProgramReplay(Path.Combine(folder, name), problems.Add);

        replay.Steps().Should().BeEmpty();
        problems.Should().ContainSingle().Which.Message.Should().Be(message);
        replay.Damaged.Should().Be(1);
    }

    private static string Read(int step, int value)
        => $$"""{"seed":1,"step":{{step}},"op":"read","proc":"P0","slot":0,"page":0,"res":"ok","value":{{value}}}""";

    private List<ReplayedStep> Replay(params string[] lines) => Replay(null, null, lines);

    private List<ReplayedStep> Replay(KernelVersion? kernel, long? seed, params string[] lines)
    {
        var path = Path.Combine(folder, "6.1.jsonl");
        File.WriteAllLines(path, lines);
        problems.Clear();
        replay = new ProgramReplay(path, problems.Add, kernel: kernel, onlySeed: seed);
        return [.. replay.Steps()];
    }
}
