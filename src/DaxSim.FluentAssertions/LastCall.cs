using DaxSim;
using DaxSim.AddressSpaces;

namespace FluentAssertions;

/// <summary>What a page or a machine that is not as expected owes to: the last call before, where the machine keeps records.</summary>
internal static class LastCall
{
    internal static string Of(PageView page) => Report(Explanation.Of(page));

    internal static string Of(Machine machine) => Report(Explanation.Of(machine));

    private static string Report(Explanation? explanation) => explanation is null ? "" : $"\n\nThe last call before: {explanation.Report()}";
}
