namespace DaxSim.Outcomes;

/// <summary>Something that must never be so, found in a machine's state. A finding is a defect of the simulator (or of a what-if kernel that it names).</summary>
/// <param name="Sentence">What is wrong, with the numbers.</param>
public sealed record AuditFinding(string Sentence)
{
    /// <summary>The sentence.</summary>
    public override string ToString() => Sentence;
}
