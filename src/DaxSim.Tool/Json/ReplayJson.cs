using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DaxSim.Scenarios.Recordings;
using DaxSim.Tool.Rendering;

namespace DaxSim.Tool.Json;

/// <summary>A replay as JSON: an array with an object per file, written while the replay goes on.</summary>
internal sealed class ReplayJson : IReplayWriter
{
    private readonly ToolConsole console;
    private readonly bool everything;
    private readonly ArrayBufferWriter<byte> buffer = new();
    private readonly Utf8JsonWriter json;
    private ReplayedProgram? program;

    internal ReplayJson(ToolConsole console, bool everything)
    {
        this.console = console;
        this.everything = everything;
        json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartArray();
    }

    public void Begin(string file)
    {
        program = null;
        json.WriteStartObject();
        json.WriteString("file", file);
        json.WriteStartArray("programs");
    }

    public void Step(ReplayedStep step)
    {
        if (step.Program != program)
        {
            EndProgram();
            program = step.Program;
            json.WriteStartObject();
            json.WriteNumber("seed", program.Seed);
            json.WriteString("recordedKernel", program.Release.Text);
            json.WriteString("kernel", program.Kernel.Version.ToString());
            if (everything)
            {
                json.WriteStartArray("steps");
            }
        }

        if (everything)
        {
            WriteStep(step);
        }
    }

    public void End(ProgramReplay replay)
    {
        EndProgram();
        json.WriteEndArray();
        json.WriteString("kernel", replay.Release?.Text);
        json.WriteString("version", replay.Kernel?.Version.ToString());
        json.WriteNumber("steps", replay.Agree + replay.Differ + replay.Unknown);
        json.WriteNumber("agree", replay.Agree);
        json.WriteNumber("differ", replay.Differ);
        json.WriteNumber("unknown", replay.Unknown);
        json.WriteNumber("programsReplayed", replay.Programs);
        json.WriteNumber("programsAgree", replay.ProgramsAgree);
        json.WriteNumber("damagedLines", replay.Damaged);
        json.WriteEndObject();
        Hand();
    }

    public void Finish()
    {
        json.WriteEndArray();
        Hand();
        console.Out.WriteLine();
    }

    public void Dispose() => json.Dispose();

    private void EndProgram()
    {
        if (program is null)
        {
            return;
        }

        if (everything)
        {
            json.WriteEndArray();
        }

        json.WriteNumber("lines", program.Steps);
        json.WriteNumber("agree", program.Agree);
        json.WriteNumber("differ", program.Differ);
        json.WriteNumber("unknown", program.Unknown);
        json.WriteBoolean("hasGaps", program.HasGaps);
        json.WritePropertyName("firstParting");
        if (program.FirstParting is { } parting)
        {
            WriteStep(parting);
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteEndObject();
        Hand();
    }

    private void WriteStep(ReplayedStep step)
    {
        var reason = step.Explanation?.Because;
        json.WriteStartObject();
        json.WriteNumber("step", step.Number);
        json.WriteNumber("line", step.Line.Line);
        json.WriteString("call", step.Call);
        json.WriteString("agreement", step.Agreement.ToString().ToLowerInvariant());
        json.WriteString("recorded", step.Recorded);
        json.WriteString("simulated", step.Simulated);
        if (step.Agreement != Agreement.Agree)
        {
            json.WriteStartArray("differing");
            foreach (var field in step.DifferingFields)
            {
                json.WriteStringValue(field);
            }

            json.WriteEndArray();
            json.WriteString("because", step.Answer.UnknownBecause ?? reason?.Because ?? (step.Answer.Reasons.Count > 0 ? step.Answer.Reasons[0] : null));
            json.WriteString("function", reason?.Function);
            json.WriteString("property", reason?.Property?.ToString());
            json.WriteString("decidedBy", reason?.DecidedBy);
            json.WriteString("decidedByTitle", reason?.Change?.Title);
            json.WriteString("since", reason?.Change?.Since.ToString());
            json.WriteString("evidence", reason?.Change?.Evidence.ToString());
        }

        json.WriteEndObject();
        if (json.BytesPending + buffer.WrittenCount > 1 << 16)
        {
            Hand();
        }
    }

    /// <summary>Gives what was written to the console.</summary>
    private void Hand()
    {
        json.Flush();
        console.Out.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        buffer.ResetWrittenCount();
    }
}
