using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim.Conformance.Adapter;

/// <summary>An open file of the simulator.</summary>
internal sealed class SimulatedFile(FileHandle handle) : ISimulatedFile
{
    internal FileHandle Handle { get; } = handle;

    public Result<byte[]> Read(int length, long offset)
    {
        var bytes = new byte[length];
        var read = Handle.ReadBytes(offset, bytes);
        return bytes[..read];
    }

    public Result<long> Write(byte[] data, long offset)
    {
        var verdict = Handle.WriteBytes(offset, data);
        return verdict.IsOk ? data.Length : verdict;
    }

    public Verdict Truncate(long size) => Handle.Truncate(size);

    public Verdict Allocate(int mode, long offset, long length)
    {
        var operation = Handle.BeginAllocate((FallocateMode)mode, offset, length);
        var verdict = operation.Verdict;
        operation.Interrupt();
        return verdict;
    }

    public Verdict Sync() => Handle.Sync();

    // The replay goes back to a snapshot instead of closing files.
    public void Close()
    {
    }

    public void CloseAsExecutable()
    {
        Handle.SetExecutable();
        Handle.Close();
    }

    public Result<long> Size() => Handle.Size;

    public Result<long> Splice(long offset, ISimulatedPipe pipe, ulong length)
    {
        var spliced = Handle.SpliceTo(((SimulatedPipe)pipe).Pipe, offset, (int)length);
        return spliced.IsOk ? spliced.Value : spliced.Verdict;
    }
}
