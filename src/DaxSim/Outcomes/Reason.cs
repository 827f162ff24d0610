using DaxSim.Policy;

namespace DaxSim.Outcomes;

/// <summary>Why an operation ended as it did: the kernel function that decided, what it saw, and the behaviour in force.</summary>
/// <param name="Function">The kernel function that decided, for example <c>follow_page_pte</c>.</param>
/// <param name="Because">One sentence: what that function saw and what follows from it.</param>
/// <param name="Property">The policy property that made it so, or null when every modelled kernel does the same.</param>
/// <param name="Change">The change of the kernel's history that set the property; null when it is as old as 3.10.</param>
public sealed record Reason(string Function, string Because, PolicyProperty? Property = null, KernelChange? Change = null)
{
    /// <summary>The deciding commit's id, or null.</summary>
    public string? DecidedBy => Change?.Commit;

    /// <summary>For example <c>follow_pfn_pte: the PTE is special … (GupWithoutStructPage, 7196040e19ad, 5.18)</c>.</summary>
    public override string ToString()
        => Property is null ? $"{Function}: {Because}" : $"{Function}: {Because} ({Property}{(Change is null ? "" : $", {Change.Commit ?? Change.Key}, {Change.Since}")})";
}
