using System.Diagnostics;
using DaxSim.Tool;

namespace DaxSim.Tests.Tool;

/// <summary>The built program as a process of its own.</summary>
public class ProcessTests
{
    [Fact]
    public void The_whole_matrix_prints_in_little_memory()
    {
        var (code, lines, peakMegabytes) = Run("matrix");

        code.Should().Be(0);
        lines.Should().HaveCountGreaterThan(80);
        peakMegabytes.Should().BeLessThan(200);
    }

    [Fact]
    public void A_refusal_has_exit_code_2()
    {
        Run("matrix --kernel 1.0").Code.Should().Be(2);
    }

    private static (int Code, string[] Lines, double PeakMegabytes) Run(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", $"\"{typeof(ToolHost).Assembly.Location}\" {arguments}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var peak = 0L;
        var text = process.StandardOutput.ReadToEndAsync();
        while (!process.WaitForExit(20))
        {
            try
            {
                process.Refresh();
                peak = Math.Max(peak, process.PeakWorkingSet64);
            }
            catch (InvalidOperationException)
            {
                // It ended between the two calls.
            }
        }

        return (process.ExitCode, text.Result.Split('\n'), peak / 1048576.0);
    }
}
