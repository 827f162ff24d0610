using System.Diagnostics;
using DaxSim.Tool;

namespace DaxSim.Tests.Tool;

/// <summary>The built program as a process of its own.</summary>
public class ProcessTests
{
    [Fact]
    public void The_whole_matrix_prints()
    {
        var (code, lines) = Run("matrix");

        code.Should().Be(0);
        lines.Should().HaveCountGreaterThan(80);
    }

    [Fact]
    public void A_refusal_has_exit_code_2()
    {
        Run("matrix --kernel 1.0").Code.Should().Be(2);
    }

    private static (int Code, string[] Lines) Run(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", $"\"{typeof(ToolHost).Assembly.Location}\" {arguments}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, text.Split('\n'));
    }
}
