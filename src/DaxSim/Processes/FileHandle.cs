using DaxSim.FileSystems;

namespace DaxSim.Processes;

/// <summary>An open file of a simulated machine (struct file): what a descriptor refers to and what mmap takes.</summary>
public sealed partial class FileHandle
{
    internal FileHandle(Machine machine, OpenFile file)
    {
        Machine = machine;
        File = file;
    }

    /// <summary>The machine the file belongs to.</summary>
    public Machine Machine { get; }

    internal OpenFile File { get; }
}
