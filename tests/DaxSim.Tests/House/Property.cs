using System.Globalization;
using CsCheck;

namespace DaxSim.Tests.House;

/// <summary>
/// Properties over generated values. The values are the same in every run, so that a test says the same of the same code. Whoever looks for new
/// ones sets <c>DAXSIM_PROPERTY_STEPS</c> (for example 1000000): then they differ from run to run, and there are as many as that many steps need.
/// A failure names the value and its seed; <c>CsCheck_Seed</c> in the environment brings it back first.
/// </summary>
internal static class Property
{
    /// <summary>The odd number next to 2^64 divided by the golden ratio: its multiples spread well.</summary>
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>How many steps somebody looks for new values with; null in a run that repeats the known ones.</summary>
    private static readonly long? Steps
        = long.TryParse(Environment.GetEnvironmentVariable("DAXSIM_PROPERTY_STEPS"), NumberStyles.None, CultureInfo.InvariantCulture, out var steps) ? steps : null;

    private static bool IsSeeded => Environment.GetEnvironmentVariable("CsCheck_Seed") is { Length: > 0 };

    /// <summary>Checks a property of many values.</summary>
    /// <param name="gen">The values.</param>
    /// <param name="check">Throws for a value that does not have the property.</param>
    /// <param name="cases">How many values a usual run tries.</param>
    /// <param name="steps">How many steps one value stands for, when somebody looks for new ones.</param>
    /// <param name="print">How a failing value is shown.</param>
    internal static void Check<T>(this Gen<T> gen, Action<T> check, int cases, int steps, Func<T, string>? print = null)
    {
        if (Steps is not null || IsSeeded)
        {
            gen.Sample(check, iter: Steps is { } all ? Math.Max(1, all / steps) : cases, threads: 1, print: print);
            return;
        }

        for (var i = 1UL; i <= (ulong)cases; i++)
        {
            gen.Sample(check, seed: new PCG(1, i * Golden).ToString(), iter: 1, threads: 1, print: print);
        }
    }
}
