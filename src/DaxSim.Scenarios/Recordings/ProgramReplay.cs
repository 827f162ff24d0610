using DaxSim.Policy;

namespace DaxSim.Scenarios.Recordings;

/// <summary>Replays a file of recorded programs (see <see cref="ProgramTrace"/>) against the model, step by step. Memory does not grow with the file.</summary>
public sealed class ProgramReplay
{
    private const int MostUnknownNames = 100;
    private const int MostPlayers = 4;

    private readonly string path;
    private readonly Func<KernelRelease, KernelPolicy> kernelOf;
    private readonly KernelVersion? forced;
    private readonly long? onlySeed;
    private readonly Action<InputProblem> report;
    private readonly HashSet<string> unknownNames = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ProgramPlayer> players = new(StringComparer.Ordinal);
    private ReplayedProgram? program;
    private ProgramPlayer? player;
    private string? releaseText;
    private KernelRelease? release;
    private long skippedSeed;
    private bool skipping;
    private bool damaged;
    private bool named;

    /// <summary>Prepares a replay; nothing is read yet.</summary>
    /// <param name="path">The file: JSON lines, plain or gzip, or a pipe.</param>
    /// <param name="report">Called for every problem of the input; the rest is still replayed.</param>
    /// <param name="kernelOf">The kernel to simulate for a recorded one; null for Debian's kernel of that version on x86_64.</param>
    /// <param name="kernel">The version to simulate instead of the recorded one, or null.</param>
    /// <param name="onlySeed">The only program to replay, or null for all.</param>
    public ProgramReplay(string path, Action<InputProblem> report, Func<KernelRelease, KernelPolicy>? kernelOf = null, KernelVersion? kernel = null, long? onlySeed = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(report);
        this.path = path;
        this.report = report;
        this.kernelOf = kernelOf ?? Usual;
        forced = kernel;
        this.onlySeed = onlySeed;
    }

    /// <summary>The first kernel that was replayed, or null when it never became known.</summary>
    public KernelRelease? Release { get; private set; }

    /// <summary>The first kernel that was simulated.</summary>
    public KernelPolicy? Kernel { get; private set; }

    /// <summary>The programs.</summary>
    public long Programs { get; private set; }

    /// <summary>Those that agree to their last line.</summary>
    public long ProgramsAgree { get; private set; }

    /// <summary>The steps and closing lines that agree.</summary>
    public long Agree { get; private set; }

    /// <summary>Those that differ.</summary>
    public long Differ { get; private set; }

    /// <summary>Those of which the simulator does not know the outcome.</summary>
    public long Unknown { get; private set; }

    /// <summary>Lines, or whole files, that could not be read.</summary>
    public long Damaged { get; private set; }

    /// <summary>The usual kernel of a recorded release: Debian's configuration on x86_64.</summary>
    public static KernelPolicy Usual(KernelRelease release)
    {
        ArgumentNullException.ThrowIfNull(release);
        return KernelPolicy.Mainline(release.Version, Architecture.X8664, KernelConfig.Debian(release.Version, Architecture.X8664));
    }

    /// <summary>Replays the file; every step is given when it was made. Call it once.</summary>
    public IEnumerable<ReplayedStep> Steps()
    {
        foreach (var line in RecordingFile.Read(path, Complain))
        {
            if (ProgramTrace.Schema.Check(line) is { } wrong)
            {
                Complain(new InputProblem(path, line.Line, wrong));
                continue;
            }

            var seed = line.Number("seed");
            if (seed is null || line.Number("step") is null)
            {
                Complain(new InputProblem(path, line.Line, $"'{(seed is null ? "seed" : "step")}' is no whole number of 64 bits."));
            }
            else if ((onlySeed ?? seed) == seed && TryEnter(line, seed.Value) && line.Operation != "setup")
            {
                yield return Step(line);
            }
        }

        End();
    }

    private ReplayedStep Step(RecordedLine line)
    {
        Answer answer;
        Explanation? explanation = null;
        if (!ProgramTrace.IsKnown(line.Operation))
        {
            if (unknownNames.Count < MostUnknownNames && unknownNames.Add(line.Operation))
            {
                report(new InputProblem(path, line.Line, $"the operation '{Shorten(line.Operation)}' is not known; such lines count as unknown.", IsDamage: false));
            }

            answer = Answer.Unknown("the operation is not one that programs are known to contain");
        }
        else
        {
            answer = player!.Play(line);
        }

        program!.HasGaps |= damaged;
        damaged = false;
        var differences = ProgramTrace.Differences(line, answer);
        if (program.FirstParting is null && answer.UnknownBecause is null && differences.Count > 0)
        {
            explanation = player!.ExplainLast();
        }

        var step = new ReplayedStep(program, line, answer, differences) { Explanation = explanation };
        program.Count(step);
        return step;
    }

    /// <summary>Makes the line's program the current one; false when it cannot be replayed.</summary>
    private bool TryEnter(RecordedLine line, long seed)
    {
        var isSetup = line.Operation == "setup";
        if (!isSetup && program?.Seed == seed)
        {
            return true;
        }

        if (!isSetup && skipping && seed == skippedSeed)
        {
            return false;
        }

        End();
        if (ReleaseOf(line, isSetup) is not { } known)
        {
            (skipping, skippedSeed) = (true, seed);
            return false;
        }

        if (!isSetup)
        {
            Complain(new InputProblem(path, line.Line, $"the program with seed {seed} has no set-up line; its earlier steps are missing."));
        }

        skipping = false;
        player = PlayerOf(known);
        program = new ReplayedProgram(seed, known, player.Kernel);
        Release ??= known;
        Kernel ??= player.Kernel;
        damaged = !isSetup;
        if (isSetup)
        {
            player.Begin(line);
        }
        else
        {
            player.GiveUp(ProgramPlayer.NoSetup);
        }

        return true;
    }

    private void End()
    {
        if (program is not null)
        {
            Programs++;
            ProgramsAgree += program.FirstParting is null ? 1 : 0;
            Agree += program.Agree;
            Differ += program.Differ;
            Unknown += program.Unknown;
            program = null;
        }
    }

    private ProgramPlayer PlayerOf(KernelRelease known)
    {
        if (!players.TryGetValue(known.Text, out var found))
        {
            // A real file has one kernel; endless different ones must not fill the memory.
            if (players.Count == MostPlayers)
            {
                players.Clear();
            }

            players[known.Text] = found = new ProgramPlayer(kernelOf(known));
        }

        return found;
    }

    private KernelRelease? ReleaseOf(RecordedLine line, bool isSetup)
    {
        var text = (isSetup ? line.Text("kernel") : null) ?? releaseText ?? RecordingFile.KernelName(path);
        if (text == releaseText && named)
        {
            return release;
        }

        (releaseText, named) = (text, true);
        if (forced is { } version)
        {
            release = KernelRelease.TryRead(text, out var told, out _) ? told.WithVersion(version) : KernelRelease.Of(version, text);
        }
        else if (!KernelRelease.TryRead(text, out release, out var problem))
        {
            Complain(new InputProblem(path, line.Line, problem));
        }

        return release;
    }

    private void Complain(InputProblem problem)
    {
        Damaged += problem.IsDamage ? 1 : 0;
        damaged = true;
        report(problem);
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
