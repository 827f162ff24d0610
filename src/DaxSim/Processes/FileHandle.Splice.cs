using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Processes;

// splice and sendfile: a page cache file lends its pages to the pipe, a DAX file is copied; in the other direction bytes are written.
public sealed partial class FileHandle
{
    /// <summary>splice(2) from a pipe into the file: the bytes are written as write(2) would, whoever's pages hold them.</summary>
    /// <param name="pipe">The pipe.</param>
    /// <param name="offset">Position in the file.</param>
    /// <param name="length">Bytes at most.</param>
    /// <returns>Bytes written; EAGAIN when the pipe is empty, EBADF when the file is not open for writing, the errno of the file.</returns>
    public Result<int> SpliceFrom(Pipe pipe, long offset, int length)
    {
        using var call = Call("splice");
        return call.Of(DoSpliceFrom(pipe, offset, length));
    }

    private Result<int> DoSpliceFrom(Pipe pipe, long offset, int length)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        if (!File.CanWrite)
        {
            return Verdict.Fail(Errno.EBADF, Kernel.MemoryManager.Because("do_splice", "The file is not open for writing."));
        }

        if (pipe.BufferCount == 0)
        {
            return Verdict.Fail(Errno.EAGAIN, Kernel.MemoryManager.Because("splice_from_pipe", "The pipe is empty."));
        }

        var done = 0;
        var bytes = new byte[Kernel.Memory.PageSize];
        while (done < length && pipe.BufferCount > 0)
        {
            var piece = bytes.AsSpan(0, pipe.Peek(bytes.AsSpan(0, Math.Min(bytes.Length, length - done))));
            var written = Kernel.FileIo.WriteBytes(File.Inode, offset + done, piece);
            if (!written.IsOk)
            {
                return done > 0 ? done : written;
            }

            pipe.Read(piece);
            done += piece.Length;
        }

        return done;
    }

    /// <summary>sendfile(2): from this file into another by a pipe of the kernel's own, so no page of the caller is needed.</summary>
    /// <param name="destination">The file that is written, at its position <paramref name="to"/>.</param>
    /// <param name="from">Position in this file.</param>
    /// <param name="to">Position in the other.</param>
    /// <param name="length">Bytes at most.</param>
    /// <returns>Bytes sent, 0 at the end of this file; EBADF or the errno of the files.</returns>
    public Result<int> SendFile(FileHandle destination, long from, long to, int length)
    {
        using var call = Call("sendfile");
        return call.Of(DoSendFile(destination, from, to, length));
    }

    private Result<int> DoSendFile(FileHandle destination, long from, long to, int length)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var done = 0;
        while (done < length)
        {
            var pipe = new Pipe(Kernel);
            var read = DoSpliceTo(pipe, from + done, length - done);
            if (!read.IsOk || read.Value == 0)
            {
                pipe.Discard();
                return read.IsOk || done > 0 ? done : read.Verdict;
            }

            var written = destination.DoSpliceFrom(pipe, to + done, read.Value);
            pipe.Discard();
            if (!written.IsOk)
            {
                return done > 0 ? done : written.Verdict;
            }

            done += written.Value;
        }

        return done;
    }
}
