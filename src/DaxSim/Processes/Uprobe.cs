using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Processes;

/// <summary>A uprobe: a breakpoint at a place in a file, in every process that runs it now or later.</summary>
public sealed class Uprobe
{
    private readonly FileProbe probe;
    private readonly MemoryManager mm;

    internal Uprobe(MemoryManager mm, FileProbe probe)
    {
        this.mm = mm;
        this.probe = probe;
    }

    /// <summary>In how many mappings the breakpoint is at this moment.</summary>
    public int PlaceCount => mm.CountBreakpoints(probe);

    /// <summary>uprobe_unregister: the original instruction is put back in every mapping that has the breakpoint. A second call does nothing.</summary>
    public void Unregister() => mm.UnregisterProbe(probe);
}

// uprobe_register.
public sealed partial class FileHandle
{
    /// <summary>
    /// uprobe_register: the text page of every private mapping of that place that may be executed and not be written becomes a copy with a
    /// breakpoint, and so does that of every such mapping made later. Each page is first taken by get_user_pages, so a page without struct page
    /// fails: the registration, where the mapping is there already; silently, where it is made later.
    /// </summary>
    /// <param name="offset">The instruction's offset in the file.</param>
    /// <returns>The probe; EIO where the file cannot have probes, EINVAL behind its end, EFAULT (EEXIST from 5.18 on) for page-less text.</returns>
    public Result<Uprobe> RegisterUprobe(long offset)
    {
        using var call = Call("uprobe_register");
        return call.Of(DoRegisterUprobe(offset));
    }

    private Result<Uprobe> DoRegisterUprobe(long offset)
    {
        var probe = Kernel.MemoryManager.RegisterProbe(File.Inode, offset);
        return probe.IsOk ? new Uprobe(Kernel.MemoryManager, probe.Value) : probe.Verdict;
    }
}
