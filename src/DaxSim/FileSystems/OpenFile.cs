using DaxSim.State;

namespace DaxSim.FileSystems;

/// <summary>O_* flags that decide something, with Linux's x86 values.</summary>
[Flags]
public enum OpenFlags
{
    /// <summary>O_RDONLY.</summary>
    ReadOnly = 0,

    /// <summary>O_WRONLY.</summary>
    WriteOnly = 1,

    /// <summary>O_RDWR.</summary>
    ReadWrite = 2,

    /// <summary>O_CREAT.</summary>
    Create = 0x40,

    /// <summary>O_TRUNC.</summary>
    Truncate = 0x200,

    /// <summary>O_DIRECT.</summary>
    Direct = 0x4000,
}

/// <summary>An open file description (struct file): what a descriptor or a mapping refers to.</summary>
internal sealed partial class OpenFile : Recoverable
{
    internal OpenFile(Journal journal, Inode inode, OpenFlags flags)
        : base(journal)
    {
        Inode = inode;
        Flags = flags;
    }

    internal Inode Inode { get; private set; }

    internal OpenFlags Flags { get; }

    /// <summary>The path it was opened by, as /proc/pid/maps shows it.</summary>
    internal string Path { get; init; } = "";

    internal bool CanRead => (Flags & (OpenFlags)3) is OpenFlags.ReadOnly or OpenFlags.ReadWrite;

    internal bool CanWrite => (Flags & (OpenFlags)3) is OpenFlags.WriteOnly or OpenFlags.ReadWrite;

    internal bool IsDirect => (Flags & OpenFlags.Direct) != 0;

    /// <summary>True after close(2); a mapping may still refer to it.</summary>
    internal bool IsClosed { get; private set; }

    internal void Close()
    {
        Touch();
        IsClosed = true;
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Inode);
        digest.Add(Flags);
        digest.Add(IsClosed);
        digest.Add(ReadAhead.Start);
        digest.Add(ReadAhead.Size);
        digest.Add(ReadAhead.AsyncSize);
        digest.Add(ReadAhead.Previous);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        IsClosed = ((OpenFile)state).IsClosed;
        ReadAhead = ((OpenFile)state).ReadAhead;
    }

    private protected override void Remap(CloneContext context) => Inode = context.Map(Inode);
}
