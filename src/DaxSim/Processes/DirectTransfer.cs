using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.Processes;

/// <summary>A direct read that the device has not finished: the user's pages are held until <see cref="Complete"/>.</summary>
public sealed class DirectTransfer : IPageHolder
{
    private readonly RunningKernel kernel;
    private readonly Inode inode;
    private readonly long position;
    private readonly int length;
    private readonly int start;
    private readonly ulong[] pages;
    private readonly bool pin;

    internal DirectTransfer(RunningKernel kernel, Inode inode, long position, int length, int start, ulong[] pages, bool pin)
    {
        this.kernel = kernel;
        this.inode = inode;
        this.position = position;
        this.length = length;
        this.start = start;
        this.pages = pages;
        this.pin = pin;
        kernel.MemoryManager.AddHolder(this);
    }

    private DirectTransfer(DirectTransfer original, CloneContext context)
    {
        kernel = context.Known(original.kernel);
        inode = context.Map(original.inode);
        position = original.position;
        length = original.length;
        start = original.start;
        pages = original.pages;
        pin = original.pin;
    }

    /// <summary>True while the device has not answered.</summary>
    public bool IsPending => kernel.MemoryManager.Holders.Contains(this);

    string IPageHolder.HolderName => "direct I/O";

    IEnumerable<(ulong Pfn, bool Pin)> IPageHolder.Held => pages.Select(p => (p, pin));

    object ICloned.CloneInto(CloneContext context) => new DirectTransfer(this, context);

    void IDescribed.Describe(StateDigest digest)
    {
        digest.Add(inode);
        digest.Add(position);
        digest.Add(length);
        digest.Add(start);
        digest.Add(pin);
        foreach (var page in pages)
        {
            digest.Add(page);
        }
    }

    /// <summary>The device answers: the data goes into the held pages, wherever they are mapped by now, and the pages are given back.</summary>
    /// <returns>Bytes read.</returns>
    /// <exception cref="InvalidOperationException">It was completed before.</exception>
    public Result<int> Complete()
    {
        if (!IsPending)
        {
            throw new InvalidOperationException("The transfer was completed before.");
        }

        var mm = kernel.MemoryManager;
        var bytes = new byte[length];
        var count = kernel.FileIo.ReadBytes(inode, position, bytes, direct: true);
        for (var done = 0; done < count;)
        {
            var at = start + done;
            var inPage = at & ((int)mm.PageSize - 1);
            var part = Math.Min(count - done, (int)mm.PageSize - inPage);
            mm.Memory.Contents.Write(pages[at >> mm.PageShift], inPage, bytes.AsSpan(done, part));
            done += part;
        }

        mm.RemoveHolder(this);
        mm.ReleasePages(pages, 0, pages.Length, pin, dirty: true, ReleaseKind.DirectIo);
        return count;
    }
}

// Asynchronous direct I/O.
public sealed partial class Process
{
    private const int BlockSectorSize = 512;

    /// <summary>io_submit(2) of an O_DIRECT read: takes the pages now, transfers at <see cref="DirectTransfer.Complete"/>.</summary>
    /// <param name="file">The file or device.</param>
    /// <param name="address">The buffer.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="offset">Position in the file.</param>
    /// <returns>The transfer; or what its completion says when the pages cannot be taken: EFAULT or EEXIST, and EIO for a block device from 4.10 to 5.15.</returns>
    public Result<DirectTransfer> SubmitDirectRead(FileHandle file, ulong address, int length, long offset)
    {
        using var call = Call("direct read", address);
        return call.Of(DoSubmitDirectRead(file, address, length, offset));
    }

    private Result<DirectTransfer> DoSubmitDirectRead(FileHandle file, ulong address, int length, long offset)
    {
        Kernel.Require(file);
        var pin = Kernel.Policy.DirectIoReferences == DirectIoReferenceRule.Pin;
        var start = (int)(address & (Mm.PageSize - 1));
        var pages = new ulong[(start + length + (int)Mm.PageSize - 1) >> Mm.PageShift];
        var result = Mm.GetUserPagesFast(Space, address, pages.Length, GupFlags.Write | (pin ? GupFlags.Pin : GupFlags.Get), pages);
        if (result.Count < pages.Length)
        {
            var good = result.Count == 0 ? 0 : (result.Count << Mm.PageShift) - start;
            if (EngineOf(file.File.Inode) == DirectIoEngineRule.BlockLayer && Kernel.Policy.AsyncDirectIoError == AsyncDirectIoErrorRule.OfThePages && good >= BlockSectorSize)
            {
                // One bio, as long as the pages that could be had: a short transfer.
                return new DirectTransfer(Kernel, file.File.Inode, offset, good & -BlockSectorSize, start, pages[..result.Count], pin);
            }

            Mm.ReleasePages(pages, 0, result.Count, pin, dirty: false);
            if (EngineOf(file.File.Inode) == DirectIoEngineRule.BlockLayer)
            {
                return FailAsync(0, result.Verdict).Verdict;
            }

            return result.Count == 0 ? result.Verdict : Verdict.Fail(Errno.EFAULT, Mm.Because("bio_iov_iter_get_pages", "Only part of the buffer could be taken."));
        }

        return new DirectTransfer(Kernel, file.File.Inode, offset, length, start, pages, pin);
    }
}
