using System.Text.Json;

namespace DaxSim.Tests.Tool;

/// <summary><c>daxsim admit</c> and <c>why</c>. Rows of section 7 of the DAX support reference are named by their number.</summary>
public class AdmitCommandTests
{
    [Theory]
    [InlineData(1, "3.10", "dcssblk:SR", "ext2", "ro,xip", "dax", null, null)]
    [InlineData(2, "3.10", "loop", "ext2", "xip", "no-dax", null, "ignoring xip option - not supported by bdev")]
    [InlineData(3, "4.4", "dcssblk:EW", "ext4", "dax", "dax", null, null)]
    [InlineData(4, "4.6", "dcssblk:EW", "ext4", "dax", "dax", null, null)]
    [InlineData(5, "4.9", "dcssblk:EW", "ext4", "dax", "errno", "ENXIO", "VFS (dcssblk0): error: dax access failed (-6)")]
    [InlineData(6, "4.9", "dcssblk:EW", "ext2", "dax", "errno", "EINVAL", "VFS (dcssblk0): error: dax access failed (-6)")]
    [InlineData(7, "4.9", "dcssblk:EW", "xfs", "dax", "no-dax", null, "XFS (dcssblk0): DAX unsupported by block device. Turning off DAX.")]
    [InlineData(8, "4.11", "dcssblk:EW", "ext4", "dax", "dax", null, null)]
    [InlineData(8, "4.15", "dcssblk:EW", "ext4", "dax", "dax", null, null)]
    [InlineData(9, "4.14", "pmem:raw", "ext4", "dax", "dax", null, null)]
    [InlineData(10, "4.16", "pmem:raw", "ext4", "dax", "no-dax", null, "Turning off DAX.")]
    [InlineData(11, "5.0", "pmem:raw", "ext4", "dax", "errno", "EINVAL", "DAX unsupported by block device.")]
    [InlineData(12, "4.14", "partition:start=63s,on=disk", "ext4", "dax", "errno", "EINVAL", "unaligned partition")]
    [InlineData(13, "4.18", "partition:start=63s,on=disk", "ext4", "dax", "no-dax", null, "Turning off DAX.")]
    [InlineData(14, "4.14", "brd", "ext2", "dax", "dax", null, null)]
    [InlineData(15, "4.15", "brd", "ext2", "dax", "errno", "EINVAL", null)]
    [InlineData(16, "4.16", "dcssblk:EW", "ext4", "dax", "dax", null, null)]
    [InlineData(16, "6.14", "dcssblk:EW", "ext4", "dax", "dax", null, null)]
    [InlineData(17, "6.15", "dcssblk:EW", "ext4", "dax=always", "errno", "EINVAL", null)]
    [InlineData(18, "6.15", "dcssblk:EW", "xfs", "dax=always", "no-dax", null, null)]
    [InlineData(19, "6.17", "dcssblk:EW", "ext4", "dax=always", "dax", null, null)]
    [InlineData(20, "6.17", "dcssblk:EW,align=1M", "ext4", "dax=always", "errno", "EINVAL", null)]
    [InlineData(21, "7.2", "pmem:fsdax", "ext2", "dax", "no-dax", null, "DAX support has been removed. dax option ignored.")]
    [InlineData(28, "6.1", "pmem:btt", "ext4", "dax", "errno", "EINVAL", null)]
    [InlineData(28, "4.10", "pmem:btt", "ext4", "dax", "errno", "EOPNOTSUPP", null)]
    public void The_worked_expectations_hold_on_the_command_line(int row, string kernel, string device, string fs, string options, string result, string? errno, string? log)
    {
        var json = Admit("--kernel", kernel, "--device", device, "--fs", fs, "--options", options);

        json.GetProperty("result").GetString().Should().Be(result, $"row {row}");
        json.GetProperty("errno").GetString().Should().Be(errno);
        if (log is not null)
        {
            Log(json).Should().Contain(l => l.Contains(log, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(22, "5.10", "ext4", "dax=always", "1024", "errno", "EINVAL", "pmem0: error: unsupported blocksize for dax")]
    [InlineData(23, "6.1", "ext4", "", "1024", "no-dax", null, "unsupported blocksize for DAX")]
    public void The_block_size_is_judged(int row, string kernel, string fs, string options, string blockSize, string result, string? errno, string log)
    {
        var json = Admit("--kernel", kernel, "--device", "pmem:fsdax", "--fs", fs, "--options", options, "--block-size", blockSize);

        json.GetProperty("result").GetString().Should().Be(result, $"row {row}");
        json.GetProperty("errno").GetString().Should().Be(errno);
        Log(json).Should().Contain(l => l.Contains(log, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(24, "5.15", "disk", "errno", "EINVAL", "DAX and reflink cannot be used together!")]
    [InlineData(25, "5.17", "disk", "no-dax", null, "Turning off DAX.")]
    [InlineData(26, "6.1", "partition:on=pmem:fsdax", "errno", "EINVAL", "multi-partitions!")]
    public void Reflink_is_judged(int row, string kernel, string device, string result, string? errno, string log)
    {
        var json = Admit("--kernel", kernel, "--device", device, "--fs", "xfs", "--feature", "reflink", "--options", "dax");

        json.GetProperty("result").GetString().Should().Be(result, $"row {row}");
        json.GetProperty("errno").GetString().Should().Be(errno);
        Log(json).Should().Contain(l => l.Contains(log, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ext2")]
    [InlineData("ext4")]
    public void A_shared_read_only_segment_refuses_a_writable_mount(string fs)
    {
        // Row 27, as recorded on 6.1.176 and 6.12; releases 5.9 to 6.2 without the back-port take such a segment for writable.
        Admit("--kernel", "6.12", "--device", "dcssblk:SR", "--fs", fs, "--options", "dax").GetProperty("errno").GetString().Should().Be("EACCES");
        Admit("--kernel", "6.12", "--device", "dcssblk:SR", "--fs", fs, "--options", "ro,dax").GetProperty("result").GetString().Should().Be("dax");
    }

    [Fact]
    public void The_object_has_what_is_promised()
    {
        var json = Admit("--kernel", "4.16", "--device", "pmem:raw", "--fs", "ext4");

        json.GetProperty("kernel").GetString().Should().Be("4.16");
        json.GetProperty("arch").GetString().Should().Be("x86_64", "that is where pmem is usually met");
        json.GetProperty("blockSize").GetInt32().Should().Be(4096, "the page size is the default");
        json.GetProperty("options").GetString().Should().Be("dax");
        json.GetProperty("decidedBy").GetString().Should().Be("569d0365f571");
        var tests = json.GetProperty("tests").EnumerateArray().ToList();
        tests.Should().HaveCountGreaterThan(3).And.OnlyContain(t => t.GetProperty("function").GetString() != "" && t.GetProperty("test").GetString() != "" && t.GetProperty("answer").GetString() != "");
    }

    [Fact]
    public void On_a_Cell_blade_the_page_size_is_64_KiB()
    {
        Admit("--kernel", "4.4", "--device", "axonram", "--fs", "ext2").GetProperty("blockSize").GetInt32().Should().Be(65536);
    }

    [Fact]
    public void A_reverted_commit_no_longer_decides()
    {
        var json = Admit("--kernel", "4.16", "--device", "pmem:raw", "--fs", "ext4", "--revert", "569d0365f571");

        json.GetProperty("result").GetString().Should().Be("dax");
    }

    [Fact]
    public void A_picked_commit_decides()
    {
        var json = Admit("--kernel", "4.15", "--device", "pmem:raw", "--fs", "xfs", "--pick", "569d0365f571");

        json.GetProperty("result").GetString().Should().Be("no-dax");
        json.GetProperty("decidedBy").GetString().Should().Be("569d0365f571");
    }

    [Fact]
    public void An_absent_driver_is_an_error_that_names_the_removal()
    {
        var json = Admit("--kernel", "4.16", "--device", "axonram", "--fs", "ext2");

        json.GetProperty("result").GetString().Should().Be("errno");
        json.GetProperty("errno").GetString().Should().NotBeNullOrEmpty();
        json.GetProperty("because").GetString().Should().NotBeNullOrEmpty();
        json.GetProperty("since").GetString().Should().Be("4.16");
    }

    [Theory]
    [InlineData("dax", 1)]
    [InlineData("no-dax", 0)]
    [InlineData("errno", 1)]
    [InlineData("EINVAL", 1)]
    public void An_expectation_decides_the_exit_code(string expected, int code)
    {
        Daxsim.Run("admit", "--kernel", "4.16", "--device", "pmem:raw", "--fs", "ext4", "--expect", expected).ExitCode.Should().Be(code);
    }

    [Fact]
    public void The_text_shows_tests_log_and_commit()
    {
        var text = Daxsim.Run("admit", "--kernel", "4.16", "--device", "pmem:raw", "--fs", "ext4").Out;

        text.Should().Contain("no DAX: mounted, but files do not use DAX")
            .And.Contain("__bdev_dax_supported")
            .And.Contain("Turning off DAX.")
            .And.Contain("569d0365f571");
    }

    [Fact]
    public void Debug_lines_show_on_request()
    {
        Log(Admit("--kernel", "4.16", "--device", "pmem:raw", "--fs", "ext4")).Should().NotContain(l => l.Contains("dax support not enabled", StringComparison.Ordinal));
        Log(Admit("--kernel", "4.16", "--device", "pmem:raw", "--fs", "ext4", "--dynamic-debug")).Should().Contain(l => l.Contains("dax support not enabled", StringComparison.Ordinal));
    }

    [Fact]
    public void Why_tells_the_commit_the_other_kernels_and_what_would_be_without_it()
    {
        var text = Daxsim.Run("why", "--kernel", "4.16", "--device", "pmem:raw", "--fs", "ext4").Out.ReplaceLineEndings(" ");

        text.Should().Contain("569d0365f571").And.Contain("(4.16)").And.Contain("Without that commit the same kernel would answer: DAX.").And.Contain("4.16 to 4.20 mounted without DAX");
    }

    [Fact]
    public void Why_has_the_same_answer_as_admit()
    {
        string[] question = ["--kernel", "5.0", "--device", "pmem:raw", "--fs", "ext4", "--json"];

        var why = Daxsim.Run(["why", .. question]).Json;

        JsonElement.DeepEquals(why.GetProperty("answer"), Daxsim.Run(["admit", .. question]).Json).Should().BeTrue();
        why.GetProperty("kernels").EnumerateArray().First().GetProperty("from").GetString().Should().Be("3.10");
        why.GetProperty("kernels").EnumerateArray().Last().GetProperty("to").GetString().Should().Be("7.3");
    }

    private static JsonElement Admit(params string[] args)
    {
        var run = Daxsim.Run(["admit", .. args, "--json"]);
        run.Error.Should().BeEmpty();
        run.ExitCode.Should().Be(0);
        return run.Json;
    }

    private static IEnumerable<string> Log(JsonElement json) => json.GetProperty("log").EnumerateArray().Select(l => l.GetString()!);
}
