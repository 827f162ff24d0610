using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Scenarios.Strace;

namespace DaxSim.Tests.Strace;

/// <summary>
/// The recorded programs on page-less memory. What get_user_pages answers there is reference/gup-fork: EFAULT of follow_pfn_pte for
/// FOLL_GET and, from 5.6 to 5.17, an entry without a pointer for FOLL_PIN; EEXIST since 7196040e19ad (5.18). dcssblk got struct pages in 6.17.
/// </summary>
public class RecordedLogTests
{
    [Theory]
    [InlineData("3.10")]
    [InlineData("4.4")]
    [InlineData("4.14")]
    [InlineData("4.16")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("6.12")]
    [InlineData("7.3")]
    public void Bash_and_its_pipeline_run_from_a_shared_read_only_segment(string kernel)
    {
        var answer = Logs.Run(Logs.Recorded("bash-pipeline.strace.gz"), "/usr=dcssblk:SR", kernel).Answers[0];

        answer.Mounts[0].Result.Should().Be("dax");
        answer.Findings.Should().BeEmpty();
        answer.Undecided.Should().BeEmpty();
        answer.Steps.Should().BeGreaterThan(400, "the program ran");
    }

    /// <summary>fe683adabfe6 (4.5) let no driver answer with an odd number of bytes, as dcssblk did until 4.7.</summary>
    [Fact]
    public void On_4_5_the_program_dies_with_its_first_instruction()
    {
        var first = Logs.Run(Logs.Recorded("bash-pipeline.strace.gz"), "/usr=dcssblk:SR", "4.5").Answers[0].Findings[0];

        (first.Line, first.Syscall, first.Signal, first.Path, first.Reason!.DecidedBy).Should().Be((1L, "execve", "SIGBUS/BUS_ADRERR", "/usr/bin/bash", "fe683adabfe6"));
    }

    [Theory]
    [InlineData("3.10", Errno.EFAULT, null)]
    [InlineData("4.16", Errno.EFAULT, null)]
    [InlineData("5.5", Errno.EFAULT, null)]
    [InlineData("5.10", Errno.EFAULT, "eddb1c228f79")]
    [InlineData("5.18", Errno.EEXIST, "7196040e19ad")]
    [InlineData("6.12", Errno.EEXIST, "7196040e19ad")]
    public void Direct_IO_into_a_page_less_buffer_fails_by_era(string kernel, Errno errno, string? commit)
    {
        var answer = Logs.Run(Logs.Recorded("fio-direct-mmapbuf.strace.gz"), "/home/u/proj/dax.img=dcssblk:EW", kernel).Answers[0];

        answer.Findings.Should().HaveCount(128).And.OnlyContain(f => f.Errno == errno && f.Reason!.DecidedBy == commit && f.Path == "/home/u/proj/dax.img" && f.Pid == 32322);
        answer.Findings.GroupBy(f => f.Syscall).Select(g => (g.Key, g.Count(), g.First().Line)).Should().Equal(("pread64", 62, 2074L), ("pwrite64", 66, 2077L));
        var first = answer.Findings[0];
        (first.Outcome, first.Expected, first.Address).Should().Be(("errno", "4096", 0x7f097d30b000UL));
        first.Page.Should().Contain("special").And.Contain("no struct page");
        answer.Fails.Should().BeTrue();
    }

    [Theory]
    [InlineData("6.17")]
    [InlineData("7.3")]
    public void Direct_IO_works_once_the_segment_has_struct_pages(string kernel)
    {
        Logs.Run(Logs.Recorded("fio-direct-mmapbuf.strace.gz"), "/home/u/proj/dax.img=dcssblk:EW", kernel).Answers[0].Findings.Should().BeEmpty();
    }

    /// <summary>A file with DAX is copied by the CPU even with O_DIRECT, so a buffer without struct pages does no harm.</summary>
    [Fact]
    public void Direct_IO_of_a_file_that_lies_on_the_segment_itself_copies()
    {
        Logs.Run(Logs.Recorded("fio-direct-mmapbuf.strace.gz"), "/home/u/proj=dcssblk:EW", "4.16").Answers[0].Findings.Should().BeEmpty();
    }

    [Theory]
    [InlineData("4.16", null)]
    [InlineData("5.10", "eddb1c228f79")]
    [InlineData("6.1", "7196040e19ad")]
    public void A_debugger_cannot_read_page_less_text_but_writes_breakpoints_blindly(string kernel, string? commit)
    {
        var report = Logs.Run(Logs.Recorded("gdb-breakpoint.strace.gz"), "/home/u/proj=dcssblk:EW", kernel);
        var answer = report.Answers[0];

        var first = answer.Findings[0];
        (first.Line, first.Syscall, first.Errno, first.Address, first.Path, first.Reason!.DecidedBy).Should().Be((2242L, "pread64", Errno.EIO, 0x555555554040UL, "/home/u/proj/hello", commit));
        answer.Findings.Should().OnlyContain(f => f.Syscall == "pread64" && f.Errno == Errno.EIO);
        answer.Remarks.Should().ContainSingle(r => r.Line == 2600 && r.Syscall == "pwrite64" && r.Address == 0x555555555140 && r.Because.Contains("copies it first"));
        answer.Findings.Where(f => f.Line > 2600).Should().NotContain(f => (f.Address & ~0xfffUL) == 0x555555555000, "the breakpoint's page is an ordinary one from then on");
        report.Undecided.Should().Contain(u => u.Line == 2242 && u.Why.Contains("taken to run /home/u/proj/hello") && u.Record.Contains("-s 65536"));
    }

    [Fact]
    public void A_debugger_on_a_shared_usr_meets_the_same_in_the_dynamic_linker()
    {
        var answer = Logs.Run(Logs.Recorded("gdb-breakpoint.strace.gz"), "/usr=dcssblk:SR", "4.16").Answers[0];

        answer.Findings.Select(f => (f.Line, f.Errno, f.Path)).Should().Equal(
            (2568L, Errno.EIO, "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"),
            (2601L, Errno.EIO, "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"));
        answer.Remarks.Should().ContainSingle(r => r.Line == 2602 && r.Syscall == "pwrite64");
    }

    [Theory]
    [InlineData("/home/u=pmem:fsdax", "4.16")]
    [InlineData("/home/u=pmem:fsdax", "6.1")]
    [InlineData("/home/u=pmem:raw", "6.1")]
    [InlineData("/home/u=dcssblk:EW", "4.16")]
    [InlineData("/home=virtio-pmem", "6.12")]
    public void SQLite_with_a_mapped_database_works_on_DAX_and_without(string place, string kernel)
    {
        Logs.Run(Logs.Recorded("sqlite-mmap.strace.gz"), place, kernel).Answers[0].Findings.Should().BeEmpty();
    }

    [Fact]
    public void SQLite_cannot_make_its_database_on_a_read_only_segment()
    {
        Logs.Run(Logs.Recorded("sqlite-mmap.strace.gz"), "/home/u=dcssblk:SR", "4.16").Lines().Take(2).Should().Equal("113 openat EROFS", "137 openat EROFS");
    }

    /// <summary>IORING_REGISTER_BUFFERS pins for long: EOPNOTSUPP on fsdax (52650c8b466b: check_vma_flags); the recorded kernel's EFAULT is overlayfs's.</summary>
    [Theory]
    [InlineData("dcssblk:EW", "6.1")]
    [InlineData("dcssblk:EW", "6.12")]
    [InlineData("pmem:fsdax", "5.10")]
    [InlineData("pmem:fsdax", "7.3")]
    public void Registered_buffers_are_refused(string device, string kernel)
    {
        Logs.Run(Logs.Recorded("pages.strace.gz"), $"/home/u/data={device}", kernel).Answers[0].Findings
            .Should().ContainSingle(f => f.Syscall == "io_uring_register").Which.Should().Match<StraceFinding>(f => f.Line == 395 && f.Errno == Errno.EOPNOTSUPP && f.Expected == "EFAULT" && f.Path == "/home/u/data/buf");
    }

    /// <summary>
    /// A program that registers the pages of a mapped file, ordinary memory, and updates a slot. Requests themselves pass through shared
    /// memory; with <c>-e inject=io_uring_setup:error=ENOSYS</c> programs fall back to calls that a log can show.
    /// </summary>
    [Fact]
    public void Updates_of_registered_buffers_are_followed()
    {
        var report = Logs.Run(Logs.Recorded("ring.strace.gz"), "/home/u/proj/out=dcssblk:EW", "6.1");

        report.Lines().Should().Equal("39 io_uring_register EOPNOTSUPP", "43 io_uring_register EOPNOTSUPP");
        report.Undecided.Should().ContainSingle().Which.Should().Match<StraceUndecided>(u => u.Line == 47 && u.Record.Contains("inject=io_uring_setup:error=ENOSYS"));
    }

    [Fact]
    public void An_update_takes_the_place_of_a_slot_and_a_private_mapping_may_be_pinned()
    {
        const string Log = """
            openat(AT_FDCWD, "/data/a", O_RDWR|O_CREAT, 0644) = 3
            ftruncate(3, 8192) = 0
            mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE, 3, 0) = 0x7f0000000000
            mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000010000
            io_uring_setup(4, {flags=0}) = 4<anon_inode:[io_uring]>
            io_uring_register(4<anon_inode:[io_uring]>, IORING_REGISTER_BUFFERS, [{iov_base=NULL, iov_len=0}, {iov_base=0x7f0000001000, iov_len=4096}], 2) = 0
            io_uring_register(4<anon_inode:[io_uring]>, IORING_REGISTER_BUFFERS_UPDATE, {offset=1, data=[{iov_base=0x7f0000010000, iov_len=4096}], tags=NULL, nr=1}, 32) = 1
            io_uring_register(4<anon_inode:[io_uring]>, IORING_REGISTER_BUFFERS_UPDATE, {offset=0, data=[{iov_base=0x7f0000000000, iov_len=4096}], tags=NULL, nr=1}, 32) = 1
            io_uring_register(4<anon_inode:[io_uring]>, IORING_REGISTER_BUFFERS_UPDATE, {offset=18446744073709551615, data=[{iov_base=0x7f0000000000, iov_len=4096}], tags=NULL, nr=1}, 32) = 1

            """;

        Logs.Run([Logs.Text(Log)], "/data=pmem:btt", "6.12").Lines().Should().BeEmpty();
        Logs.Run([Logs.Text(Log)], "/data=pmem:fsdax", "6.12").Lines().Should().Equal(["6 io_uring_register EOPNOTSUPP", "8 io_uring_register EOPNOTSUPP"], "52650c8b466b: no page of a DAX file may be pinned for long");
        Logs.Audit([Logs.Text(Log)], "/data=pmem:btt", "6.12").Should().BeEmpty();
    }

    /// <summary>strace(1), -e inject: the kernel was never asked.</summary>
    [Fact]
    public void What_strace_injected_is_no_answer_of_a_kernel()
    {
        Logs.OnSegment("openat(AT_FDCWD, \"/data/a\", O_RDWR) = -1 ENOENT (No such file or directory) (INJECTED)\nopenat(AT_FDCWD, \"/data/a\", O_RDWR|O_CREAT, 0600) = 5 (INJECTED)\nftruncate(5, 4096) = 0\n").Lines().Should().BeEmpty();
    }

    /// <summary>On 4.5 a write to a file of the segment fails in direct_access (fe683adabfe6): the writer's buffer, ordinary memory, has no part in it.</summary>
    [Fact]
    public void A_write_that_fails_in_the_file_shows_no_page_of_the_buffer()
    {
        var failed = Logs.Run(Logs.Recorded("sqlite-mmap.strace.gz"), "/home=dcssblk:EW", "4.5").Answers[0].Findings[0];

        (failed.Line, failed.Syscall, failed.Errno, failed.Path).Should().Be((145L, "pwrite64", Errno.ENXIO, "/home/u/proj/t.db-journal"));
        (failed.Address, failed.Page).Should().Be((null, null));
    }

    /// <summary>A log of one process names none: its number is 0, in what is undecided as in what failed.</summary>
    [Fact]
    public void A_process_without_a_number_has_the_number_0()
    {
        var report = Logs.Run(Logs.Recorded("gdb-breakpoint.strace.gz"), "/home/u/proj=dcssblk:EW", "4.16");

        report.Undecided.Select(u => u.Pid).Distinct().Should().Equal(32295, 0);
        report.Answers[0].Findings.Should().OnlyContain(f => f.Pid == 0);
    }

    [Fact]
    public void Every_call_that_takes_pages_fails_on_page_less_memory_of_4_16()
    {
        Logs.Run(Logs.Recorded("pages.strace.gz"), "/home/u/data=dcssblk:EW", "4.16").Lines()
            .Should().Equal("395 io_uring_register ENOSYS", "402 process_vm_readv EFAULT", "403 futex EFAULT", "406 pread64 EFAULT", "407 pwrite64 EFAULT");
    }

    [Fact]
    public void Several_kernels_are_answered_from_one_reading()
    {
        var report = Logs.Run(Logs.Recorded("fio-direct-mmapbuf.strace.gz"), "/home/u/proj/dax.img=dcssblk:EW", [.. KernelVersion.Releases.Select(r => r.ToString())]);

        report.Lines.Should().Be(2271);
        report.Answers.Should().HaveCount(KernelVersion.Releases.Count);
        report.Answers.Where(a => a.FindingCount > 0).Should().OnlyContain(a => a.Mounts[0].Result == "dax");
    }

    [Fact]
    public void The_machine_is_sound_after_every_log()
    {
        foreach (var (log, place) in (ReadOnlySpan<(string, string)>)[("bash-pipeline", "/usr=dcssblk:SR"), ("fio-direct-mmapbuf", "/home=dcssblk:EW"), ("gdb-breakpoint", "/=dcssblk:EW"), ("sqlite-mmap", "/=pmem:fsdax"), ("pages", "/home/u/data=dcssblk:EW")])
        {
            Logs.Audit(Logs.Recorded($"{log}.strace.gz"), place, "4.16").Should().BeEmpty(log);
        }
    }
}
