namespace DaxSim.Conformance.Adapter;

/// <summary>The numbers that the probes pass to system calls (the same on every architecture that was recorded).</summary>
internal static class LinuxNumbers
{
    internal const ulong Page = 4096;
    internal const int ProtNone = 0;
    internal const int ProtRead = 1;
    internal const int ProtWrite = 2;
    internal const int ProtExec = 4;
    internal const int ReadWrite = ProtRead | ProtWrite;

    internal const int MapShared = 1;
    internal const int MapPrivate = 2;
    internal const int MapSharedValidate = 3;
    internal const int MapFixed = 0x10;
    internal const int MapAnonymous = 0x20;
    internal const int MapLocked = 0x2000;
    internal const int MapPopulate = 0x8000;
    internal const int MapHugetlb = 0x40000;
    internal const int MapSync = 0x80000;
    internal const int MapFixedNoReplace = 0x100000;

    internal const int MremapMayMove = 1;
    internal const int MremapFixed = 2;
    internal const int MremapDontUnmap = 4;

    internal const int FallocKeepSize = 1;
    internal const int FallocPunchHole = 2;
    internal const int FallocCollapseRange = 8;
    internal const int FallocZeroRange = 0x10;
    internal const int FallocInsertRange = 0x20;

    internal const int SpliceNonBlock = 2;
    internal const int SpliceGift = 8;

    internal const int FutexWait = 0;
    internal const int FutexWake = 1;
    internal const int FutexPrivate = 128;

    internal const int AdviceDontNeed = 4;
    internal const int AdviceDontFork = 10;
    internal const int AdviceDoFork = 11;
    internal const int AdviceWipeOnFork = 18;
    internal const int AdviceKeepOnFork = 19;
    internal const int AdvicePopulateRead = 22;
    internal const int AdvicePopulateWrite = 23;
}
