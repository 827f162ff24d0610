using DaxSim.Devices;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.Admission;

/// <summary>dax-support 1.9 (4.12 to 4.15), 1.10 (4.16, 4.17), 1.11 (4.18 to 5.0) and 1.12 (5.1), a test for every row.</summary>
public class DaxCoreErasTests
{
    // ---- 1.9 ----
    [Theory]
    [InlineData("4.12")]
    [InlineData("4.14")]
    public void Core_row_1_small_blocks_are_EINVAL_at_error_level(string kernel)
    {
        var report = Given.Pmem(kernel).TryAdmit("pmem0", "ext4", 1024, options: "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Error, "VFS (pmem0): error: unsupported blocksize for dax", Subsystem.Dax);
    }

    [Fact]
    public void Core_row_2_alignment_is_judged_before_the_device_is_looked_for()
        => Given.DiskPartition("4.13", 63).TryAdmit("sda1", "ext4", options: "dax").ShouldFailWith(Errno.EINVAL);

    [Fact]
    public void Core_row_3_no_dax_device_is_EOPNOTSUPP()
    {
        var report = Given.Disk("4.13").TryAdmit("sda", "ext4", options: "dax");
        report.ShouldFailWith(Errno.EOPNOTSUPP);
        report.ShouldSay(KernelLogLevel.Error, "VFS (sda): error: device does not support dax", Subsystem.Dax);
    }

    [Fact]
    public void Core_row_3_the_queue_flag_is_not_asked_so_axonram_is_admitted_again()
        => Machine.Build(m => m.Kernel("4.12", Architecture.Ppc64Cell).AxonRam("128M")).TryAdmit("axonram0", "ext4", options: "dax").ShouldBeDax();

    [Fact]
    public void Core_row_3_axonram_has_no_dax_device_for_data_on_4_14()
    {
        var machine = Machine.Build(m => m.Kernel("4.14", Architecture.Ppc64Cell).AxonRam("128M"));
        machine.Mount("axonram0", "/mnt", "ext4", "dax").Value.IsDax.Should().BeTrue();
        machine.FileSystemTable.FindMount("/mnt")!.Instance.DaxDevice.Should().BeNull();
    }

    [Fact]
    public void Core_row_4_a_bad_first_page_is_EIO()
    {
        var machine = Given.Pmem("4.14");
        machine.InjectMediaError("pmem0", 0);
        var report = machine.TryAdmit("pmem0", "ext4", options: "dax");
        report.ShouldFailWith(Errno.EIO);
        report.ShouldSay(KernelLogLevel.Error, "VFS (pmem0): error: dax access failed (-5)", Subsystem.Dax);
    }

    [Fact]
    public void Core_row_5_memory_without_struct_page_passes()
    {
        var report = Given.RawPmem("4.15").TryAdmit("pmem0", "ext4", options: "dax");
        report.ShouldBeDax();
        report.DecidedBy.Should().BeNull();
    }

    [Fact]
    public void Core_without_the_dax_symbol_refuses_in_silence()
    {
        var version = KernelVersion.Parse("4.13");
        var config = KernelConfig.Default(version, Architecture.X8664).With("DAX", KconfigValue.No);
        var report = Machine.Build(m => m.Kernel(KernelPolicy.Mainline(version, Architecture.X8664, config)).Disk("64M")).TryAdmit("sda", "ext4", options: "dax");
        report.ShouldFailWith(Errno.EOPNOTSUPP);
        report.Log.Should().NotContain(e => e.Subsystem == Subsystem.Dax);
    }

    [Fact]
    public void Core_is_silent_from_4_15_on()
    {
        Given.Disk("4.15").TryAdmit("sda", "ext4", options: "dax").Log.Should().NotContain(e => e.Subsystem == Subsystem.Dax);
        Given.Disk("4.15").Verbose().TryAdmit("sda", "ext4", options: "dax").ShouldSay(KernelLogLevel.Debug, "VFS (sda): error: device does not support dax", Subsystem.Dax);
    }

    [Fact]
    public void Core_of_4_14_74_asks_the_queue_and_loses_the_error_number()
    {
        Given.Disk("4.14").TryAdmit("sda", "ext4", options: "dax").ShouldFailWith(Errno.EOPNOTSUPP);
        var report = Given.Disk("4.14.74").TryAdmit("sda", "ext4", options: "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.LogLines.Should().Contain("sda: error: request queue doesn't support dax");
    }

    [Fact]
    public void Core_of_4_14_177_still_admits_memory_without_struct_page()
        => Given.RawPmem("4.14.177").TryAdmit("pmem0", "ext4", options: "dax").ShouldBeDax();

    // ---- 1.10 ----
    [Fact]
    public void Pfn_row_5a_a_special_pfn_passes_under_FS_DAX_LIMITED()
    {
        var report = Given.Dcss("4.16").TryAdmit("dcssblk0", "ext4", options: "dax");
        report.ShouldBeDax();
        report.DecidedBy.Should().Be("569d0365f571");
        report.Tests.Should().Contain(t => t.Test == "is FS_DAX_LIMITED built and the pfn special?" && t.Answer == "yes");
    }

    [Theory]
    [InlineData("4.16", false)]
    [InlineData("4.17", true)]
    public void Pfn_row_5a_warns_from_4_17_on_where_there_is_a_pmem_api(string kernel, bool warns)
    {
        var version = KernelVersion.Parse(kernel);
        var config = KernelConfig.Default(version, Architecture.X8664).With("FS_DAX_LIMITED", KconfigValue.Yes);
        var policy = KernelPolicy.Mainline(version, Architecture.X8664, config) with { PmemPfnFlags = PmemPfnFlags.DevAndSpecial };
        var machine = Machine.Build(m => m.Kernel(policy).Pmem("256M"));
        machine.Mount("pmem0", "/mnt", "ext4", "dax").Value.IsDax.Should().BeTrue();
        machine.Log.Taints.HasFlag(Taints.Warn).Should().Be(warns);
    }

    [Theory]
    [InlineData("4.16")]
    [InlineData("4.17")]
    public void Pfn_row_5b_a_devmap_pfn_passes(string kernel) => Given.Pmem(kernel).TryAdmit("pmem0", "ext4", options: "dax").ShouldBeDax();

    [Fact]
    public void Pfn_row_5b_map_dev_passes_as_well()
        => Given.X86("4.16", m => m.Pmem("256M", PmemMode.FsDax, MemmapPlacement.Device)).TryAdmit("pmem0", "ext4", options: "dax").ShouldBeDax();

    [Fact]
    public void Pfn_row_5c_anything_else_is_refused()
    {
        var report = Given.RawPmem("4.17").Verbose().TryAdmit("pmem0", "ext4", options: "dax");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Debug, "VFS (pmem0): error: dax support not enabled", Subsystem.Dax);
    }

    [Theory]
    [InlineData("ext2")]
    [InlineData("ext4")]
    [InlineData("xfs")]
    public void Pfn_row_5c_every_filesystem_falls_back(string fileSystem)
        => Given.RawPmem("4.16").TryAdmit("pmem0", fileSystem, options: "dax").ShouldMountWithoutDax();

    [Fact]
    public void Pfn_row_5c_a_dcss_is_refused_when_nothing_selects_FS_DAX_LIMITED()
    {
        var machine = Machine.Build(m => m.Kernel(KernelPolicy.Mainline("4.16", Architecture.S390X).Revert("fs-dax-limited")).Dcss("SEGMENT", "64M", DcssType.ExclusiveReadWrite));
        machine.TryAdmit("dcssblk0", "ext4", options: "dax").ShouldMountWithoutDax();
    }

    // ---- 1.11 ----
    [Fact]
    public void Bool_row_1_small_blocks()
    {
        var report = Given.Disk("4.19").Verbose().TryAdmit("sda", "ext4", 1024, options: "dax");
        report.ShouldSay(KernelLogLevel.Debug, "sda: error: unsupported blocksize for dax", Subsystem.Dax);
        report.LogLines.Should().NotContain(l => l.Contains("request queue", StringComparison.Ordinal));
    }

    [Fact]
    public void Bool_row_2_queue_flag()
    {
        // As recorded on 4.19.0.
        var report = Given.RawPmem("4.19").Verbose().TryAdmit("pmem0", "ext4", options: "dax");
        report.Log.Should().Equal(
            Given.Line(KernelLogLevel.Warning, "EXT4-fs (pmem0): DAX enabled. Warning: EXPERIMENTAL, use at your own risk"),
            Given.Line(KernelLogLevel.Debug, "pmem0: error: request queue doesn't support dax", Subsystem.Dax),
            Given.Line(KernelLogLevel.Error, "EXT4-fs (pmem0): DAX unsupported by block device. Turning off DAX."),
            Given.Line(KernelLogLevel.Info, "EXT4-fs (pmem0): mounted filesystem with ordered data mode. Opts: dax"));
    }

    [Fact]
    public void Bool_row_3_unaligned_partition()
        => Given.PmemPartition("4.18", 63).Verbose().TryAdmit("pmem0p1", "ext4", options: "dax").ShouldSay(KernelLogLevel.Debug, "pmem0p1: error: unaligned partition for dax", Subsystem.Dax);

    [Fact]
    public void Bool_row_4_no_dax_device()
    {
        // A queue can advertise DAX although nobody registered a dax_device: dcssblk without its DAX part.
        var policy = KernelPolicy.Mainline("4.19", Architecture.S390X) with { DcssDax = DcssDax.Broken };
        var machine = Machine.Build(m => m.Kernel(policy).Dcss("SEGMENT", "64M", DcssType.ExclusiveReadWrite)).Verbose();
        machine.TryAdmit("dcssblk0", "ext4", options: "dax").ShouldSay(KernelLogLevel.Debug, "dcssblk0: error: device does not support dax", Subsystem.Dax);
    }

    [Fact]
    public void Bool_row_5_a_bad_first_page()
    {
        var machine = Given.Pmem("4.20").Verbose();
        machine.InjectMediaError("pmem0", 0);
        machine.TryAdmit("pmem0", "ext4", options: "dax").ShouldSay(KernelLogLevel.Debug, "pmem0: error: dax access failed (-5)", Subsystem.Dax);
    }

    [Theory]
    [InlineData("4.18")]
    [InlineData("4.19")]
    [InlineData("5.0")]
    public void Bool_row_6a_special_under_limited(string kernel) => Given.Dcss(kernel).TryAdmit("dcssblk0", "xfs", options: "dax").ShouldBeDax();

    [Theory]
    [InlineData("4.18")]
    [InlineData("5.0")]
    public void Bool_row_6b_devmap_of_a_pagemap_of_type_fsdax(string kernel)
    {
        var report = Given.Pmem(kernel).TryAdmit("pmem0", "ext4", options: "dax");
        report.ShouldBeDax();
        report.Tests.Should().Contain(t => t.Test.Contains("MEMORY_DEVICE_FS_DAX", StringComparison.Ordinal) && t.Answer == "yes");
    }

    [Fact]
    public void Bool_row_6c_else_refused()
    {
        // Raw pmem whose queue claims DAX all the same: the flag's condition taken back.
        var policy = KernelPolicy.Mainline("4.19", Architecture.X8664) with { PmemQueueFlag = PmemQueueFlag.Always };
        var report = Machine.Build(m => m.Kernel(policy).Pmem("256M")).Verbose().TryAdmit("pmem0", "ext4", options: "dax");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Debug, "pmem0: error: dax support not enabled", Subsystem.Dax);
    }

    // ---- 1.12 ----
    [Fact]
    public void Last_page_row_3b_a_partition_that_ends_inside_a_page_passes()
        => Given.PmemPartition("5.1", 2048, 131073).TryAdmit("pmem0p1", "ext4", options: "dax").ShouldBeDax();

    [Fact]
    public void Last_page_row_5_a_bad_last_page_is_refused()
    {
        Machine Bad(string kernel)
        {
            var machine = Given.Pmem(kernel).Verbose();
            machine.InjectMediaError("pmem0", machine.Devices[0].SizeBytes - 512);
            return machine;
        }

        Bad("5.0").TryAdmit("pmem0", "ext4", options: "dax").ShouldBeDax();
        var report = Bad("5.1").TryAdmit("pmem0", "ext4", options: "dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Debug, "pmem0: error: dax access failed (-5)", Subsystem.Dax);
    }

    [Fact]
    public void Last_page_row_6a_only_the_first_pfn_must_be_special() => Given.Dcss("5.1").TryAdmit("dcssblk0", "ext4", options: "dax").ShouldBeDax();

    [Fact]
    public void Last_page_row_6b_first_and_last_page_of_one_pagemap_pass() => Given.Pmem("5.1").TryAdmit("pmem0", "ext4", options: "dax").ShouldBeDax();

    [Fact]
    public void Last_page_row_6c_else_refused()
    {
        var policy = KernelPolicy.Mainline("5.1", Architecture.X8664) with { PmemQueueFlag = PmemQueueFlag.Always };
        Machine.Build(m => m.Kernel(policy).Pmem("256M")).TryAdmit("pmem0", "ext4", options: "dax").ShouldFailWith(Errno.EINVAL);
    }
}
