using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.Processes;

/// <summary>The kernel that runs on a machine, as its processes and open files reach it.</summary>
internal sealed class RunningKernel
{
    private readonly StateList<ProcessState> processes;

    // Those that have not exited, so that a long history of processes costs nothing.
    private readonly StateList<ProcessState> living;

    internal RunningKernel(Journal journal, KernelPolicy policy, PhysicalMemory memory, KernelLog log)
    {
        Journal = journal;
        Policy = policy;
        Memory = memory;
        Log = log;
        processes = new(journal);
        living = new(journal);
        MemoryManager = new MemoryManager(journal, policy, memory, log);
        FileIo = new FileIo(memory, MemoryManager, policy);
        Futexes = new FutexTable(journal);
        UserPageCounts = new UserPageCounts(journal);
        MemoryManager.AddHolder(UserPageCounts);
    }

    private RunningKernel(CloneContext context, RunningKernel original, PhysicalMemory memory, KernelLog log)
    {
        context.Register(original, this);
        Journal = context.Journal;
        Policy = original.Policy;
        Memory = memory;
        Log = log;
        MemoryManager = original.MemoryManager.CloneInto(context, memory, log);
        FileIo = new FileIo(memory, MemoryManager, original.Policy);
        Futexes = original.Futexes.CloneInto(context);
        processes = context.Map(original.processes);
        living = context.Map(original.living);
        FileSystems = context.Map(original.FileSystems);
        MemoryManager.CloneHolders(context, original.MemoryManager);
        UserPageCounts = context.Map(original.UserPageCounts);
    }

    internal Journal Journal { get; }

    internal KernelPolicy Policy { get; }

    internal PhysicalMemory Memory { get; }

    internal KernelLog Log { get; }

    internal MemoryManager MemoryManager { get; }

    internal FileIo FileIo { get; }

    internal FutexTable Futexes { get; }

    internal UserPageCounts UserPageCounts { get; }

    /// <summary>Keeps an explanation of each call; null unless the machine records.</summary>
    internal OperationRecorder? Recorder { get; set; }

    /// <summary>True where a call has to be begun with <see cref="Record"/>: somebody keeps its decisions, or it may sleep.</summary>
    internal bool IsWatched => Recorder is not null || MemoryManager.FaultsMaySleep;

    /// <summary>A call begins; its outcome is handed to what this returns.</summary>
    internal Recording Record(string call, string? what = null, Process? process = null, ulong? address = null)
    {
        if (process is null && Memory.HasNodes)
        {
            MemoryManager.ActAsNobody();
        }

        return Recorder is { } recorder ? recorder.Begin(this, call, what, process, address) : !MemoryManager.FaultsMaySleep ? default : new Recording(null, Guard());
    }

    /// <summary>What a call needs whose faults may sleep.</summary>
    internal SleepGuard? Guard() => MemoryManager.FaultsMaySleep ? new SleepGuard(this) : null;

    /// <summary>The filesystems, set once when the machine is put together.</summary>
    internal FileSystemTable FileSystems { get; set; } = null!;

    internal RunningKernel CloneInto(CloneContext context, PhysicalMemory memory, KernelLog log) => new(context, this, memory, log);

    internal void Describe(StateDigest digest)
    {
        digest.Add(processes);
        Futexes.Describe(digest);
        digest.Add((IDescribed)MemoryManager);
    }

    /// <summary>The process of an id, alive or not; null when there never was one.</summary>
    internal Process? Find(int id) => id >= 1 && id <= processes.Count ? new Process(this, processes[id - 1]) : null;

    /// <summary>The states of those alive, in the order of their births.</summary>
    internal ReadOnlySpan<ProcessState> Living => living.Span;

    internal IEnumerable<Process> Alive => living.Select(p => new Process(this, p));

    /// <summary>do_dentry_open; the users of a mounted file were counted by whoever found it.</summary>
    internal FileHandle Open(Inode inode, OpenFlags flags, string path = "")
    {
        if (inode.Image is null)
        {
            inode.AddUser();
        }

        MemoryManager.Register(inode);
        return OpenUncounted(inode, path, flags);
    }

    /// <summary>An open file description whose user of the mount was counted already, or which execve forgets again.</summary>
    internal FileHandle OpenUncounted(Inode inode, string path, OpenFlags flags = OpenFlags.ReadOnly)
    {
        var file = new OpenFile(Journal, inode, flags) { Path = path };
        if (file.CanWrite)
        {
            inode.AddWriter(1);
        }

        return new FileHandle(this, file);
    }

    /// <summary>path_openat: the file that an absolute path leads to, through the mount with the longest matching directory; null when there is none.</summary>
    internal Inode? FindByPath(string path)
    {
        var mount = FileSystems.Mounts.Where(m => path.StartsWith(m.Path.TrimEnd('/') + "/", StringComparison.Ordinal)).MaxBy(m => m.Path.Length);
        if (mount is null)
        {
            return null;
        }

        var inode = mount.Instance.Get(mount.Instance.Image.Root);
        foreach (var part in path[mount.Path.TrimEnd('/').Length..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (inode.Children is not { } children || !children.TryGetValue(part, out var next))
            {
                return null;
            }

            inode = mount.Instance.Get(next);
        }

        return inode.IsDirectory ? null : inode;
    }

    /// <summary>True while some process runs that file (mm->exe_file) and the kernel keeps writers away from it.</summary>
    internal bool IsExecuting(Inode inode) => Policy.RunningText == RunningTextRule.KeptFromWriters && living.Any(p => p.Space.Executable == inode);

    internal bool Knows(ProcessState state)
    {
        var known = processes.Span;
        return (uint)(state.Id - 1) < (uint)known.Length && known[state.Id - 1] == state;
    }

    internal Process Adopt(AddressSpace space, string name, int parent)
    {
        var state = new ProcessState(Journal, processes.Count + 1, name, parent, space);
        processes.Add(state);
        living.Add(state);
        return new Process(this, state);
    }

    internal void End(ProcessState state, Signal signal)
    {
        if (!state.IsAlive)
        {
            throw new InvalidOperationException($"Process {state.Id} ({state.Name}) has already exited.");
        }

        new Process(this, state).ReleaseFutexes();
        Futexes.Forget(state.Id);
        state.Space.AddUser(-1);
        if (state.Space.Users == 0)
        {
            MemoryManager.DestroySpace(state.Space);
        }

        state.Die(signal);
        living.Remove(state);
    }
}
