using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Tests.Admission;

namespace DaxSim.Tests.FileSystems;

/// <summary>dax-support 2.3: which inodes of xfs use DAX, FS_XFLAG_DAX and reflink.</summary>
public class XfsInodeTests
{
    private static Mount MountOf(string kernel, string options, int blockSize = 4096, params string[] features)
    {
        var machine = Given.Pmem(kernel);
        machine.Format("pmem0", "xfs", blockSize, features);
        return machine.Mount("pmem0", "/mnt", "xfs", options).Value;
    }

    private static Mount WithFile(Mount mount, string path = "f")
    {
        mount.Open(path, OpenFlags.ReadWrite | OpenFlags.Create).Value.Close();
        return mount;
    }

    [Theory]
    [InlineData("4.2", true)]
    [InlineData("4.5", true)]
    [InlineData("4.6", false)]
    public void Directories_of_a_dax_mount_use_dax_up_to_4_5(string kernel, bool uses)
    {
        var mount = MountOf(kernel, "dax");
        mount.Mkdir("d");
        mount.UsesDax("d").Value.Should().Be(uses);
    }

    [Theory]
    [InlineData("4.4", false)]
    [InlineData("4.5", true)]
    [InlineData("4.9", true)]
    [InlineData("4.13", true)]
    [InlineData("4.14", false)]
    [InlineData("5.7", false)]
    public void The_flag_takes_effect_at_once_from_4_5_to_4_13(string kernel, bool uses)
    {
        var mount = WithFile(MountOf(kernel, ""));
        mount.SetFlag("f", InodeFlags.Dax).IsOk.Should().BeTrue();
        mount.UsesDax("f").Value.Should().Be(uses);
    }

    [Theory]
    [InlineData("4.5", true)]
    [InlineData("4.6", false)]
    public void Small_blocks_exclude_dax_from_4_6_on(string kernel, bool uses)
    {
        var mount = WithFile(MountOf(kernel, "", 1024));
        mount.SetFlag("f", InodeFlags.Dax);
        mount.UsesDax("f").Value.Should().Be(uses);
    }

    [Theory]
    [InlineData("4.9")]
    [InlineData("4.14")]
    [InlineData("5.7")]
    public void Setting_the_flag_with_small_blocks_is_EINVAL(string kernel)
        => WithFile(MountOf(kernel, "", 1024)).SetFlag("f", InodeFlags.Dax).Errno.Should().Be(Errno.EINVAL);

    [Fact]
    public void Between_4_14_and_5_7_the_flag_counts_when_the_inode_is_read_in()
    {
        var mount = WithFile(MountOf("5.4", ""));
        mount.SetFlag("f", InodeFlags.Dax).IsOk.Should().BeTrue();
        mount.Machine.DropCaches();
        mount.UsesDax("f").Value.Should().BeTrue();
    }

    [Theory]
    [InlineData("4.13", true)]
    [InlineData("4.13.5", false)]
    [InlineData("4.14", false)]
    public void Setting_the_flag_asks_the_device_from_4_14_on(string kernel, bool allowed)
        => WithFile(Given.Disk(kernel).Mount("sda", "/mnt", "xfs").Value).SetFlag("f", InodeFlags.Dax).IsOk.Should().Be(allowed);

    [Theory]
    [InlineData("4.17", true)]
    [InlineData("4.18", false)]
    public void The_own_device_must_have_a_dax_device_from_4_18_on(string kernel, bool uses)
    {
        var machine = Given.Disk(kernel);
        var mount = WithFile(machine.Mount("sda", "/mnt", "xfs").Value);
        machine.FileSystemTable.FindMount("/mnt")!.Instance.Image.Root.Children!["f"].SetFlag(InodeFlags.Dax, true);
        machine.DropCaches();
        mount.UsesDax("f").Value.Should().Be(uses);
    }

    [Fact]
    public void Data_on_the_realtime_device_uses_its_dax_device()
    {
        var machine = Given.X86("6.1", m => m.Disk("256M").Pmem("256M", PmemMode.FsDax));
        var mount = WithFile(WithFile(machine.Mount("sda", "/mnt", "xfs", "dax,rtdev=/dev/pmem0").Value), "rt");
        mount.SetFlag("rt", InodeFlags.Realtime);
        machine.DropCaches();
        mount.UsesDax("f").Value.Should().BeFalse();
        mount.UsesDax("rt").Value.Should().BeTrue();
    }

    [Theory]
    [InlineData("5.10.262")]
    [InlineData("6.1.192")]
    [InlineData("7.2.12")]
    public void From_5_8_on_the_flag_is_a_hint_for_the_next_time(string kernel)
    {
        // The order of the recorded env/inode_flag cases.
        var mount = MountOf(kernel, "dax=inode");
        mount.Mkdir("d");
        mount.SetFlag("d", InodeFlags.Dax).IsOk.Should().BeTrue();
        WithFile(mount, "d/new").Statx("d/new").Value.ToString().Should().Be("attr=1 mask=1");

        var file = mount.Open("old", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        mount.SetFlag("old", InodeFlags.Dax).IsOk.Should().BeTrue();
        mount.Statx("old").Value.ToString().Should().Be("attr=0 mask=1");
        file.Close();
        mount.Machine.DropCaches();
        mount.Statx("old").Value.ToString().Should().Be("attr=1 mask=1");
    }

    [Theory]
    [InlineData("dax=never", false)]
    [InlineData("dax=always", true)]
    public void Under_always_and_never_the_hint_is_ignored(string options, bool uses)
    {
        var mount = WithFile(MountOf("6.1", options));
        mount.SetFlag("f", InodeFlags.Dax, options == "dax=never");
        mount.Machine.DropCaches();
        mount.UsesDax("f").Value.Should().Be(uses);
    }

    [Theory]
    [InlineData("6.1", false)]
    [InlineData("6.2", true)]
    public void Shared_extents_exclude_dax_up_to_6_1(string kernel, bool uses)
    {
        var mount = WithFile(WithFile(MountOf(kernel, "dax", 4096, "reflink"), "a"), "b");
        mount.Reflink("a", "b").IsOk.Should().BeTrue();
        mount.Machine.DropCaches();
        mount.UsesDax("a").Value.Should().Be(uses);
    }

    [Theory]
    [InlineData("4.9")]
    [InlineData("4.15")]
    public void Reflink_of_a_dax_file_is_EINVAL_up_to_5_19(string kernel)
    {
        var mount = WithFile(WithFile(MountOf(kernel, "dax", 4096, "reflink"), "a"), "b");
        mount.Reflink("a", "b").Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void Reflink_of_a_flagged_file_is_EINVAL_on_5_19()
    {
        var mount = MountOf("5.19", "", 4096, "reflink");
        mount.Mkdir("d");
        mount.SetFlag("d", InodeFlags.Dax);
        WithFile(WithFile(mount, "d/a"), "d/b").Reflink("d/a", "d/b").Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void From_6_0_on_both_or_neither_must_use_dax()
    {
        var mount = MountOf("6.1", "", 4096, "reflink");
        mount.Mkdir("d");
        mount.SetFlag("d", InodeFlags.Dax);
        WithFile(WithFile(WithFile(mount, "d/a"), "d/b"), "plain");
        mount.Reflink("d/a", "plain").Errno.Should().Be(Errno.EINVAL);
        mount.Reflink("d/a", "d/b").IsOk.Should().BeTrue();
    }

    [Fact]
    public void Reflink_needs_the_feature_and_one_filesystem()
    {
        WithFile(WithFile(MountOf("6.1", ""), "a"), "b").Reflink("a", "b").Errno.Should().Be(Errno.EOPNOTSUPP);
        var ext4 = WithFile(WithFile(Given.Disk("6.1").Mount("sda", "/mnt", "ext4").Value, "a"), "b");
        ext4.Reflink("a", "b").Errno.Should().Be(Errno.EOPNOTSUPP);
    }
}
