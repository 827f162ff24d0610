using DaxSim.AddressSpaces;

namespace DaxSim;

public sealed partial class Machine
{
    /// <summary>A number of 128 bits that differs whenever processes, address spaces, files, struct pages or the contents of memory differ.</summary>
    /// <remarks>Two machines of one kernel that did the same have the same fingerprint: nothing in it depends on time or chance.</remarks>
    internal UInt128 Fingerprint()
    {
        var writer = new FingerprintWriter();
        foreach (var process in Processes)
        {
            writer.Add(process.Id);
            writer.Add(process.Name);
        }

        writer.Add((long)Log.Taints);
        writer.Add(Log.Entries.Count);
        MemoryManager.WriteState(writer);
        return writer.Value;
    }
}
