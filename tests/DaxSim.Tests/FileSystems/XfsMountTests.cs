using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Tests.Admission;

namespace DaxSim.Tests.FileSystems;

/// <summary>dax-support 2.3: what xfs does, a test for every row and rule.</summary>
public class XfsMountTests
{
    private const string TurningOff = "XFS (sda): DAX unsupported by block device. Turning off DAX.";

    [Theory]
    [InlineData("4.7")]
    [InlineData("4.11")]
    [InlineData("4.15")]
    [InlineData("4.19")]
    [InlineData("5.10")]
    [InlineData("5.15")]
    [InlineData("5.17")]
    [InlineData("7.3")]
    public void An_unsupported_device_turns_dax_off(string kernel)
    {
        var report = Given.Disk(kernel).TryAdmit("sda", "xfs", options: "dax");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Alert, TurningOff);
    }

    [Theory]
    [InlineData("5.7", "")]
    [InlineData("5.8", "dax=never")]
    [InlineData("6.1", "dax=never")]
    public void Turned_off_is_shown_as_never_once_there_are_modes(string kernel, string shown)
        => Given.Disk(kernel).TryAdmit("sda", "xfs", options: "dax").ShownOption.Should().Be(shown);

    [Theory]
    [InlineData("4.9")]
    [InlineData("4.15")]
    public void Reflink_with_dax_only_alerts(string kernel)
    {
        var report = Given.Pmem(kernel).TryAdmit("pmem0", "xfs", null, ["reflink"], "dax");
        report.ShouldBeDax();
        report.ShouldSay(KernelLogLevel.Alert, "XFS (pmem0): DAX and reflink have not been tested together!");
    }

    [Theory]
    [InlineData("4.16")]
    [InlineData("4.17")]
    [InlineData("5.10.262")]
    [InlineData("5.15")]
    [InlineData("5.17")]
    [InlineData("5.19")]
    public void Reflink_with_dax_fails(string kernel)
    {
        var report = Given.Pmem(kernel).TryAdmit("pmem0", "xfs", null, ["reflink"], "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Alert, "XFS (pmem0): DAX and reflink cannot be used together!");
    }

    [Theory]
    [InlineData("6.0")]
    [InlineData("6.1.192")]
    [InlineData("7.2.12")]
    public void Reflink_with_dax_works_on_a_whole_disk(string kernel) => Given.Pmem(kernel).TryAdmit("pmem0", "xfs", null, ["reflink"], "dax").ShouldBeDax();

    [Theory]
    [InlineData("4.16", "errno")]
    [InlineData("5.15", "errno")]
    [InlineData("5.17", "no-dax")]
    [InlineData("6.1", "no-dax")]
    public void Reflink_is_tested_after_dax_was_turned_off_up_to_5_15(string kernel, string result)
        => Given.Disk(kernel).TryAdmit("sda", "xfs", null, ["reflink"], "dax").Result.Should().Be(result);

    [Theory]
    [InlineData("5.10.262", "XFS (pmem0): DAX unsupported by block device. Turning off DAX.")]
    [InlineData("5.17", "XFS (pmem0): DAX not supported for blocksize. Turning off DAX.")]
    [InlineData("6.1.192", "XFS (pmem0): DAX not supported for blocksize. Turning off DAX.")]
    public void Small_blocks_turn_dax_off_in_the_words_of_the_era(string kernel, string text)
    {
        var report = Given.Pmem(kernel).TryAdmit("pmem0", "xfs", 1024, options: "dax");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Alert, text);
        report.ShownOption.Should().Be("dax=never");
    }

    [Fact]
    public void Small_blocks_are_judged_before_reflink_from_5_17_on()
        => Given.Pmem("5.17").TryAdmit("pmem0", "xfs", 1024, ["reflink"], "dax").ShouldMountWithoutDax();

    [Theory]
    [InlineData("4.17", "no-dax")]
    [InlineData("4.18", "dax")]
    [InlineData("5.10", "dax")]
    [InlineData("6.1", "dax")]
    public void A_realtime_device_with_dax_is_enough_from_4_18_on(string kernel, string result)
        => Given.X86(kernel, m => m.Disk("256M").Pmem("256M", PmemMode.FsDax)).TryAdmit("sda", "xfs", options: "dax,rtdev=/dev/pmem0").Result.Should().Be(result);

    [Theory]
    [InlineData("5.15", true, true)]
    [InlineData("5.17", false, true)]
    [InlineData("6.4", false, true)]
    [InlineData("6.8", false, false)]
    public void The_experimental_warning_comes_before_the_tests_then_on_success_then_never(string kernel, bool onDisk, bool onPmem)
    {
        Given.Disk(kernel).TryAdmit("sda", "xfs", options: "dax").LogLines.Any(l => l.Contains("EXPERIMENTAL", StringComparison.Ordinal)).Should().Be(onDisk);
        Given.Pmem(kernel).TryAdmit("pmem0", "xfs", options: "dax").LogLines.Any(l => l.Contains("EXPERIMENTAL", StringComparison.Ordinal)).Should().Be(onPmem);
    }

    [Theory]
    [InlineData("4.14.177", "dax", "attr2,dax,inode64,noquota")]
    [InlineData("4.19", "dax", "attr2,dax,inode64,noquota")]
    [InlineData("6.1.176", "dax", "attr2,dax=always,inode64,logbufs=8,logbsize=32k,noquota")]
    [InlineData("6.1.176", "dax=inode", "attr2,inode64,logbufs=8,logbsize=32k,noquota")]
    [InlineData("7.2.13", "dax=never", "dax=never,inode64,logbufs=8,logbsize=32k,noquota")]
    public void The_mount_is_shown_as_recorded(string kernel, string options, string shown)
        => Given.Pmem(kernel).Mount("pmem0", "/m", "xfs", options).Value.ProcMountsLine.Should().Be($"/dev/pmem0 /m xfs rw,relatime,{shown} 0 0");

    [Fact]
    public void A_mount_with_dax_reports_as_recorded_on_4_14()
    {
        Given.Pmem("4.14.177").TryAdmit("pmem0", "xfs", options: "dax").Log.Should().Equal(
            Given.Line(KernelLogLevel.Warning, "XFS (pmem0): DAX enabled. Warning: EXPERIMENTAL, use at your own risk"),
            Given.Line(KernelLogLevel.Notice, "XFS (pmem0): Mounting V5 Filesystem"),
            Given.Line(KernelLogLevel.Info, "XFS (pmem0): Ending clean mount"));
    }

    [Fact]
    public void A_remount_that_changes_dax_is_ignored_without_a_word()
    {
        var machine = Given.Pmem("5.10");
        var mount = machine.Mount("pmem0", "/mnt", "xfs", "dax=never").Value;
        var lines = machine.Log.Entries.Count;
        machine.Remount("/mnt", "dax=always").IsOk.Should().BeTrue();
        mount.ShownDaxOption.Should().Be("dax=never");
        machine.Log.Entries.Should().HaveCount(lines);
    }

    [Theory]
    [InlineData("4.19", "dax=always", "XFS (sda): unknown mount option [dax=always].", KernelLogLevel.Warning)]
    [InlineData("6.1", "dax=bogus", "xfs: Bad value for 'dax'", KernelLogLevel.Error)]
    [InlineData("6.1", "nonsense", "xfs: Unknown parameter 'nonsense'", KernelLogLevel.Error)]
    public void An_option_that_is_not_known_is_named(string kernel, string options, string text, KernelLogLevel level)
    {
        var report = Given.Disk(kernel).TryAdmit("sda", "xfs", options: options);
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(level, text);
    }

    [Fact]
    public void A_feature_that_4_19_does_not_know_fails_as_recorded()
    {
        var report = Given.Dcss("4.19").TryAdmit("dcssblk0", "xfs", null, ["reflink", "inobtcount"], "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.LogLines.Should().Equal(
            "XFS (dcssblk0): Superblock has unknown read-only compatible features (0x8) enabled.",
            "XFS (dcssblk0): Attempted to mount read-only compatible filesystem read-write.",
            "XFS (dcssblk0): Filesystem can only be safely mounted read only.",
            "XFS (dcssblk0): SB validate failed with error -22.");
    }

    [Fact]
    public void Sectors_smaller_than_those_of_the_device_are_ENOSYS()
    {
        var report = Given.Dcss("6.1").TryAdmit("dcssblk0", "xfs", null, ["sectsize=512"], "dax");
        report.ShouldFailWith(Errno.ENOSYS);
        report.ShouldSay(KernelLogLevel.Warning, "XFS (dcssblk0): device supports 4096 byte sectors (not 512)");
    }
}
