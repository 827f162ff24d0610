using DaxSim.Outcomes;
using DaxSim.Scenarios.Strace;

namespace DaxSim.Tests.Strace;

/// <summary>
/// /proc/PID/maps in a log (its format: proc_pid_maps(5)): what stands there is known, whoever made the mappings. Recorded with strace 6.1
/// and gdb 13 on Debian 12; what get_user_pages answers on page-less memory is reference/gup-fork, as in <see cref="RecordedLogTests"/>.
/// </summary>
public class LogMapsTests
{
    /// <summary>A program that reads its own mappings, then writes a page of constants, a page of variables and a vmsplice with O_DIRECT.</summary>
    [Theory]
    [InlineData("own-maps.strace.gz", 42, 0x5585661f6000)]
    [InlineData("own-maps-raw.strace.gz", 335, 0x5567dff84000)]
    public void Constants_of_a_program_whose_mappings_are_told_lie_on_its_device(string log, long line, ulong address)
    {
        var report = Logs.Run(Logs.Recorded(log), "/home/u/proj/maps=dcssblk:EW", "4.16");

        var failed = report.Answers[0].Findings.Should().ContainSingle().Subject;
        (failed.Line, failed.Syscall, failed.Errno, failed.Address, failed.Path).Should().Be((line, "pwrite64", Errno.EFAULT, address, "/home/u/proj/maps"));
        report.Undecided.Should().ContainSingle(u => u.Line == line + 2 && u.Why.Contains("among the program's variables"), "the next write is of variables");
        report.Problems.Should().BeEmpty("the rows of -e read are no calls");
    }

    [Fact]
    public void A_program_that_was_started_by_a_relative_path_is_found_by_the_directory_of_its_first_open()
    {
        var started = Logs.Run(Logs.Recorded("own-maps.strace.gz"), "/home/u/proj=dcssblk:EW", "4.5").Answers[0].Findings[0];

        (started.Syscall, started.Signal, started.Path).Should().Be(("execve", "SIGBUS/BUS_ADRERR", "/home/u/proj/maps"));
    }

    [Fact]
    public void A_relative_path_from_nowhere_is_reported()
    {
        Logs.OnSegment("execve(\"./x\", [\"./x\"], 0x7ffd /* 3 vars */) = 0\nexit_group(0) = ?\n+++ exited with 0 +++\n").Undecided
            .Should().ContainSingle().Which.Should().Match<StraceUndecided>(u => u.Line == 1 && u.Why.Contains("started as ./x") && u.Record.Contains("whole path"));
    }

    [Fact]
    public void A_debugger_that_attaches_tells_the_mappings_of_a_process_that_was_there_before()
    {
        var report = Logs.Run(Logs.Recorded("gdb-attach.strace.gz"), "/usr=dcssblk:SR", "4.16");

        report.Answers[0].Findings.Select(f => (f.Errno, f.Path)).Distinct().Should().Equal(
            (Errno.EIO, "/usr/lib/x86_64-linux-gnu/libc.so.6"), (Errno.EIO, "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"), (Errno.EIO, "/usr/bin/sleep"));
        report.Undecided.Should().Contain(u => u.Line == 2062 && u.Why.Contains("there before the log begins"), "that was before the mappings were read");
        report.Undecided.Should().Contain(u => u.Why.Contains("belongs to a program's variables"));
        report.Undecided.Should().NotContain(u => u.Line > 2400 && u.Why.Contains("there before"));
    }

    private const string Begin = """
        7 execve("/bin/x", ["x"], 0x7ffd /* 3 vars */) = 0
        7 openat(AT_FDCWD, "/proc/self/maps", O_RDONLY) = 3

        """;

    private const string End = """
        7 read(3, "", 1024) = 0
        7 openat(AT_FDCWD, "/tmp/out", O_RDWR|O_DIRECT) = 4
        7 pwrite64(4, 0x7f0000001000, 4096, 0) = 4096

        """;

    [Fact]
    public void A_line_that_two_reads_divide_is_put_together()
    {
        var report = Logs.OnSegment($"{Begin}7 read(3, \"7f0000000000-7f0000004000 r--p 00000000 fe:00 1   \", 50) = 50\n7 read(3, \"                /data/table\\n\", 1024) = 28\n{End}");

        report.Lines().Should().Equal("7 pwrite64 EFAULT");
        report.Answers[0].Findings[0].Path.Should().Be("/data/table");
    }

    [Fact]
    public void What_is_not_listed_any_more_is_gone()
    {
        const string Mapped = """
            7 openat(AT_FDCWD, "/data/table", O_RDONLY) = 5
            7 mmap(0x7f0000001000, 4096, PROT_READ, MAP_PRIVATE|MAP_FIXED, 5, 0) = 0x7f0000001000

            """;

        Logs.OnSegment($"{Begin}{Mapped}{End}").Lines().Should().Equal("7 pwrite64 EFAULT");
        Logs.OnSegment($"{Begin}{Mapped}7 read(3, \"7f0000008000-7f0000009000 rw-p 00000000 00:00 0\\n\", 1024) = 48\n{End}").Lines().Should().BeEmpty();
    }

    [Fact]
    public void A_mapping_that_is_known_is_left_as_it_is()
    {
        // Its page was written, so it is a copy, which has a struct page.
        const string Written = """
            7 openat(AT_FDCWD, "/data/table", O_RDWR) = 5
            7 mmap(0x7f0000001000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED, 5, 0) = 0x7f0000001000
            7 pread64(5, 0x7f0000001000, 4096, 0) = 4096

            """;

        Logs.OnSegment($"{Begin}{Written}{End}").Lines().Should().BeEmpty();
        Logs.OnSegment($"{Begin}{Written}7 read(3, \"7f0000001000-7f0000002000 rw-p 00000000 fe:00 1 /data/table\\n\", 1024) = 60\n{End}").Lines().Should().BeEmpty();
    }

    [Fact]
    public void A_cut_string_gives_the_lines_that_are_whole_and_says_how_to_see_the_rest()
    {
        var report = Logs.OnSegment($"{Begin}7 read(3, \"7f0000000000-7f0000004000 r--p 00000000 fe:00 1 /data/table\\n7f00000\"..., 1024) = 900\n{End}");

        report.Lines().Should().Equal("6 pwrite64 EFAULT");
    }

    [Fact]
    public void Smaps_and_the_maps_of_a_thread_serve_as_well()
    {
        const string Other = """
            8 openat(AT_FDCWD, "/proc/7/task/7/smaps", O_RDONLY) = 3
            8 read(3, "7f0000000000-7f0000004000 r--p 00000000 fe:00 1 /data/table\nSize:                 16 kB\nRss:  4 kB\n", 1024) = 100

            """;

        Logs.OnSegment($"7 execve(\"/bin/x\", [\"x\"], 0x7ffd /* 3 vars */) = 0\n{Other}{End.Replace("7 read", "8 read", StringComparison.Ordinal)}").Lines().Should().Equal("6 pwrite64 EFAULT");
    }

    [Theory]
    [InlineData("7f0000004000-7f0000000000 r--p 00000000 fe:00 1 /data/table")]
    [InlineData("ffffffffffff0000-ffffffffffffffff r--p 00000000 fe:00 1 /data/table")]
    [InlineData("7f0000000000-7f0000004000 r--p ffffffffffffffff fe:00 1 /data/table")]
    [InlineData("7f0000000000-7f0000004000 r--p 7fffffffffffffff fe:00 1 /data/table")]
    [InlineData("7f0000000001-7f0000004001 rwxs 0 a b /data/table")]
    [InlineData("0-7fffffffffff000 rw-s 00000000 fe:00 1 /data/table")]
    [InlineData("7f0000000000-7f0000004000 r--p")]
    [InlineData("-")]
    public void Lines_that_cannot_be_are_survived(string line)
    {
        var report = Logs.OnSegment($"{Begin}7 read(3, \"{line}\\n\", 1024) = {line.Length + 1}\n{End}");

        report.Answers[0].Undecided.Should().NotContain(u => u.Why.Contains("could not be simulated"));
        report.Calls.Should().Be(6);
    }

    /// <summary>Programs that DAX is no matter of: /dev, /proc and /sys are file systems of their own, whatever lies at the root.</summary>
    [Fact]
    public void Devices_and_proc_are_no_files_of_the_root()
    {
        var report = Logs.Run([Logs.Text("openat(AT_FDCWD, \"/dev/zero\", O_RDWR) = 3\nmmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = 0x7f0000001000\nopenat(AT_FDCWD, \"/out\", O_RDWR|O_DIRECT) = 4\nopenat(AT_FDCWD, \"/sys/x\", O_RDWR|O_CREAT) = 5\n")], "/=dcssblk:SR", "4.16");

        report.Lines().Should().Equal("3 openat EROFS");
    }
}
