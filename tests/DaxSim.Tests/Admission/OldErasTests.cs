using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.Admission;

/// <summary>dax-support 1.6 (execute in place), 1.7 (4.0 to 4.6) and 1.8 (4.7 to 4.11), a test for every row.</summary>
public class OldErasTests
{
    // ---- 1.6 ----
    [Fact]
    public void Xip_row_0_without_EXT2_FS_XIP_the_option_is_ignored_with_a_message()
    {
        var report = Given.X86("3.10", "EXT2_FS_XIP", KconfigValue.No, m => m.Brd("64M")).TryAdmit("ram0", "ext2", options: "xip");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Info, "EXT2-fs (ram0): xip option not supported");
    }

    [Fact]
    public void Xip_row_1_without_the_operation_the_option_is_dropped()
    {
        var report = Given.Disk("3.19").TryAdmit("sda", "ext2", options: "xip");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Warning, "EXT2-fs (sda): warning: ignoring xip option - not supported by bdev");
    }

    [Fact]
    public void Xip_row_2_blocks_that_are_not_page_sized_fail_the_mount()
    {
        var report = Given.Brd("3.19").TryAdmit("ram0", "ext2", 1024, options: "xip");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Error, "EXT2-fs (ram0): error: unsupported blocksize for xip");
    }

    [Fact]
    public void Xip_row_3_a_remount_with_small_blocks_fails()
    {
        var machine = Given.Brd("3.10");
        machine.Format("ram0", "ext2", 1024);
        machine.Mount("ram0", "/mnt", "ext2").IsOk.Should().BeTrue();
        machine.Remount("/mnt", "xip").Errno.Should().Be(Errno.EINVAL);
        machine.Log.Entries[^1].Should().Be(Given.Line(KernelLogLevel.Warning, "EXT2-fs (ram0): warning: unsupported blocksize for xip"));
    }

    [Fact]
    public void Xip_row_4_a_remount_cannot_turn_it_on()
    {
        var machine = Given.Brd("3.10");
        var mount = machine.Mount("ram0", "/mnt", "ext2").Value;
        machine.Remount("/mnt", "xip").IsOk.Should().BeTrue();
        mount.ShownDaxOption.Should().BeEmpty();
        machine.Log.Entries[^1].Should().Be(Given.Line(KernelLogLevel.Warning, "EXT2-fs (ram0): warning: refusing change of xip flag with busy inodes while remounting"));
    }

    [Fact]
    public void Xip_ends_in_the_mount_line_as_recorded_on_3_19()
    {
        var machine = Given.Brd("3.19");
        machine.Mount("ram0", "/mnt/t", "ext2", "xip").Value.ProcMountsLine.Should().Be("/dev/ram0 /mnt/t ext2 rw,relatime,errors=continue,xip 0 0");
        machine.Log.Entries.Should().BeEmpty();
    }

    [Fact]
    public void Xip_makes_no_alignment_test()
        => Given.X86("3.19", m => m.Brd("64M").Partition("ram0", 63)).TryAdmit("ram0p1", "ext2", options: "xip").ShouldBeDax();

    // ---- 1.7 ----
    [Theory]
    [InlineData("4.0")]
    [InlineData("4.6")]
    public void Own_tests_row_1_ext4_refuses_small_blocks(string kernel)
    {
        var report = Given.Brd(kernel).TryAdmit("ram0", "ext4", 1024, options: "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Error, "EXT4-fs (ram0): error: unsupported blocksize for dax");
    }

    [Theory]
    [InlineData("4.0")]
    [InlineData("4.6")]
    public void Own_tests_row_2_ext4_refuses_a_driver_without_the_operation(string kernel)
    {
        var report = Given.Disk(kernel).TryAdmit("sda", "ext4", options: "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Error, "EXT4-fs (sda): error: device does not support dax");
    }

    [Fact]
    public void Own_tests_rows_1_and_2_are_in_that_order()
        => Given.Disk("4.4").TryAdmit("sda", "ext4", 1024, options: "dax").LogLines.Should().Contain("EXT4-fs (sda): error: unsupported blocksize for dax").And.NotContain(l => l.Contains("does not support dax", StringComparison.Ordinal));

    [Fact]
    public void Own_tests_row_3_an_unaligned_partition_is_not_noticed()
        => Given.X86("4.4", m => m.Pmem("256M").Partition("pmem0", 63)).TryAdmit("pmem0p1", "ext4", options: "dax").ShouldBeDax();

    [Fact]
    public void Own_tests_row_3_a_failing_driver_is_not_noticed()
    {
        var machine = Given.RawPmem("4.6");
        machine.InjectMediaError("pmem0", 0, 4096);
        machine.TryAdmit("pmem0", "ext4", options: "dax").ShouldBeDax();
    }

    [Fact]
    public void Xfs_row_0_calls_dax_experimental_even_if_it_is_turned_off()
    {
        var report = Given.Disk("4.2").TryAdmit("sda", "xfs", options: "dax");
        report.ShouldSay(KernelLogLevel.Warning, "XFS (sda): DAX enabled. Warning: EXPERIMENTAL, use at your own risk");
        report.Log[0].Text.Should().Contain("EXPERIMENTAL");
    }

    [Fact]
    public void Xfs_row_1_turns_dax_off_for_small_blocks()
    {
        var report = Given.RawPmem("4.4").TryAdmit("pmem0", "xfs", 1024, options: "dax");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Alert, "XFS (pmem0): Filesystem block size invalid for DAX Turning DAX off.");
    }

    [Fact]
    public void Xfs_row_2_turns_dax_off_without_the_operation()
    {
        var report = Given.Disk("4.6").TryAdmit("sda", "xfs", options: "dax");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Alert, "XFS (sda): Block device does not support DAX Turning DAX off.");
    }

    [Fact]
    public void Xfs_of_4_1_does_not_know_dax()
    {
        var report = Given.RawPmem("4.1").TryAdmit("pmem0", "xfs", options: "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Warning, "XFS (pmem0): unknown mount option [dax].");
    }

    [Fact]
    public void The_file_of_a_block_device_uses_dax_in_4_5_when_built_and_capable()
        => Given.X86("4.5", "BLK_DEV_DAX", KconfigValue.Yes, m => m.Pmem("64M")).BlockDeviceFileUsesDax("pmem0").IsOk.Should().BeTrue();

    [Fact]
    public void The_file_of_a_block_device_needs_the_operation()
        => Given.X86("4.6", "BLK_DEV_DAX", KconfigValue.Yes, m => m.Disk("64M")).BlockDeviceFileUsesDax("sda").Reason!.Because.Should().Contain("no direct_access");

    [Theory]
    [InlineData(1, 64)]
    [InlineData(8, 63)]
    public void The_file_of_a_block_device_needs_whole_pages(ulong start, ulong sectors)
        => Given.X86("4.5", "BLK_DEV_DAX", KconfigValue.Yes, m => m.Pmem("64M").Partition("pmem0", start, sectors)).BlockDeviceFileUsesDax("pmem0p1").IsOk.Should().BeFalse();

    [Fact]
    public void The_file_of_a_block_device_must_have_no_bad_block()
    {
        var machine = Given.X86("4.5", "BLK_DEV_DAX", KconfigValue.Yes, m => m.Pmem("64M"));
        machine.InjectMediaError("pmem0", 1 << 20);
        machine.BlockDeviceFileUsesDax("pmem0").IsOk.Should().BeFalse();
    }

    [Theory]
    [InlineData("4.4")]
    [InlineData("4.7")]
    public void The_file_of_a_block_device_uses_no_dax_in_other_releases(string kernel)
        => Given.X86(kernel, "BLK_DEV_DAX", KconfigValue.Yes, m => m.Pmem("64M")).BlockDeviceFileUsesDax("pmem0").IsOk.Should().BeFalse();

    // ---- 1.8 ----
    [Theory]
    [InlineData("4.7")]
    [InlineData("4.11")]
    public void Block_core_row_1_small_blocks_are_EINVAL(string kernel)
    {
        var report = Given.Pmem(kernel).TryAdmit("pmem0", "ext4", 2048, options: "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Error, "VFS (pmem0): error: unsupported blocksize for dax", Subsystem.Dax);
    }

    [Theory]
    [InlineData("4.7")]
    [InlineData("4.11")]
    public void Block_core_row_2_no_operation_is_EOPNOTSUPP(string kernel)
    {
        var report = Given.Disk(kernel).TryAdmit("sda", "ext4", options: "dax");
        report.ShouldFailWith(Errno.EOPNOTSUPP);
        report.ShouldSay(KernelLogLevel.Error, "VFS (sda): error: device does not support dax", Subsystem.Dax);
    }

    [Fact]
    public void Block_core_row_2_the_queue_flag_counts_from_4_8()
    {
        var cell = new Func<string, AdmissionReport>(kernel => Machine.Build(m => m.Kernel(kernel, Architecture.Ppc64Cell).AxonRam("128M")).TryAdmit("axonram0", "ext4", options: "dax"));
        cell("4.7").ShouldBeDax();
        cell("4.8").ShouldFailWith(Errno.EOPNOTSUPP);
    }

    [Fact]
    public void Block_core_row_3_an_unaligned_partition_is_EINVAL()
    {
        var report = Given.PmemPartition("4.9", 63).TryAdmit("pmem0p1", "ext4", options: "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Error, "VFS (pmem0p1): error: unaligned partition for dax", Subsystem.Dax);
    }

    [Fact]
    public void Block_core_row_4_a_bad_block_on_the_first_page_is_EIO()
    {
        var machine = Given.Pmem("4.9");
        machine.InjectMediaError("pmem0", 0);
        var report = machine.TryAdmit("pmem0", "ext4", options: "dax");
        report.ShouldFailWith(Errno.EIO);
        report.ShouldSay(KernelLogLevel.Error, "VFS (pmem0): error: dax access failed (-5)", Subsystem.Dax);
    }

    [Theory]
    [InlineData("4.5")]
    [InlineData("4.7")]
    [InlineData("4.10")]
    public void Dcssblk_hands_out_a_length_that_no_page_multiple_rule_accepts(string kernel)
        => Given.Dcss(kernel).DeviceTable.Find("dcssblk0")!.BdevDirectAccess(0, 4096).Errno.Should().Be(Errno.ENXIO);

    [Fact]
    public void Block_core_row_4_names_the_page_multiple_rule_as_the_cause()
        => Given.Dcss("4.10").TryAdmit("dcssblk0", "ext4", options: "dax").DecidedBy.Should().Be("fe683adabfe6");

    [Fact]
    public void Block_core_row_4_is_gone_with_the_back_port_of_the_length()
        => Given.Dcss("4.10.17").TryAdmit("dcssblk0", "ext4", options: "dax").ShouldBeDax();

    [Theory]
    [InlineData("4.7")]
    [InlineData("4.11")]
    public void Block_core_row_5_says_nothing_more(string kernel)
    {
        var report = Given.RawPmem(kernel).TryAdmit("pmem0", "ext4", options: "dax");
        report.ShouldBeDax();
        report.Log.Should().NotContain(e => e.Subsystem == Subsystem.Dax);
    }
}
