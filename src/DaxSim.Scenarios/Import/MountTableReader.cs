using System.Text;

namespace DaxSim.Scenarios.Import;

/// <summary>Reads /proc/mounts and /etc/fstab: fields between blanks, blanks inside them as \040.</summary>
internal static class MountTableReader
{
    internal static List<HostMount> Read(HostFile file, bool wish)
    {
        var mounts = new List<HostMount>();
        var number = 0;
        foreach (var line in file.Text.Split('\n'))
        {
            number++;
            var fields = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 0 || fields[0][0] == '#')
            {
                continue;
            }

            var least = wish ? 3 : 4;
            if (fields.Length < least || line.Contains('\0', StringComparison.Ordinal))
            {
                throw new FormatException($"{file.Name}:{number}: '{IomemReader.Shorten(line.Trim())}' is no line of {(wish ? "fstab" : "/proc/mounts")}: it has the form /dev/pmem0 /mnt ext4 rw,dax 0 0.");
            }

            mounts.Add(new HostMount(Unescape(fields[0]), Unescape(fields[1]), fields[2], fields.Length > 3 ? fields[3] : "defaults", wish));
        }

        return mounts;
    }

    private static string Unescape(string field)
    {
        if (!field.Contains('\\', StringComparison.Ordinal))
        {
            return field;
        }

        var text = new StringBuilder();
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && i + 3 < field.Length && field.AsSpan(i + 1, 3).ContainsAnyExceptInRange('0', '7') is false)
            {
                text.Append((char)(((field[i + 1] - '0') << 6) | ((field[i + 2] - '0') << 3) | (field[i + 3] - '0')));
                i += 3;
            }
            else
            {
                text.Append(field[i]);
            }
        }

        return text.ToString();
    }
}
