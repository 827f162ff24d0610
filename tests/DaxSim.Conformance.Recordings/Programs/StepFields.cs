using DaxSim.Conformance.Reading;

namespace DaxSim.Conformance.Programs;

/// <summary>Which fields of a step are operands and which are its outcome, and how operands are read.</summary>
internal static class StepFields
{
    /// <summary>True when <c>value</c> is what the step read, false when it is what it writes.</summary>
    internal static bool ValueIsAnswer(string operation) => operation is "read" or "file_read" or "pvm_read" or "mem_read" or "peek" or "odirect_write" or "sys_write" or "pipe_read";

    /// <summary>An operand that must be a whole number within bounds.</summary>
    /// <exception cref="FormatException">It is missing or out of bounds; the message is one sentence.</exception>
    internal static int Number(Observation step, string name, int minimum, int maximum)
    {
        if (step.Number(name) is not { } number)
        {
            throw new FormatException($"the step has no whole number '{name}'.");
        }

        return number >= minimum && number <= maximum ? (int)number : throw new FormatException($"'{name}' is {number}; it must be {minimum} to {maximum}.");
    }

    /// <summary>An operand that must be a word.</summary>
    internal static string Word(Observation step, string name) => step.Text(name) ?? throw new FormatException($"the step has no '{name}'.");
}
