using DaxSim.FileSystems;
using DaxSim.Outcomes;

namespace DaxSim;

public sealed partial class Mount
{
    /// <summary>rename(2) within the mount. The file stays the file that it is: its DAX flag comes along, whatever the new directory hands down.</summary>
    /// <param name="source">The old path.</param>
    /// <param name="destination">The new path; a file or an empty directory there is replaced.</param>
    /// <returns>
    /// Ok; ENOENT, EROFS, EBUSY for the root, EINVAL for a directory into itself, EISDIR, ENOTDIR or ENOTEMPTY for what is in the way; unknown
    /// where an encrypted directory would take an unencrypted file.
    /// </returns>
    public Verdict Rename(string source, string destination)
    {
        using var call = Machine.Call("rename", source);
        return call.Of(DoRename(source, destination));
    }

    private Verdict DoRename(string source, string destination)
    {
        const string Function = "vfs_rename";
        if (Parts(source).Length == 0 || Parts(destination).Length == 0)
        {
            return Verdict.Fail(Errno.EBUSY, new Reason("do_renameat2", "The root of a mount cannot be renamed."));
        }

        var (from, to, found) = (FindParent(source), FindParent(destination), Find(source));
        if (!from.IsOk || !to.IsOk || !found.IsOk)
        {
            return !from.IsOk ? from.Verdict : !to.IsOk ? to.Verdict : found.Verdict;
        }

        if (IsReadOnly)
        {
            return Verdict.Fail(Errno.EROFS, ReadOnlyReason);
        }

        var moved = found.Value;
        if (moved.IsDirectory && IsWithin(Parts(source), Parts(destination)))
        {
            return Verdict.Fail(Errno.EINVAL, new Reason("lock_rename", "A directory cannot go below itself."));
        }

        if (to.Value.Directory.Flags.HasFlag(InodeFlags.Encrypted) && !moved.Flags.HasFlag(InodeFlags.Encrypted))
        {
            return Verdict.Unknown(new Reason("fscrypt_prepare_rename", "What an encrypted directory says to a file that is not encrypted is not modelled."));
        }

        if (to.Value.Directory.Children!.TryGetValue(to.Value.Name, out var target))
        {
            if (target == moved)
            {
                return Verdict.Ok;
            }

            if (target.IsDirectory != moved.IsDirectory)
            {
                return Verdict.Fail(target.IsDirectory ? Errno.EISDIR : Errno.ENOTDIR, new Reason(Function, "A directory replaces directories only, and a file files."));
            }

            if (target.Children is { Count: > 0 })
            {
                return Verdict.Fail(Errno.ENOTEMPTY, new Reason(Function, "The directory that is in the way is not empty."));
            }

            target.SetLinks(0);
        }

        from.Value.Directory.Children!.Remove(from.Value.Name);
        to.Value.Directory.Children![to.Value.Name] = moved;
        return Verdict.Ok;
    }

    private static string[] Parts(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Split('/', StringSplitOptions.RemoveEmptyEntries);
    }

    private static bool IsWithin(string[] directory, string[] path) => path.Length > directory.Length && path.AsSpan(0, directory.Length).SequenceEqual(directory);
}
