using DaxSim.FileSystems;
using DaxSim.Outcomes;

namespace DaxSim.Processes;

// What an open file of a mounted filesystem tells of DAX, and its end.
public sealed partial class FileHandle
{
    /// <summary>S_DAX: reads, writes and mappings of the file reach the device's memory directly.</summary>
    public bool IsDax => File.Inode.IsDax;

    /// <summary>statx, as far as STATX_ATTR_DAX is concerned.</summary>
    public Result<StatxDax> Statx() => FileQuestions.Statx(Kernel.FileSystems, File.Inode);

    /// <summary>FS_IOC_FSSETXATTR with FS_XFLAG_DAX set or clear.</summary>
    public Verdict SetDaxFlag(bool on) => FileQuestions.SetDaxFlag(Kernel.FileSystems, File.Inode, on);

    /// <summary>Whether mmap with MAP_SHARED_VALIDATE | MAP_SYNC would be allowed.</summary>
    public Verdict AllowsMapSync() => FileQuestions.MapSync(Kernel.FileSystems, File.Inode);

    /// <summary>
    /// True when the file's size and the map of its blocks would survive a power cut: nothing changed them since the last fsync, msync or
    /// synchronous fault (MAP_SYNC). What a journal commits by itself after some seconds is not modelled.
    /// </summary>
    public bool IsMetadataDurable => !File.Inode.HasUncommittedMetadata;

    /// <summary>close(2). Files of a mounted filesystem must be closed before it can be unmounted.</summary>
    /// <exception cref="InvalidOperationException">The file was closed before.</exception>
    public void Close()
    {
        if (File.IsClosed)
        {
            throw new InvalidOperationException("The file was closed before: open it again.");
        }

        File.Close();
        if (File.CanWrite)
        {
            File.Inode.AddWriter(-1);
        }

        FileQuestions.Close(Kernel.FileSystems, File.Inode);
    }
}
