namespace DaxSim.Scenarios.Recordings;

/// <summary>The format of recorded programs: one line per step, every operand written out, and what the kernel answered.</summary>
/// <remarks>
/// A program begins with a <c>setup</c> line (<c>seed</c>, <c>step</c> -1, and optionally <c>kernel</c>, <c>slots</c>, <c>slot_pages</c>); its steps follow
/// in order; <c>final_pipe</c>, <c>final_slot</c> and <c>final_file</c> lines at its end tell what was left. <c>seed</c> is the program's name.
/// </remarks>
public static class ProgramTrace
{
    private static readonly HashSet<string> Operations = new(
        (string[])[
            "setup", "mmap", "munmap", "mprotect", "madvise", "mlock", "munlock", "mincore", "read", "write", "fork", "exit", "mremap", "ftruncate", "punch_hole",
            "file_read", "file_write", "pvm_read", "pvm_write", "mem_read", "mem_write", "peek", "poke", "odirect_read", "odirect_write", "sys_read", "sys_write",
            "vmsplice", "pipe_read", "futex_wake", "pagemap", "final_pipe", "final_slot", "final_file",
        ],
        StringComparer.Ordinal);

    private static readonly HashSet<string> Operands = new(
        (string[])["seed", "step", "op", "kernel", "proc", "child", "slot", "page", "n", "kind", "prot", "file", "off", "advice", "new_n", "to_slot", "to_page", "src", "shared", "steps", "slots", "slot_pages", "file_pages"],
        StringComparer.Ordinal);

    /// <summary>The fields of a line, with their types.</summary>
    public static LineSchema Schema { get; } = new(
        "random",
        new("seed", true, FieldKind.Number),
        new("step", true, FieldKind.Number),
        new("op", true, FieldKind.Text),
        new("kernel", false, FieldKind.Text),
        new("steps", false, FieldKind.Number),
        new("slots", false, FieldKind.Number),
        new("slot_pages", false, FieldKind.Number),
        new("file_pages", false, FieldKind.Number),
        new("proc", false, FieldKind.Text),
        new("child", false, FieldKind.Text),
        new("slot", false, FieldKind.Number),
        new("page", false, FieldKind.Number),
        new("n", false, FieldKind.Number),
        new("new_n", false, FieldKind.Number),
        new("to_slot", false, FieldKind.Number),
        new("to_page", false, FieldKind.Number),
        new("kind", false, FieldKind.Text),
        new("prot", false, FieldKind.Text),
        new("file", false, FieldKind.Text),
        new("off", false, FieldKind.Number),
        new("advice", false, FieldKind.Text),
        new("pages", false, FieldKind.Number, FieldKind.List),
        new("src", false, FieldKind.Number),
        new("shared", false, FieldKind.Number),
        new("value", false, FieldKind.Number),
        new("values", false, FieldKind.List),
        new("vec", false, FieldKind.List),
        new("res", false, FieldKind.Text),
        new("errno", false, FieldKind.Text),
        new("signal", false, FieldKind.Text),
        new("si_code", false, FieldKind.Text),
        new("ret", false, FieldKind.Number),
        new("present", false, FieldKind.Number),
        new("file_bit", false, FieldKind.Number));

    /// <summary>True for an operation that programs are known to contain.</summary>
    public static bool IsKnown(string operation) => Operations.Contains(operation);

    /// <summary>Every known operation, in alphabetical order.</summary>
    public static IReadOnlyList<string> AllOperations { get; } = [.. Operations.Order(StringComparer.Ordinal)];

    /// <summary>True when a field says what the kernel answered; false when it is an operand. <c>value</c> is what a read gave, and what a write writes.</summary>
    /// <param name="operation">The step's operation.</param>
    /// <param name="field">The field's name.</param>
    public static bool IsOutcome(string operation, string field) => field switch
    {
        "value" => operation is "read" or "file_read" or "pvm_read" or "mem_read" or "peek" or "odirect_write" or "sys_write" or "pipe_read",
        "pages" => operation != "ftruncate",
        _ => !Operands.Contains(field),
    };

    /// <summary>The fields in which what was recorded and what was answered differ, recorded ones first; empty when they agree.</summary>
    public static IReadOnlyList<string> Differences(RecordedLine step, Answer answer)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(answer);
        List<string>? differing = null;
        foreach (var field in step.Fields)
        {
            if (IsOutcome(step.Operation, field.Key) && step.Value(field.Key) != answer.Value(field.Key) && !(differing?.Contains(field.Key) ?? false))
            {
                (differing ??= []).Add(field.Key);
            }
        }

        foreach (var field in answer.Fields)
        {
            if (step.Value(field.Key) is null)
            {
                (differing ??= []).Add(field.Key);
            }
        }

        return differing ?? (IReadOnlyList<string>)[];
    }
}
