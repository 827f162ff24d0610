using DaxSim.Outcomes;

namespace DaxSim.Conformance.Adapter;

/// <summary>The answer of a call that the simulator's public API does not offer yet.</summary>
internal static class NotModelled
{
    internal static Verdict Call(string name) => Verdict.Unknown(new Reason(name, "this call is not modelled"));
}
