using DaxSim.Conformance.Reading;
using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>Calls that change or describe the address space.</summary>
internal static class AddressSpaceOperations
{
    private const int MsyncAsync = 1;
    private const int MsyncInvalidate = 2;
    private const int MsyncSync = 4;
    private const ulong TwoMegabytes = 2UL << 20;

    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("mincore", Mincore),
        ("mincore_past", static c => c.Main(Plain(c.Process.Mincore(c.Address, c.Length + Page)))),
        ("mremap_move", Move),
        ("mremap_move_page", MovePage),
        ("mremap_grow", Grow),
        ("mremap_grow_maymove", GrowOrMove),
        ("mremap_shrink", Shrink),
        ("mremap_dup", static c => MoveAndLook(c, 0, 0)),
        ("mremap_dontunmap", static c => MoveAndLook(c, c.Length, MremapDontUnmap)),
        ("mprotect_none", MprotectNone),
        ("mprotect_ro", MprotectReadOnly),
        ("mprotect_rw", MprotectWritable),
        ("mprotect_rwx", static c => c.Main(c.Process.Mprotect(c.Address, c.Length, ReadWrite | ProtExec))),
        ("mprotect_page", MprotectPage),
        ("mprotect_ro_rw", MprotectTwice),
        ("munmap", Munmap),
        ("munmap_page", MunmapPage),
        ("map_over", MapOver),
        ("remap_file_pages", RemapFilePages),
        ("mseal", Mseal),
        ("msync", Msync),
    ];

    private static Verdict Plain<T>(Result<T> result) => result.Verdict;

    private static void ThreePages(Cell c)
    {
        c.Load("page0", c.P(0));
        c.Load("page1", c.P(1));
        c.Load("page2", c.P(2));
    }

    /// <summary>The recorder prints four bytes of a vector that it filled with 9 before.</summary>
    private static void Mincore(Cell c)
    {
        var vector = c.Process.Mincore(c.Address, c.Length);
        c.Main(vector.Verdict);
        var bytes = new byte[] { 9, 9, 9, 9 };
        if (vector.IsOk)
        {
            vector.Value.AsSpan(0, Math.Min(4, vector.Value.Length)).CopyTo(bytes);
        }

        c.Answer.Set("vec", FieldValue.OfJson($"[{string.Join(",", bytes)}]"));
    }

    private static void Move(Cell c)
    {
        c.Main(Plain(c.Process.Mremap(c.Address, c.Length, c.Length, MremapMayMove | MremapFixed, Cell.Elsewhere)));
        if (c.Mapping.Kind == MappingKind.Special)
        {
            return;
        }

        c.Load("old", c.P(0));
        c.Load("new", Cell.Elsewhere);
        c.Store("new_write", Cell.Elsewhere + Page, 'M');
        c.FileByte("file1", 1);
    }

    private static void MovePage(Cell c)
    {
        c.Main(Plain(c.Process.Mremap(c.P(1), Page, Page, MremapMayMove | MremapFixed, Cell.Elsewhere)));
        c.Load("page0", c.P(0));
        c.Load("page1", c.P(1));
        c.Load("new", Cell.Elsewhere);
    }

    private static ulong MoreBy(Cell c) => c.Mapping.IsHuge ? TwoMegabytes : 4 * Page;

    private static void Grow(Cell c)
    {
        c.Main(Plain(c.Process.Mremap(c.Address, c.Length, c.Length + MoreBy(c), 0, 0)));
        c.Load("tail", c.Address + c.Length);
    }

    private static void GrowOrMove(Cell c)
    {
        var moved = c.Process.Mremap(c.Address, c.Length, c.Length + MoreBy(c), MremapMayMove, 0);
        if (c.Main(moved.Verdict))
        {
            c.Answer.Set("moved", moved.Value == c.Address ? 0 : 1);
        }
    }

    private static void Shrink(Cell c)
    {
        c.Main(Plain(c.Process.Mremap(c.Address, c.Length, c.Length / 2, 0, 0)));
        c.Load("page0", c.P(0));
        c.Load("gone", c.Address + (c.Length / 2));
    }

    private static void MoveAndLook(Cell c, ulong oldLength, int flag)
    {
        c.Main(Plain(c.Process.Mremap(c.Address, oldLength, c.Length, MremapMayMove | MremapFixed | flag, Cell.Elsewhere)));
        c.Load("old", c.P(0));
        c.Load("new", Cell.Elsewhere);
    }

    private static void MprotectNone(Cell c)
    {
        c.Main(c.Process.Mprotect(c.Address, c.Length, ProtNone));
        c.Load("read", c.P(0));
    }

    private static void MprotectReadOnly(Cell c)
    {
        c.Main(c.Process.Mprotect(c.Address, c.Length, ProtRead));
        c.Load("read", c.P(0));
        c.Store("write", c.P(0), 'w');
    }

    private static void MprotectWritable(Cell c)
    {
        c.Main(c.Process.Mprotect(c.Address, c.Length, ReadWrite));
        WriteAndLook(c);
    }

    private static void WriteAndLook(Cell c)
    {
        c.Store("write", c.P(0), 'w');
        c.Load("after", c.P(0));
        c.FileByte("file", 0);
    }

    private static void MprotectPage(Cell c)
    {
        c.Main(c.Process.Mprotect(c.P(1), Page, ProtNone));
        ThreePages(c);
        c.Store("write0", c.P(0), 'w');
    }

    private static void MprotectTwice(Cell c)
    {
        c.Call("ro", c.Process.Mprotect(c.Address, c.Length, ProtRead));
        c.Main(c.Process.Mprotect(c.Address, c.Length, ReadWrite));
        WriteAndLook(c);
    }

    private static void Munmap(Cell c)
    {
        c.Main(c.Process.Munmap(c.Address, c.Length));
        if (c.Mapping.Kind != MappingKind.Special)
        {
            c.Load("read", c.P(0));
        }
    }

    private static void MunmapPage(Cell c)
    {
        c.Main(c.Process.Munmap(c.P(1), Page));
        ThreePages(c);
    }

    private static void MapOver(Cell c)
    {
        c.Main(Plain(c.Process.Mmap(c.P(1), Page, ReadWrite, MapPrivate | MapAnonymous | MapFixed, null, 0)));
        ThreePages(c);
    }

    private static void RemapFilePages(Cell c)
    {
        c.Main(c.Process.RemapFilePages(c.P(0), Page, 2));
        c.Load("page0", c.P(0));
        c.Load("page2", c.P(2));
    }

    private static void Mseal(Cell c)
    {
        c.Main(c.Process.Mseal(c.Address, c.Length));
        c.Call("munmap", c.Process.Munmap(c.Address, c.Length));
        c.Call("mprotect", c.Process.Mprotect(c.Address, c.Length, ProtNone));
        c.Call("dontneed", c.Process.Madvise(c.Address, c.Length, AdviceDontNeed));
    }

    private static void Msync(Cell c)
    {
        c.Main(c.Process.Msync(c.Address, c.Length, MsyncSync));
        c.Call("async", c.Process.Msync(c.Address, c.Length, MsyncAsync));
        c.Call("invalidate", c.Process.Msync(c.Address, c.Length, MsyncInvalidate | MsyncSync));
        if (c.IsFile)
        {
            c.Call("fsync", c.Descriptor!.Sync());
        }
    }
}
