using DaxSim.Conformance.Adapter;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>The file changes its size or its extents under the mapping.</summary>
internal static class FileSizeOperations
{
    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("ftruncate_below", Below),
        ("ftruncate_partial", Partial),
        ("ftruncate_regrow", Regrow),
        ("ftruncate_fork", Fork),
        ("beyond_eof", BeyondEnd),
        ("punch_read", PunchRead),
        ("punch_write", PunchWrite),
        ("zero_range", ZeroRange),
        ("collapse_range", CollapseRange),
        ("insert_range", InsertRange),
        ("unlink", Unlink),
    ];

    private static void NeedsDescriptor(Cell c)
    {
        if (c.Descriptor is null)
        {
            c.Skip();
        }
    }

    private static void NeedsFile(Cell c)
    {
        if (!c.IsFile)
        {
            c.Skip();
        }
    }

    private static void Below(Cell c)
    {
        NeedsDescriptor(c);
        c.Main(c.WritableFile().Truncate((long)Page));
        c.Load("page0", c.P(0));
        c.Load("page1", c.P(1));
        c.Store("write2", c.P(2), 'w');
    }

    private static void Partial(Cell c)
    {
        NeedsDescriptor(c);
        c.Main(c.WritableFile().Truncate((long)Page + 100));
        c.Load("in", c.P(1));
        c.Load("zeroed", c.P(1) + 200);
        c.Load("page2", c.P(2));
    }

    private static void Regrow(Cell c)
    {
        NeedsDescriptor(c);
        var file = c.WritableFile();
        c.Call("shrink", file.Truncate(0));
        c.Main(file.Truncate((long)c.Length));
        c.Load("page0", c.P(0));
        c.Store("write1", c.P(1), 'w');
        c.FileByte("file1", 1);
    }

    private static void Fork(Cell c)
    {
        NeedsFile(c);
        var child = c.Fork();
        c.Call("child_truncate", c.WritableFile().Truncate(0));
        child.Exit();
        c.Main(Outcomes.Verdict.Ok);
        c.Load("parent", c.P(0));
    }

    private static void BeyondEnd(Cell c)
    {
        if (c.Descriptor is null || c.Mapping.Kind is MappingKind.DeviceMemory or MappingKind.PciBar)
        {
            c.Skip();
        }

        if (c.Mapping.Kind == MappingKind.DeviceDax)
        {
            BeyondDevice(c);
            return;
        }

        var mapped = c.Process.Mmap(Cell.Second, c.Length * 2, c.Mapping.Prot, c.Mapping.Flags | MapFixed, c.Descriptor, 0);
        if (!c.Main(mapped.Verdict))
        {
            return;
        }

        var at = Cell.Second + c.Length;
        c.Load("read", at);
        c.Store("write", at, 'w');
        c.Call("copy_to_user", c.Process.Pread(c.Source(), at, 16, 0));
        c.Call("odirect", c.Process.Pread(c.Source(direct: true), at, Page, 0));
        var remote = c.Agent.ProcessVmRead(c.Process, at, 8);
        c.Call("pvm", remote.IsOk ? remote.Value.Length : remote.Verdict);
        var peeked = c.Agent.Peek(c.Process, at);
        c.Call("peek", peeked.IsOk ? 8L : peeked.Verdict);
        c.Call("populate_read", c.Process.Madvise(at, Page, AdvicePopulateRead));
        c.Call("mlock", c.Process.Mlock(at, Page));
    }

    private static void BeyondDevice(Cell c)
    {
        var mapped = c.Process.Mmap(Cell.Second, 2UL << 20, c.Mapping.Prot, c.Mapping.Flags, c.Descriptor, c.Machine.DeviceDaxSize);
        if (c.Main(mapped.Verdict))
        {
            c.Load("read", mapped.Value);
        }
    }

    private static void PunchRead(Cell c)
    {
        NeedsFile(c);
        c.Main(c.WritableFile().Allocate(FallocPunchHole | FallocKeepSize, 0, (long)Page));
        c.Load("page0", c.P(0));
        c.Load("page1", c.P(1));
        c.FileByte("file", 0);
    }

    private static void PunchWrite(Cell c)
    {
        NeedsFile(c);
        c.Main(c.WritableFile().Allocate(FallocPunchHole | FallocKeepSize, 0, (long)Page));
        c.Store("write", c.P(0), 'w');
        c.Load("tail", c.P(0) + 100);
        c.FileByte("file", 0);
    }

    private static void ZeroRange(Cell c)
    {
        NeedsFile(c);
        c.Main(c.WritableFile().Allocate(FallocZeroRange, 0, (long)Page));
        c.Load("page0", c.P(0));
        c.FileByte("file", 0);
    }

    private static void CollapseRange(Cell c)
    {
        NeedsFile(c);
        c.Main(c.WritableFile().Allocate(FallocCollapseRange, 0, (long)Page));
        c.Load("page0", c.P(0));
        c.Load("page3", c.P(3));
        c.FileByte("file", 0);
    }

    private static void InsertRange(Cell c)
    {
        NeedsFile(c);
        c.Main(c.WritableFile().Allocate(FallocInsertRange, 0, (long)Page));
        c.Load("page0", c.P(0));
        c.Load("page1", c.P(1));
        c.FileByte("file", 0);
    }

    private static void Unlink(Cell c)
    {
        if (c.Mapping.Kind != MappingKind.File)
        {
            c.Skip();
        }

        c.Main(c.Machine.Unlink(c.Path));
        c.Load("read", c.P(0));
        c.Store("write1", c.P(1), 'w');
    }
}
