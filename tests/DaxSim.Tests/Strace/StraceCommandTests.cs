using System.Text.Json;
using DaxSim.Scenarios.Strace;
using DaxSim.Tests.Tool;

namespace DaxSim.Tests.Strace;

/// <summary><c>daxsim strace</c>: text, JSON, exit codes and refusals.</summary>
public class StraceCommandTests
{
    private static string Log(string name) => Path.Combine(Logs.Directory, name);

    [Fact]
    public void Nothing_that_fails_is_exit_0()
    {
        var run = Daxsim.Run("strace", Log("bash-pipeline.strace.gz"), "--place", "/usr=dcssblk:SR", "--kernel", "4.16");

        run.Out.Should().Contain("Nothing would have gone differently.").And.Contain("/usr on dcssblk:SR,size=1G  ext2  -o ro,dax  DAX");
        run.ExitCode.Should().Be(0);
        run.Error.Should().BeEmpty();
    }

    [Fact]
    public void Something_that_fails_is_exit_1_and_told_with_page_and_reason()
    {
        var run = Daxsim.Run("strace", Log("fio-direct-mmapbuf.strace.gz"), "--place", "/home/u/proj/dax.img=dcssblk:EW", "--kernel", "6.1");

        run.ExitCode.Should().Be(1);
        run.Out.Should().Contain("128 calls or accesses would have failed.")
            .And.Contain("line 2074  pread64  pid 32322  EEXIST  (log: 4096)  and 61 more, up to line 2205")
            .And.Contain("/home/u/proj/dax.img at 0x7f097d30b000: PTE present write dirty young special")
            .And.Contain("7196040e19ad  mm: fix invalid page pointer returned with FOLL_PIN gups (5.18)");
    }

    [Fact]
    public void Several_kernels_are_summed_up_by_era()
    {
        var run = Daxsim.Run("strace", Log("fio-direct-mmapbuf.strace.gz"), "-p", "/home/u/proj/dax.img=dcssblk:EW", "--kernels", "4.11..7.3");

        run.Lines.Where(l => l.Length > 0 && char.IsDigit(l[0])).Skip(1).Select(l => l.Split(' ')[0]).Should().Equal("4.11..5.5", "5.6..5.17", "5.18..6.14", "6.15..6.16", "6.17..7.1", "7.2..7.3");
        run.Out.Should().Contain("pread64 EFAULT ×62 from line 2074").And.Contain("pread64 EEXIST ×62 from line 2074").And.Contain("nothing differs");
        run.ExitCode.Should().Be(1);
    }

    [Fact]
    public void JSON_has_the_documented_members()
    {
        var json = Daxsim.Run("strace", Log("gdb-breakpoint.strace.gz"), "--place", "/home/u/proj=dcssblk:EW", "--kernel", "6.1", "--json").Json;

        json.EnumerateObject().Select(p => p.Name).Should().Equal("kernel", "arch", "places", "findings", "worked", "undecided", "problems", "log", "summary");
        json.GetProperty("kernel").GetString().Should().Be("6.1");
        var finding = json.GetProperty("findings")[0];
        finding.EnumerateObject().Select(p => p.Name).Should().Equal(
            "log", "line", "pid", "syscall", "outcome", "errno", "signal", "bytes", "expected", "address", "path", "page", "because", "function", "property", "decidedBy", "decidedByTitle", "since");
        (finding.GetProperty("line").GetInt64(), finding.GetProperty("syscall").GetString(), finding.GetProperty("outcome").GetString(), finding.GetProperty("errno").GetString(), finding.GetProperty("address").GetString(), finding.GetProperty("decidedBy").GetString())
            .Should().Be((2242L, "pread64", "errno", "EIO", "0x555555554040", "7196040e19ad"));
        json.GetProperty("undecided")[0].EnumerateObject().Select(p => p.Name).Should().Equal("log", "line", "count", "pid", "syscall", "why", "record");
        json.GetProperty("worked")[0].GetProperty("syscall").GetString().Should().Be("pwrite64");
        json.GetProperty("places")[0].EnumerateObject().Select(p => p.Name).Should().Equal("path", "device", "fs", "options", "result", "errno", "because", "decidedBy");
        var summary = json.GetProperty("summary");
        summary.EnumerateObject().Select(p => p.Name).Should().Equal("fails", "findings", "failures", "undecided", "unreadLines", "lines", "calls", "processes", "steps", "outcomes");
        summary.GetProperty("fails").GetBoolean().Should().BeTrue();
        summary.GetProperty("findings").GetInt64().Should().Be(json.GetProperty("findings").GetArrayLength());
        summary.GetProperty("outcomes").GetProperty("EIO").GetInt64().Should().Be(json.GetProperty("findings").GetArrayLength());
    }

    [Fact]
    public void JSON_of_several_kernels_is_an_array()
    {
        var json = Daxsim.Run("strace", Log("sqlite-mmap.strace.gz"), "--place", "/home=pmem:fsdax", "--kernels", "5.10,6.1", "--json").Json;

        json.EnumerateArray().Select(k => k.GetProperty("kernel").GetString()).Should().Equal("5.10", "6.1");
    }

    [Fact]
    public void Devices_that_never_meet_get_a_machine_each()
    {
        string[] question = ["strace", Log("fio-direct-mmapbuf.strace.gz"), "--place", "/usr=dcssblk:SR", "--place", "/home/u/proj=pmem:fsdax", "--kernel", "4.16"];

        var run = Daxsim.Run(question);
        var json = Daxsim.Run([.. question, "--json"]).Json;

        run.Out.Should().Contain("never meet in one machine").And.Contain("4.16 s390x").And.Contain("4.16 x86_64");
        json.GetProperty("arch").GetString().Should().Be("s390x, x86_64");
        json.GetProperty("places").EnumerateArray().Select(p => (p.GetProperty("path").GetString(), p.GetProperty("result").GetString())).Should().Equal(("/usr", "dax"), ("/home/u/proj", "dax"));
        json.GetProperty("summary").GetProperty("findings").GetInt64().Should().Be(json.GetProperty("findings").GetArrayLength());
    }

    [Fact]
    public void A_device_that_the_kernel_does_not_have_stops_the_program_before_its_first_line()
    {
        var json = Daxsim.Run("strace", Log("sqlite-mmap.strace.gz"), "--place", "/home=virtio-pmem", "--kernel", "4.16", "--json").Json;

        var finding = json.GetProperty("findings")[0];
        (finding.GetProperty("line").GetInt64(), finding.GetProperty("syscall").GetString(), finding.GetProperty("errno").GetString()).Should().Be((0L, "mount", "ENODEV"));
    }

    [Theory]
    [InlineData("does not exist", "no-such.strace", "--place", "/usr=dcssblk:SR", "--kernel", "4.16")]
    [InlineData("is no placement: write PATH=DEVICE", "LOG", "--place", "/usr", "--kernel", "4.16")]
    [InlineData("is no absolute path", "LOG", "--place", "usr=dcssblk:SR", "--kernel", "4.16")]
    [InlineData("Did you mean 'dcssblk'?", "LOG", "--place", "/usr=dcsblk:SR", "--kernel", "4.16")]
    [InlineData("is not a modelled filesystem", "LOG", "--place", "/usr=dcssblk:SR@btrfs", "--kernel", "4.16")]
    [InlineData("carries no filesystem", "LOG", "--place", "/usr=devdax", "--kernel", "4.16")]
    [InlineData("virtiofs has its own kind of device", "LOG", "--place", "/usr=pmem@virtiofs", "--kernel", "6.1")]
    [InlineData("/usr is placed twice", "LOG", "--place", "/usr=pmem", "--place", "/usr/=pmem", "--kernel", "6.1")]
    [InlineData("Say which kernel", "LOG", "--place", "/usr=pmem")]
    [InlineData("Option '--place' is required", "LOG", "--kernel", "6.1")]
    public void What_cannot_be_used_is_refused_in_one_line(string because, string log, params string[] options)
    {
        Daxsim.Run(["strace", log == "LOG" ? Log("sqlite-mmap.strace.gz") : log, .. options]).ShouldBeRefused(because);
    }

    [Fact]
    public void A_file_without_any_call_is_refused()
    {
        Daxsim.Run("strace", Path.Combine(AppContext.BaseDirectory, "daxsim.runtimeconfig.json"), "--place", "/usr=pmem", "--kernel", "6.1").ShouldBeRefused("is it the output of strace?");
    }

    [Theory]
    [InlineData("/usr=dcssblk:SR")]
    [InlineData("/home/u/data=pmem:fsdax@xfs")]
    [InlineData("/a/b=partition:start=63s,on=pmem:fsdax@ext4:dax,noatime")]
    public void A_placement_reads_back(string text)
    {
        PlacedDevice.Parse(text).ToString().Should().Be(text);
    }

    [Fact]
    public void Commits_can_be_taken_out()
    {
        Daxsim.Run("strace", Log("fio-direct-mmapbuf.strace.gz"), "--place", "/home/u/proj/dax.img=dcssblk:EW", "--kernel", "6.1", "--arch", "s390x", "--revert", "7196040e19ad").Out.Should().NotContain("EEXIST");
    }

    [Fact]
    public void Nobody_watching_means_no_progress_bar()
    {
        Daxsim.Run("strace", Log("bash-pipeline.strace.gz"), "--place", "/usr=dcssblk:SR", "--kernel", "4.16").Error.Should().BeEmpty();
    }
}
