namespace DaxSim.Conformance.Programs;

/// <summary>Which fields of a step are operands and which are its outcome.</summary>
internal static class StepFields
{
    /// <summary>True when <c>value</c> is what the step read, false when it is what it writes.</summary>
    internal static bool ValueIsAnswer(string operation) => operation is "read" or "file_read" or "pvm_read" or "mem_read" or "peek" or "odirect_write" or "sys_write" or "pipe_read";
}
