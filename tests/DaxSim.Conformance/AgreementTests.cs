using System.Collections.Concurrent;
using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Replay;

namespace DaxSim.Conformance.Tests;

/// <summary>Every recorded observation and program of every kernel given, replayed.</summary>
public sealed class AgreementTests
{
    private static readonly Ratchet Reached = Ratchet.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ratchet.tsv")));
    private static readonly ConcurrentDictionary<string, Lazy<Replayed>> Replays = new(StringComparer.Ordinal);

    public static TheoryData<string> Files
    {
        get
        {
            var data = new TheoryData<string>();
            foreach (var file in Recordings.All)
            {
                data.Add(Path.GetRelativePath(Recordings.Folder, file));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void TheRecordingIsWhole(string file) => Replay(file).Problems.Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Files))]
    public void AgreementIsNotLost(string file)
        => Reached.Losses(Replay(file).Report).Should().BeEmpty("tests/DaxSim.Conformance/README.md says how to update the ratchet after an intended change");

    [Theory]
    [MemberData(nameof(Files))]
    public void EveryDifferenceIsListed(string file) => Replay(file).Unlisted.Should().BeEmpty("a difference from a real kernel is fixed or listed in the errata");

    private static Replayed Replay(string file) => Replays.GetOrAdd(file, static f => new Lazy<Replayed>(() => Run(f))).Value;

    private static Replayed Run(string file)
    {
        var problems = new List<string>();
        var unlisted = new List<string>();
        var report = FileReplay.Run(
            Path.Combine(Recordings.Folder, file),
            null,
            (judgement, erratum) =>
            {
                if (judgement.Agreement == Agreement.Differ && erratum is null && IsSettled(judgement.Observation))
                {
                    unlisted.Add($"{judgement.Observation.Case}: {judgement.Expected} / {judgement.Got}");
                }
            },
            p => problems.Add(p.ToString()));
        return new Replayed(report, problems, unlisted);
    }

    /// <summary>Programs, mounts and the administration of devices agree in full; the tables of operations have the ratchet until they do.</summary>
    private static bool IsSettled(Reading.Observation observation) => observation.Format switch
    {
        Reading.RecordingFormat.Random => true,
        Reading.RecordingFormat.Cells => observation.Mapping == "-" && observation.Operation is "mount" or "remount" or "dax_inode_flag" or "partition",
        _ => observation.Mapping == "-",
    };

    private sealed record Replayed(ReplayReport Report, IReadOnlyList<string> Problems, IReadOnlyList<string> Unlisted);
}
