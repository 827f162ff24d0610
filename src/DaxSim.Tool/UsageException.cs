namespace DaxSim.Tool;

/// <summary>What the user gave cannot be used; the message is the one line that says what to do instead.</summary>
internal sealed class UsageException(string message) : Exception(message)
{
    /// <summary>An exception's message without the parameter's name that .NET adds to that of an argument exception.</summary>
    internal static string TextOf(Exception problem)
        => problem is ArgumentException { ParamName: { } name } ? problem.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : problem.Message;
}
