using System.Runtime.CompilerServices;

namespace DaxSim.Processes;

/// <summary>Handles belong to one machine; what is done with those of another, or with a closed file, is refused before anything happens.</summary>
internal static class Handles
{
    private const string Advice = "Handles belong to one machine: make it on this one, or find the one of a clone with FindProcess, FindFile or Pipes.";

    /// <summary>The file is one of this kernel's and open.</summary>
    internal static void Require(this RunningKernel kernel, FileHandle file, [CallerArgumentExpression(nameof(file))] string? name = null)
    {
        RequireOwn(kernel, file, name);
        if (file.File.IsClosed)
        {
            throw new InvalidOperationException($"The file {file.File.Path} was closed before: open it again.");
        }
    }

    /// <summary>The file is one of this kernel's, open or not.</summary>
    internal static void RequireOwn(this RunningKernel kernel, FileHandle file, [CallerArgumentExpression(nameof(file))] string? name = null)
    {
        ArgumentNullException.ThrowIfNull(file, name);
        if (file.Kernel != kernel)
        {
            throw new ArgumentException($"The file {file.File.Path} belongs to another machine. {Advice}", name);
        }
    }

    /// <summary>The pipe is one of this kernel's.</summary>
    internal static void Require(this RunningKernel kernel, Pipe pipe, [CallerArgumentExpression(nameof(pipe))] string? name = null)
    {
        ArgumentNullException.ThrowIfNull(pipe, name);
        if (pipe.Kernel != kernel)
        {
            throw new ArgumentException($"The pipe belongs to another machine. {Advice}", name);
        }
    }

    /// <summary>The process runs on this kernel.</summary>
    internal static void Require(this RunningKernel kernel, Process process, [CallerArgumentExpression(nameof(process))] string? name = null)
    {
        ArgumentNullException.ThrowIfNull(process, name);
        if (process.Kernel != kernel)
        {
            throw new ArgumentException($"The process {process} runs on another machine. {Advice}", name);
        }
    }
}
