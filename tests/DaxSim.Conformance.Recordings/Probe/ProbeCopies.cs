using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Probe;

/// <summary>Copies by the kernel, and I/O on the mapped file itself.</summary>
internal static class ProbeCopies
{
    internal static IEnumerable<(string Name, ProbeOperation Operation)> All =>
    [
        ("read_buffered_into", ReadInto),
        ("write_buffered_from", WriteFrom),
        ("file_odirect_write", DirectWriteToMappedFile),
        ("same_file_write_from_mapping", SameFile),
        ("truncate0_under_map", TruncateToNothing),
        ("truncate_partial_under_map", TruncateWithinPage),
        ("punch_hole_under_map", Punch),
        ("unlink_under_map", Unlink),
    ];

    private static void ReadInto(ProbeRun r)
    {
        var p = r.MapInState();
        var file = r.Machine.Open("/tmp/src", create: true);
        r.Note(file.Write([.. Enumerable.Repeat((byte)'m', (int)Page)], 0).Verdict);
        var done = r.Process.Pread(file, p, Page, 0);
        r.Note(done.Verdict);
        if (done.IsOk)
        {
            r.Ok($"n={done.Value} byte={r.Load(p)}");
        }
        else
        {
            r.Fail(done.Verdict, "");
        }
    }

    private static void WriteFrom(ProbeRun r)
    {
        var p = r.MapInState();
        var done = r.Process.Pwrite(r.Machine.Open("/tmp/src", create: true), p, ProbeRun.Length, 0);
        r.Note(done.Verdict);
        if (done.IsOk)
        {
            r.Ok($"n={done.Value}");
        }
        else
        {
            r.Fail(done.Verdict, "");
        }
    }

    private static void DirectWriteToMappedFile(ProbeRun r)
    {
        if (r.Kind > ProbeMapping.Private)
        {
            r.Skip();
        }

        var p = r.MapInState();
        var buffer = r.Buffer();
        var file = r.Machine.TryOpen(r.Setting.FilePath, direct: true);
        if (!file.IsOk)
        {
            r.Fail(file.Verdict, "open O_DIRECT");
            return;
        }

        var done = r.Process.Pwrite(file.Value, buffer, Page, 0);
        r.Note(done.Verdict);
        if (done.IsOk)
        {
            r.Ok($"n={done.Value} mapping_sees={r.Load(p)}");
        }
        else
        {
            r.Fail(done.Verdict, "");
        }
    }

    /// <summary>write(2), direct write and direct read of the mapped file with the mapping itself as buffer.</summary>
    private static void SameFile(ProbeRun r)
    {
        if (r.Kind != ProbeMapping.Shared)
        {
            r.Skip();
        }

        var p = r.MapInState();
        var buffered = r.Machine.TryOpen(r.Setting.FilePath);
        var direct = r.Machine.TryOpen(r.Setting.FilePath, direct: true);
        if (!buffered.IsOk || !direct.IsOk)
        {
            r.Fail(Outcomes.Errno.EBADF, "write=-1 odirect_write=-1 odirect_read=-1");
            return;
        }

        var write = r.Process.Pwrite(buffered.Value, p + Page, Page, 3 * (long)Page);
        var page3 = r.Load(p + (3 * Page));
        var directWrite = r.Process.Pwrite(direct.Value, p + Page, Page, 2 * (long)Page);
        var directRead = r.Process.Pread(direct.Value, p, Page, (long)Page);
        foreach (var done in new[] { write, directWrite, directRead })
        {
            r.Note(done.Verdict);
        }

        if (write.IsOk && directWrite.IsOk && directRead.IsOk)
        {
            r.Ok($"write={write.Value} page3={page3} odirect_write={directWrite.Value} page2={r.Load(p + (2 * Page))} odirect_read={directRead.Value} page0={r.Load(p)}");
            return;
        }

        var first = !write.IsOk ? write : !directWrite.IsOk ? directWrite : directRead;
        r.Fail(first.Verdict, $"write={Number(write)} odirect_write={Number(directWrite)} odirect_read={Number(directRead)}");
    }

    private static long Number(Outcomes.Result<long> result) => result.IsOk ? result.Value : -1;

    private static void NeedsFile(ProbeRun r)
    {
        if (!r.IsOnFile)
        {
            r.Skip();
        }
    }

    private static bool Truncate(ProbeRun r, long size, string failed)
    {
        var file = r.Machine.TryOpen(r.Setting.FilePath);
        var verdict = file.IsOk ? file.Value.Truncate(size) : file.Verdict;
        if (!verdict.IsOk)
        {
            r.Fail(verdict, failed);
        }

        return verdict.IsOk;
    }

    private static void TruncateToNothing(ProbeRun r)
    {
        NeedsFile(r);
        var p = r.MapInState();
        if (Truncate(r, 0, "truncate"))
        {
            r.Value = "truncate ok; then access";
            r.Ok($"no signal, byte={r.Load(p)}");
        }
    }

    private static void TruncateWithinPage(ProbeRun r)
    {
        NeedsFile(r);
        var p = r.MapInState();
        if (!Truncate(r, (long)Page + 100, "truncate"))
        {
            return;
        }

        var (page0, inside, tail) = (r.Load(p), r.Load(p + Page + 50), r.Load(p + Page + 200));
        if (Truncate(r, (long)ProbeRun.Length, "extend"))
        {
            r.Ok($"page0={page0} page1_inside={inside} page1_tail={tail} after_extend_page2={r.Load(p + (2 * Page))}");
        }
    }

    private static void Punch(ProbeRun r)
    {
        NeedsFile(r);
        var p = r.MapInState();
        var file = r.Machine.TryOpen(r.Setting.FilePath);
        var verdict = file.IsOk ? file.Value.Allocate(FallocPunchHole | FallocKeepSize, 0, (long)Page) : Verdict.Fail(Errno.EBADF);
        if (!verdict.IsOk)
        {
            r.Fail(verdict, "punch");
            return;
        }

        var punched = r.Load(p);
        r.Store(p, 'H');
        r.Ok($"after_punch={punched} after_write={r.Load(p)} file={r.FileByte(0)}");
    }

    private static void Unlink(ProbeRun r)
    {
        if (r.Kind is not (ProbeMapping.Shared or ProbeMapping.Private))
        {
            r.Skip();
        }

        var p = r.MapInState();
        if (r.Machine.Unlink(r.Setting.FilePath) is { IsOk: false } refused)
        {
            r.Fail(refused, "");
            return;
        }

        r.Store(p, 'U');
        r.Ok($"byte={r.Load(p)} page1={r.Load(p + Page)}");
    }
}
