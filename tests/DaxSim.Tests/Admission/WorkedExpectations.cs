using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.Admission;

/// <summary>The worked expectations of dax-support, section 7, as far as mounting is concerned; each test has the row's number.</summary>
public class WorkedExpectations
{
    [Fact]
    public void Row01_Ext2_maps_a_read_only_segment_in_place_on_3_10()
    {
        var report = Given.Dcss("3.10", DcssType.SharedReadOnly).TryAdmit("dcssblk0", "ext2", options: "ro,xip");
        report.ShouldBeDax();
        report.DaxMode.Should().Be(DaxMountMode.Xip);
    }

    [Fact]
    public void Row02_Ext2_ignores_xip_on_a_loop_device_on_3_10()
    {
        var report = Given.X86("3.10", m => m.Loop("64M")).TryAdmit("loop0", "ext2", options: "xip");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Warning, "EXT2-fs (loop0): warning: ignoring xip option - not supported by bdev");
    }

    [Fact]
    public void Row03_Ext4_mounts_dcssblk_with_dax_on_4_4() => Given.Dcss("4.4").TryAdmit("dcssblk0", "ext4", options: "dax").ShouldBeDax();

    [Fact]
    public void Row04_Ext4_mounts_dcssblk_on_4_6_although_every_access_fails()
    {
        var machine = Given.Dcss("4.6");
        machine.TryAdmit("dcssblk0", "ext4", options: "dax").ShouldBeDax();
        machine.DeviceTable.Find("dcssblk0")!.BdevDirectAccess(0, 4096).Errno.Should().Be(Errno.ENXIO);
    }

    [Fact]
    public void Row05_Ext4_passes_on_ENXIO_of_dcssblk_on_4_9()
    {
        var report = Given.Dcss("4.9").TryAdmit("dcssblk0", "ext4", options: "dax");
        report.ShouldFailWith(Errno.ENXIO);
        report.ShouldSay(KernelLogLevel.Error, "VFS (dcssblk0): error: dax access failed (-6)", Subsystem.Dax);
    }

    [Fact]
    public void Row06_Ext2_turns_the_same_failure_into_EINVAL_on_4_9()
    {
        var report = Given.Dcss("4.9").TryAdmit("dcssblk0", "ext2", options: "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Error, "VFS (dcssblk0): error: dax access failed (-6)", Subsystem.Dax);
    }

    [Fact]
    public void Row07_Xfs_falls_back_on_4_9()
    {
        var report = Given.Dcss("4.9").TryAdmit("dcssblk0", "xfs", options: "dax");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Alert, "XFS (dcssblk0): DAX unsupported by block device. Turning off DAX.");
    }

    [Theory]
    [InlineData("4.11")]
    [InlineData("4.12")]
    [InlineData("4.13")]
    [InlineData("4.14")]
    [InlineData("4.15")]
    public void Row08_Ext4_mounts_dcssblk_with_dax_again(string kernel) => Given.Dcss(kernel).TryAdmit("dcssblk0", "ext4", options: "dax").ShouldBeDax();

    [Fact]
    public void Row09_Ext4_mounts_pmem_without_pages_with_dax_on_4_14() => Given.RawPmem("4.14").TryAdmit("pmem0", "ext4", options: "dax").ShouldBeDax();

    [Fact]
    public void Row10_Ext4_turns_dax_off_on_pmem_without_pages_on_4_16()
    {
        var report = Given.RawPmem("4.16").TryAdmit("pmem0", "ext4", options: "dax");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Error, "EXT4-fs (pmem0): DAX unsupported by block device. Turning off DAX.");
        report.DecidedBy.Should().Be("569d0365f571");
    }

    [Fact]
    public void Row11_Ext4_fails_on_pmem_without_pages_on_5_0()
    {
        var report = Given.RawPmem("5.0").TryAdmit("pmem0", "ext4", options: "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Error, "EXT4-fs (pmem0): DAX unsupported by block device.");
    }

    [Fact]
    public void Row12_An_unaligned_partition_of_any_disk_is_EINVAL_on_4_14()
    {
        var report = Given.DiskPartition("4.14", 63).TryAdmit("sda1", "ext4", options: "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Error, "VFS (sda1): error: unaligned partition for dax", Subsystem.Dax);
    }

    [Fact]
    public void Row13_The_queue_is_asked_first_on_4_18()
    {
        var report = Given.DiskPartition("4.18", 63).Verbose().TryAdmit("sda1", "ext4", options: "dax");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Debug, "sda1: error: request queue doesn't support dax", Subsystem.Dax);
    }

    [Fact]
    public void Row14_Ext2_mounts_a_ram_disk_with_dax_on_4_14() => Given.Brd("4.14").TryAdmit("ram0", "ext2", options: "dax").ShouldBeDax();

    [Fact]
    public void Row15_A_ram_disk_has_no_dax_device_on_4_15()
    {
        var report = Given.Brd("4.15").TryAdmit("ram0", "ext2", options: "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.DecidedBy.Should().Be("7a862fbbdec6");
    }

    [Theory]
    [InlineData("4.16")]
    [InlineData("4.19")]
    [InlineData("5.11")]
    [InlineData("5.17")]
    [InlineData("5.19")]
    [InlineData("6.14")]
    public void Row16_Ext4_mounts_dcssblk_without_pages_under_FS_DAX_LIMITED(string kernel) => Given.Dcss(kernel).TryAdmit("dcssblk0", "ext4", options: "dax").ShouldBeDax();

    [Fact]
    public void Row17_Dcssblk_has_no_dax_on_6_15_and_ext4_fails()
    {
        var report = Given.Dcss("6.15").TryAdmit("dcssblk0", "ext4", options: "dax=always");
        report.ShouldFailWith(Errno.EINVAL);
        report.DecidedBy.Should().Be("653d7825c149");
    }

    [Fact]
    public void Row18_Dcssblk_has_no_dax_on_6_15_and_xfs_goes_on_without()
    {
        var report = Given.Dcss("6.15").TryAdmit("dcssblk0", "xfs", options: "dax=always");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Alert, "XFS (dcssblk0): DAX unsupported by block device. Turning off DAX.");
        report.DecidedBy.Should().Be("653d7825c149");
    }

    [Theory]
    [InlineData("6.17")]
    [InlineData("7.3")]
    public void Row19_An_aligned_segment_has_struct_pages_and_dax(string kernel)
    {
        var machine = Given.Dcss(kernel);
        machine.TryAdmit("dcssblk0", "ext4", options: "dax=always").ShouldBeDax();
        machine.Devices.Single().StructPages.Should().Be(StructPages.InRam);
    }

    [Fact]
    public void Row20_An_unaligned_segment_loses_dax_on_6_17()
    {
        var machine = Given.Dcss("6.17", alignment: "1M");
        machine.TryAdmit("dcssblk0", "ext4", options: "dax=always").ShouldFailWith(Errno.EINVAL);
        machine.Log.Entries.Should().Contain(e => e.Text.EndsWith("is not aligned to 2097152 bytes, DAX support disabled", StringComparison.Ordinal));
    }

    [Fact]
    public void Row21_Ext2_has_lost_dax_in_7_2()
    {
        var report = Given.Pmem("7.2").TryAdmit("pmem0", "ext2", options: "dax");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Warning, "EXT2-fs (pmem0): DAX support has been removed. dax option ignored.");
    }

    [Fact]
    public void Row22_Small_blocks_are_refused_aloud_on_5_10()
    {
        var report = Given.Pmem("5.10").TryAdmit("pmem0", "ext4", 1024, options: "dax=always");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Info, "pmem0: error: unsupported blocksize for dax", Subsystem.Dax);
    }

    [Fact]
    public void Row23_Small_blocks_are_complained_of_at_every_mount_on_6_1()
    {
        var report = Given.Pmem("6.1").TryAdmit("pmem0", "ext4", 1024);
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Error, "EXT4-fs (pmem0): unsupported blocksize for DAX\n");
        report.LogLines.Should().Contain("EXT4-fs (pmem0): unsupported blocksize for DAX");
    }

    [Fact]
    public void Row24_Reflink_with_dax_fails_even_on_a_disk_without_dax_on_5_15()
    {
        var report = Given.Disk("5.15").TryAdmit("sda", "xfs", null, ["reflink"], "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Alert, "XFS (sda): DAX and reflink cannot be used together!");
    }

    [Fact]
    public void Row25_The_device_is_asked_before_reflink_on_5_17()
        => Given.Disk("5.17").TryAdmit("sda", "xfs", null, ["reflink"], "dax").ShouldMountWithoutDax();

    [Fact]
    public void Row26_Reflink_with_dax_fails_on_a_partition_on_6_1()
    {
        var report = Given.PmemPartition("6.1", 2048, 131072).TryAdmit("pmem0p1", "xfs", null, ["reflink"], "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Alert, "XFS (pmem0p1): DAX and reflink cannot work with multi-partitions!");
    }

    // The reference read 6.1.176; releases from 5.9 up to the fix of 6.3 forget the segment's type (see the drivers' tests).
    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("ext2")]
    public void Row27_A_shared_read_only_segment_cannot_be_mounted_writable(string fileSystem)
        => Given.Dcss("6.1.176", DcssType.SharedReadOnly).TryAdmit("dcssblk0", fileSystem, options: "dax").ShouldFailWith(Errno.EACCES);

    [Theory]
    [InlineData("4.4")]
    [InlineData("4.9")]
    [InlineData("4.14")]
    [InlineData("4.19")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.3")]
    public void Row28_Pmem_in_sector_mode_never_has_dax(string kernel)
    {
        var machine = Given.X86(kernel, m => m.Pmem("256M", PmemMode.Sector));
        foreach (var fileSystem in (string[])["ext2", "ext4", "xfs"])
        {
            machine.TryAdmit("pmem0s", fileSystem, options: "dax").Result.Should().NotBe("dax");
        }
    }

    [Fact]
    public void Without_the_commit_that_requires_struct_pages_4_16_admits_pmem_without_them()
    {
        var machine = Machine.Build(m => m.Kernel(KernelPolicy.Mainline("4.16", Architecture.X8664).Revert("569d0365f571")).Pmem("256M"));
        machine.TryAdmit("pmem0", "ext4", options: "dax").ShouldBeDax();
    }

    [Fact]
    public void With_that_commit_4_15_refuses_them()
    {
        var machine = Machine.Build(m => m.Kernel(KernelPolicy.Mainline("4.15", Architecture.X8664).Pick("569d0365f571")).Pmem("256M"));
        machine.TryAdmit("pmem0", "ext4", options: "dax").ShouldFailWith(Errno.EOPNOTSUPP);
    }
}
