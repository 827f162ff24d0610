namespace DaxSim.Scenarios.Import;

/// <summary>Orders names as people count: pmem2 before pmem10.</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    internal static NaturalOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var left = x.AsSpan();
        var right = y.AsSpan();
        while (!left.IsEmpty && !right.IsEmpty)
        {
            if (char.IsAsciiDigit(left[0]) && char.IsAsciiDigit(right[0]))
            {
                var a = Digits(ref left);
                var b = Digits(ref right);
                var order = a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.SequenceCompareTo(b);
                if (order != 0)
                {
                    return order;
                }
            }
            else if (left[0] != right[0])
            {
                return left[0].CompareTo(right[0]);
            }
            else
            {
                left = left[1..];
                right = right[1..];
            }
        }

        return left.Length.CompareTo(right.Length);
    }

    private static ReadOnlySpan<char> Digits(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[end..];
        return digits.TrimStart('0');
    }
}
