using System.Text;
using CsCheck;
using DaxSim.Scenarios.Strace;
using DaxSim.Tests.House;

namespace DaxSim.Tests.Strace;

/// <summary>Whatever the file holds, there is an answer or a clear line, and what can be read is followed.</summary>
public class HostileLogTests
{
    private static readonly byte[][] Real =
    [
        Logs.Unpacked("gdb-breakpoint.strace.gz"),
        Logs.Unpacked("fio-direct-mmapbuf.strace.gz"),
        Logs.Unpacked("bash-pipeline.strace.gz"),
        Logs.Unpacked("sqlite-mmap.strace.gz"),
        Logs.Unpacked("pages.strace.gz"),
        Logs.Unpacked("formats/terminal.strace.gz"),
        Logs.Unpacked("formats/r-n-i-k.strace.gz"),
        Logs.Unpacked("formats/f-ttt-T-yy.strace.gz"),
    ];

    [Fact]
    public void A_bad_line_is_named_and_the_rest_runs()
    {
        var report = Logs.OnSegment("execve(\"/bin/x\", [\"x\"], 0x7ffd) = 0\nwhat is this\nbrk(NULL) = 0x1000\nread(3, \"abc\n");

        report.Calls.Should().Be(3);
        report.Problems.Select(p => p.ToString()).Should().Equal("app.strace:2: it is neither a system call nor a signal nor an exit", "app.strace:4: the call ends before its closing parenthesis");
    }

    [Fact]
    public void A_cut_gzip_is_followed_up_to_the_cut()
    {
        var packed = Logs.Packed(Logs.Unpacked("bash-pipeline.strace.gz"));

        var report = Logs.Run([Logs.Bytes(packed[..(packed.Length / 2)])], "/usr=dcssblk:SR", "4.16");

        report.Calls.Should().BeGreaterThan(100);
        report.Problems.Should().Contain(p => p.Message.Contains("the gzip data is damaged or cut off"));
    }

    /// <summary>gzip(1): zeros behind the last member are padding.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 4096)]
    [InlineData(2, 512)]
    [InlineData(3, 300_000)]
    public void Members_in_a_row_and_zeros_behind_them_are_whole(int members, int zeros)
    {
        var packed = Logs.Packed(Logs.Unpacked("sqlite-mmap.strace.gz"));
        byte[] file = [.. Enumerable.Repeat(packed, members).SelectMany(static m => m), .. new byte[zeros]];

        var report = Logs.Run([Logs.Bytes(file)], "/home=pmem:raw", "6.1");

        report.Lines.Should().Be(232 * members);
        report.Problems.Should().BeEmpty();
    }

    [Theory]
    [InlineData(5, 0, "it ends too early")]
    [InlineData(5, 4096, "its bytes are damaged")]
    [InlineData(0, -1, "something else follows it")]
    public void A_cut_is_seen_behind_zeros_too(int missing, int zeros, string why)
    {
        var packed = Logs.Packed(Logs.Unpacked("sqlite-mmap.strace.gz"));
        byte[] file = [.. packed[..^missing], .. zeros < 0 ? "x"u8.ToArray() : new byte[zeros]];

        Logs.Run([Logs.Bytes(file)], "/home=pmem:raw", "6.1").Problems.Should().ContainSingle().Which.Message.Should().EndWith($"the gzip data is damaged or cut off: {why}");
    }

    [Fact]
    public void A_giant_line_is_skipped_in_bounded_memory()
    {
        var giant = new byte[20 << 20];
        Array.Fill(giant, (byte)'a');
        byte[] log = [.. "brk(NULL) = 0x1000\n"u8, .. giant, .. "\nbrk(NULL) = 0x1000\n"u8];

        var report = Logs.Run([Logs.Bytes(log)], "/usr=dcssblk:SR", "4.16");

        report.Calls.Should().Be(2);
        report.Problems.Should().ContainSingle().Which.ToString().Should().Be("app.strace:2: the line is longer than 4 MiB");
    }

    [Fact]
    public void Bytes_that_are_no_text_are_counted_and_the_first_hundred_named()
    {
        var noise = new byte[1 << 16];
        for (var i = 0; i < noise.Length; i++)
        {
            noise[i] = (byte)((i * 7919) >> 3);
        }

        var report = Logs.Run([Logs.Bytes(noise)], "/usr=dcssblk:SR", "4.16");

        report.Problems.Count.Should().BeLessThanOrEqualTo(100);
        report.ProblemCount.Should().BeGreaterThan(0);
    }

    [Theory]
    [InlineData("mmap(0xffffffffffff0000, 18446744073709551615, PROT_READ, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0xffffffffffff0000")]
    [InlineData("mmap(NULL, 4096, PROT_READ, MAP_SHARED, 2147483647, 18446744073709547520) = 0x7f0000000000")]
    [InlineData("mmap(NULL, 4096, PROT_READ, MAP_SHARED, 3</data/a>, 0x7ffffffffffff000) = 0x7f0000000000")]
    [InlineData("munmap(0x0, 0xffffffffffffffff) = 0")]
    [InlineData("mremap(0x7f0000000000, 4096, 18446744073709551615, 0x3, 0x1) = 0x1")]
    [InlineData("brk(0xffffffffffffffff) = 0xffffffffffffffff")]
    [InlineData("dup2(99999999999, -5) = -5")]
    [InlineData("close_range(0, 4294967295, 0) = 0")]
    [InlineData("openat(-9999999999999999999999, \"/data/a\", O_RDWR) = 2147483646")]
    [InlineData("pread64(3</data/a>, 0x7f0000000000, 18446744073709551615, 18446744073709551615) = 2147479552")]
    [InlineData("pwrite64(3</data/a>, 0x7f0000000000, 4096, -4096) = 4096")]
    [InlineData("ftruncate(3</data/a>, 9223372036854775807) = 0")]
    [InlineData("fallocate(3</data/a>, 0, 9223372036854775807, 9223372036854775807) = 0")]
    [InlineData("lseek(3</data/a>, 9223372036854775807, SEEK_SET) = 9223372036854775807")]
    [InlineData("fork() = 99999999999999")]
    [InlineData("fork() = 0")]
    [InlineData("ptrace(PTRACE_PEEKTEXT, 18446744073709551615, 0xffffffffffffffff, [0]) = 0")]
    [InlineData("process_vm_readv(1, [{iov_base=0xffffffffffffffff, iov_len=18446744073709551615}], 1, [{iov_base=NULL, iov_len=18446744073709551615}], 1, 0) = 1")]
    [InlineData("readv(3</data/a>, [{iov_base=0x7f0000000000, iov_len=18446744073709551615}, {iov_base=, iov_len=}], 2) = 5")]
    [InlineData("io_submit(0, 9223372036854775807, [{aio_lio_opcode=IOCB_CMD_PREAD, aio_fildes=3</data/a>, aio_buf=0xffffffffffffffff, aio_nbytes=18446744073709551615, aio_offset=-1}]) = 1")]
    [InlineData("io_uring_register(3, IORING_REGISTER_BUFFERS, [], 0) = 0")]
    [InlineData("vmsplice(1, [{iov_base=0x7f0000000001, iov_len=99999999999}], 1, 0) = 99999999999")]
    [InlineData("sendfile(1, 3</data/a>, [18446744073709551615], 18446744073709551615) = 5")]
    [InlineData("futex(0x1, FUTEX_WAIT, 1, NULL) = 0")]
    [InlineData("execve(\"\", [], NULL) = 0")]
    [InlineData("chdir(\"..\") = 0")]
    [InlineData("madvise(0x7f0000000000, 18446744073709551615, MADV_DONTNEED) = 0")]
    [InlineData("mlock2(0x7f0000000fff, 1, 1) = 0")]
    [InlineData("shmat(1, 0x1, SHM_RDONLY) = 0x1")]
    [InlineData("statx(AT_FDCWD, \"/data/a\", 0, 0, {stx_mode=S_IFREG|0644, stx_size=18446744073709551615}) = 0")]
    [InlineData("(((((((((((((((((((((((((((((((")]
    [InlineData("a(\"\\")]
    [InlineData("read(3<<<<<<<<<<<<<<<<<<<<, \"\", 0) = 0")]
    public void Absurd_values_are_survived(string line)
    {
        const string Before = """
            execve("/bin/x", ["x"], 0x7ffd /* 3 vars */) = 0
            openat(AT_FDCWD</>, "/data/a", O_RDWR|O_CREAT, 0644) = 3</data/a>
            ftruncate(3</data/a>, 65536) = 0
            mmap(NULL, 65536, PROT_READ|PROT_WRITE, MAP_SHARED, 3</data/a>, 0) = 0x7f0000000000

            """;

        var report = Logs.OnSegment($"{Before}{line}\nmunmap(0x7f0000000000, 65536) = 0\nexit_group(0) = ?\n+++ exited with 0 +++\n");

        report.Answers[0].Undecided.Should().NotContain(u => u.Why.Contains("could not be simulated"));
        report.Calls.Should().BeGreaterThanOrEqualTo(6);
    }

    [Fact]
    public void Mutated_logs_are_answered()
    {
        var places = new[] { "/usr=dcssblk:SR", "/home/u/proj=dcssblk:EW", "/=pmem:fsdax", "/home/u/data=dcssblk:EW" };
        Gen.Select(Gen.Int[0, Real.Length - 1], Gen.Int[0, places.Length - 1], Gen.Int[0, 1 << 20], Gen.Select(Gen.Int[0, 1 << 20], Gen.Int[0, 5], Gen.Byte).Array[1, 40])
            .Check(log => Answer(Real[log.Item1], places[log.Item2], log.Item3, log.Item4), cases: 60, steps: 1000);
    }

    /// <summary>A window of a real log with some bytes replaced, doubled, taken out, and some lines moved.</summary>
    private static void Answer(byte[] real, string place, int from, (int At, int How, byte Value)[] changes)
    {
        var start = from % Math.Max(1, real.Length - 20000);
        List<byte> log = [.. real[..Math.Min(real.Length, 30000)], .. real[start..Math.Min(real.Length, start + 20000)]];
        foreach (var (at, how, value) in changes)
        {
            var index = at % log.Count;
            switch (how)
            {
                case 0:
                    log[index] = value;
                    break;
                case 1:
                    log.Insert(index, value);
                    break;
                case 2:
                    log.RemoveRange(index, Math.Min(log.Count - index, value));
                    break;
                case 3:
                    log[index] = (byte)"0123456789abcdef,()[]{}<>\"=|"[value % 28];
                    break;
                case 4:
                    log.InsertRange(index, log.GetRange(index, Math.Min(log.Count - index, value * 4)));
                    break;
                default:
                    log.InsertRange(index, "99999999999999999999"u8.ToArray());
                    break;
            }
        }

        var report = Logs.Run([Logs.Bytes([.. log])], place, "4.16");

        report.Answers[0].Undecided.Should().NotContain(u => u.Why.Contains("could not be simulated"));
    }
}
