using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;
using CommonTests = DaxSim.Devices.Admission;

namespace DaxSim.Tests.Admission;

/// <summary>dax-support 1.13 (5.2 to 5.8), 1.14 (5.9 to 5.14), 1.15 (5.15), 1.16 (5.17 to 6.14), 1.17 (6.15) and 1.18 (6.17 to 7.3), a test for every row.</summary>
public class NewErasTests
{
    // ---- 1.13 ----
    [Fact]
    public void Driver_row_1_the_queue_is_asked_before_the_block_size()
    {
        var report = Given.Disk("5.4").Verbose().TryAdmit("sda", "ext4", 1024, options: "dax");
        report.ShouldSay(KernelLogLevel.Debug, "sda: error: request queue doesn't support dax", Subsystem.Dax);
        report.LogLines.Should().NotContain(l => l.Contains("blocksize for dax", StringComparison.Ordinal));
    }

    [Fact]
    public void Driver_row_2_no_dax_device()
    {
        var policy = KernelPolicy.Mainline("5.4", Architecture.S390X) with { DcssDax = DcssDax.Broken };
        var machine = Machine.Build(m => m.Kernel(policy).Dcss("SEGMENT", "64M", DcssType.ExclusiveReadWrite)).Verbose();
        machine.TryAdmit("dcssblk0", "ext4", options: "dax").ShouldSay(KernelLogLevel.Debug, "dcssblk0: error: device does not support dax", Subsystem.Dax);
    }

    [Fact]
    public void Driver_row_3_a_dead_device_is_refused_in_silence()
    {
        var machine = Given.Pmem("5.4").Verbose();
        machine.DeviceTable.Find("pmem0")!.DaxDevice!.Kill();
        var report = machine.TryAdmit("pmem0", "ext4", options: "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.Log.Should().NotContain(e => e.Subsystem == Subsystem.Dax);
    }

    [Theory]
    [InlineData("5.2")]
    [InlineData("5.8")]
    public void Driver_row_4_the_driver_admits_pmem_with_pages(string kernel)
    {
        var report = Given.Pmem(kernel).TryAdmit("pmem0", "ext4", options: "dax");
        report.ShouldBeDax();
        report.Tests.Should().Contain(t => t.Function == "__generic_fsdax_supported");
    }

    [Fact]
    public void Generic_row_1_block_size()
        => Given.Pmem("5.7").Verbose().TryAdmit("pmem0", "ext4", 1024, options: "dax").ShouldSay(KernelLogLevel.Debug, "pmem0: error: unsupported blocksize for dax", Subsystem.Dax);

    [Fact]
    public void Generic_row_2_start_of_the_partition()
        => Given.PmemPartition("5.7", 63).Verbose().TryAdmit("pmem0p1", "ext4", options: "dax").ShouldSay(KernelLogLevel.Debug, "pmem0p1: error: unaligned partition for dax", Subsystem.Dax);

    [Fact]
    public void Generic_row_3_the_last_page_is_rounded_down_so_an_odd_length_passes()
        => Given.PmemPartition("5.7", 2048, 131073).TryAdmit("pmem0p1", "ext4", options: "dax").ShouldBeDax();

    [Fact]
    public void Generic_row_4_a_bad_last_page()
    {
        var machine = Given.Pmem("5.6").Verbose();
        machine.InjectMediaError("pmem0", machine.Devices[0].SizeBytes - 512);
        machine.TryAdmit("pmem0", "ext4", options: "dax").ShouldSay(KernelLogLevel.Debug, "pmem0: error: dax access failed (-5)", Subsystem.Dax);
    }

    [Fact]
    public void Generic_row_5_the_pfn_rule()
    {
        Given.Dcss("5.4").TryAdmit("dcssblk0", "ext4", options: "dax").ShouldBeDax();
        var policy = KernelPolicy.Mainline("5.4", Architecture.X8664) with { PmemQueueFlag = PmemQueueFlag.Always };
        Machine.Build(m => m.Kernel(policy).Pmem("256M")).Verbose().TryAdmit("pmem0", "ext4", options: "dax")
            .ShouldSay(KernelLogLevel.Debug, "pmem0: error: dax support not enabled", Subsystem.Dax);
    }

    // ---- 1.14 ----
    [Theory]
    [InlineData("5.9")]
    [InlineData("5.14")]
    public void The_generic_test_is_heard_again(string kernel)
        => Given.Pmem(kernel).TryAdmit("pmem0", "ext4", 1024).ShouldSay(KernelLogLevel.Info, "pmem0: error: unsupported blocksize for dax", Subsystem.Dax);

    [Fact]
    public void The_tests_before_it_stay_silent()
        => Given.RawPmem("5.10").TryAdmit("pmem0", "ext4", options: "dax").Log.Should().NotContain(e => e.Subsystem == Subsystem.Dax);

    [Theory]
    [InlineData("5.8", "sda: error: dax access failed (-95)", KernelLogLevel.Debug)]
    [InlineData("5.9", "sda: error: dax unsupported by block device", KernelLogLevel.Debug)]
    public void A_missing_dax_device_is_refused_in_words_of_its_own(string kernel, string text, KernelLogLevel level)
    {
        var machine = Given.Disk(kernel).Verbose();
        var device = machine.DeviceTable.Find("sda")!;
        CommonTests.GenericFsDaxSupported(null, device, 4096, 0, device.SectorCount, null).Admitted.Should().BeFalse();
        machine.Log.Entries[^1].Should().Be(Given.Line(level, text, Subsystem.Dax));
    }

    // ---- 1.15 ----
    [Fact]
    public void Fs_calls_row_1_a_queue_without_the_flag_is_silent()
        => Given.Disk("5.15").Verbose().TryAdmit("sda", "ext4", options: "dax").Log.Should().NotContain(e => e.Subsystem == Subsystem.Dax);

    [Fact]
    public void Fs_calls_row_2_the_driver_tests_the_same_five_things()
    {
        Given.Pmem("5.15").TryAdmit("pmem0", "ext4", options: "dax").ShouldBeDax();
        Given.PmemPartition("5.15", 63).TryAdmit("pmem0p1", "ext4", options: "dax").ShouldSay(KernelLogLevel.Info, "pmem0p1: error: unaligned partition for dax", Subsystem.Dax);
    }

    // ---- 1.16 ----
    [Fact]
    public void Lookup_row_1_a_queue_without_the_flag_is_silent()
    {
        var report = Given.RawPmem("6.1").Verbose().TryAdmit("pmem0", "ext4", options: "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.Log.Should().NotContain(e => e.Subsystem == Subsystem.Dax);
    }

    [Theory]
    [InlineData("ext4")]
    [InlineData("ext2")]
    [InlineData("xfs")]
    public void Lookup_row_2_an_unaligned_partition_is_complained_of_at_every_mount(string fileSystem)
    {
        var report = Given.PmemPartition("6.1", 63).TryAdmit("pmem0p1", fileSystem);
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Info, "pmem0p1: error: unaligned partition for dax", Subsystem.Dax);
    }

    [Theory]
    [InlineData("5.15", "dax")]
    [InlineData("5.17", "errno")]
    public void Lookup_row_2_the_length_counts_too(string kernel, string result)
        => Given.PmemPartition(kernel, 2048, 131073).TryAdmit("pmem0p1", "ext4", options: "dax").Result.Should().Be(result);

    [Fact]
    public void Lookup_row_3_no_or_no_living_dax_device_is_silent()
    {
        var machine = Given.Pmem("6.1").Verbose();
        machine.DeviceTable.Find("pmem0")!.DaxDevice!.Kill();
        var report = machine.TryAdmit("pmem0", "xfs", options: "dax");
        report.ShouldMountWithoutDax();
        report.Log.Should().NotContain(e => e.Subsystem == Subsystem.Dax);
    }

    [Theory]
    [InlineData("5.17", true)]
    [InlineData("6.0", false)]
    public void Lookup_row_4_a_second_holder_gets_nothing(string kernel, bool second)
    {
        var machine = Given.X86(kernel, m => m.Pmem("256M", PmemMode.FsDax).Partition("pmem0", 2048, 131072).Partition("pmem0", 264192, 131072));
        machine.Mount("pmem0p1", "/one", "xfs", "dax").Value.IsDax.Should().BeTrue();
        machine.Mount("pmem0p2", "/two", "xfs", "dax").Value.IsDax.Should().Be(second);
    }

    [Fact]
    public void Lookup_row_4_ext4_holds_nothing()
    {
        var machine = Given.X86("6.1", m => m.Pmem("256M", PmemMode.FsDax).Partition("pmem0", 2048, 131072).Partition("pmem0", 264192, 131072));
        machine.Mount("pmem0p1", "/one", "ext4", "dax").Value.IsDax.Should().BeTrue();
        machine.Mount("pmem0p2", "/two", "ext4", "dax").Value.IsDax.Should().BeTrue();
    }

    [Fact]
    public void Lookup_row_4_the_holder_lets_go_when_unmounted()
    {
        var machine = Given.Pmem("6.1");
        machine.Mount("pmem0", "/mnt", "xfs", "dax").Value.IsDax.Should().BeTrue();
        machine.Unmount("/mnt").IsOk.Should().BeTrue();
        machine.Mount("pmem0", "/mnt", "xfs", "dax").Value.IsDax.Should().BeTrue();
    }

    [Theory]
    [InlineData("5.17")]
    [InlineData("6.14")]
    public void Lookup_row_5_else_the_device_is_admitted_without_a_look_at_its_pages(string kernel)
    {
        var machine = Given.Pmem(kernel);
        machine.InjectMediaError("pmem0", 0);
        var report = machine.TryAdmit("pmem0", "ext4", options: "dax");
        report.ShouldBeDax();
        report.Tests.Should().NotContain(t => t.Function == "dax_direct_access");
    }

    [Fact]
    public void Lookup_finds_no_dax_without_ZONE_DEVICE_or_LIMITED_on_5_18()
    {
        var version = KernelVersion.Parse("5.18");
        var config = KernelConfig.Default(version, Architecture.X8664).With("ZONE_DEVICE", KconfigValue.No);
        var report = Machine.Build(m => m.Kernel(KernelPolicy.Mainline(version, Architecture.X8664, config)).Pmem("256M")).TryAdmit("pmem0", "ext4", options: "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.LogLines.Should().Contain("EXT4-fs: dax option not supported");
    }

    // ---- 1.17 ----
    [Fact]
    public void Era_I_dcssblk_advertises_dax_and_has_none()
    {
        var machine = Given.Dcss("6.15");
        machine.Devices[0].QueueDax.Should().BeTrue();
        var report = machine.TryAdmit("dcssblk0", "ext4", options: "dax=always");
        report.ShouldFailWith(Errno.EINVAL);
        report.Reason!.Because.Should().NotBeEmpty();
    }

    [Fact]
    public void Era_I_pmem_is_admitted_as_before() => Given.Pmem("6.15").TryAdmit("pmem0", "ext4", options: "dax").ShouldBeDax();

    // ---- 1.18 ----
    [Theory]
    [InlineData("6.17")]
    [InlineData("7.0")]
    [InlineData("7.3")]
    public void Era_J_pmem_and_aligned_segments_are_admitted(string kernel)
    {
        Given.Pmem(kernel).TryAdmit("pmem0", "ext4", options: "dax").ShouldBeDax();
        Given.Dcss(kernel).TryAdmit("dcssblk0", "ext4", options: "dax").ShouldBeDax();
    }

    [Fact]
    public void Fs_dax_get_does_not_exist_before_7_1()
    {
        var machine = Given.X86("7.0", m => m.DeviceDax("256M"));
        CommonTests.FsDaxGet(machine.DeviceTable, machine.DeviceTable.Ranges[0].DaxDevice, this, null).Errno.Should().Be(Errno.EOPNOTSUPP);
    }

    [Fact]
    public void Fs_dax_get_row_1_no_device_or_a_dead_one_is_ENODEV()
    {
        var machine = Given.X86("7.1", m => m.Fsdev("256M"));
        CommonTests.FsDaxGet(machine.DeviceTable, null, this, null).Errno.Should().Be(Errno.ENODEV);
        var dax = machine.DeviceTable.Ranges[0].DaxDevice;
        dax.Kill();
        CommonTests.FsDaxGet(machine.DeviceTable, dax, this, null).Errno.Should().Be(Errno.ENODEV);
    }

    [Fact]
    public void Fs_dax_get_row_2_the_dax_device_of_a_disk_is_ENODEV()
    {
        var machine = Given.Pmem("7.1");
        CommonTests.FsDaxGet(machine.DeviceTable, machine.DeviceTable.Find("pmem0")!.DaxDevice, this, null).Errno.Should().Be(Errno.ENODEV);
    }

    [Fact]
    public void Fs_dax_get_row_3_another_driver_is_EOPNOTSUPP()
    {
        var machine = Given.X86("7.1", m => m.DeviceDax("256M"));
        CommonTests.FsDaxGet(machine.DeviceTable, machine.DeviceTable.Ranges[0].DaxDevice, this, null).Errno.Should().Be(Errno.EOPNOTSUPP);
    }

    [Fact]
    public void Fs_dax_get_row_4_a_second_holder_is_EBUSY()
    {
        var machine = Given.X86("7.1", m => m.Fsdev("256M"));
        var dax = machine.DeviceTable.Ranges[0].DaxDevice;
        CommonTests.FsDaxGet(machine.DeviceTable, dax, this, null).IsOk.Should().BeTrue();
        CommonTests.FsDaxGet(machine.DeviceTable, dax, new object(), null).Errno.Should().Be(Errno.EBUSY);
    }
}
