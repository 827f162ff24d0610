namespace DaxSim.Text;

/// <summary>Finds the word that somebody probably meant.</summary>
internal static class Spelling
{
    /// <summary>" Did you mean 'x'?" for the nearest candidate, or nothing when none is near.</summary>
    internal static string DidYouMean(ReadOnlySpan<char> word, IEnumerable<string> candidates)
        => Nearest(word, candidates) is { } nearest ? $" Did you mean '{nearest}'?" : "";

    /// <summary>The candidate with the fewest edits, if they are at most a third of the word (at least one, at most three); else the first that begins so.</summary>
    internal static string? Nearest(ReadOnlySpan<char> word, IEnumerable<string> candidates)
    {
        const int shortestBeginning = 3;
        string? longer = null;
        var allowed = Math.Clamp((word.Length + 1) / 3, 1, 3);
        string? best = null;
        foreach (var candidate in candidates)
        {
            if (word.Length >= shortestBeginning && candidate.AsSpan().StartsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                longer ??= candidate;
            }

            var distance = Distance(word, candidate);
            if (distance <= allowed && distance < candidate.Length)
            {
                (allowed, best) = (distance - 1, candidate);
            }
        }

        return best ?? longer;
    }

    /// <summary>Edits (insert, delete, replace, swap neighbours) between two words, letter case aside; long words count as far away.</summary>
    private static int Distance(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        const int longest = 40;
        if (left.Length > longest || right.Length > longest)
        {
            return int.MaxValue;
        }

        Span<int> beforeLast = stackalloc int[longest + 1];
        Span<int> last = stackalloc int[longest + 1];
        Span<int> row = stackalloc int[longest + 1];
        for (var j = 0; j <= right.Length; j++)
        {
            last[j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = Same(left[i - 1], right[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + cost);
                if (i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]))
                {
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
                }
            }

            var free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
        }

        return last[right.Length];
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
