using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.FileSystems;

/// <summary>A type of filesystem (struct file_system_type with its operations), as far as DAX is concerned. Drivers keep no state.</summary>
internal abstract class FileSystemDriver
{
    /// <summary>The name in /proc/filesystems.</summary>
    internal abstract string Name { get; }

    /// <summary>True when options are read before the device is opened, by the common parser of the mount context.</summary>
    internal virtual bool ReadsOptionsFirst(KernelPolicy policy) => false;

    /// <summary>Reads the options into the attempt; what is wrong with them is printed here.</summary>
    internal abstract Verdict ReadOptions(MountAttempt attempt, FileSystemInstance? remounted);

    /// <summary>fill_super: the tests of a first mount.</summary>
    internal abstract Verdict Fill(MountAttempt attempt, FileSystemInstance instance);

    /// <summary>remount_fs or reconfigure.</summary>
    internal abstract Verdict Remount(MountAttempt attempt, FileSystemInstance instance);

    /// <summary>put_super, as far as it speaks.</summary>
    internal virtual void Unmounted(FileSystemInstance instance)
    {
    }

    /// <summary>show_options: what follows <c>rw,relatime</c> in /proc/mounts.</summary>
    internal abstract void ShowOptions(FileSystemInstance instance, List<string> shown);

    /// <summary>Whether an inode that is read in now gets S_DAX.</summary>
    internal abstract bool UsesDax(FileSystemInstance instance, Inode inode);

    /// <summary>Whether an inode that is made now gets S_DAX.</summary>
    internal virtual bool NewFileUsesDax(FileSystemInstance instance, Inode inode) => UsesDax(instance, inode);

    /// <summary>FS_IOC_FSSETXATTR with or without FS_XFLAG_DAX.</summary>
    internal abstract Verdict SetDaxFlag(FileSystemInstance instance, Inode inode, bool on);

    /// <summary>True when mmap of this filesystem's files knows MAP_SYNC.</summary>
    internal virtual bool KnowsMapSync => false;

    /// <summary>The files have a fallocate method.</summary>
    internal virtual bool KnowsAllocation => true;

    /// <summary>The mmap method does not ask for huge pages in DAX areas.</summary>
    internal virtual bool IsWithoutHugeFaults => false;

    /// <summary>The flags that a new inode takes from its directory.</summary>
    internal virtual InodeFlags Inherited(FileSystemInstance instance, Inode directory) => InodeFlags.None;

    /// <summary>The features mkfs gives when nothing else is said.</summary>
    internal virtual IReadOnlyList<string> DefaultFeatures => [];

    /// <summary>The features that mkfs of this type knows.</summary>
    internal abstract IReadOnlyList<string> KnownFeatures { get; }

    /// <summary>Asks the kernel's common part, by whatever means the era has, and tells whether data may be reached directly.</summary>
    private protected static AdmissionVerdict AskCommonPart(MountAttempt attempt, BlockDevice device)
        => Admission.BdevDaxSupported(device, attempt.Image.BlockSize, attempt.Trace);

    /// <summary>The answer of <c>fs_dax_get_by_bdev</c>, as an admission.</summary>
    private protected static AdmissionVerdict LookupAnswer(BlockDevice device, DaxDevice? found)
        => new(found is not null, Errno.None, Admission.ExplainLookup(device, found is not null));

    /// <summary>The dax_device for data I/O: none before 4.12, by name up to 4.13, then through fs_dax_get_by_bdev.</summary>
    private protected static DaxDevice? FindDaxDevice(MountAttempt attempt, BlockDevice device, object? holder)
        => attempt.Policy.FsDaxDecision < FsDaxDecision.DaxCore
            ? null
            : attempt.Policy.FsDaxDeviceLookup == FsDaxDeviceLookup.ByName
            ? device.DaxDevice
            : Admission.FsDaxGetByBdev(device, holder, attempt.Policy.FsDaxDecision == FsDaxDecision.LookupOnly ? attempt.Trace : null);

    /// <summary>Says why there is no DAX although nobody asked for it, or why there is.</summary>
    private protected static Reason Plain(MountAttempt attempt, string function, string because) => attempt.Because(function, because);

    private protected static Verdict Invalid(Reason reason) => Verdict.Fail(Errno.EINVAL, reason);
}
