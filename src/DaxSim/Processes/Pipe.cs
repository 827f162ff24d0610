using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.State;

namespace DaxSim.Processes;

/// <summary>A pipe: a ring of buffers, each a piece of a page that is either the pipe's own or (vmsplice, splice) somebody's with a reference.</summary>
public sealed class Pipe : IPageHolder
{
    private const int Slots = 16;

    private readonly RunningKernel kernel;
    private readonly StateList<PipeBuffer> buffers;

    internal Pipe(RunningKernel kernel)
    {
        this.kernel = kernel;
        buffers = new(kernel.Journal);
        kernel.MemoryManager.AddHolder(this);
    }

    private Pipe(Pipe original, CloneContext context)
    {
        kernel = context.Known(original.kernel);
        buffers = context.Map(original.buffers);
    }

    string IPageHolder.HolderName => "pipe";

    IEnumerable<(ulong Pfn, bool Pin)> IPageHolder.Held => buffers.Select(b => (b.Pfn, false));

    object ICloned.CloneInto(CloneContext context) => new Pipe(this, context);

    void IDescribed.Describe(StateDigest digest)
    {
        digest.Add(buffers);
    }

    /// <summary>Pieces in the pipe.</summary>
    public int BufferCount => buffers.Count;

    /// <summary>read(2) into kernel memory: bytes read; 0 when the pipe is empty.</summary>
    public int Read(Span<byte> destination)
    {
        var done = 0;
        while (done < destination.Length && buffers.Count > 0)
        {
            var buffer = buffers[0];
            var part = Math.Min(destination.Length - done, buffer.Length);
            kernel.Memory.Contents.Read(buffer.Pfn, buffer.Offset, destination.Slice(done, part));
            done += part;
            if (part == buffer.Length)
            {
                buffers.RemoveAt(0);
                kernel.MemoryManager.Release(buffer.Pfn, pin: false);
            }
            else
            {
                buffers[0] = buffer with { Offset = buffer.Offset + part, Length = buffer.Length - part };
            }
        }

        return done;
    }

    /// <summary>The bytes that the next read of one buffer would give, without taking them.</summary>
    internal int Peek(Span<byte> destination)
    {
        var count = Math.Min(destination.Length, buffers[0].Length);
        kernel.Memory.Contents.Read(buffers[0].Pfn, buffers[0].Offset, destination[..count]);
        return count;
    }

    /// <summary>write(2) from kernel memory.</summary>
    public void Write(ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            if (!kernel.Memory.TryAllocate(0, Memory.PageFlags.None, 0, 0, out var pfn))
            {
                throw new InvalidOperationException("The simulated machine has no memory left for a pipe page: give it more with Ram(...).");
            }

            var part = Math.Min(source.Length, kernel.Memory.PageSize);
            kernel.Memory.Contents.Write(pfn, 0, source[..part]);
            buffers.Add(new PipeBuffer(pfn, 0, part));
            source = source[part..];
        }
    }

    /// <summary>tee(2): the other pipe gets references to the same pages; this one keeps its own.</summary>
    /// <param name="destination">The other pipe.</param>
    /// <param name="length">Bytes at most.</param>
    /// <returns>Bytes duplicated; EAGAIN when there is nothing here or no room there, EINVAL for the pipe itself.</returns>
    public Result<int> TeeTo(Pipe destination, int length)
    {
        if (Refuse(destination, "do_tee", destination is { IsFull: true }) is { } refused)
        {
            return refused;
        }

        var done = 0;
        foreach (var buffer in buffers)
        {
            if (done >= length || destination.IsFull)
            {
                break;
            }

            var part = Math.Min(length - done, buffer.Length);
            kernel.Memory.Get(buffer.Pfn, 1);
            destination.Push(buffer with { Length = part });
            done += part;
        }

        return done;
    }

    /// <summary>splice(2) from pipe to pipe: whole buffers move with their reference, a part of one is referenced twice.</summary>
    /// <param name="destination">The other pipe.</param>
    /// <param name="length">Bytes at most.</param>
    /// <returns>Bytes moved; EAGAIN when there is nothing here or no room there, EINVAL for the pipe itself.</returns>
    public Result<int> SpliceTo(Pipe destination, int length)
    {
        if (Refuse(destination, "splice_pipe_to_pipe", destination is { IsFull: true }) is { } refused)
        {
            return refused;
        }

        var done = 0;
        while (done < length && buffers.Count > 0 && !destination.IsFull)
        {
            var buffer = buffers[0];
            var part = Math.Min(length - done, buffer.Length);
            destination.Push(buffer with { Length = part });
            if (part == buffer.Length)
            {
                buffers.RemoveAt(0);
            }
            else
            {
                kernel.Memory.Get(buffer.Pfn, 1);
                buffers[0] = buffer with { Offset = buffer.Offset + part, Length = buffer.Length - part };
            }

            done += part;
        }

        return done;
    }

    private Verdict? Refuse(Pipe destination, string function, bool full)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (destination == this)
        {
            return Verdict.Fail(Errno.EINVAL, kernel.MemoryManager.Because(function, "Both ends are the same pipe."));
        }

        return buffers.Count == 0 ? Verdict.Fail(Errno.EAGAIN, kernel.MemoryManager.Because(function, "The pipe is empty."))
            : full ? Verdict.Fail(Errno.EAGAIN, kernel.MemoryManager.Because(function, "The other pipe is full.")) : null;
    }

    internal RunningKernel Kernel => kernel;

    /// <summary>Closes the pipe: every page reference in it is given back.</summary>
    public void Close()
    {
        while (buffers.Count > 0)
        {
            var buffer = buffers[0];
            buffers.RemoveAt(0);
            kernel.MemoryManager.Release(buffer.Pfn, pin: false);
        }
    }

    /// <summary>A pipe of the kernel's own is gone.</summary>
    internal void Discard()
    {
        Close();
        kernel.MemoryManager.RemoveHolder(this);
    }

    internal bool IsFull => buffers.Count >= Slots;

    internal void Push(PipeBuffer buffer) => buffers.Add(buffer);

    internal readonly record struct PipeBuffer(ulong Pfn, int Offset, int Length);
}

// Pipes of a process.
public sealed partial class Process
{
    /// <summary>vmsplice(2) from user memory: puts references to the pages into the pipe, without copying.</summary>
    /// <param name="pipe">The pipe.</param>
    /// <param name="address">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>Bytes spliced before the first page that cannot be taken, its errno if there is none, EAGAIN when the pipe is full.</returns>
    public Result<int> Vmsplice(Pipe pipe, ulong address, int length)
    {
        using var call = Call("vmsplice", address);
        return call.Of(DoVmsplice(pipe, address, length));
    }

    private Result<int> DoVmsplice(Pipe pipe, ulong address, int length)
    {
        Kernel.Require(pipe);
        using var observed = Observe("vmsplice", address);
        return observed.End(VmspliceUnobserved(pipe, address, length));
    }

    private Result<int> VmspliceUnobserved(Pipe pipe, ulong address, int length)
    {
        var pages = new ulong[1];
        var done = 0;
        while (done < length)
        {
            if (pipe.IsFull)
            {
                return done > 0 ? done : Verdict.Fail(Errno.EAGAIN, Mm.Because("wait_for_space", "The pipe is full."));
            }

            var at = address + (ulong)done;
            var result = Mm.GetUserPagesFast(Space, at, 1, GupFlags.Get, pages);
            if (result.Count == 0)
            {
                return done > 0 ? done : result.Verdict;
            }

            var offset = (int)(at & (Mm.PageSize - 1));
            var part = Math.Min(length - done, (int)Mm.PageSize - offset);
            pipe.Push(new Pipe.PipeBuffer(pages[0], offset, part));
            done += part;
        }

        return done;
    }

    /// <summary>read(2) of a pipe, or vmsplice(2) from the pipe's reading end: both copy into user memory.</summary>
    /// <param name="pipe">The pipe.</param>
    /// <param name="address">Where the bytes go.</param>
    /// <param name="length">Bytes at most.</param>
    /// <returns>Bytes copied; EAGAIN when the pipe is empty, EFAULT when nothing could be written.</returns>
    public Result<int> ReadFromPipe(Pipe pipe, ulong address, int length)
    {
        using var call = Call("read", address);
        return call.Of(DoReadFromPipe(pipe, address, length));
    }

    private Result<int> DoReadFromPipe(Pipe pipe, ulong address, int length)
    {
        Kernel.Require(pipe);
        if (pipe.BufferCount == 0)
        {
            return Verdict.Fail(Errno.EAGAIN, Mm.Because("pipe_read", "The pipe is empty."));
        }

        var done = 0;
        Span<byte> piece = new byte[Mm.PageSize];
        while (done < length && pipe.BufferCount > 0)
        {
            var at = address + (ulong)done;
            var part = piece[..Math.Min(length - done, (int)(Mm.PageSize - (at & (Mm.PageSize - 1))))];
            part = part[..pipe.Peek(part)];
            if (Mm.CopyToUser(Space, at, part) != 0)
            {
                return done > 0 ? done : Verdict.Fail(Errno.EFAULT, Mm.Because("copy_page_to_iter", "The destination cannot be written."));
            }

            pipe.Read(part);
            done += part.Length;
        }

        return done;
    }

    /// <summary>write(2) into a pipe: copies; EFAULT when nothing could be read.</summary>
    /// <param name="pipe">The pipe; null for one that is read at once.</param>
    /// <param name="address">First byte.</param>
    /// <param name="length">Bytes, at most a page.</param>
    public Result<int> WriteToPipe(Pipe? pipe, ulong address, int length)
    {
        using var call = Call("write", address);
        return call.Of(DoWriteToPipe(pipe, address, length));
    }

    private Result<int> DoWriteToPipe(Pipe? pipe, ulong address, int length)
    {
        var bytes = new byte[length];
        if (Mm.CopyFromUser(Space, address, bytes) != 0)
        {
            return Verdict.Fail(Errno.EFAULT, Mm.Because("pipe_write", "The source could not be read."));
        }

        if (pipe is not null)
        {
            if (!Mm.Memory.TryAllocate(0, Memory.PageFlags.None, 0, 0, out var pfn))
            {
                return Verdict.Fail(Errno.ENOMEM);
            }

            Mm.Memory.Contents.Write(pfn, 0, bytes);
            pipe.Push(new Pipe.PipeBuffer(pfn, 0, length));
        }

        return length;
    }
}
