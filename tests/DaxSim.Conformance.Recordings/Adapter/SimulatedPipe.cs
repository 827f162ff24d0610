using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim.Conformance.Adapter;

/// <summary>A pipe of the simulator; both ends are open and nothing waits.</summary>
internal sealed class SimulatedPipe(Pipe pipe) : ISimulatedPipe
{
    internal Pipe Pipe { get; } = pipe;

    public Result<byte[]> Read(int length)
    {
        var bytes = new byte[length];
        var read = Pipe.Read(bytes);
        return read > 0 ? bytes[..read] : Verdict.Fail(Errno.EAGAIN);
    }

    public Result<long> Write(byte[] data)
    {
        Pipe.Write(data);
        return data.Length;
    }

    public void Close() => Pipe.Close();
}
