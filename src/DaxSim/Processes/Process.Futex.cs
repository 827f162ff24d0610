using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Processes;

/// <summary>What identifies a futex: the address for private ones and private memory, the file page for shared ones.</summary>
internal readonly record struct FutexKey(int Space, int File, ulong Position);

/// <summary>By what a futex is known (FUTEX_PRIVATE_FLAG).</summary>
public enum FutexScope
{
    /// <summary>Without FUTEX_PRIVATE_FLAG: processes meet at it. Its key is the page, for a file mapping that of the file, so the page is looked up.</summary>
    Shared,

    /// <summary>FUTEX_PRIVATE_FLAG: only the threads of one process do. Its key is the address; no page is looked at.</summary>
    Private,
}

// futex(2).
public sealed partial class Process
{
    /// <summary>FUTEX_WAKE: how many waiters were woken, or the errno of making the key.</summary>
    /// <param name="address">The futex word, a multiple of 4.</param>
    /// <param name="count">How many to wake at most.</param>
    /// <param name="scope">Whether the call has FUTEX_PRIVATE_FLAG.</param>
    public Result<int> FutexWake(ulong address, int count = 1, FutexScope scope = FutexScope.Shared)
    {
        using var call = Call("futex(FUTEX_WAKE)", address);
        return call.Of(DoFutexWake(address, scope == FutexScope.Shared, count));
    }

    private Result<int> DoFutexWake(ulong address, bool shared, int count)
    {
        var key = GetFutexKey(address, shared, write: false);
        return key.IsOk ? Kernel.Futexes.Wake(key.Value, count) : key.Verdict;
    }

    /// <summary>FUTEX_WAIT without sleeping: EAGAIN when the word does not have the expected value; otherwise the process is queued.</summary>
    /// <param name="address">The futex word, a multiple of 4.</param>
    /// <param name="expected">The value it must have.</param>
    /// <param name="scope">Whether the call has FUTEX_PRIVATE_FLAG.</param>
    /// <returns><see cref="VerdictKind.Blocked"/> when it would sleep (and now waits), EAGAIN, EFAULT or the errno of making the key.</returns>
    public Verdict FutexWait(ulong address, uint expected, FutexScope scope = FutexScope.Shared)
    {
        using var call = Call("futex(FUTEX_WAIT)", address);
        return call.Of(DoFutexWait(address, expected, scope == FutexScope.Shared));
    }

    private Verdict DoFutexWait(ulong address, uint expected, bool shared)
    {
        var key = GetFutexKey(address, shared, write: false);
        if (!key.IsOk)
        {
            return key.Verdict;
        }

        Span<byte> word = stackalloc byte[4];
        if (Mm.CopyFromUser(Space, address, word) != 0)
        {
            return Verdict.Fail(Errno.EFAULT, Mm.Because("get_futex_value_locked", "The futex word cannot be read."));
        }

        if (ReadWord(word) != expected)
        {
            return Verdict.Fail(Errno.EAGAIN, Mm.Because("futex_wait_setup", "The word does not have the expected value."));
        }

        Kernel.Futexes.Wait(key.Value, Id);
        return Verdict.Blocked(Mm.Because("futex_wait", "The process sleeps on the futex."));
    }

    /// <summary>get_futex_key.</summary>
    private Result<FutexKey> GetFutexKey(ulong address, bool shared, bool write)
    {
        if ((address & 3) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("get_futex_key", "The address is not a multiple of 4."));
        }

        if (address >= MemoryManager.TaskSize)
        {
            return Verdict.Fail(Errno.EFAULT, Mm.Because("get_futex_key", "The address is not in user space."));
        }

        if (!shared)
        {
            return new FutexKey(Space.Id, 0, address);
        }

        var pages = new ulong[1];
        var readOnly = false;
        var result = Mm.GetUserPagesFast(Space, address, 1, GupFlags.Get | GupFlags.Write, pages);
        if (result.Count == 0 && result.Verdict.Errno == Errno.EFAULT && !write)
        {
            result = Mm.GetUserPagesFast(Space, address, 1, GupFlags.Get, pages);
            readOnly = true;
        }

        if (result.Count == 0)
        {
            return result.Verdict;
        }

        var pfn = pages[0];
        var page = Mm.Memory.PageOf(Mm.Memory.HeadOf(pfn));
        var index = Mm.Memory.IndexOf(pfn);
        Mm.Release(pfn, pin: false);
        if (page.IsAnon)
        {
            return readOnly
                ? Verdict.Fail(Errno.EFAULT, Mm.Because("get_futex_key", "A read-only anonymous page cannot carry a shared futex."))
                : new FutexKey(Space.Id, 0, address);
        }

        if (page.Owner == 0)
        {
            return Verdict.Fail(Errno.EFAULT, Mm.Because("get_futex_key", "The page names no file (page->mapping is empty), so no key can be made.", PolicyProperty.DaxPageOwner));
        }

        return new FutexKey(0, page.Owner, (index << Mm.PageShift) | (address & (Mm.PageSize - 1)));
    }
}
