using DaxSim.Outcomes;

namespace DaxSim.Processes;

// The futex operations that write the futex word.
public sealed partial class Process
{
    /// <summary>FUTEX_TRYLOCK_PI: takes a free priority-inheritance lock by writing the thread id into the word.</summary>
    /// <param name="address">The futex word.</param>
    /// <param name="scope">Whether the call has FUTEX_PRIVATE_FLAG.</param>
    /// <returns>Ok; EAGAIN when a process holds the lock; ESRCH when the word names no process; EFAULT when it cannot be written.</returns>
    public Verdict FutexTryLockPi(ulong address, FutexScope scope = FutexScope.Shared)
    {
        using var call = Call("futex(FUTEX_TRYLOCK_PI)", address);
        return call.Of(DoFutexTryLockPi(address, scope == FutexScope.Shared));
    }

    private Verdict DoFutexTryLockPi(ulong address, bool shared)
    {
        var key = GetFutexKey(address, shared, write: true);
        if (!key.IsOk)
        {
            return key.Verdict;
        }

        Span<byte> word = stackalloc byte[4];
        if (Mm.CopyFromUser(Space, address, word) != 0)
        {
            return Verdict.Fail(Errno.EFAULT, Mm.Because("futex_lock_pi_atomic", "The futex word cannot be read."));
        }

        var owner = ReadWord(word) & 0x3fff_ffff;
        if (owner != 0)
        {
            return Kernel.Alive.Any(p => (uint)p.Id == owner)
                ? Verdict.Fail(Errno.EAGAIN, Mm.Because("futex_lock_pi_atomic", "Another process holds the lock."))
                : Verdict.Fail(Errno.ESRCH, Mm.Because("attach_to_pi_owner", "The word names a process that does not exist."));
        }

        WriteWord(word, (uint)Id);
        return Mm.CopyToUser(Space, address, word) == 0 ? Verdict.Ok : Verdict.Fail(Errno.EFAULT, Mm.Because("lock_pi_update_atomic", "The futex word cannot be written."));
    }

    /// <summary>FUTEX_WAKE_OP with FUTEX_OP_SET and FUTEX_OP_CMP_EQ 0: stores a value at the second word, wakes one waiter of the first and, if the second was 0, one of the second.</summary>
    /// <param name="address">The first word.</param>
    /// <param name="second">The word that is set.</param>
    /// <param name="value">What it is set to.</param>
    /// <param name="scope">Whether the call has FUTEX_PRIVATE_FLAG.</param>
    /// <returns>How many waiters were woken, or EFAULT.</returns>
    public Result<int> FutexWakeOp(ulong address, ulong second, uint value, FutexScope scope = FutexScope.Shared)
    {
        using var call = Call("futex(FUTEX_WAKE_OP)", address);
        return call.Of(DoFutexWakeOp(address, second, value, scope == FutexScope.Shared));
    }

    private Result<int> DoFutexWakeOp(ulong address, ulong second, uint value, bool shared)
    {
        var first = GetFutexKey(address, shared, write: false);
        if (!first.IsOk)
        {
            return first.Verdict;
        }

        var other = GetFutexKey(second, shared, write: true);
        if (!other.IsOk)
        {
            return other.Verdict;
        }

        Span<byte> word = stackalloc byte[4];
        if (Mm.CopyFromUser(Space, second, word) != 0)
        {
            return Verdict.Fail(Errno.EFAULT, Mm.Because("futex_atomic_op_inuser", "The second word cannot be accessed."));
        }

        var old = ReadWord(word);
        WriteWord(word, value);
        if (Mm.CopyToUser(Space, second, word) != 0)
        {
            return Verdict.Fail(Errno.EFAULT, Mm.Because("futex_atomic_op_inuser", "The second word cannot be written."));
        }

        return Kernel.Futexes.Wake(first.Value, 1) + (old == 0 ? Kernel.Futexes.Wake(other.Value, 1) : 0);
    }
}
