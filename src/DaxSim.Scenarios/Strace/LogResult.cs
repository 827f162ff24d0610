using DaxSim.Outcomes;

namespace DaxSim.Scenarios.Strace;

/// <summary>What stands behind the equals sign of a call.</summary>
internal ref struct LogResult
{
    /// <summary>False for <c>?</c>: the call did not return, or strace did not learn what.</summary>
    internal bool IsKnown;

    /// <summary>The value of a success, the bit pattern of a negative one.</summary>
    internal ulong Value;

    /// <summary>The name of the error, empty for a success.</summary>
    internal ReadOnlySpan<byte> ErrnoName;

    /// <summary>What -y says of a descriptor that was returned.</summary>
    internal ReadOnlySpan<byte> Target;

    internal readonly bool IsOk => IsKnown && ErrnoName.IsEmpty;

    /// <summary>The error as the simulator knows it; None for a success and for errors that it does not model.</summary>
    internal readonly Errno Errno => ErrnoName.IsEmpty || !Enum.TryParse<Errno>(System.Text.Encoding.ASCII.GetString(ErrnoName), out var errno) ? Errno.None : errno;

    /// <summary>Reads what follows the closing parenthesis.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> text, out LogResult result)
    {
        result = default;
        text = text.TrimStart(" \t"u8);
        if (text.IsEmpty || text[0] != '=')
        {
            return false;
        }

        text = text[1..].TrimStart((byte)' ');
        if (text.IsEmpty)
        {
            return false;
        }

        if (text[0] == '?')
        {
            return true;
        }

        var end = text.IndexOfAny((byte)' ', (byte)'<');
        var number = end < 0 ? text : text[..end];
        if (!LogText.TryNumber(number, out result.Value))
        {
            return false;
        }

        result.IsKnown = true;
        if (end < 0)
        {
            return true;
        }

        if (text[end] == '<')
        {
            var rest = text[(end + 1)..];
            var close = LastClose(rest);
            result.Target = close < 0 ? default : rest[..close];
            return true;
        }

        if (result.Value == ulong.MaxValue && number[0] == '-')
        {
            var word = text[end..].TrimStart((byte)' ');
            if (word.Length > 1 && word[0] == 'E' && word[1] is >= (byte)'A' and <= (byte)'Z' or (byte)'2')
            {
                var after = word.IndexOf((byte)' ');
                result.ErrnoName = after < 0 ? word : word[..after];
            }
            else if (word.StartsWith("(errno"u8))
            {
                result.ErrnoName = "EUNKNOWN"u8;
            }
        }

        return true;
    }

    /// <summary>The bracket that closes the target: the duration of -T that may follow has brackets of its own.</summary>
    private static int LastClose(ReadOnlySpan<byte> text)
    {
        var depth = 1;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '<')
            {
                depth++;
            }
            else if (text[i] == '>' && (i == 0 || text[i - 1] != '-') && --depth == 0)
            {
                return i;
            }
        }

        return -1;
    }
}
