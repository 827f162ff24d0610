using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;
using DaxSim.Policy;

namespace DaxSim.Conformance.Replay;

/// <summary>Replays one recording against the simulator.</summary>
public sealed class FileReplay
{
    private readonly string path;
    private readonly KernelVersion? forced;
    private readonly Action<Judgement, Errata.Erratum?> observe;
    private readonly Action<InputProblem> report;
    private readonly HashSet<string> unknownNames = new(StringComparer.Ordinal);
    private readonly Dictionary<(RecordingFormat Format, string Kernel), IReplaySession> sessions = [];
    private readonly ReplayReport result;
    private KernelRelease? currentRelease;
    private string? currentText;
    private long? seed;
    private bool programAgrees;

    private FileReplay(string path, KernelVersion? forced, Action<Judgement, Errata.Erratum?> observe, Action<InputProblem> report)
    {
        this.path = path;
        this.forced = forced;
        this.observe = observe;
        this.report = report;
        result = new ReplayReport(path);
    }

    /// <summary>Replays a file.</summary>
    /// <param name="path">The recording.</param>
    /// <param name="kernel">The version to simulate instead of the recorded one, or null.</param>
    /// <param name="observe">Called for every observation with the erratum that lists its difference, if any.</param>
    /// <param name="report">Called for every input problem.</param>
    public static ReplayReport Run(string path, KernelVersion? kernel, Action<Judgement, Errata.Erratum?> observe, Action<InputProblem> report)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(observe);
        ArgumentNullException.ThrowIfNull(report);
        return new FileReplay(path, kernel, observe, report).Run();
    }

    private ReplayReport Run()
    {
        foreach (var observation in RecordingReader.Read(path, Report))
        {
            var release = Release(observation);
            if (release is null)
            {
                continue;
            }

            result.Kernel ??= release;
            if (observation.Format == RecordingFormat.Random && StartOrContinue(observation))
            {
                continue;
            }

            Judge(observation, release);
        }

        EndProgram();
        return result;
    }

    private void Judge(Observation observation, KernelRelease release)
    {
        Answer answer;
        if (!OperationCatalog.IsKnown(observation.Format, observation.Operation))
        {
            ReportUnknown(observation);
            answer = Answer.Unknown("the operation is not one that recordings are known to contain");
        }
        else
        {
            answer = Ask(observation, release);
        }

        var comparison = FieldComparer.Compare(observation, answer, release);
        result.Count(comparison);
        programAgrees &= comparison.Agreement == Agreement.Agree;
        var erratum = comparison.Agreement == Agreement.Differ ? Errata.ErrataList.Find(comparison, release) : null;
        if (comparison.Agreement == Agreement.Differ && erratum is null)
        {
            result.UnlistedDifferences++;
        }

        observe(comparison, erratum);
    }

    /// <summary>A defect of the simulator counts as a difference; the rest of the file still runs.</summary>
    private Answer Ask(Observation observation, KernelRelease release)
    {
        try
        {
            return Session(observation, release).Replay(observation);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            sessions.Clear();
            var answer = new Answer();
            answer.Set("simulator", $"{e.GetType().Name}: {e.Message}");
            answer.Note(e.StackTrace?.Split('\n')[0].Trim() ?? "");
            return answer;
        }
    }

    /// <summary>Keeps the books of programs; true for a set-up line, which is no observation.</summary>
    private bool StartOrContinue(Observation observation)
    {
        var number = observation.Number("seed");
        var isSetup = observation.Operation == "setup";
        if (isSetup || number != seed)
        {
            EndProgram();
            seed = number;
            programAgrees = true;
            if (Release(observation) is { } release && Session(observation, release) is Programs.ProgramSession session)
            {
                if (isSetup)
                {
                    session.Begin(observation);
                }
                else
                {
                    session.GiveUp();
                }
            }

            if (!isSetup)
            {
                Report(new InputProblem(path, observation.Line, $"the program with seed {number} has no set-up line; its earlier steps are missing."));
            }
        }

        return isSetup;
    }

    private void EndProgram()
    {
        if (seed is not null)
        {
            result.Programs++;
            result.ProgramsAgree += programAgrees ? 1 : 0;
            seed = null;
        }
    }

    private IReplaySession Session(Observation observation, KernelRelease release)
    {
        var key = (observation.Format, release.Text);
        if (!sessions.TryGetValue(key, out var session))
        {
            // A real file has one kernel; endless different ones must not fill the memory.
            if (sessions.Count >= 16)
            {
                sessions.Clear();
            }

            sessions[key] = session = observation.Format switch
            {
                RecordingFormat.Cells => new Cells.CellsSession(release),
                RecordingFormat.Random => new Programs.ProgramSession(release),
                RecordingFormat.Old => new Old.OldSession(release),
                _ => new S390.S390Session(release),
            };
        }

        return session;
    }

    private KernelRelease? Release(Observation observation)
    {
        var text = observation.Text("kernel") ?? (observation.Format == RecordingFormat.Random && currentText is not null ? currentText : RecordingFile.KernelName(path));
        if (text == currentText)
        {
            return currentRelease;
        }

        currentText = text;
        if (forced is { } version)
        {
            // The name may still tell a variant; if it tells nothing the version alone counts.
            currentRelease = KernelRelease.TryRead(text, out var named, out _) ? named.WithVersion(version) : KernelRelease.Of(version, text);
        }
        else if (!KernelRelease.TryRead(text, out currentRelease, out var problem))
        {
            Report(new InputProblem(path, observation.Line, problem));
        }

        return currentRelease;
    }

    private void ReportUnknown(Observation observation)
    {
        if (unknownNames.Count < 100 && unknownNames.Add(observation.Operation))
        {
            Report(new InputProblem(path, observation.Line, $"the operation '{Shorten(observation.Operation)}' is not known; such lines count as unknown.", IsDamage: false));
        }
    }

    private void Report(InputProblem problem)
    {
        if (problem.IsDamage)
        {
            result.Damaged++;
        }

        report(problem);
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
