using DaxSim.Scenarios.Files;

namespace DaxSim.Scenarios.Reports;

/// <summary>The colour and mark of an outcome. Every one is also said in words.</summary>
public enum ReportTone
{
    /// <summary>It works.</summary>
    Good,

    /// <summary>It works in part: mounted without DAX, or with a report in the kernel's log.</summary>
    Middling,

    /// <summary>An error number.</summary>
    Bad,

    /// <summary>A signal.</summary>
    Signal,

    /// <summary>The kernel crashes, uses garbage or never returns; or nothing is known.</summary>
    Odd,

    /// <summary>There is nothing to ask: the kernel lacks the device.</summary>
    Absent,
}

/// <summary>What a cell tells when it is opened.</summary>
/// <param name="Heading">The question, in a line.</param>
/// <param name="Outcome">The answer, in a few words.</param>
/// <param name="Paragraphs">Why, in sentences.</param>
/// <param name="Tests">The tests the kernel made, in order: function, question, answer.</param>
/// <param name="Command">The command line that asks the same.</param>
public sealed record ReportExplanation(string Heading, string Outcome, IReadOnlyList<string> Paragraphs, IReadOnlyList<string> Tests, string Command);

/// <summary>Neighbouring kernels that answer alike: one cell of the heat map.</summary>
/// <param name="First">The index of the first kernel.</param>
/// <param name="Count">How many.</param>
/// <param name="Label">A word, for example <c>EFAULT</c>.</param>
/// <param name="Tone">Its colour.</param>
/// <param name="Explanation">What it tells.</param>
public sealed record ReportEra(int First, int Count, string Label, ReportTone Tone, ReportExplanation Explanation);

/// <summary>A row of a heat map.</summary>
/// <param name="Group">The heading that neighbouring rows share; null for none.</param>
/// <param name="Label">The row's own name.</param>
/// <param name="Eras">Its cells, which together cover every kernel.</param>
public sealed record ReportRow(string? Group, string Label, IReadOnlyList<ReportEra> Eras);

/// <summary>A heat map over kernels.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Lead">A sentence or two about how to read it.</param>
/// <param name="Kernels">The columns.</param>
/// <param name="Rows">The rows.</param>
public sealed record ReportMatrix(string Title, string Lead, IReadOnlyList<string> Kernels, IReadOnlyList<ReportRow> Rows);

/// <summary>A report: heat maps and stories.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Matrices">The heat maps.</param>
/// <param name="Stories">The scenarios.</param>
public sealed record Report(string Title, IReadOnlyList<ReportMatrix> Matrices, IReadOnlyList<ScenarioStory> Stories)
{
    /// <summary>The report as one HTML file that needs nothing else: no network, no other file. The same report gives the same text.</summary>
    public string ToHtml() => new ReportPage(this).Write();
}

/// <summary>A scenario as it went, for drawing.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Eras">Neighbouring kernels on which it went the same way, oldest first.</param>
public sealed record ScenarioStory(Scenario Scenario, IReadOnlyList<StoryEra> Eras)
{
    /// <summary>Runs a scenario and takes down what there is to draw.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="kernels">The kernels; null for those that it names.</param>
    /// <exception cref="FormatException">The machine or a step makes no sense there; the message is one line with file, line, column and reason.</exception>
    public static ScenarioStory Of(Scenario scenario, IReadOnlyList<Policy.KernelVersion>? kernels = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return new ScenarioStory(scenario, StoryRecorder.Record(scenario, kernels ?? scenario.RunsOn));
    }
}

/// <summary>Neighbouring kernels on which a scenario went the same way.</summary>
/// <param name="Runs">The runs, oldest first; the first is the one that is drawn.</param>
/// <param name="Moments">What the machine looked like at first and after every step of the first run.</param>
/// <param name="Regions">The ranges of its physical memory.</param>
public sealed record StoryEra(IReadOnlyList<ScenarioRun> Runs, IReadOnlyList<StoryMoment> Moments, IReadOnlyList<StoryRegion> Regions)
{
    /// <summary>For example <c>4.19 to 5.10</c>.</summary>
    public string Kernels => Runs.Count == 1 ? Runs[0].Kernel.ToString() : $"{Runs[0].Kernel} to {Runs[^1].Kernel}";
}

/// <summary>A range of physical memory.</summary>
/// <param name="Name">As in /proc/iomem.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Start">First address.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Device">The device that lies there, or null.</param>
/// <param name="StructPages">Where its struct pages are, in a few words; null when there are none.</param>
public sealed record StoryRegion(string Name, Memory.RegionKind Kind, ulong Start, ulong Length, string? Device, string? StructPages);

/// <summary>The machine after a step.</summary>
/// <param name="Step">The step; null for the beginning.</param>
/// <param name="Processes">Every process so far, and whether it is alive.</param>
/// <param name="Tables">What the processes map, page by page.</param>
/// <param name="Counts">Things that can be counted, by name, always the same names in the same order.</param>
public sealed record StoryMoment(StepResult? Step, IReadOnlyList<StoryProcess> Processes, IReadOnlyList<StoryTable> Tables, IReadOnlyList<StoryCount> Counts);

/// <summary>A process.</summary>
/// <param name="Name">Its name in the scenario.</param>
/// <param name="IsAlive">False once it has ended.</param>
public sealed record StoryProcess(string Name, bool IsAlive);

/// <summary>Something counted.</summary>
/// <param name="Name">What.</param>
/// <param name="Value">How many.</param>
public sealed record StoryCount(string Name, long Value);

/// <summary>A page of a mapping.</summary>
/// <param name="Area">The mapping's name.</param>
/// <param name="Index">Which page of it.</param>
/// <param name="View">What stands behind it.</param>
public sealed record StoryPage(string Area, long Index, AddressSpaces.PageView View);

/// <summary>The pages of a process that the scenario speaks of.</summary>
/// <param name="Process">The process.</param>
/// <param name="Pages">In address order.</param>
public sealed record StoryTable(string Process, IReadOnlyList<StoryPage> Pages);
