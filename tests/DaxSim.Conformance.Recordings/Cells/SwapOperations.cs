using System.Text;
using DaxSim.AddressSpaces;
using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Reading;
using DaxSim.Outcomes;
using DaxSim.Processes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>What the kernel lab's <c>swap</c> mode records: pages that MADV_PAGEOUT takes away, and how they come back. The swap device is the raw NVDIMM.</summary>
internal static class SwapOperations
{
    private const string Device = "pmem2";
    private const int FreeAdvice = 8;
    private const int WillNeedAdvice = 3;
    private const int ColdAdvice = 20;
    private const int PageOutAdvice = 21;

    private static readonly string[] SmapsLines = ["Rss", "Pss", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty", "Anonymous", "AnonHugePages", "Swap", "SwapPss"];

    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("po_read", Read), ("po_write", Write), ("po_read_write", ReadWrite), ("po_entry", Entry), ("po_faults", Faults), ("po_twice", Twice), ("po_one", One),
        ("cold", Cold), ("po_fork", Fork), ("po_fork_frames", ForkFrames), ("po_fork_exit", ForkExit), ("po_fork_in_exit", ForkInExit), ("fork_po", ForkThenOut), ("po_fork_po", ForkAndOut),
        ("po_pvm_read", RemoteRead), ("po_pvm_write", RemoteWrite), ("po_mem", OwnMemory), ("po_odirect_read", DirectRead), ("po_odirect_write", DirectWrite),
        ("po_vmsplice", Vmsplice), ("po_register", Register), ("po_syscall", Syscall), ("po_futex", Futex),
        ("held_po", Held), ("pinned_po", Pinned), ("pinned_po_fork", PinnedFork), ("locked_po", Locked), ("po_mlock", Mlock),
        ("po_populate_read", static c => Populate(c, AdvicePopulateRead)), ("po_populate_write", static c => Populate(c, AdvicePopulateWrite)),
        ("po_mprotect", Mprotect), ("po_mprotect_none", MprotectNone), ("po_mremap", Mremap), ("po_munmap_page", Munmap), ("po_dontneed", DontNeed), ("po_free", Free),
        ("free_po", FreeThenOut), ("free_fork_po", FreeForkOut), ("po_willneed", WillNeed), ("po_over", Over), ("po_numa_maps", NumaMaps),
        ("po_softdirty", SoftDirty), ("po_uffd_wp", Userfault),
        ("po_file_read", FileRead), ("po_file_write", FileWrite), ("po_truncate", Truncate), ("po_punch", Punch), ("po_swapoff", SwapOff),
    ];

    /// <summary>The operations that need a swap device.</summary>
    internal static IReadOnlySet<string> Names { get; } = All.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>umount, mkswap and swapon of the raw NVDIMM.</summary>
    internal static void Begin(ISimulatedMachine machine)
    {
        var real = ScanOperations.Real(machine);
        foreach (var verdict in new[] { real.Unmount("/mnt/raw"), real.SwapOn(Device) })
        {
            if (!verdict.IsOk)
            {
                throw new SetupException($"{Device} cannot be swapped to: {verdict} {verdict.Reason}");
            }
        }

        // Earlier cells of the same boot wrote it.
        machine.Open("/mnt/ext4/dst", create: true).Write([.. Enumerable.Repeat((byte)'b', (int)Page)], 0);
    }

    private static Process Real(Cell c) => ScanOperations.Real(c.Process);

    private static Machine Host(Cell c) => ScanOperations.Real(c.Machine);

    // ---- what is looked at ----
    private static string PictureOf(ISimulatedProcess process, ulong address, ulong length)
    {
        var text = new StringBuilder();
        for (var at = address; at < address + Math.Min(length, 4 * Page); at += Page)
        {
            var entry = ScanOperations.Real(process).Pagemap(at);
            text.Append(entry.Present ? 'P' : entry.Swapped ? 'S' : '-');
        }

        return text.ToString();
    }

    private static void Picture(Cell c, string field) => c.Answer.Set(field, PictureOf(c.Process, c.Address, c.Length));

    private static void InCore(Cell c, string field)
    {
        var vector = c.Process.Mincore(c.Address, c.Length);
        c.Answer.Set(field, string.Concat(Enumerable.Range(0, 4).Select(i => vector.IsOk ? (char)('0' + vector.Value[i]) : '9')));
    }

    private static void Io(Cell c, string field, ref (long In, long Out) since)
    {
        var now = (Host(c).SwappedIn, Host(c).SwappedOut);
        c.Answer.Set(field, FieldValue.OfJson($"[{now.SwappedIn - since.In},{now.SwappedOut - since.Out}]"));
        since = now;
    }

    private static (long In, long Out) Counters(Cell c) => (Host(c).SwappedIn, Host(c).SwappedOut);

    private static void SwappedKilobytes(Cell c, string field) => c.Answer.Set(field, Real(c).SwappedBytes >> 10);

    private static void Smaps(Cell c)
    {
        var area = c.Process.Smaps(c.Address).Value;
        foreach (var line in SmapsLines)
        {
            if (area is { } found && found.Kilobytes.TryGetValue(line, out var value))
            {
                c.Answer.Set(line, value);
            }
        }
    }

    private static ulong Frame(ISimulatedProcess process, ulong address) => ScanOperations.Real(process).Pagemap(address) is { Present: true } entry ? entry.Pfn : 0;

    private static void Flags(Cell c, string field, int page)
    {
        var entry = Real(c).Pagemap(c.P(page));
        if (!entry.Present)
        {
            c.Answer.Set(field, "none");
            return;
        }

        if (Host(c).ReportPage(entry) is not { } flags)
        {
            // Behind the end of /proc/kpageflags.
            c.Answer.Set(field, "");
            return;
        }

        var names = new List<string>();
        foreach (var (set, name) in new[]
        {
            (flags.IsDirty, "dirty"), (flags.IsMapped, "mmap"), (flags.IsAnonymous, "anon"), (flags.IsInSwapCache, "swapcache"), (flags.IsSwapBacked, "swapbacked"), (flags.IsMerged, "ksm"),
        })
        {
            if (set)
            {
                names.Add(name);
            }
        }

        c.Answer.Set(field, string.Join(' ', names));
    }

    private static void Values(Cell c, string field)
        => c.Answer.Set(field, string.Join(' ', Enumerable.Range(0, 4).Where(i => (ulong)i * Page < c.Length).Select(i => c.LoadText(c.Process, c.P(i)))));

    private static bool Out(Cell c)
    {
        var done = c.Main(c.Process.Madvise(c.Address, c.Length, PageOutAdvice));
        Picture(c, "out");
        return done;
    }

    private static void Same(Cell c, string field, ulong before) => c.Answer.Set(field, before != 0 && before == Frame(c.Process, c.P(0)) ? 1 : 0);

    // ---- out and in again ----
    private static void Read(Cell c)
    {
        var since = Counters(c);
        Out(c);
        InCore(c, "core");
        SwappedKilobytes(c, "vmswap_kb");
        Smaps(c);
        Io(c, "io", ref since);
        Values(c, "values");
        Picture(c, "in");
        Flags(c, "flags", 0);
        Io(c, "io_in", ref since);
        InCore(c, "core_in");
        SwappedKilobytes(c, "vmswap_kb_in");
    }

    private static void Write(Cell c)
    {
        var since = Counters(c);
        Out(c);
        Io(c, "io", ref since);
        c.Store("write", c.P(1), 'w');
        Picture(c, "in");
        Flags(c, "flags", 1);
        Io(c, "io_in", ref since);
        Values(c, "values");
    }

    private static void ReadWrite(Cell c)
    {
        Out(c);
        c.Load("value", c.P(0));
        var before = Frame(c.Process, c.P(0));
        c.Store("write", c.P(0), 'w');
        Same(c, "same_frame", before);
        Flags(c, "flags", 0);
        c.Load("value_after", c.P(0));
    }

    private static void Entry(Cell c)
    {
        Out(c);
        var entry = Real(c).Pagemap(c.P(0));
        c.Answer.Set("present", entry.Present ? 1 : 0).Set("swap", entry.Swapped ? 1 : 0).Set("file", entry.FileOrShared ? 1 : 0).Set("uffd", entry.UserfaultProtected ? 1 : 0)
            .Set("excl", entry.Exclusive ? 1 : 0).Set("dirty", entry.SoftDirty ? 1 : 0).Set("type", entry.SwapArea ?? -1).Set("offset", !entry.Swapped ? -1 : entry.SwapOffset != 0 ? 1 : 0);
    }

    private static void Faults(Cell c)
    {
        Out(c);
        foreach (var field in new[] { "majflt", "again" })
        {
            var before = Real(c).MajorFaults;
            c.LoadText(c.Process, c.P(2));
            c.Answer.Set(field, Real(c).MajorFaults - before);
        }
    }

    private static void Twice(Cell c)
    {
        var since = Counters(c);
        Out(c);
        Io(c, "io", ref since);
        Values(c, "values");
        Io(c, "io_in", ref since);
        c.Call("again", c.Process.Madvise(c.Address, c.Length, PageOutAdvice));
        Picture(c, "out2");
        Io(c, "io_out", ref since);
        Values(c, "values2");
    }

    private static void One(Cell c)
    {
        var since = Counters(c);
        c.Main(c.Process.Madvise(c.P(1), Page, PageOutAdvice));
        Picture(c, "out");
        Smaps(c);
        Io(c, "io", ref since);
        Values(c, "values");
        Picture(c, "in");
    }

    private static void Cold(Cell c)
    {
        c.Main(c.Process.Madvise(c.Address, c.Length, ColdAdvice));
        Picture(c, "cold");
        Values(c, "values");
    }

    // ---- fork ----
    private static void Fork(Cell c)
    {
        var since = Counters(c);
        Out(c);
        Io(c, "io", ref since);
        var child = c.Fork();
        c.Answer.Set("child", PictureOf(child, c.Address, c.Length));
        c.Answer.Set("child_value", c.LoadText(child, c.P(0)));
        c.Answer.Set("child_write", c.StoreText(child, c.P(1), 'c'));
        c.Answer.Set("child_in", PictureOf(child, c.Address, c.Length));
        c.Answer.Set("child_vmswap_kb", $"{ScanOperations.Real(child).SwappedBytes >> 10}");
        Picture(c, "parent");
        SwappedKilobytes(c, "vmswap_kb");
        Smaps(c);
        Io(c, "io_child", ref since);
        Values(c, "values");
        Picture(c, "in");
        Io(c, "io_in", ref since);
        child.Exit();
    }

    private static void ForkFrames(Cell c)
    {
        Out(c);
        var child = c.Fork();
        c.Answer.Set("child_value", c.LoadText(child, c.P(0)));
        var childFrame = Frame(child, c.P(0));
        c.Load("value", c.P(0));
        Flags(c, "flags", 0);
        Same(c, "same_frame", childFrame);
        var before = Frame(c.Process, c.P(0));
        c.Store("write", c.P(0), 'p');
        Same(c, "kept_frame", before);
        c.Answer.Set("child_after", c.LoadText(child, c.P(0)));
        child.Exit();
    }

    private static void ForkExit(Cell c)
    {
        var since = Counters(c);
        Out(c);
        c.Fork().Exit();
        Io(c, "io", ref since);
        ReadThenWrite(c);
        Io(c, "io_in", ref since);
    }

    private static void ReadThenWrite(Cell c)
    {
        c.Load("value", c.P(0));
        Flags(c, "flags", 0);
        var before = Frame(c.Process, c.P(0));
        c.Store("write", c.P(0), 'p');
        Same(c, "kept_frame", before);
    }

    private static void ForkInExit(Cell c)
    {
        var since = Counters(c);
        Out(c);
        var child = c.Fork();
        c.Answer.Set("child_value", c.LoadText(child, c.P(0)));
        child.Exit();
        Picture(c, "parent");
        InCore(c, "core");
        Io(c, "io", ref since);
        ReadThenWrite(c);
        Io(c, "io_in", ref since);
    }

    private static void ForkThenOut(Cell c)
    {
        var since = Counters(c);
        var child = c.Fork();
        Out(c);
        c.Answer.Set("child", PictureOf(child, c.Address, c.Length));
        InCore(c, "core");
        Io(c, "io", ref since);
        child.Exit();
        c.Call("again", c.Process.Madvise(c.Address, c.Length, PageOutAdvice));
        Picture(c, "alone");
        Values(c, "values");
    }

    private static void ForkAndOut(Cell c)
    {
        var since = Counters(c);
        Out(c);
        Io(c, "io", ref since);
        var child = c.Fork();
        c.Answer.Set("child_write", c.StoreText(child, c.P(0), 'c'));
        c.Call("child_pageout", child.Madvise(c.Address, c.Length, PageOutAdvice));
        c.Answer.Set("child_out", PictureOf(child, c.Address, c.Length));
        c.Answer.Set("child_value", c.LoadText(child, c.P(0)));
        child.Exit();
        Values(c, "values");
        Io(c, "io_in", ref since);
    }

    // ---- whoever wants the page ----
    private static void Got(Cell c, Result<byte[]> bytes) => c.Answer.Set("got", Cell.ByteText(bytes is { IsOk: true, Value: [var first, ..] } ? first : (byte)0));

    private static Result<long> Count(Result<byte[]> bytes) => bytes.IsOk ? bytes.Value.Length : bytes.Verdict;

    private static void RemoteRead(Cell c)
    {
        Out(c);
        var bytes = c.Process.ProcessVmRead(c.Process, c.P(1), 16);
        c.Call("read", Count(bytes));
        Got(c, bytes);
        Picture(c, "in");
    }

    private static void RemoteWrite(Cell c)
    {
        Out(c);
        c.Call("write", c.Process.ProcessVmWrite(c.Process, c.P(1), [.. Enumerable.Repeat((byte)'R', 16)]));
        Picture(c, "in");
        c.Load("value", c.P(1));
    }

    private static void OwnMemory(Cell c)
    {
        Out(c);
        var bytes = c.Process.MemoryRead(c.Process, c.P(0), 1);
        c.Call("read", Count(bytes));
        Got(c, bytes);
        c.Call("write", c.Process.MemoryWrite(c.Process, c.P(1), [(byte)'M']));
        Picture(c, "in");
        c.Load("value", c.P(1));
    }

    private static void DirectRead(Cell c)
    {
        Out(c);
        c.Call("read", c.Process.Pread(c.Source(direct: true), c.P(1), Page, 0));
        Picture(c, "in");
        c.Load("value", c.P(1));
    }

    private static void DirectWrite(Cell c)
    {
        Out(c);
        var target = c.Machine.Open("/mnt/ext4/dst", create: true, direct: true);
        var written = c.Process.Pwrite(target, c.P(1), Page, 0);
        c.Call("write", written);
        Picture(c, "in");
        var back = target.Read((int)Page, 0);
        c.Call("back", Count(back));
        Got(c, back);
    }

    private static void Vmsplice(Cell c)
    {
        Out(c);
        var pipe = c.Machine.CreatePipe();
        c.Call("vmsplice", c.Process.Vmsplice(pipe, c.P(1), Page, SpliceNonBlock));
        Picture(c, "in");
        Got(c, pipe.Read(1));
    }

    private static void Register(Cell c)
    {
        Out(c);
        var ring = c.Process.CreateRing().Value;
        var before = c.Machine.PinCounters().Value;
        c.Call("register", ring.Register(c.P(1), Page));
        var after = c.Machine.PinCounters().Value;
        c.Answer.Set("pins", FieldValue.OfJson($"[{after.Acquired - before.Acquired},{after.Released - before.Released}]"));
        Picture(c, "in");
        c.Call("read_fixed", ring.ReadFixed(c.Machine.Open("/tmp/t/src", write: false), c.P(1), 16, 0));
        c.Load("value", c.P(1));
    }

    private static void Syscall(Cell c)
    {
        Out(c);
        c.Call("read", c.Process.Pread(c.Machine.Open("/tmp/t/src", write: false), c.P(1), 16, 0));
        Picture(c, "in");
        c.Load("value", c.P(1));
    }

    private static void Futex(Cell c)
    {
        Out(c);
        c.Call("wait", c.Process.Futex(c.P(0), FutexWait, 12345));
        Picture(c, "in");
        c.Call("wake", c.Process.Futex(c.P(1), FutexWake, 1));
        Picture(c, "after_wake");
    }

    // ---- whoever holds the page ----
    private static void Held(Cell c)
    {
        var since = Counters(c);
        var pipe = c.Machine.CreatePipe();
        c.Call("vmsplice", c.Process.Vmsplice(pipe, c.P(1), Page, SpliceNonBlock));
        Out(c);
        InCore(c, "core");
        Flags(c, "flags", 1);
        Io(c, "io", ref since);
        c.Store("write", c.P(1), 'w');
        c.Load("value", c.P(1));
        Picture(c, "in");
        var first = pipe.Read(1);
        c.Answer.Set("pipe", Cell.ByteText(first is { IsOk: true, Value: [var value] } ? value : (byte)0));
    }

    private static void Pinned(Cell c)
    {
        var since = Counters(c);
        var ring = c.Process.CreateRing().Value;
        c.Call("register", ring.Register(c.P(1), Page));
        Out(c);
        InCore(c, "core");
        Flags(c, "flags", 1);
        Io(c, "io", ref since);
        c.Store("write", c.P(1), 'w');
        c.Call("read_fixed", ring.ReadFixed(c.Machine.Open("/tmp/t/src", write: false), c.P(1), 16, 0));
        c.Load("value", c.P(1));
    }

    private static void PinnedFork(Cell c)
    {
        var ring = c.Process.CreateRing().Value;
        c.Call("register", ring.Register(c.P(1), Page));
        Out(c);
        var child = c.Fork();
        c.Store("write", c.P(1), 'p');
        c.Call("read_fixed", ring.ReadFixed(c.Machine.Open("/tmp/t/src", write: false), c.P(1), 16, 0));
        c.Load("value", c.P(1));
        c.Answer.Set("child", c.LoadText(child, c.P(1)));
        child.Exit();
    }

    private static void Locked(Cell c)
    {
        c.Call("mlock", c.Process.Mlock(c.Address, c.Length));
        Out(c);
        c.Call("munlock", c.Process.Munlock(c.Address, c.Length));
        c.Call("again", c.Process.Madvise(c.Address, c.Length, PageOutAdvice));
        Picture(c, "unlocked");
    }

    private static void Mlock(Cell c)
    {
        var since = Counters(c);
        Out(c);
        c.Call("mlock", c.Process.Mlock(c.Address, c.Length));
        Picture(c, "in");
        Flags(c, "flags", 0);
        Io(c, "io", ref since);
    }

    private static void Populate(Cell c, int advice)
    {
        Out(c);
        c.Call("populate", c.Process.Madvise(c.Address, c.Length, advice));
        Picture(c, "in");
        if (advice == AdvicePopulateWrite)
        {
            Values(c, "values");
        }
    }

    // ---- the address space ----
    private static void Mprotect(Cell c)
    {
        Out(c);
        c.Call("mprotect", c.Process.Mprotect(c.Address, c.Length, ProtRead));
        Picture(c, "protected");
        c.Store("write", c.P(0), 'w');
        c.Load("value", c.P(1));
        c.Call("mprotect_rw", c.Process.Mprotect(c.Address, c.Length, LinuxNumbers.ReadWrite));
        c.Store("write_rw", c.P(2), 'w');
        Values(c, "values");
    }

    private static void MprotectNone(Cell c)
    {
        Out(c);
        c.Call("mprotect", c.Process.Mprotect(c.Address, c.Length, ProtNone));
        Picture(c, "protected");
        c.Load("value", c.P(1));
        c.Call("mprotect_rw", c.Process.Mprotect(c.Address, c.Length, LinuxNumbers.ReadWrite));
        Values(c, "values");
    }

    private static void Mremap(Cell c)
    {
        Out(c);
        var moved = c.Process.Mremap(c.Address, c.Length, c.Length, MremapMayMove | MremapFixed, Cell.Elsewhere);
        c.Call("mremap", moved.IsOk ? 0L : moved.Verdict);
        if (moved.IsOk)
        {
            c.Answer.Set("moved", PictureOf(c.Process, moved.Value, c.Length));
            c.Load("value", moved.Value + Page);
            SwappedKilobytes(c, "vmswap_kb");
        }
    }

    private static void Munmap(Cell c)
    {
        Out(c);
        c.Call("munmap", c.Process.Munmap(c.P(1), Page));
        SwappedKilobytes(c, "vmswap_kb");
        c.Load("value", c.P(2));
    }

    private static void DontNeed(Cell c)
    {
        var since = Counters(c);
        Out(c);
        c.Call("dontneed", c.Process.Madvise(c.Address, c.Length, AdviceDontNeed));
        Picture(c, "dropped");
        SwappedKilobytes(c, "vmswap_kb");
        Io(c, "io", ref since);
        Values(c, "values");
        Io(c, "io_in", ref since);
    }

    private static void Free(Cell c)
    {
        Out(c);
        c.Call("free", c.Process.Madvise(c.Address, c.Length, FreeAdvice));
        Picture(c, "freed");
        SwappedKilobytes(c, "vmswap_kb");
        Values(c, "values");
    }

    private static void FreeThenOut(Cell c)
    {
        var since = Counters(c);
        c.Main(c.Process.Madvise(c.Address, c.Length, FreeAdvice));
        Picture(c, "freed");
        Flags(c, "flags", 0);
        c.Load("value", c.P(0));
        c.Store("write", c.P(1), 'w');
        c.Call("pageout", c.Process.Madvise(c.Address, c.Length, PageOutAdvice));
        Picture(c, "out");
        Io(c, "io", ref since);
        Values(c, "values");
    }

    private static void FreeForkOut(Cell c)
    {
        c.Main(c.Process.Madvise(c.Address, c.Length, FreeAdvice));
        var child = c.Fork();
        c.Answer.Set("child_write", c.StoreText(child, c.P(1), 'c'));
        c.Call("child_pageout", child.Madvise(c.Address, c.Length, PageOutAdvice));
        c.Answer.Set("child_out", PictureOf(child, c.Address, c.Length));
        c.Answer.Set("child_value0", c.LoadText(child, c.P(0)));
        c.Answer.Set("child_value1", c.LoadText(child, c.P(1)));
        child.Exit();
        c.Call("pageout", c.Process.Madvise(c.Address, c.Length, PageOutAdvice));
        Picture(c, "out");
        Values(c, "values");
    }

    private static void WillNeed(Cell c)
    {
        var since = Counters(c);
        Out(c);
        c.Call("willneed", c.Process.Madvise(c.Address, c.Length, WillNeedAdvice));
        Picture(c, "asked");
        InCore(c, "core");
        Io(c, "io", ref since);
        Values(c, "values");
        Flags(c, "flags", 0);
        Io(c, "io_in", ref since);
    }

    private static void Over(Cell c)
    {
        Out(c);
        c.Process.Mmap(c.P(1), Page, LinuxNumbers.ReadWrite, MapPrivate | MapAnonymous | MapFixed, null, 0);
        Picture(c, "over");
        SwappedKilobytes(c, "vmswap_kb");
        c.Load("value", c.P(1));
    }

    private static void NumaMaps(Cell c)
    {
        c.Main(c.Process.Madvise(c.P(1), Page, PageOutAdvice));
        c.Load("value", c.P(1));
        var area = Real(c).ReadNumaMaps().Value.FirstOrDefault(a => a.Start == c.Address);
        c.Answer.Set("anon", area.Anonymous).Set("swapcache", area.InSwapCache);
    }

    // ---- bits that entries carry ----
    private static string Bits(Cell c, Func<AddressSpaces.PagemapEntry, bool> bit) => string.Concat(Enumerable.Range(0, 2).Select(i => bit(Real(c).Pagemap(c.P(i))) ? '1' : '0'));

    private static void SoftDirty(Cell c)
    {
        static Result<long> Clear(Cell c) => Real(c).ClearReferences(ClearReferencesKind.SoftDirty) is { IsOk: false } refused ? refused : 1L;
        c.Call("clear", Clear(c));
        c.StoreText(c.Process, c.P(1), 'w');
        Out(c);
        c.Answer.Set("swapped", Bits(c, e => e.SoftDirty));
        c.Call("clear_swapped", Clear(c));
        c.Answer.Set("cleared", Bits(c, e => e.SoftDirty));
        c.Load("value", c.P(1));
        c.Answer.Set("read", Bits(c, e => e.SoftDirty));
        c.Store("write", c.P(0), 'w');
        c.Answer.Set("written", Bits(c, e => e.SoftDirty));
    }

    private static void Userfault(Cell c)
    {
        var opened = Real(c).OpenUserfaultfd(AddressSpaces.UserfaultFeatures.WriteProtect);
        c.Call("api", opened.Verdict);
        if (!opened.IsOk)
        {
            c.Skip();
        }

        var handler = opened.Value;
        c.Call("register", handler.Register(c.Address, c.Length, AddressSpaces.UserfaultMode.WriteProtect));
        c.Call("protect", handler.WriteProtect(c.P(0), Page));
        Out(c);
        c.Answer.Set("swapped", Bits(c, e => e.UserfaultProtected));
        c.Call("protect_swapped", handler.WriteProtect(c.P(1), Page));
        c.Answer.Set("protected", Bits(c, e => e.UserfaultProtected));
        c.Load("value", c.P(0));
        c.Load("value1", c.P(1));
        c.Answer.Set("read", Bits(c, e => e.UserfaultProtected));
        c.Call("unprotect", handler.WriteProtect(c.P(0), Page, protect: false));
        c.Store("write", c.P(0), 'w');
    }

    // ---- the file behind ----
    private static void NeedsFile(Cell c)
    {
        if (!c.IsFile)
        {
            c.Skip();
        }
    }

    private static void FileRead(Cell c)
    {
        NeedsFile(c);
        var since = Counters(c);
        Out(c);
        var bytes = c.WritableFile().Read(1, (long)Page);
        c.Call("pread", Count(bytes));
        Got(c, bytes);
        Picture(c, "in");
        InCore(c, "core");
        Io(c, "io", ref since);
    }

    private static void FileWrite(Cell c)
    {
        NeedsFile(c);
        var since = Counters(c);
        Out(c);
        c.Call("pwrite", c.WritableFile().Write([(byte)'F'], (long)Page));
        Picture(c, "in");
        Io(c, "io", ref since);
        c.Load("value", c.P(1));
    }

    private static void Truncate(Cell c)
    {
        NeedsFile(c);
        Out(c);
        var file = c.WritableFile();
        c.Call("ftruncate", file.Truncate((long)Page));
        Picture(c, "cut");
        c.Load("value1", c.P(1));
        c.Call("regrow", file.Truncate(4 * (long)Page));
        Values(c, "values");
    }

    private static void Punch(Cell c)
    {
        NeedsFile(c);
        Out(c);
        c.Call("punch", c.WritableFile().Allocate(FallocPunchHole | FallocKeepSize, (long)Page, (long)Page));
        Picture(c, "punched");
        Values(c, "values");
    }

    // ---- swapoff ----
    private static void SwapOff(Cell c)
    {
        var since = Counters(c);
        Out(c);
        var child = c.Fork();
        Io(c, "io", ref since);
        c.Call("swapoff", Host(c).SwapOff(Device));
        Picture(c, "off");
        Flags(c, "flags", 0);
        SwappedKilobytes(c, "vmswap_kb");
        c.Answer.Set("child", PictureOf(child, c.Address, c.Length));
        c.Answer.Set("child_value", c.LoadText(child, c.P(0)));
        child.Exit();
        Values(c, "values");
        c.Call("without", c.Process.Madvise(c.Address, c.Length, PageOutAdvice));
        Picture(c, "stay");
        c.Call("swapon", Host(c).SwapOn(Device));
    }
}
