using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Tests.Admission;

namespace DaxSim.Tests.FileSystems;

/// <summary>Mounting itself, MAP_SYNC (dax-support 6.3), statx, and reports.</summary>
public class MountingTests
{
    private static Mount WithFile(Machine machine, string device, string fileSystem, string options)
    {
        var mount = machine.Mount(device, "/mnt", fileSystem, options).Value;
        mount.Open("f", OpenFlags.ReadWrite | OpenFlags.Create).Value.Close();
        return mount;
    }

    // ---- MAP_SYNC ----
    [Theory]
    [InlineData("4.14.177", Errno.EINVAL)]
    [InlineData("4.15", Errno.None)]
    [InlineData("4.19", Errno.None)]
    [InlineData("5.10.262", Errno.None)]
    [InlineData("7.2.12", Errno.None)]
    public void Map_sync_is_known_from_4_15_on(string kernel, Errno errno)
    {
        foreach (var fileSystem in (string[])["ext4", "xfs"])
        {
            WithFile(Given.Pmem(kernel), "pmem0", fileSystem, "dax").AllowsMapSync("f").Errno.Should().Be(errno);
        }
    }

    [Fact]
    public void Map_sync_is_refused_on_files_without_dax() => WithFile(Given.Pmem("6.1"), "pmem0", "ext4", "dax=never").AllowsMapSync("f").Errno.Should().Be(Errno.EOPNOTSUPP);

    [Fact]
    public void Map_sync_is_refused_by_ext2() => WithFile(Given.Pmem("5.10"), "pmem0", "ext2", "dax").AllowsMapSync("f").Errno.Should().Be(Errno.EOPNOTSUPP);

    [Fact]
    public void Map_sync_is_allowed_on_dcssblk() => WithFile(Given.Dcss("6.1"), "dcssblk0", "ext4", "dax").AllowsMapSync("f").IsOk.Should().BeTrue();

    [Fact]
    public void Map_sync_is_refused_on_virtio_pmem()
        => WithFile(Given.X86("5.10", m => m.VirtioPmem("256M")), "pmem0", "ext4", "dax").AllowsMapSync("f").Errno.Should().Be(Errno.EOPNOTSUPP);

    // ---- statx ----
    [Theory]
    [InlineData("4.19", "attr=0 mask=0")]
    [InlineData("5.7", "attr=0 mask=0")]
    [InlineData("5.10.262", "attr=1 mask=1")]
    [InlineData("7.2.12", "attr=1 mask=1")]
    public void Statx_tells_of_dax_from_5_8_on(string kernel, string told)
        => WithFile(Given.Pmem(kernel), "pmem0", "ext4", "dax").Statx("f").Value.ToString().Should().Be(told);

    [Fact]
    public void Statx_does_not_exist_in_4_10() => WithFile(Given.Pmem("4.10"), "pmem0", "ext4", "dax").Statx("f").Errno.Should().Be(Errno.ENOSYS);

    // ---- mounting ----
    [Fact]
    public void An_unknown_type_is_ENODEV() => Given.Disk("6.1").Mount("sda", "/mnt", "btrfs").Errno.Should().Be(Errno.ENODEV);

    [Fact]
    public void A_type_that_was_not_built_is_ENODEV()
        => Given.X86("6.1", "XFS_FS", KconfigValue.No, m => m.Disk("64M")).Mount("sda", "/mnt", "xfs").Errno.Should().Be(Errno.ENODEV);

    [Fact]
    public void A_missing_device_is_ENOENT() => Given.Disk("6.1").Mount("sdz", "/mnt", "ext4").Errno.Should().Be(Errno.ENOENT);

    [Fact]
    public void A_device_whose_driver_was_removed_says_so()
    {
        var machine = Machine.Build(m => m.Kernel("4.16", Architecture.Ppc64Cell).AxonRam("128M"));
        var report = machine.TryAdmit("axonram0", "ext4", options: "dax");
        report.ShouldFailWith(Errno.ENXIO);
        report.Reason!.Because.Should().Contain("removed");
    }

    [Fact]
    public void A_busy_filesystem_cannot_be_unmounted()
    {
        var machine = Given.Pmem("6.1");
        var mount = machine.Mount("pmem0", "/mnt", "ext4", "dax").Value;
        var file = mount.Open("f", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        machine.Unmount("/mnt").Errno.Should().Be(Errno.EBUSY);
        file.Close();
        machine.Unmount("/mnt").IsOk.Should().BeTrue();
        machine.Mounts.Should().BeEmpty();
    }

    [Fact]
    public void Files_stay_on_the_device_from_one_mount_to_the_next()
    {
        var machine = Given.Pmem("6.1");
        WithFile(machine, "pmem0", "ext4", "dax");
        machine.Unmount("/mnt");
        machine.Mount("pmem0", "/again", "ext4").Value.Open("f").IsOk.Should().BeTrue();
    }

    [Fact]
    public void A_second_mount_shows_the_same_filesystem()
    {
        var machine = Given.Pmem("6.1");
        WithFile(machine, "pmem0", "ext4", "dax");
        machine.Mount("pmem0", "/two", "ext4").Value.ShownDaxOption.Should().Be("dax=always");
        machine.Mount("pmem0", "/three", "ext4", "ro").Errno.Should().Be(Errno.EBUSY);
        machine.Unmount("/two").IsOk.Should().BeTrue();
        machine.Mounts.Should().ContainSingle();
    }

    [Fact]
    public void Formatting_a_mounted_device_is_a_mistake()
    {
        var machine = Given.Pmem("6.1");
        machine.Mount("pmem0", "/mnt", "ext4");
        machine.Invoking(m => m.Format("pmem0", "ext4")).Should().Throw<InvalidOperationException>().WithMessage("*unmount it before formatting*");
    }

    [Theory]
    [InlineData("ext4", 1000, "")]
    [InlineData("ext4", 512, "")]
    [InlineData("ext4", 4096, "reflink")]
    [InlineData("ntfs", 4096, "")]
    public void Formatting_takes_only_what_exists(string type, int blockSize, string feature)
        => Given.Disk("6.1").Invoking(m => m.Format("sda", type, blockSize, feature.Length == 0 ? [] : [feature])).Should().Throw<ArgumentException>();

    // ---- reports ----
    [Fact]
    public void A_report_changes_nothing()
    {
        var machine = Given.Pmem("6.1");
        machine.Format("pmem0", "xfs");
        var lines = machine.Log.Entries.Count;
        machine.TryAdmit("pmem0", "ext4", 1024, options: "dax").ShouldFailWith(Errno.EINVAL);
        machine.Log.Entries.Should().HaveCount(lines);
        machine.Mounts.Should().BeEmpty();
        machine.Mount("pmem0", "/mnt", "xfs", "dax").Value.IsDax.Should().BeTrue();
    }

    [Fact]
    public void A_report_lists_the_tests_in_order()
    {
        var report = Given.RawPmem("4.16").TryAdmit("pmem0", "ext4", options: "dax");
        report.Tests.Select(t => t.Function).Should().ContainInOrder("__bdev_dax_supported", "ext4_fill_super");
        report.Tests.Should().Contain(t => t.Test == "is the pfn devmap?" && t.Answer == "no" && t.Property == PolicyProperty.AdmissionPfnTest);
    }

    [Fact]
    public void A_report_can_be_made_while_the_machine_is_in_use()
    {
        var machine = Given.X86("6.1", m => m.Pmem("256M", PmemMode.FsDax).Disk("64M"));
        var mount = machine.Mount("sda", "/mnt", "ext4").Value;
        var file = mount.Open("f", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        machine.TryAdmit("pmem0", "ext4", options: "dax").ShouldBeDax();
        file.Close();
        mount.Open("f").IsOk.Should().BeTrue();
    }
}
