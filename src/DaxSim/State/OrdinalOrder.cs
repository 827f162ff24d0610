namespace DaxSim.State;

/// <summary>Names in the order of their characters, as <see cref="StringComparer.Ordinal"/> has them; for short names it starts sooner, since the framework's comparison is compiled anew in each process.</summary>
internal sealed class OrdinalOrder : Comparer<string>
{
    internal static OrdinalOrder Instance { get; } = new();

    public override int Compare(string? x, string? y)
    {
        if (x is null || y is null)
        {
            return x is null ? (y is null ? 0 : -1) : 1;
        }

        var length = Math.Min(x.Length, y.Length);
        for (var i = 0; i < length; i++)
        {
            if (x[i] != y[i])
            {
                return x[i] - y[i];
            }
        }

        return x.Length - y.Length;
    }
}
