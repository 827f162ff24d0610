using System.Buffers.Binary;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Processes;

// Threads, and what the kernel does with futexes when one ends: both wake-ups use a shared key, so they need a struct page.
public sealed partial class Process
{
    /// <summary>FUTEX_OWNER_DIED and FUTEX_WAITERS of a robust mutex, and the thread id below them.</summary>
    private const uint OwnerDied = 0x4000_0000;
    private const uint HasWaiters = 0x8000_0000;
    private const uint ThreadIdMask = 0x3fff_ffff;

    /// <summary>ROBUST_LIST_LIMIT: where the kernel gives up on a list that might be a ring.</summary>
    private const int LongestRobustList = 2048;

    /// <summary>clone(2) with CLONE_VM and CLONE_THREAD: a thread with the same memory. <see cref="Exit"/> ends it alone, a signal ends them all.</summary>
    /// <param name="clearTid">CLONE_CHILD_CLEARTID: a word that is cleared, and whose futex is woken, when the thread ends; 0 for none. That is what pthread_join waits for.</param>
    public Process StartThread(ulong clearTid = 0)
    {
        var space = Space;
        space.AddUser(1);
        var thread = Kernel.Adopt(space, Name, Id);
        thread.state.SetThread(state.Group, clearTid);
        thread.state.SetPlacement(state.Placement);
        return thread;
    }

    /// <summary>The id of the thread group's first thread: what getpid(2) says.</summary>
    public int GroupId => state.Group;

    /// <summary>set_tid_address(2): the word that is cleared when this thread ends.</summary>
    /// <param name="address">The word; 0 for none.</param>
    public void SetTidAddress(ulong address) => state.SetThread(state.Group, address);

    /// <summary>set_robust_list(2): where the list of the mutexes begins that this thread holds.</summary>
    /// <param name="head">struct robust_list_head in this process's memory: next, futex_offset, list_op_pending; 0 for none.</param>
    public void SetRobustList(ulong head) => state.SetRobustList(head);

    /// <summary>exit_group(2): all threads end.</summary>
    public void ExitGroup() => EndGroup(Signal.None);

    /// <summary>True while the thread sleeps on a futex.</summary>
    public bool IsWaitingOnFutex => Kernel.Futexes.IsWaiting(Id);

    private void EndGroup(Signal signal)
    {
        foreach (var thread in Kernel.Alive.Where(p => p.state.Group == state.Group).ToArray())
        {
            Kernel.End(thread.state, signal);
        }
    }

    /// <summary>
    /// exit_mm_release (mm_release before 5.5): the mutexes on the robust list are marked as left behind, and the word of CLONE_CHILD_CLEARTID
    /// is cleared where somebody else still uses the memory. The stores work on any memory; the wake-ups need a key for a shared futex.
    /// </summary>
    internal void ReleaseFutexes()
    {
        if (state.RobustList != 0)
        {
            WalkRobustList(state.RobustList);
        }

        if (state.ClearTid != 0 && Space.Users > 1)
        {
            Span<byte> zero = stackalloc byte[4];
            zero.Clear();
            if (Mm.CopyToUser(Space, state.ClearTid, zero) == 0)
            {
                WakeAsKernel(state.ClearTid);
            }
        }
    }

    /// <summary>exit_robust_list.</summary>
    private void WalkRobustList(ulong head)
    {
        if (!TryReadPointer(head, out var entry) || !TryReadPointer(head + 8, out var offset) || !TryReadPointer(head + 16, out var pending))
        {
            return;
        }

        // Bit 0 of a link says that the mutex has priority inheritance.
        for (var i = 0; (entry & ~1UL) != head && i < LongestRobustList; i++)
        {
            var more = TryReadPointer(entry & ~1UL, out var next);
            if (entry != pending && !TryMarkDeath((entry & ~1UL) + offset, (entry & 1) != 0, pendingOnly: false))
            {
                return;
            }

            if (!more)
            {
                return;
            }

            entry = next;
        }

        if (pending != 0)
        {
            TryMarkDeath((pending & ~1UL) + offset, (pending & 1) != 0, pendingOnly: true);
        }
    }

    /// <summary>handle_futex_death: false when the word cannot be accessed.</summary>
    private bool TryMarkDeath(ulong address, bool inheritsPriority, bool pendingOnly)
    {
        Span<byte> word = stackalloc byte[4];
        if ((address & 3) != 0 || Mm.CopyFromUser(Space, address, word) != 0)
        {
            return false;
        }

        var value = ReadWord(word);
        if (pendingOnly && !inheritsPriority && value == 0)
        {
            // The owner had unlocked it and died before it could wake anybody.
            WakeAsKernel(address);
            return true;
        }

        if ((value & ThreadIdMask) != (uint)Id)
        {
            return true;
        }

        WriteWord(word, (value & HasWaiters) | OwnerDied);
        if (Mm.CopyToUser(Space, address, word) != 0)
        {
            return false;
        }

        if (!inheritsPriority && (value & HasWaiters) != 0)
        {
            WakeAsKernel(address);
        }

        return true;
    }

    /// <summary>do_futex(FUTEX_WAKE) without FUTEX_PRIVATE_FLAG: a key that cannot be made is an error that nobody looks at.</summary>
    private void WakeAsKernel(ulong address)
    {
        var key = GetFutexKey(address, shared: true, write: false);
        if (key.IsOk)
        {
            Kernel.Futexes.Wake(key.Value, 1);
        }
    }

    private bool TryReadPointer(ulong address, out ulong value)
    {
        Span<byte> word = stackalloc byte[8];
        var missing = Mm.CopyFromUser(Space, address, word);
        value = missing != 0 ? 0 : IsBigEndian ? BinaryPrimitives.ReadUInt64BigEndian(word) : BinaryPrimitives.ReadUInt64LittleEndian(word);
        return missing == 0;
    }

    private bool IsBigEndian => Kernel.Policy.Architecture == Architecture.S390X || Kernel.Policy.Architecture == Architecture.Ppc64Cell;

    /// <summary>A futex word in the byte order of the architecture.</summary>
    private uint ReadWord(ReadOnlySpan<byte> word) => IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(word) : BinaryPrimitives.ReadUInt32LittleEndian(word);

    private void WriteWord(Span<byte> word, uint value)
    {
        if (IsBigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(word, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(word, value);
        }
    }
}
