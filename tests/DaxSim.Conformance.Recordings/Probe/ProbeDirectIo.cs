using DaxSim.Conformance.Adapter;
using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Probe;

/// <summary>O_DIRECT, libaio and io_uring with the mapping as buffer.</summary>
internal static class ProbeDirectIo
{
    private const long WritePlace = 1 << 20;

    internal static IEnumerable<(string Name, ProbeOperation Operation)> All =>
    [
        ("odirect_read_into", static r => Disk(r, write: false, Page, 0)),
        ("odirect_write_from", static r => Disk(r, write: true, Page, 0)),
        ("odirect_read512_into", static r => Disk(r, write: false, 512, 512)),
        ("odirect_read_4pages", static r => Disk(r, write: false, ProbeRun.Length, 0)),
        ("odirect_read_straddle_anon", static r => Straddle(r, write: false)),
        ("odirect_write_straddle_anon", static r => Straddle(r, write: true)),
        ("odirect_readv_anon_then_map", ReadVector),
        ("odirect_read_512_rest_of_page", RestOfPage),
        ("aio_read_into", static r => Async(r, write: false)),
        ("aio_write_from", static r => Async(r, write: true)),
        ("odirect_ext4file_read_into", static r => OnFile(r, "/mnt/d", FileMode.Read, false)),
        ("odirect_ext4file_overwrite_from", static r => OnFile(r, "/mnt/d", FileMode.Overwrite, false)),
        ("odirect_ext4file_extend_from", static r => OnFile(r, "/mnt/d", FileMode.Extend, false)),
        ("odirect_xfsfile_read_into", static r => OnFile(r, "/mnt/x", FileMode.Read, false)),
        ("odirect_xfsfile_overwrite_from", static r => OnFile(r, "/mnt/x", FileMode.Overwrite, false)),
        ("odirect_xfsfile_extend_from", static r => OnFile(r, "/mnt/x", FileMode.Extend, false)),
        ("odirect_ext4file_straddle_read", static r => OnFile(r, "/mnt/d", FileMode.Read, true)),
        ("odirect_ext4file_straddle_overwrite", static r => OnFile(r, "/mnt/d", FileMode.Overwrite, true)),
        ("odirect_ext4file_straddle_extend", static r => OnFile(r, "/mnt/d", FileMode.Extend, true)),
        ("odirect_xfsfile_straddle_read", static r => OnFile(r, "/mnt/x", FileMode.Read, true)),
        ("odirect_xfsfile_straddle_overwrite", static r => OnFile(r, "/mnt/x", FileMode.Overwrite, true)),
        ("odirect_xfsfile_straddle_extend", static r => OnFile(r, "/mnt/x", FileMode.Extend, true)),
        ("io_uring_register_buffer", RegisterBuffer),
        ("io_uring_read_write", RingReadWrite),
    ];

    private enum FileMode
    {
        Read,
        Overwrite,
        Extend,
    }

    private static ISimulatedFile OpenDisk(ProbeRun r) => r.Machine.Open(r.Setting.Disk, direct: true);

    private static void Disk(ProbeRun r, bool write, ulong length, ulong at)
    {
        var p = r.MapInState();
        var disk = OpenDisk(r);
        var done = write ? r.Process.Pwrite(disk, p + at, length, WritePlace) : r.Process.Pread(disk, p + at, length, 0);
        if (!done.IsOk)
        {
            r.Note(done.Verdict);
            r.Fail(done.Verdict, $"byte_after={r.Load(p + at)}");
            return;
        }

        var onDisk = -1;
        if (write)
        {
            var buffer = r.Buffer();
            onDisk = r.Process.Pread(disk, buffer, Page, WritePlace) is { IsOk: true, Value: (long)Page } ? r.Load(buffer) : -1;
        }

        var value = $"n={done.Value} byte={r.Load(p + at)} disk={onDisk} file={r.FileByte((long)at)}";
        Finish(r, done.Value, (long)length, value);
    }

    private static void Finish(ProbeRun r, long done, long wanted, string value)
    {
        if (done < wanted)
        {
            r.Partial(value);
        }
        else
        {
            r.Ok(value);
        }
    }

    /// <summary>One range: page 0 anonymous and full of n, then the mapping.</summary>
    private static (ulong Anonymous, ulong Mapping)? Adjacent(ProbeRun r)
    {
        r.FillFile();
        var anonymous = r.Process.Mmap(r.Reserve(), Page, ReadWrite, MapPrivate | MapAnonymous | MapFixed, null, 0).Value;
        r.Fill(r.Process, anonymous, Page, (byte)'n');
        var mapped = r.MapAt(anonymous + Page, 0);
        if (!mapped.IsOk)
        {
            r.Fail(mapped.Verdict, "mmap");
            return null;
        }

        return (anonymous, mapped.Value);
    }

    private static void Straddle(ProbeRun r, bool write)
    {
        if (Adjacent(r) is not { } range)
        {
            return;
        }

        var disk = OpenDisk(r);
        if (write && r.Kind == ProbeMapping.DeviceMemory)
        {
            // Nothing fills the device memory here: it holds what the observation before this one, a read into it, has left.
            r.Note(r.Process.Pread(disk, range.Anonymous, 2 * Page, 0).Verdict);
            r.Fill(r.Process, range.Anonymous, Page, (byte)'n');
        }

        TouchFirst(r, range.Mapping);
        var done = write ? r.Process.Pwrite(disk, range.Anonymous, 2 * Page, WritePlace) : r.Process.Pread(disk, range.Anonymous, 2 * Page, 0);
        Report(r, done, 2 * (long)Page, () => $"anon_byte={r.Load(range.Anonymous)} map_byte={r.Load(range.Mapping)}");
    }

    private static void TouchFirst(ProbeRun r, ulong mapping)
    {
        if (r.State == 'r')
        {
            r.Load(mapping);
        }
        else if (r.State == 'w')
        {
            r.Store(mapping + 1, 'W');
        }
    }

    private static void Report(ProbeRun r, Result<long> done, long wanted, Func<string> rest)
    {
        if (!done.IsOk)
        {
            r.Note(done.Verdict);
            r.Fail(done.Verdict, rest());
            return;
        }

        Finish(r, done.Value, wanted, $"n={done.Value} {rest()}");
    }

    private static void ReadVector(ProbeRun r)
    {
        var p = r.MapInState();
        var a = r.Buffer();
        var done = r.Process.Transfer(OpenDisk(r), write: false, [(a, Page), (p, Page)], 0);
        Report(r, done, 2 * (long)Page, () => $"anon_byte={r.Load(a)} map_byte={r.Load(p)}");
    }

    private static void RestOfPage(ProbeRun r)
    {
        var p = r.MapInState();
        var done = r.Process.Pread(OpenDisk(r), p + 512, 512, 0);
        if (done.IsOk)
        {
            r.Ok($"n={done.Value} byte0={r.Load(p)} byte512={r.Load(p + 512)} byte4095={r.Load(p + Page - 1)}");
        }
        else
        {
            r.Note(done.Verdict);
            r.Fail(done.Verdict, $"byte0={r.Load(p)}");
        }
    }

    private static void Async(ProbeRun r, bool write)
    {
        var p = r.MapInState();
        var done = r.Process.TransferAsync(OpenDisk(r), write, p, Page, write ? 2 << 20 : 0);
        r.Note(done.Verdict);
        var result = done.IsOk ? done.Value : -(long)done.Errno;
        if (result < 0)
        {
            r.Fail(done.Verdict, $"event res={result} byte={r.Load(p)}");
        }
        else
        {
            r.Ok($"event res={result} byte={r.Load(p)}");
        }
    }

    /// <summary>Two pages of a file on an ordinary filesystem; the buffer is the mapping, or an anonymous page and the mapping.</summary>
    private static void OnFile(ProbeRun r, string directory, FileMode mode, bool straddle)
    {
        ulong p;
        if (straddle)
        {
            if (Adjacent(r) is not { } range)
            {
                return;
            }

            if (!r.IsOnFile)
            {
                r.Fill(r.Process, range.Mapping, Page, (byte)'a');
            }

            TouchFirst(r, range.Mapping);
            p = range.Anonymous;
        }
        else
        {
            p = r.MapInState();
        }

        var path = $"{directory}/od";
        r.Machine.Unlink(path);
        var filled = r.Machine.TryOpen(path, create: true);
        r.Note(filled.Verdict);
        if (!filled.IsOk)
        {
            r.Skip();
        }

        if (mode != FileMode.Extend)
        {
            r.Note(filled.Value.Write([.. Enumerable.Repeat((byte)'F', (int)ProbeRun.Length)], 0).Verdict);
        }

        r.Note(filled.Value.Sync());
        filled.Value.Close();
        var file = r.Machine.Open(path, direct: true);
        var done = mode == FileMode.Read ? r.Process.Pread(file, p, 2 * Page, 0) : r.Process.Pwrite(file, p, 2 * Page, 0);
        Report(r, done, 2 * (long)Page, () => After(r, path, p));
    }

    private static string After(ProbeRun r, string path, ulong p)
    {
        var file = r.Machine.Open(path, write: false);
        var size = file.Size();
        r.Note(size.Verdict);
        return $"file after: size={size.Value} page0={ByteAt(file, 0)} page1={ByteAt(file, (long)Page)}; mapping page0={r.Load(p)} page1={r.Load(p + Page)}";
    }

    private static int ByteAt(ISimulatedFile file, long offset) => file.Read(1, offset) is { IsOk: true, Value: [var value] } ? value : 255;

    private static void RegisterBuffer(ProbeRun r)
    {
        var p = r.MapInState();
        var ring = r.Process.CreateRing();
        if (!ring.IsOk)
        {
            r.Note(ring.Verdict);
            r.Fail(ring.Verdict, "io_uring_setup");
            return;
        }

        var registered = ring.Value.Register(p, ProbeRun.Length);
        if (!registered.IsOk)
        {
            r.Note(registered);
            r.Fail(registered, "IORING_REGISTER_BUFFERS");
            return;
        }

        if (r.Fork() is { } child)
        {
            var read = r.Load(child, p);
            child.Exit();
            r.Ok($"registered; fork afterwards: child read={read} status=0x0");
        }
    }

    private static void RingReadWrite(ProbeRun r)
    {
        var p = r.MapInState();
        var ring = r.Process.CreateRing();
        if (!ring.IsOk)
        {
            r.Note(ring.Verdict);
            r.Fail(ring.Verdict, "io_uring_setup");
            return;
        }

        var disk = OpenDisk(r);
        var read = ring.Value.Transfer(disk, write: false, p, Page, 0);
        var written = ring.Value.Transfer(disk, write: true, p, Page, 3 << 20);
        r.Note(read.Verdict);
        r.Note(written.Verdict);
        if (read.IsOk && written.IsOk)
        {
            r.Ok($"read_into={read.Value} write_from={written.Value} byte={r.Load(p)}");
        }
        else
        {
            r.Fail((read.IsOk ? written : read).Verdict, $"read_into={Number(read)} {Name(read)} write_from={Number(written)} {Name(written)}");
        }
    }

    private static long Number(Result<long> result) => result.IsOk ? result.Value : -(long)result.Errno;

    private static string Name(Result<long> result) => result.IsOk ? "ok" : result.Errno.ToString();
}
