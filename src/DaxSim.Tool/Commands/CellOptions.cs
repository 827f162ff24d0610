using System.CommandLine;
using DaxSim.Cells;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Commands;

/// <summary>The options that describe one operation on one mapping, shared by <c>cell</c>, <c>why</c> and <c>matrix</c>.</summary>
internal static class CellOptions
{
    private static readonly string[] Outcomes = ["ok", "errno", "signal", "oops", "undefined", "unknown", "blocked"];

    /// <summary>What help says about mappings and operations.</summary>
    internal static IReadOnlyList<string> Notes { get; } =
    [
        "Mappings (DEVICE/FS,shared|private,cold|rd|wr): one page of a file, untouched, read or written before.",
        "  DEVICE as for 'daxsim admit' (dcssblk:EW, pmem:raw, ...), FS one of ext2, ext4, xfs, erofs, virtiofs;",
        "  anon, shmem, pagecache, hugetlb, devmem or devdax in place of DEVICE/FS.",
        "",
        "Operations:",
        .. CellOperation.All.Select(o => $"  {o.Name,-21} {o.Description}"),
        "",
    ];

    internal static Option<string?> MappingOption(string description) => new("--mapping", "-m") { Description = description, HelpName = "SPEC" };

    internal static Option<string?> OperationOption(string description) => new("--op", "--operation") { Description = description, HelpName = "OP" };

    internal static Option<string?> ExpectOption() => new("--expect") { Description = $"Exit with 1 unless the outcome is this: {string.Join(", ", Outcomes)}, an error name such as EFAULT, or a signal such as SIGBUS.", HelpName = "OUTCOME" };

    /// <summary>Reads the question, and the same question for any other kernel.</summary>
    internal static (CellQuestion Question, Func<KernelVersion, CellQuestion> Elsewhere) Read(KernelChoice choice, string? mappingText, string? operationText)
    {
        var mapping = CellMapping.Parse(mappingText ?? throw new UsageException("Say which mapping: --mapping SPEC, for example --mapping pmem:raw/ext4,shared,wr."));
        var operation = CellOperation.Parse(operationText ?? throw new UsageException("Say which operation: --op OP, for example --op gup-read; 'daxsim cell --help' lists them."));
        if (choice.Versions.Count != 1)
        {
            throw new UsageException($"This command answers for one kernel, not for {choice.Versions.Count}: give --kernel one version, or use 'daxsim matrix --mapping'.");
        }

        var architecture = choice.Architecture ?? mapping.UsualArchitecture;
        var question = new CellQuestion(choice.One(architecture), mapping, operation);
        choice.CheckAllApplied();
        return (question, version => question with
        {
            Policy = choice.Config is null ? KernelPolicy.Mainline(version, architecture) : KernelPolicy.Mainline(version, architecture, choice.Config.For(version, architecture)),
        });
    }

    /// <summary>The exit code: 1 only when <c>--expect</c> names another outcome.</summary>
    internal static int Judge(string? expected, CellAnswer answer)
    {
        if (expected is null)
        {
            return ExitCode.Ok;
        }

        if (!Outcomes.Contains(expected) && !Enum.TryParse<Errno>(expected, out _) && !Enum.TryParse<Signal>(expected, out _))
        {
            throw new UsageException($"'{expected}' is no outcome: expect {string.Join(", ", Outcomes)}, an error name such as EFAULT, or a signal such as SIGBUS.");
        }

        return expected == answer.Outcome || expected == answer.ErrnoName() || expected == answer.SignalName() ? ExitCode.Ok : ExitCode.DoesNotHold;
    }
}
