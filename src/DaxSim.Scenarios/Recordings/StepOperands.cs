namespace DaxSim.Scenarios.Recordings;

/// <summary>Reads the operands of a step. One that cannot be used is a <see cref="FormatException"/> whose message is one sentence.</summary>
internal static class StepOperands
{
    internal const int PageSize = 4096;
    private const int MostPages = 1 << 20;

    /// <summary>A whole number within bounds.</summary>
    internal static int Number(RecordedLine step, string name, int minimum, int maximum)
    {
        if (step.Number(name) is not { } number)
        {
            throw new FormatException($"the step has no whole number '{name}'.");
        }

        return number >= minimum && number <= maximum ? (int)number : throw new FormatException($"'{name}' is {number}; it must be {minimum} to {maximum}.");
    }

    /// <summary>A word.</summary>
    internal static string Word(RecordedLine step, string name) => step.Text(name) ?? throw new FormatException($"the step has no '{name}'.");

    /// <summary>A number of pages, in bytes.</summary>
    internal static long Bytes(RecordedLine step, string name) => Number(step, name, 0, MostPages) * (long)PageSize;

    /// <summary>The byte that a step writes.</summary>
    internal static byte Value(RecordedLine step) => (byte)Number(step, "value", 0, 255);
}
