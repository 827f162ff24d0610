using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Tests.Admission;

namespace DaxSim.Tests.FileSystems;

/// <summary>dax-support 2.2: what ext2 does, a test for every row and rule.</summary>
public class Ext2MountTests
{
    [Theory]
    [InlineData("4.0")]
    [InlineData("4.6")]
    public void Own_tests_fail_the_mount(string kernel)
    {
        var blocks = Given.Brd(kernel).TryAdmit("ram0", "ext2", 1024, options: "dax");
        blocks.ShouldFailWith(Errno.EINVAL);
        blocks.ShouldSay(KernelLogLevel.Error, "EXT2-fs (ram0): error: unsupported blocksize for dax");

        var device = Given.Disk(kernel).TryAdmit("sda", "ext2", options: "dax");
        device.ShouldFailWith(Errno.EINVAL);
        device.ShouldSay(KernelLogLevel.Error, "EXT2-fs (sda): error: device does not support dax");
    }

    [Theory]
    [InlineData("4.7")]
    [InlineData("4.11")]
    [InlineData("4.13")]
    [InlineData("4.15")]
    public void The_common_error_number_is_dropped_for_EINVAL(string kernel) => Given.Disk(kernel).TryAdmit("sda", "ext2", options: "dax").ShouldFailWith(Errno.EINVAL);

    [Theory]
    [InlineData("4.16")]
    [InlineData("4.19")]
    [InlineData("5.10")]
    [InlineData("5.15")]
    [InlineData("5.17")]
    [InlineData("7.1")]
    public void An_unsupported_device_turns_dax_off(string kernel)
    {
        var report = Given.Disk(kernel).TryAdmit("sda", "ext2", options: "dax");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Error, "EXT2-fs (sda): DAX unsupported by block device. Turning off DAX.");
    }

    [Theory]
    [InlineData("5.15", "EXT2-fs (pmem0): DAX unsupported by block device. Turning off DAX.")]
    [InlineData("5.17", "EXT2-fs (pmem0): unsupported blocksize for DAX")]
    [InlineData("7.1", "EXT2-fs (pmem0): unsupported blocksize for DAX")]
    public void Small_blocks_turn_dax_off_in_the_words_of_the_era(string kernel, string text)
    {
        var report = Given.Pmem(kernel).TryAdmit("pmem0", "ext2", 1024, options: "dax");
        report.ShouldMountWithoutDax();
        report.LogLines.Should().Contain(text);
    }

    [Theory]
    [InlineData("7.2", "dax", "DAX support has been removed. dax option ignored.")]
    [InlineData("7.3", "xip", "DAX support has been removed. xip option ignored.")]
    public void From_7_2_on_both_options_are_ignored(string kernel, string option, string text)
    {
        var report = Given.Pmem(kernel).TryAdmit("pmem0", "ext2", options: option);
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Warning, $"EXT2-fs (pmem0): {text}");
        report.ShownOption.Should().BeEmpty();
    }

    [Theory]
    [InlineData("4.1")]
    [InlineData("5.10")]
    [InlineData("7.1")]
    public void Xip_is_an_old_name_for_dax(string kernel)
    {
        var report = Given.Pmem(kernel).TryAdmit("pmem0", "ext2", options: "xip");
        report.ShouldSay(KernelLogLevel.Info, "EXT2-fs (pmem0): use dax instead of xip");
        report.ShouldBeDax();
    }

    [Fact]
    public void Without_FS_DAX_the_mount_goes_on()
    {
        var report = Given.X86("4.14", "FS_DAX", KconfigValue.No, m => m.Pmem("64M")).TryAdmit("pmem0", "ext2", options: "dax");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Info, "EXT2-fs (pmem0): dax option not supported");
    }

    [Theory]
    [InlineData("4.3", null)]
    [InlineData("4.4", "DAX enabled. Warning: EXPERIMENTAL, use at your own risk")]
    [InlineData("6.15", "DAX enabled. Warning: EXPERIMENTAL, use at your own risk")]
    [InlineData("6.17", "DAX enabled. Warning: DAX support in ext2 driver is deprecated and will be removed at the end of 2025. Please use ext4 driver instead.")]
    [InlineData("7.1", "DAX enabled. Warning: DAX support in ext2 driver is deprecated and will be removed at the end of 2025. Please use ext4 driver instead.")]
    public void The_warning_at_the_option_follows_the_era(string kernel, string? text)
        => Given.Pmem(kernel).TryAdmit("pmem0", "ext2", options: "dax").Log.Where(e => e.Level == KernelLogLevel.Warning).Select(e => e.Text)
            .Should().Equal(text is null ? [] : [$"EXT2-fs (pmem0): {text}"]);

    [Fact]
    public void A_remount_that_turns_dax_on_is_ignored()
    {
        var machine = Given.Pmem("5.10");
        var mount = machine.Mount("pmem0", "/mnt", "ext2").Value;
        machine.Remount("/mnt", "dax").IsOk.Should().BeTrue();
        mount.IsDax.Should().BeFalse();
        machine.Log.Entries[^1].Should().Be(Given.Line(KernelLogLevel.Warning, "EXT2-fs (pmem0): warning: refusing change of dax flag with busy inodes while remounting"));
    }

    [Fact]
    public void Every_regular_file_uses_dax_and_no_directory()
    {
        var mount = Given.Pmem("5.10").Mount("pmem0", "/mnt", "ext2", "dax").Value;
        mount.Mkdir("d");
        mount.Open("d/f", OpenFlags.ReadWrite | OpenFlags.Create).Value.Close();
        mount.UsesDax("d").Value.Should().BeFalse();
        mount.UsesDax("d/f").Value.Should().BeTrue();
        mount.SetFlag("d/f", InodeFlags.Dax).IsOk.Should().BeFalse();
    }

    [Theory]
    [InlineData("4.14.177", "errors=continue,dax")]
    [InlineData("4.16.13", "errors=remount-ro,errors=continue,errors=panic,debug,nobh,xip,dax")]
    [InlineData("4.17", "errors=continue,dax")]
    public void The_options_are_shown_as_recorded_and_with_garbage_in_4_16(string kernel, string shown)
        => Given.Pmem(kernel).Mount("pmem0", "/mnt/t", "ext2", "dax").Value.ProcMountsLine.Should().Be($"/dev/pmem0 /mnt/t ext2 rw,relatime,{shown} 0 0");

    [Theory]
    [InlineData("4.19", "Opts: dax", "block_validity,barrier,dax,user_xattr")]
    [InlineData("6.1.176", "Quota mode: none.", "dax")]
    public void The_ext4_driver_serves_ext2_where_that_is_configured(string kernel, string end, string shown)
    {
        // As recorded on s390x.
        var version = KernelVersion.Parse(kernel);
        var config = KernelConfig.Default(version, Architecture.S390X).With("EXT2_FS", KconfigValue.No).With("EXT4_USE_FOR_EXT2", KconfigValue.Yes);
        var machine = Machine.Build(m => m.Kernel(KernelPolicy.Mainline(version, Architecture.S390X, config)).Dcss("DAXEW", "64M", DcssType.ExclusiveReadWrite));
        var mount = machine.Mount("dcssblk0", "/m", "ext2", "dax").Value;
        mount.ProcMountsLine.Should().Be($"/dev/dcssblk0 /m ext2 rw,relatime,{shown} 0 0");
        machine.Log.Entries[^2].Text.Should().Be("EXT4-fs (dcssblk0): mounting ext2 file system using the ext4 subsystem");
        machine.Log.Entries[^1].Text.Should().Be($"EXT4-fs (dcssblk0): mounted filesystem without journal. {end}");
    }

    [Fact]
    public void Dax_is_no_option_of_3_19() => Given.Brd("3.19").TryAdmit("ram0", "ext2", options: "dax").ShouldFailWith(Errno.EINVAL);
}
