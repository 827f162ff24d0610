using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Processes;
using DaxSim.State;

namespace DaxSim;

public sealed partial class Machine
{
    private Machine(Machine original)
    {
        var context = new CloneContext(new Journal());
        journal = context.Journal;
        Policy = original.Policy;
        Log = original.Log.CloneInto(context);
        Memory = original.Memory.CloneInto(context);
        Kernel = original.Kernel.CloneInto(context, Memory, Log);
        DeviceTable = context.Map(original.DeviceTable);
        FileSystemTable = context.Map(original.FileSystemTable);
        openedDevices = context.Map(original.openedDevices);
        RecordsDecisions = original.RecordsDecisions;
    }

    /// <summary>
    /// An independent copy of the whole machine: what happens on one is not seen on the other, and each may be used by a thread of
    /// its own. Sleeping operations and transfers in flight are copied too.
    /// </summary>
    /// <remarks>
    /// Handles belong to one machine. Those of the copy are had by <see cref="FindProcess"/>, <see cref="FindFile"/>, <see cref="Mounts"/>,
    /// <see cref="Pipes"/>, <see cref="HeldPages"/>, <see cref="Rings"/>, <see cref="Transfers"/>, <see cref="Userfaultfds"/> and <see cref="PageMoves"/>; snapshots are of the original only.
    /// </remarks>
    public Machine Clone() => new(this);

    /// <summary>
    /// A hash of the machine's whole state (XxHash128, 32 hexadecimal digits): memory and its contents, devices, files, address spaces,
    /// processes, counters and the log. Equal for equal states, so after a restore, of a clone, and of two machines that went the same way.
    /// </summary>
    public string Fingerprint()
    {
        var digest = new StateDigest();
        digest.Add(Policy.ToString());
        Log.Describe(digest);
        digest.Add((IDescribed)Memory);
        digest.Add(DeviceTable);
        digest.Add(FileSystemTable);
        digest.Add(openedDevices);
        Kernel.Describe(digest);
        return digest.Finish();
    }

    /// <summary>The process of that id, alive or not.</summary>
    /// <param name="id">As <see cref="Process.Id"/> of the original says.</param>
    /// <returns>Null when there never was one.</returns>
    public Process? FindProcess(int id) => Kernel.Find(id);

    /// <summary>A handle of a file that was opened before, on this machine or on the one it was cloned from.</summary>
    /// <param name="id">As <see cref="FileHandle.Id"/> of the original says.</param>
    /// <param name="flags">How it is open.</param>
    /// <returns>Null when no such file was opened, or it left the cache since.</returns>
    public FileHandle? FindFile(int id, OpenFlags flags = OpenFlags.ReadWrite)
        => MemoryManager.FileOf(id) is { } inode ? new FileHandle(Kernel, new OpenFile(journal, inode, flags) { Path = inode.Name }) : null;

    /// <summary>Every pipe, in order of creation.</summary>
    public IReadOnlyList<Pipe> Pipes => [.. MemoryManager.Holders.OfType<Pipe>()];

    /// <summary>What drivers took by get_user_pages or pin_user_pages and did not release yet, in order.</summary>
    public IReadOnlyList<UserPages> HeldPages => [.. MemoryManager.Holders.OfType<UserPages>()];

    /// <summary>Every open userfaultfd, in order of creation; those of forked children are among them.</summary>
    public IReadOnlyList<Userfaultfd> Userfaultfds => [.. MemoryManager.UserfaultHandlers.Select(h => new Userfaultfd(Kernel, h))];

    /// <summary>Every io_uring, in order of creation.</summary>
    public IReadOnlyList<IoRing> Rings => [.. MemoryManager.Holders.OfType<IoRing>()];

    /// <summary>The direct transfers that the device has not finished, in order.</summary>
    public IReadOnlyList<DirectTransfer> Transfers => [.. MemoryManager.Holders.OfType<DirectTransfer>()];
}
