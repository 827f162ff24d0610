using System.Text.Json;
using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Errata;
using DaxSim.Conformance.Reading;
using DaxSim.Conformance.Replay;

namespace DaxSim.Conformance.Runner;

/// <summary>The console program: replays recordings and reports where the simulator agrees with real kernels.</summary>
public static class ConformanceRunner
{
    private const int MaximumProblems = 1000;

    /// <summary>Runs with these arguments; returns the exit status.</summary>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(error);
        if (args is ["--help" or "-h"])
        {
            output.WriteLine(Arguments.Usage);
            return 0;
        }

        if (Arguments.TryParse(args, out var problem) is not { } arguments)
        {
            error.WriteLine($"{problem} Try --help.");
            return 2;
        }

        try
        {
            return Run(arguments, output, error);
        }
        catch (IOException e)
        {
            error.WriteLine(e.Message);
            return 2;
        }
    }

    private static int Run(Arguments arguments, TextWriter output, TextWriter error)
    {
        if (arguments.Errata is { } document)
        {
            File.WriteAllText(document, ErrataDocument.Render());
            return 0;
        }

        var problems = new ProblemPrinter(error, MaximumProblems);
        var reports = new List<ReplayReport>();
        if (arguments.Json)
        {
            WriteJson(arguments, output, problems, reports);
        }
        else
        {
            foreach (var file in arguments.Files)
            {
                var text = new TextReport(output, arguments);
                var report = FileReplay.Run(file, arguments.Kernel, text.Observe, problems.Print);
                text.Finish(report);
                reports.Add(report);
            }
        }

        problems.Finish();
        if (arguments.Ratchet is { } ratchet)
        {
            File.WriteAllText(ratchet, Ratchet.Of(reports).ToText());
        }

        return reports.Any(r => r.UnlistedDifferences > 0) ? 1 : reports.Any(r => r.Damaged > 0) ? 2 : 0;
    }

    /// <summary>Differences are written as they are found, so the counts follow them.</summary>
    private static void WriteJson(Arguments arguments, TextWriter output, ProblemPrinter problems, List<ReplayReport> reports)
    {
        using var bytes = new TextWriterStream(output);
        using var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartArray();
        foreach (var file in arguments.Files)
        {
            json.WriteStartObject();
            json.WriteString("file", file);
            json.WriteStartArray("differences");
            var report = FileReplay.Run(file, arguments.Kernel, (judgement, erratum) => WriteDifference(json, judgement, erratum), problems.Print);
            json.WriteEndArray();
            WriteCounts(json, report);
            json.WriteEndObject();
            reports.Add(report);
        }

        json.WriteEndArray();
        json.Flush();
        output.WriteLine();
    }

    private static void WriteDifference(Utf8JsonWriter json, Judgement judgement, Erratum? erratum)
    {
        if (judgement.Agreement != Agreement.Differ)
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("case", judgement.Observation.Case);
        json.WriteNumber("line", judgement.Observation.Line);
        json.WriteString("expected", judgement.Expected);
        json.WriteString("got", judgement.Got);
        json.WriteString("because", judgement.Because);
        json.WriteString("erratum", erratum?.Id);
        json.WriteEndObject();
        if (json.BytesPending > 1 << 16)
        {
            json.Flush();
        }
    }

    private static void WriteCounts(Utf8JsonWriter json, ReplayReport report)
    {
        json.WriteString("kernel", report.Kernel?.Text);
        json.WriteString("version", report.Kernel?.Version.ToString());
        WriteTally(json, report.All);
        json.WriteStartObject("core");
        WriteTally(json, report.Core);
        json.WriteEndObject();
        json.WriteStartObject("periphery");
        WriteTally(json, report.Periphery);
        json.WriteEndObject();
        json.WriteNumber("programs", report.Programs);
        json.WriteNumber("programsAgree", report.ProgramsAgree);
    }

    private static void WriteTally(Utf8JsonWriter json, Tally tally)
    {
        json.WriteNumber("observations", tally.Observations);
        json.WriteNumber("agree", tally.Agree);
        json.WriteNumber("differ", tally.Differ);
        json.WriteNumber("unknown", tally.Unknown);
    }
}
