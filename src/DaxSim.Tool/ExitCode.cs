namespace DaxSim.Tool;

/// <summary>The exit codes of <c>daxsim</c>, for every command.</summary>
internal static class ExitCode
{
    /// <summary>The question was answered.</summary>
    internal const int Ok = 0;

    /// <summary>The question was answered, and the property that was asked for does not hold.</summary>
    internal const int DoesNotHold = 1;

    /// <summary>The command line or an input file cannot be used.</summary>
    internal const int BadUsage = 2;

    /// <summary>A mistake in daxsim itself.</summary>
    internal const int InternalError = 3;
}
