using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Reading;
using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>O_DIRECT: the kernel pins the buffer, unless the file is on a DAX filesystem.</summary>
internal static class DirectIoOperations
{
    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("odirect_read", Read),
        ("odirect_read_span", ReadSpan),
        ("odirect_read_past_end", ReadPastEnd),
        ("odirect_write", Write),
        ("odirect_write_span", WriteSpan),
        ("odirect_block", Block),
        ("odirect_daxfile", DaxFile),
        ("odirect_self", Self),
        ("odirect_fork", ForkThenRead),
        ("odirect_fork_child", ChildReads),
        ("odirect_fork_exit", ChildExits),
        ("odirect_after_truncate", AfterTruncate),
    ];

    /// <summary>Makes a call and records how many pins it took and gave back.</summary>
    internal static T WithPins<T>(Cell c, Func<T> call, string field = "pins")
    {
        var before = c.Machine.PinCounters();
        c.Note(before.Verdict);
        var result = call();
        var after = c.Machine.PinCounters().Value;
        c.Answer.Set(field, FieldValue.OfJson($"[{after.Acquired - before.Value.Acquired},{after.Released - before.Value.Released}]"));
        return result;
    }

    private static void Read(Cell c)
    {
        var file = c.Source(direct: true);
        c.Main(WithPins(c, () => c.Process.Pread(file, c.P(0), Page, 0)), (long)Page);
        c.Load("after", c.P(0));
        c.FileByte("file", 0);
    }

    private static void ReadSpan(Cell c)
    {
        var file = c.Source(direct: true);
        c.Main(WithPins(c, () => c.Process.Pread(file, c.P(0) + 512, 2 * Page, 0)), 2 * (long)Page);
        c.Load("page0_head", c.P(0));
        c.Load("page0", c.P(0) + 512);
        c.Load("page1", c.P(1));
        c.Load("page2", c.P(2));
        c.Load("page2_tail", c.P(2) + 512);
    }

    private static void ReadPastEnd(Cell c)
    {
        var last = c.Address + c.Length - Page;
        c.Main(c.Process.Pread(c.Source(direct: true), last, 2 * Page, 0), 2 * (long)Page);
        c.Load("after", last);
    }

    private static void Write(Cell c)
    {
        var target = Destination(c);
        c.Main(WithPins(c, () => c.Process.Pwrite(target, c.P(0), Page, 0)), (long)Page);
        if (c.Mapping.Kind != MappingKind.Special)
        {
            c.Answer.Set("dst", OnDisk(c, 0));
        }
    }

    private static void WriteSpan(Cell c)
    {
        c.Main(c.Process.Pwrite(Destination(c), c.P(0) + 512, 2 * Page, 0), 2 * (long)Page);
        if (c.Mapping.Kind != MappingKind.Special)
        {
            c.Answer.Set("dst1", OnDisk(c, Page));
        }
    }

    private static void Block(Cell c)
    {
        var disk = c.Machine.Open(OraclePaths.SlowDisk, write: false, direct: true);
        c.Main(WithPins(c, () => c.Process.Pread(disk, c.P(0), 512, 0)), 512);
        c.Load("after", c.P(0));
        c.Load("byte512", c.P(0) + 512);
    }

    private static void DaxFile(Cell c)
    {
        var file = c.Machine.Open("/mnt/dax/src", write: false, direct: true);
        c.Main(WithPins(c, () => c.Process.Pread(file, c.P(0), Page, 0)), (long)Page);
        c.Load("after", c.P(0));
    }

    private static void Self(Cell c)
    {
        if (c.Mapping.Kind != MappingKind.File)
        {
            c.Skip();
        }

        var file = c.Machine.TryOpen(c.Path, direct: true);
        if (!file.IsOk)
        {
            c.Main(file.Verdict);
            c.Step("open");
            return;
        }

        c.Main(c.Process.Pread(file.Value, c.P(1), Page, 0), (long)Page);
        c.Load("after", c.P(1));
        c.FileByte("file1", 1);
    }

    private static void ForkThenRead(Cell c)
    {
        var child = c.Fork();
        c.Main(c.Process.Pread(c.Source(direct: true), c.P(0), Page, 0), (long)Page);
        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        child.Exit();
        c.Load("parent", c.P(0));
    }

    private static void ChildReads(Cell c)
    {
        var child = c.Fork();
        c.Call("child_ret", child.Pread(c.Source(direct: true), c.P(0), Page, 0));
        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        child.Exit();
        c.Main(Verdict.Ok);
        c.Load("parent", c.P(0));
    }

    private static void ChildExits(Cell c)
    {
        var file = c.Source(direct: true);
        c.Call("before_fork", c.Process.Pread(file, c.P(0), Page, 0));
        c.Fork().Exit();
        c.Main(c.Process.Pread(file, c.P(0), Page, (long)Page), (long)Page);
        c.Load("after", c.P(0));
        c.Note(c.Process.Store(c.P(0), (byte)'w'));
        c.Call("after_write", c.Process.Pread(file, c.P(0), Page, 2 * (long)Page));
        c.Load("after2", c.P(0));
    }

    private static void AfterTruncate(Cell c)
    {
        if (!c.IsFile)
        {
            c.Skip();
        }

        c.Call("truncate", c.WritableFile().Truncate(0));
        c.Main(c.Process.Pread(c.Source(direct: true), c.P(0), Page, 0), (long)Page);
    }

    /// <summary>A new file with four allocated pages.</summary>
    private static ISimulatedFile Destination(Cell c)
    {
        c.Machine.Unlink("/mnt/ext4/dst");
        var file = c.Machine.Open("/mnt/ext4/dst", create: true, direct: true);
        c.Note(file.Allocate(0, 0, 4 * (long)Page));
        return file;
    }

    private static string OnDisk(Cell c, ulong offset)
    {
        var bytes = c.Machine.Open("/mnt/ext4/dst", write: false).Read(1, (long)offset);
        return Cell.ByteText(bytes is { IsOk: true, Value: [var value] } ? value : (byte)0);
    }
}
