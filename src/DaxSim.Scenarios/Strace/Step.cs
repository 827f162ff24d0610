using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Scenarios.Strace;

/// <summary>What a simulated machine is to do for one call of the log, or for what must have happened between calls.</summary>
internal enum StepKind : byte
{
    /// <summary>A process appears whose beginning the log does not show.</summary>
    Spawn,

    /// <summary>fork: <see cref="Step.Space"/> is the parent, <see cref="Step.Other"/> the child.</summary>
    Fork,

    /// <summary>execve of <see cref="Step.File"/> (or of a program elsewhere) in <see cref="Step.Space"/>; <see cref="Step.Other"/>, if not 0, is the new space of a process that ran in its parent's memory.</summary>
    Execute,

    /// <summary>The last process of a space ended.</summary>
    Exit,

    Map, Unmap, Protect, Remap, Advise, Lock, Unlock, LockAll, UnlockAll, MemorySync,

    /// <summary>A load, store or instruction fetch by the program itself.</summary>
    Access,

    Open, Close, Grow, Read, Write, Truncate, Allocate, Sync, Remove,

    /// <summary>A call that writes to the directory tree of a placed device.</summary>
    ChangeTree,

    /// <summary>The kernel copies to user memory, for a call whose file is not placed.</summary>
    CopyOut,

    /// <summary>The kernel copies from user memory, for a call whose file is not placed.</summary>
    CopyIn,

    /// <summary>Direct I/O of a file that is not placed, with a buffer of a placed one.</summary>
    DirectRead, DirectWrite,

    AsyncRead, AsyncWrite,

    Peek, Poke, MemoryRead, MemoryWrite, ProcessRead, ProcessWrite, Futex, Vmsplice, Splice,

    CreateRing, RegisterBuffers, UnregisterBuffers,
}

/// <summary>One step, the same for every kernel.</summary>
internal struct Step
{
    internal StepKind Kind;
    internal int Log;
    internal long Line;
    internal int Pid;
    internal string Call;
    internal int Space;
    internal int Other;
    internal ulong Address;
    internal ulong Length;
    internal ulong Address2;
    internal ulong Length2;
    internal long Offset;
    internal int Flags;
    internal Prot Protection;
    internal LogDescription? Description;
    internal LogFile? File;
    internal IoVec[]? Buffers;
    internal IoVec[]? Remote;

    /// <summary>What the log says came out, -1 when it does not say how much.</summary>
    internal long Expected;

    /// <summary>The error that the log shows, None for a success.</summary>
    internal Errno ExpectedErrno;

    /// <summary>What happens is no call of the log: nothing to compare with, only signals count.</summary>
    internal bool IsImplied;

    /// <summary>A success is worth telling: the call asked for memory of a placed device through another process.</summary>
    internal bool IsNotable;
}

/// <summary>Steps in the order of the log, handed on in batches that are reused.</summary>
internal sealed class StepBatch
{
    internal const int Size = 2048;

    internal Step[] Steps { get; } = new Step[Size];

    internal int Count { get; set; }

    internal bool IsFull => Count == Size;
}
