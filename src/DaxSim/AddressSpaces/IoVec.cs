namespace DaxSim.AddressSpaces;

/// <summary>One buffer of a list (struct iovec).</summary>
/// <param name="Address">First byte.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct IoVec(ulong Address, int Length);

/// <summary>A list of buffers being consumed in order (struct iov_iter).</summary>
internal sealed class IoVecCursor
{
    private readonly IReadOnlyList<IoVec> buffers;
    private int index;
    private int offset;

    internal IoVecCursor(IReadOnlyList<IoVec> buffers)
    {
        this.buffers = buffers;
        foreach (var buffer in buffers)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(buffer.Length, nameof(buffers));
            Remaining += buffer.Length;
        }

        SkipEmpty();
    }

    /// <summary>iov_iter_count: bytes that are left.</summary>
    internal int Remaining { get; private set; }

    /// <summary>The address of the next byte.</summary>
    internal ulong Address => buffers[index].Address + (ulong)offset;

    /// <summary>Bytes left in the present buffer.</summary>
    internal int InBuffer => index < buffers.Count ? buffers[index].Length - offset : 0;

    /// <summary>iov_iter_advance within the present buffer.</summary>
    internal void Advance(int count)
    {
        offset += count;
        Remaining -= count;
        SkipEmpty();
    }

    private void SkipEmpty()
    {
        while (index < buffers.Count && offset == buffers[index].Length)
        {
            index++;
            offset = 0;
        }
    }
}
