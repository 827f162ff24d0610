using System.Text.Json;
using DaxSim.Tool;

namespace DaxSim.Tests.Tool;

/// <summary>Runs the real program in this process and keeps what it wrote.</summary>
internal sealed record Daxsim(int ExitCode, string Out, string Error)
{
    internal string[] Lines => Out.Split('\n');

    internal JsonElement Json => JsonDocument.Parse(Out).RootElement;

    internal static Daxsim Run(params string[] args) => RunOn(new ToolConsoleShape(), args);

    internal static Daxsim RunOn(ToolConsoleShape shape, params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = ToolHost.Run(args, new ToolConsole { Out = output, Error = error, Colour = shape.Colour, Unicode = shape.Unicode, Width = shape.Width });
        return new Daxsim(code, output.ToString(), error.ToString());
    }

    /// <summary>The command line was refused with one clear line and nothing else.</summary>
    internal void ShouldBeRefused(string because)
    {
        Error.Should().Contain(because);
        Error.Should().StartWith("daxsim: ").And.EndWith("\n");
        Error.TrimEnd('\n').Should().NotContain("\n", "an error is one line");
        Error.Should().NotContain("   at ", "nobody wants a stack trace");
        Out.Should().BeEmpty();
        ExitCode.Should().Be(2);
    }
}

/// <summary>What the reader's terminal is like.</summary>
internal sealed record ToolConsoleShape(int? Width = null, bool Colour = false, bool Unicode = true);
