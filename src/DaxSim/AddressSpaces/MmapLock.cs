using System.Diagnostics.CodeAnalysis;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>
/// mm->mmap_lock of one address space, held by operations that are being stepped: fork writes, a fault and a slow
/// get_user_pages read. An operation whose steps run back to back need not take it, since nothing runs in between, but it may
/// not begin where it would have to sleep.
/// </summary>
internal sealed class MmapLock : Recoverable
{
    private int readers;
    private bool written;

    internal MmapLock(Journal journal)
        : base(journal)
    {
    }

    internal bool IsFree => readers == 0 && !written;

    /// <summary>True where a reader has to sleep.</summary>
    internal bool IsWritten => written;

    /// <summary>mmap_read_trylock.</summary>
    internal bool TryRead()
    {
        if (written)
        {
            return false;
        }

        Touch();
        readers++;
        return true;
    }

    internal void EndRead()
    {
        Touch();
        readers--;
    }

    /// <summary>mmap_write_trylock.</summary>
    internal bool TryWrite()
    {
        if (!IsFree)
        {
            return false;
        }

        Touch();
        written = true;
        return true;
    }

    internal void EndWrite()
    {
        Touch();
        written = false;
    }

    /// <summary>For a reader whose steps run back to back.</summary>
    /// <exception cref="InvalidOperationException">It would have to sleep.</exception>
    internal void MustBeReadable(string who)
    {
        if (written)
        {
            Throw(who, "a fork that is being stepped");
        }
    }

    /// <summary>For a writer whose steps run back to back.</summary>
    /// <exception cref="InvalidOperationException">It would have to sleep.</exception>
    internal void MustBeFree(string who)
    {
        if (!IsFree)
        {
            Throw(who, written ? "a fork that is being stepped" : "a fault or get_user_pages that is being stepped");
        }
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(readers);
        digest.Add(written);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (MmapLock)state;
        (readers, written) = (other.readers, other.written);
    }

    [DoesNotReturn]
    private static void Throw(string who, string holder)
        => throw new InvalidOperationException($"{who} would sleep: {holder} holds the mmap lock of this address space. Step that to its end first.");
}
