using System.Text;
using DaxSim.Scenarios.Strace;

namespace DaxSim.Tests.Strace;

/// <summary>
/// One program, <c>sh -c 'cat /etc/hostname | sort; /usr/bin/true'</c>, recorded with strace 6.1 in many formats (Data/strace/formats).
/// Whatever the format, the same processes run, and on 4.5, where dcssblk gives no page to any fault (fe683adabfe6), the same things fail.
/// </summary>
public class LogFormatTests
{
    [Theory]
    [InlineData("bare.strace.gz")]
    [InlineData("f-ttt-T-yy.strace.gz")]
    [InlineData("tt-r.strace.gz")]
    [InlineData("comm-t.strace.gz")]
    [InlineData("terminal.strace.gz")]
    [InlineData("C.strace.gz")]
    [InlineData("X-raw.strace.gz")]
    [InlineData("X-verbose.strace.gz")]
    [InlineData("r-n-i-k.strace.gz")]
    [InlineData("ff-set/ff")]
    [InlineData("ff-untimed/ff")]
    public void Every_format_tells_the_same_story(string log)
    {
        var report = Logs.Run(Logs.Recorded($"formats/{log}"), "/usr=dcssblk:SR", "4.5");

        report.Problems.Should().BeEmpty();
        report.Processes.Should().Be(4);
        report.Answers[0].Undecided.Should().BeEmpty();
        var failed = report.Answers[0].Findings;
        failed.Should().OnlyContain(f => f.Signal == "SIGBUS/BUS_ADRERR");
        failed.Where(f => f.Syscall == "execve").Select(f => f.Path).Order().Should().Equal("/usr/bin/cat", "/usr/bin/sh", "/usr/bin/sort", "/usr/bin/true");
        failed.Where(f => f.Syscall == "mmap" && f.Path == "/usr/lib/x86_64-linux-gnu/libc.so.6").Should().HaveCount(16, "four processes map libc in four parts each");
    }

    [Fact]
    public void A_program_of_which_the_log_tells_the_size_later_is_mapped_whole_from_then_on()
    {
        // A log of strace -k: the frames of the second run lie beyond what the first was taken to be.
        var report = Logs.OnSegment("""
            7 execve("/data/x", ["x"], 0x7ffd /* 3 vars */) = 0
            7 stat("/data/x", {st_mode=S_IFREG|0755, st_size=1265648, ...}) = 0
            7 execve("/data/x", ["x"], 0x7ffd /* 3 vars */) = 0
            7 getpid() = 7
             > /data/x(main+0x17) [0x3f2d7]
            7 exit_group(0) = ?

            """);

        report.Answers[0].Findings.Should().BeEmpty();
    }

    [Fact]
    public void A_child_may_be_gone_before_its_fork_is_over()
    {
        var report = Logs.OnSegment("""
            7 execve("/bin/x", ["x"], 0x7ffd /* 3 vars */) = 0
            7 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD <unfinished ...>
            8 exit_group(0) = ?
            8 +++ exited with 0 +++
            7 <... clone resumed>, child_tidptr=0x7fc24f909e50) = 8
            7 wait4(8, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 8
            7 fork() = 8
            8 exit_group(0) = ?
            8 +++ exited with 0 +++

            """);

        report.Processes.Should().Be(3, "the number 8 is used twice, by two children");
        report.Undecided.Should().BeEmpty();
        report.Problems.Should().BeEmpty();
    }

    /// <summary>strace 6.1 with -z writes the rest of a call that another process interrupted without the words "resumed".</summary>
    [Fact]
    public void Only_successful_calls_are_a_log_too()
    {
        var report = Logs.Run([Logs.Text("""
            7 execve("/bin/x", ["x"], 0x7ffd /* 3 vars */) = 0
            7 openat(AT_FDCWD, "/data/a",  <unfinished ...>
            O_RDWR) = 3
            7 wait4(-1,  <unfinished ...>
            [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 9
            7 mkdir("/data/b", 0700) = 0
            NULL, 8) = 0

            """)], "/data=dcssblk:SR", "4.16");

        report.Answers[0].Findings.Select(f => (f.Line, f.Syscall)).Should().Equal((3L, "openat"), (6L, "mkdir"));
        report.Problems.Select(p => p.ToString()).Should().Equal("app.strace:7: it is neither a system call nor a signal nor an exit");
    }

    [Fact]
    public void Where_all_is_raw_the_report_says_what_is_missing_and_how_to_record_it()
    {
        var report = Logs.Run(Logs.Recorded("formats/raw-all.strace.gz"), "/usr=dcssblk:SR", "4.5");

        report.Problems.Should().BeEmpty();
        report.Processes.Should().Be(4);
        report.Undecided.Should().Contain(u => u.Syscall == "openat" && u.Record.Contains("-y"));
        report.Undecided.Should().Contain(u => u.Syscall == "execve" && u.Why.Contains("path"));
    }

    [Fact]
    public void A_set_without_times_is_followed_by_birth_and_the_report_says_so()
    {
        Logs.Run(Logs.Recorded("formats/ff-untimed/ff"), "/usr=dcssblk:SR", "4.16").Undecided.Should().ContainSingle(u => u.Record.Contains("-ff -ttt"));
        Logs.Run(Logs.Recorded("formats/ff-set/ff"), "/usr=dcssblk:SR", "4.16").Undecided.Should().BeEmpty();
    }

    [Fact]
    public void Plain_and_packed_logs_are_the_same()
    {
        var bytes = Logs.Unpacked("sqlite-mmap.strace.gz");

        Logs.Run([Logs.Bytes(bytes)], "/home=pmem:raw", "6.1").Lines.Should().Be(232);
        Logs.Run([Logs.Bytes(Logs.Packed(bytes))], "/home=pmem:raw", "6.1").Lines.Should().Be(232);
    }

    [Fact]
    public void Old_strace_prints_what_attached_in_the_middle_of_a_call()
    {
        var report = Logs.Run(
        [
            Logs.Text("""
            execve("/usr/bin/sh", ["sh"], 0x7ffd /* 3 vars */) = 0
            clone(Process 12 attached
            child_stack=0, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f) = 12
            [pid    12] execve("/usr/bin/ls", ["ls"], 0x7ffd /* 3 vars */) = 0
            [pid    12] +++ exited with 0 +++
            wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 12
            """),
        ], "/usr=dcssblk:SR", "4.5");

        report.Answers[0].Findings.Select(f => (f.Pid, f.Path)).Should().Equal((0, "/usr/bin/sh"), (12, "/usr/bin/ls"));
    }

    [Fact]
    public void The_table_of_c_at_the_end_is_no_garbage()
    {
        var report = Logs.Run([Logs.Text("brk(NULL) = 0x1000\n% time     seconds  usecs/call     calls    errors syscall\n------ ---- ---- ---- ---- ------\n 50.00    0.000010           1         8         2 read\n")], "/usr=dcssblk:SR", "4.16");

        (report.Calls, report.ProblemCount).Should().Be((1L, 0L));
    }

    [Fact]
    public void Instruction_pointers_and_stack_frames_name_pages_that_ran()
    {
        // -k: the frame's page of libc was executed, so on 4.5 it is one more SIGBUS.
        const string Mapped = """
            execve("/bin/x", ["x"], 0x7ffd /* 3 vars */) = 0
            openat(AT_FDCWD, "/usr/lib/libc.so.6", O_RDONLY|O_CLOEXEC) = 3</usr/lib/libc.so.6>
            mmap(0x7f0000000000, 65536, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED, 3</usr/lib/libc.so.6>, 0x20000) = 0x7f0000000000

            """;

        Logs.Run([Logs.Text($"{Mapped}getpid() = 1\n > /usr/lib/libc.so.6(getpid+0x7) [0x21007]\n")], "/usr/lib=dcssblk:SR", "4.5").Answers[0].Findings.Select(f => f.Address).Should().Equal(0x7f0000000000UL, 0x7f0000001007UL);
        Logs.Run([Logs.Text($"{Mapped}[00007f0000002008] getpid() = 1\n")], "/usr/lib=dcssblk:SR", "4.5").Answers[0].Findings.Select(f => f.Address).Should().Equal(0x7f0000000000UL, 0x7f0000002008UL);
    }
}
