using System.Buffers.Text;
using DaxSim.AddressSpaces;

namespace DaxSim.Scenarios.Strace;

/// <summary>A line of /proc/PID/maps.</summary>
/// <param name="Start">First byte.</param>
/// <param name="End">First byte after it.</param>
/// <param name="Protection">PROT_*.</param>
/// <param name="IsShared">MAP_SHARED.</param>
/// <param name="Offset">The file offset of <paramref name="Start"/>.</param>
/// <param name="Name">The file's path, a name in brackets, or nothing for anonymous memory.</param>
internal readonly record struct MapsLine(ulong Start, ulong End, Prot Protection, bool IsShared, long Offset, string Name)
{
    /// <summary>
    /// Reads <c>55d0a000-55d0b000 r-xp 00001000 fe:00 248174   /usr/bin/sleep</c> (proc_pid_maps(5)). False for other lines, such as the
    /// further ones of smaps.
    /// </summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out MapsLine line)
    {
        line = default;
        if (!Utf8Parser.TryParse(text, out ulong start, out var used, 'x') || used == text.Length || text[used] != '-'
            || !Utf8Parser.TryParse(text[(used + 1)..], out ulong end, out var more, 'x') || end <= start || ((start | end) & 4095) != 0)
        {
            return false;
        }

        text = text[(used + 1 + more)..];
        if (text.Length < 6 || text[0] != ' ' || text[5] != ' ' || text[4] is not ((byte)'p' or (byte)'s'))
        {
            return false;
        }

        var protection = (text[1] == 'r' ? Prot.Read : Prot.None) | (text[2] == 'w' ? Prot.Write : Prot.None) | (text[3] == 'x' ? Prot.Exec : Prot.None);
        var shared = text[4] == 's';
        text = text[6..];
        if (!Utf8Parser.TryParse(text, out ulong offset, out used, 'x') || used == text.Length || text[used] != ' ' || offset > long.MaxValue)
        {
            return false;
        }

        // The device and the inode number say nothing that the path does not.
        for (var word = 0; word < 3; word++)
        {
            var space = text.IndexOf((byte)' ');
            text = space < 0 ? default : text[(space + 1)..];
        }

        line = new MapsLine(start, end, protection, shared, (long)offset, LogText.Unescape(text.Trim((byte)' ')));
        return true;
    }
}

/// <summary>The text of a /proc/PID/maps as a log shows it being read, piece by piece.</summary>
internal sealed class MapsReading
{
    /// <summary>Bytes of the longest line that is kept: a path and what stands before it.</summary>
    private const int LongestLine = 8192;

    private byte[] rest = [];
    private bool isLost;

    /// <summary>Where the next piece begins.</summary>
    internal long Position { get; set; }

    /// <summary>The line that was read before, while what follows it is known to follow it.</summary>
    internal MapsLine? Previous { get; set; }

    /// <summary>True when the line that was read before told something new.</summary>
    internal bool IsPreviousNew { get; set; }

    /// <summary>True when all of the file up to here was read.</summary>
    internal bool IsFromStart { get; private set; }

    /// <summary>Something is missing: what comes next begins in the middle of a line.</summary>
    internal void Lose()
    {
        (rest, isLost, Previous, IsFromStart) = ([], true, null, false);
    }

    /// <summary>The file is read from its beginning.</summary>
    internal void Restart()
    {
        (rest, isLost, Previous, IsFromStart) = ([], false, null, true);
    }

    /// <summary>The lines that the next piece completes.</summary>
    internal IEnumerable<MapsLine> Add(byte[] piece)
    {
        byte[] text = [.. rest, .. piece];
        rest = [];
        var start = 0;
        while (start < text.Length)
        {
            var length = text.AsSpan(start).IndexOf((byte)'\n');
            if (length < 0)
            {
                if (text.Length - start > LongestLine)
                {
                    Lose();
                }
                else if (!isLost)
                {
                    rest = text[start..];
                }

                yield break;
            }

            var whole = !isLost;
            isLost = false;
            if (whole && MapsLine.TryParse(text.AsSpan(start, length), out var line))
            {
                yield return line;
            }

            start += length + 1;
        }
    }
}
