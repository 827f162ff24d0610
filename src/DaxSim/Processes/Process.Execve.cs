using System.Buffers.Binary;
using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Processes;

// execve: a program's text is a private mapping of its file, so one on a DAX filesystem runs in place.
public sealed partial class Process
{
    private const int LongestArgument = 131072;
    private const int StackPages = 33;

    /// <summary>execve(2) of a statically linked ELF program.</summary>
    /// <param name="program">The file, open for reading; it needs an execute bit (<see cref="FileHandle.SetExecutable"/>).</param>
    /// <param name="name">The command name from now on.</param>
    /// <param name="arguments">Addresses of the argument strings in this process's memory, each ending in a zero byte.</param>
    /// <returns>
    /// The entry point; then nothing of the old memory is left, and the file cannot be opened for writing while the program runs.
    /// EACCES, ETXTBSY while somebody has the file open for writing (not on 6.11 and 6.12), ENOEXEC, EFAULT for an argument that cannot be read, E2BIG;
    /// for a script ("#!") ENOENT and what else opening its interpreter says, ELOOP after five interpreters: the process goes on as it was.
    /// SIGSEGV when a segment cannot be mapped.
    /// </returns>
    public Result<ulong> Execve(FileHandle program, string name, IReadOnlyList<ulong>? arguments = null)
    {
        using var call = Call("execve");
        return call.Of(DoExecve(program, name, arguments));
    }

    private Result<ulong> DoExecve(FileHandle program, string name, IReadOnlyList<ulong>? arguments)
    {
        Kernel.Require(program);
        ArgumentException.ThrowIfNullOrEmpty(name);
        using var observed = Observe("execve");
        return observed.End(ExecveUnobserved(program, name, arguments));
    }

    private Result<ulong> ExecveUnobserved(FileHandle program, string name, IReadOnlyList<ulong>? arguments)
    {
        var strings = new List<byte[]>();
        var allowed = CheckProgram(program);
        if (allowed.IsOk)
        {
            allowed = ReadArguments(arguments ?? [], strings);
        }

        if (allowed.IsOk)
        {
            allowed = FollowScripts(ref program, strings);
        }

        if (!allowed.IsOk)
        {
            return allowed;
        }

        var inode = program.File.Inode;
        if (ProgramImage.Read((offset, bytes) => Kernel.FileIo.ReadBytes(inode, offset, bytes)) is not { } image)
        {
            return Verdict.Fail(Errno.ENOEXEC, Mm.Because("load_elf_binary", "The file is not a 64-bit ELF program."));
        }

        // begin_new_exec: de_thread, then exec_mm_release while the old memory is still there.
        foreach (var thread in Kernel.Alive.Where(p => p.Id != Id && p.GroupId == GroupId).ToArray())
        {
            Kernel.End(thread.State, Signal.None);
        }

        ReleaseFutexes();
        var space = Mm.CreateSpace(name);
        space.SetExecutable(inode);
        Release(Space);
        Kernel.Futexes.Forget(Id);
        state.Exec(name, space);

        // From here on there is no way back: what fails kills.
        var mapped = MapImage(space, program, image);
        if (mapped.IsOk && !Mm.MapSpecialAreas(space))
        {
            mapped = Verdict.Fail(Errno.ENOMEM, Mm.Because("arch_setup_additional_pages", "No memory for the areas of the vDSO."));
        }

        if (mapped.IsOk)
        {
            mapped = PushArguments(space, strings);
        }

        if (!mapped.IsOk)
        {
            Kill(Signal.SIGSEGV);
            return Verdict.Raise(new SignalInfo(Signal.SIGSEGV, SiCode.None, 0), mapped.Reason);
        }

        return image.Entry;
    }

    private void Release(AddressSpace old)
    {
        old.AddUser(-1);
        if (old.Users == 0)
        {
            Mm.DestroySpace(old);
        }
    }

    private Verdict ReadArguments(IReadOnlyList<ulong> arguments, List<byte[]> strings)
    {
        foreach (var address in arguments)
        {
            var text = ReadString(address);
            if (!text.IsOk)
            {
                return text.Verdict;
            }

            strings.Add(text.Value);
        }

        return Verdict.Ok;
    }

    /// <summary>copy_strings: strnlen_user and copy_from_user, so the string may lie in any mapping.</summary>
    private Result<byte[]> ReadString(ulong address)
    {
        var bytes = new List<byte>();
        var next = new byte[1];
        while (bytes.Count < LongestArgument)
        {
            if (Mm.CopyFromUser(Space, address + (ulong)bytes.Count, next) != 0)
            {
                return Verdict.Fail(Errno.EFAULT, Mm.Because("copy_strings", "An argument string cannot be read."));
            }

            bytes.Add(next[0]);
            if (next[0] == 0)
            {
                return bytes.ToArray();
            }
        }

        return Verdict.Fail(Errno.E2BIG, Mm.Because("copy_strings", "An argument string is too long."));
    }

    /// <summary>elf_map and set_brk for each segment.</summary>
    private Verdict MapImage(AddressSpace space, FileHandle program, ProgramImage image)
    {
        var mask = Mm.PageSize - 1;
        ulong heap = 0;
        foreach (var segment in image.Segments)
        {
            var start = segment.Address & ~mask;
            var fileEnd = segment.Address + segment.FileSize;
            if (segment.FileSize > 0)
            {
                var mapped = Mm.Mmap(space, start, fileEnd - start, segment.Protection, MapFlags.Private | MapFlags.Fixed, program.File, segment.Offset - (segment.Address & mask));
                if (!mapped.IsOk)
                {
                    return mapped.Verdict;
                }
            }

            var end = segment.Address + segment.MemorySize;
            if (Mm.RoundUp(end) > heap)
            {
                heap = Mm.RoundUp(end);
                space.SetHeap(heap, heap);
            }

            if (end <= fileEnd)
            {
                continue;
            }

            // padzero: what follows the file's part in its last page.
            var rest = Math.Min(end, Mm.RoundUp(fileEnd)) - fileEnd;
            if (Mm.CopyToUser(space, fileEnd, new byte[rest]) != 0)
            {
                return Verdict.Fail(Errno.EFAULT, Mm.Because("padzero", "The part behind the file's data cannot be cleared."));
            }

            if (end > Mm.RoundUp(fileEnd))
            {
                var anonymous = Mm.Mmap(space, Mm.RoundUp(fileEnd), end - Mm.RoundUp(fileEnd), segment.Protection, MapFlags.Private | MapFlags.Fixed | MapFlags.Anonymous, null, 0);
                if (!anonymous.IsOk)
                {
                    return anonymous.Verdict;
                }
            }
        }

        return Verdict.Ok;
    }

    /// <summary>setup_arg_pages and create_elf_tables: the strings, and below them their count and addresses.</summary>
    private Verdict PushArguments(AddressSpace space, List<byte[]> strings)
    {
        var top = MemoryManager.TaskSize - Mm.PageSize;
        var bottom = top - (StackPages * Mm.PageSize);
        var stack = Mm.Mmap(space, bottom, top - bottom, Prot.Read | Prot.Write, MapFlags.Private | MapFlags.Fixed | MapFlags.Anonymous | MapFlags.GrowsDown, null, 0);
        if (!stack.IsOk)
        {
            return stack.Verdict;
        }

        var at = top - sizeof(ulong);
        var addresses = new List<ulong>();
        for (var i = strings.Count - 1; i >= 0; i--)
        {
            at -= (ulong)strings[i].Length;
            addresses.Insert(0, at);
            if (Mm.CopyToUser(space, at, strings[i]) != 0)
            {
                return Verdict.Fail(Errno.EFAULT, Mm.Because("copy_strings", "The stack cannot be written."));
            }
        }

        space.SetArguments(at, top - sizeof(ulong));
        var table = new byte[(addresses.Count + 2) * sizeof(ulong)];
        addresses.Insert(0, (ulong)addresses.Count);
        for (var i = 0; i < addresses.Count; i++)
        {
            var word = table.AsSpan(i * sizeof(ulong));
            if (Kernel.Policy.Architecture == Architecture.S390X)
            {
                BinaryPrimitives.WriteUInt64BigEndian(word, addresses[i]);
            }
            else
            {
                BinaryPrimitives.WriteUInt64LittleEndian(word, addresses[i]);
            }
        }

        return Mm.CopyToUser(space, (at - (ulong)table.Length) & ~15UL, table) == 0 ? Verdict.Ok : Verdict.Fail(Errno.EFAULT, Mm.Because("create_elf_tables", "The stack cannot be written."));
    }
}
