using DaxSim;
using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace FluentAssertions;

/// <summary><c>Should()</c> for outcomes, pages and machines of DaxSim. They stand in the namespace of FluentAssertions, so that its <c>using</c> is enough.</summary>
/// <remarks>A failure prints what was expected, what happened, and the simulated kernel's reasons; see <see cref="Explanation.Report()"/>.</remarks>
public static class DaxSimAssertionExtensions
{
    /// <summary>What shall be so of an operation's outcome.</summary>
    /// <param name="verdict">The outcome.</param>
    public static VerdictAssertions Should(this Verdict verdict) => new(verdict);

    /// <summary>What shall be so of an operation's outcome and value.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="result">The outcome.</param>
    public static ResultAssertions<T> Should<T>(this Result<T> result) => new(result);

    /// <summary>What shall be so of a page, as <see cref="DaxSim.Processes.Process.View"/> saw it.</summary>
    /// <param name="page">The page.</param>
    public static PageViewAssertions Should(this PageView? page) => new(page);

    /// <summary>What shall be so of a machine.</summary>
    /// <param name="machine">The machine.</param>
    public static MachineAssertions Should(this Machine? machine) => new(machine);
}
