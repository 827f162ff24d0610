using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>Buffered reads and writes: the kernel copies with the CPU.</summary>
internal static class CopyOperations
{
    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("read_syscall", ReadInto),
        ("read_syscall_2", ReadAcross),
        ("write_syscall", WriteFrom),
        ("self_pread", SelfRead),
        ("self_pwrite", SelfWrite),
    ];

    private static void ReadInto(Cell c)
    {
        c.Main(c.Process.Pread(c.Source(), c.P(0), Page, 0), (long)Page);
        c.Load("after", c.P(0));
        c.FileByte("file", 0);
    }

    private static void ReadAcross(Cell c)
    {
        c.Main(c.Process.Pread(c.Source(), c.P(0) + 2048, Page, 0), (long)Page);
        c.Load("after", c.P(0) + 2048);
        c.Load("after_page1", c.P(1));
        c.Load("page1_tail", c.P(1) + 2048);
    }

    private static void WriteFrom(Cell c)
    {
        var target = c.Machine.Open("/tmp/t/dst", create: true);
        c.Main(c.Process.Pwrite(target, c.P(0), Page, 0), (long)Page);
        if (c.Mapping.Kind != MappingKind.Special)
        {
            var bytes = target.Read(1, 0);
            c.Answer.Set("dst", Cell.ByteText(bytes is { IsOk: true, Value: [var value] } ? value : (byte)0));
        }
    }

    private static void SelfRead(Cell c)
    {
        if (!c.IsFile)
        {
            c.Skip();
        }

        c.Main(c.Process.Pread(c.Descriptor!, c.P(1), Page, 0), (long)Page);
        c.Load("after", c.P(1));
        c.FileByte("file1", 1);
    }

    private static void SelfWrite(Cell c)
    {
        if (!c.IsFile)
        {
            c.Skip();
        }

        c.Main(c.Process.Pwrite(c.WritableFile(), c.P(0), Page, (long)Page), (long)Page);
        c.Load("page1", c.P(1));
    }
}
