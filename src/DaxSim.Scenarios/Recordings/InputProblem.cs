namespace DaxSim.Scenarios.Recordings;

/// <summary>Something in the input that could not be used; the rest of the input is still read.</summary>
/// <param name="File">The file as it was named.</param>
/// <param name="Line">The line, counted from 1; 0 when the whole file is meant.</param>
/// <param name="Message">What is wrong and, where it helps, what to do.</param>
/// <param name="IsDamage">True when data was lost; false when a readable line asked for something unknown.</param>
public sealed record InputProblem(string File, long Line, string Message, bool IsDamage = true)
{
    /// <summary>One line: <c>file:line: message</c>.</summary>
    public override string ToString() => Line == 0 ? $"{File}: {Message}" : $"{File}:{Line}: {Message}";
}
