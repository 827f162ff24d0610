using System.Text;

namespace DaxSim.Scenarios.Strace;

/// <summary>The system calls that change what is simulated. All others are <see cref="None"/> and are not looked into.</summary>
internal enum LogCall : byte
{
    None, Execve, ExecveAt, Fork, Vfork, Clone, Clone3, Exit, ExitGroup, Wait,
    Open, OpenAt, OpenAt2, Creat, Close, CloseRange, Dup, Dup2, Dup3, Fcntl, Pipe, Socket, SocketPair, MemfdCreate, MemfdSecret,
    Chdir, Fchdir, Personality,
    Mmap, Munmap, Mprotect, PkeyMprotect, Mremap, Brk, Madvise, Mlock, Mlock2, Munlock, Mlockall, Munlockall, Msync, Shmat, Shmdt,
    Read, Write, Pread, Pwrite, Readv, Writev, Preadv, Pwritev, Preadv2, Pwritev2, Recvfrom, Sendto, Lseek,
    Stat, StatAt, Fstat, Statx, Ftruncate, Truncate, Fallocate, Fsync, Unlink, UnlinkAt, Rename, RenameAt, Mkdir, MkdirAt,
    Ptrace, ProcessVmReadv, ProcessVmWritev, Futex, Vmsplice, Splice, Sendfile, CopyFileRange,
    IoSubmit, IoUringSetup, IoUringRegister, IoUringEnter,
}

/// <summary>Names to calls, without allocating.</summary>
internal static class LogCalls
{
    private static readonly (string Name, LogCall Call)[] Names =
    [
        ("execve", LogCall.Execve), ("execveat", LogCall.ExecveAt), ("fork", LogCall.Fork), ("vfork", LogCall.Vfork), ("clone", LogCall.Clone), ("clone2", LogCall.Clone), ("clone3", LogCall.Clone3),
        ("exit", LogCall.Exit), ("exit_group", LogCall.ExitGroup), ("wait4", LogCall.Wait), ("waitpid", LogCall.Wait),
        ("open", LogCall.Open), ("openat", LogCall.OpenAt), ("openat2", LogCall.OpenAt2), ("creat", LogCall.Creat), ("close", LogCall.Close), ("close_range", LogCall.CloseRange),
        ("dup", LogCall.Dup), ("dup2", LogCall.Dup2), ("dup3", LogCall.Dup3), ("fcntl", LogCall.Fcntl), ("fcntl64", LogCall.Fcntl), ("pipe", LogCall.Pipe), ("pipe2", LogCall.Pipe),
        ("socket", LogCall.Socket), ("socketpair", LogCall.SocketPair), ("accept", LogCall.Socket), ("accept4", LogCall.Socket), ("epoll_create", LogCall.Socket), ("epoll_create1", LogCall.Socket),
        ("eventfd", LogCall.Socket), ("eventfd2", LogCall.Socket), ("timerfd_create", LogCall.Socket), ("signalfd", LogCall.Socket), ("signalfd4", LogCall.Socket), ("inotify_init", LogCall.Socket),
        ("inotify_init1", LogCall.Socket), ("pidfd_open", LogCall.Socket), ("userfaultfd", LogCall.Socket), ("perf_event_open", LogCall.Socket), ("bpf", LogCall.Socket),
        ("memfd_create", LogCall.MemfdCreate), ("memfd_secret", LogCall.MemfdSecret), ("chdir", LogCall.Chdir), ("fchdir", LogCall.Fchdir), ("personality", LogCall.Personality),
        ("mmap", LogCall.Mmap), ("mmap2", LogCall.Mmap), ("old_mmap", LogCall.Mmap), ("munmap", LogCall.Munmap), ("mprotect", LogCall.Mprotect), ("pkey_mprotect", LogCall.PkeyMprotect), ("mremap", LogCall.Mremap),
        ("brk", LogCall.Brk), ("madvise", LogCall.Madvise), ("mlock", LogCall.Mlock), ("mlock2", LogCall.Mlock2), ("munlock", LogCall.Munlock), ("mlockall", LogCall.Mlockall), ("munlockall", LogCall.Munlockall),
        ("msync", LogCall.Msync), ("shmat", LogCall.Shmat), ("shmdt", LogCall.Shmdt),
        ("read", LogCall.Read), ("write", LogCall.Write), ("pread64", LogCall.Pread), ("pread", LogCall.Pread), ("pwrite64", LogCall.Pwrite), ("pwrite", LogCall.Pwrite), ("readv", LogCall.Readv),
        ("writev", LogCall.Writev), ("preadv", LogCall.Preadv), ("pwritev", LogCall.Pwritev), ("preadv2", LogCall.Preadv2), ("pwritev2", LogCall.Pwritev2), ("recvfrom", LogCall.Recvfrom), ("recv", LogCall.Recvfrom),
        ("sendto", LogCall.Sendto), ("send", LogCall.Sendto), ("lseek", LogCall.Lseek), ("_llseek", LogCall.Lseek),
        ("stat", LogCall.Stat), ("stat64", LogCall.Stat), ("lstat", LogCall.Stat), ("lstat64", LogCall.Stat), ("newfstatat", LogCall.StatAt), ("fstatat64", LogCall.StatAt), ("fstat", LogCall.Fstat), ("fstat64", LogCall.Fstat),
        ("statx", LogCall.Statx), ("ftruncate", LogCall.Ftruncate), ("ftruncate64", LogCall.Ftruncate), ("truncate", LogCall.Truncate), ("truncate64", LogCall.Truncate), ("fallocate", LogCall.Fallocate),
        ("fsync", LogCall.Fsync), ("fdatasync", LogCall.Fsync), ("unlink", LogCall.Unlink), ("rmdir", LogCall.Unlink), ("unlinkat", LogCall.UnlinkAt), ("rename", LogCall.Rename), ("renameat", LogCall.RenameAt),
        ("renameat2", LogCall.RenameAt), ("mkdir", LogCall.Mkdir), ("mkdirat", LogCall.MkdirAt),
        ("ptrace", LogCall.Ptrace), ("process_vm_readv", LogCall.ProcessVmReadv), ("process_vm_writev", LogCall.ProcessVmWritev), ("futex", LogCall.Futex), ("vmsplice", LogCall.Vmsplice), ("splice", LogCall.Splice),
        ("sendfile", LogCall.Sendfile), ("sendfile64", LogCall.Sendfile), ("copy_file_range", LogCall.CopyFileRange), ("io_submit", LogCall.IoSubmit), ("io_uring_setup", LogCall.IoUringSetup),
        ("io_uring_register", LogCall.IoUringRegister), ("io_uring_enter", LogCall.IoUringEnter), ("io_uring_enter2", LogCall.IoUringEnter),
    ];

    private static readonly (byte[] Name, LogCall Call)[] Table = MakeTable();

    private static readonly string[] Texts = MakeTexts();

    /// <summary>The call of that name, and the name: strings of known names are shared.</summary>
    internal static LogCall Find(ReadOnlySpan<byte> name, out string? text)
    {
        for (var slot = Hash(name); ; slot++)
        {
            var index = slot & (Table.Length - 1);
            var known = Table[index].Name;
            if (known is null)
            {
                text = null;
                return LogCall.None;
            }

            if (name.SequenceEqual(known))
            {
                text = Texts[index];
                return Table[index].Call;
            }
        }
    }

    /// <inheritdoc cref="Find(ReadOnlySpan{byte}, out string?)"/>
    internal static LogCall Find(ReadOnlySpan<byte> name) => Find(name, out _);

    /// <summary>The name as it stands in the log.</summary>
    internal static string NameOf(ReadOnlySpan<byte> name) => Find(name, out var text) == LogCall.None ? Encoding.ASCII.GetString(name) : text!;

    private static int Hash(ReadOnlySpan<byte> name)
    {
        var hash = (uint)name.Length * 2654435761u;
        for (var i = 0; i < name.Length; i += 2)
        {
            hash = (hash ^ name[i]) * 16777619;
        }

        return (int)(hash >> 8) + (name.IsEmpty ? 0 : name[^1]);
    }

    private static (byte[] Name, LogCall Call)[] MakeTable()
    {
        var table = new (byte[] Name, LogCall Call)[512];
        foreach (var (name, call) in Names)
        {
            var bytes = Encoding.ASCII.GetBytes(name);
            var slot = Hash(bytes);
            while (table[slot & (table.Length - 1)].Name is not null)
            {
                slot++;
            }

            table[slot & (table.Length - 1)] = (bytes, call);
        }

        return table;
    }

    private static string[] MakeTexts() => [.. Table.Select(e => e.Name is null ? "" : Encoding.ASCII.GetString(e.Name))];
}
