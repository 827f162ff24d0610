using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Tests.Admission;

namespace DaxSim.Tests.FileSystems;

/// <summary>dax-support 2.1: which inodes of ext4 use DAX, and the DAX flag.</summary>
public class Ext4InodeTests
{
    private static Mount MountOf(string kernel, string options, params string[] features)
    {
        var machine = Given.Pmem(kernel);
        machine.Format("pmem0", "ext4", null, features);
        return machine.Mount("pmem0", "/mnt", "ext4", options).Value;
    }

    private static void Make(Mount mount, string path) => mount.Open(path, OpenFlags.ReadWrite | OpenFlags.Create).Value.Close();

    [Theory]
    [InlineData("4.4", true)]
    [InlineData("4.5", false)]
    public void Directories_use_dax_up_to_4_4_only(string kernel, bool uses)
    {
        var mount = MountOf(kernel, "dax");
        mount.Mkdir("d").IsOk.Should().BeTrue();
        mount.UsesDax("d").Value.Should().Be(uses);
    }

    [Theory]
    [InlineData("4.1")]
    [InlineData("4.9")]
    [InlineData("4.19")]
    [InlineData("5.10")]
    [InlineData("7.3")]
    public void Regular_files_of_a_dax_mount_use_dax(string kernel)
    {
        var mount = MountOf(kernel, "dax");
        Make(mount, "f");
        mount.UsesDax("f").Value.Should().BeTrue();
    }

    [Theory]
    [InlineData("4.9", InodeFlags.JournalData, true)]
    [InlineData("4.10", InodeFlags.JournalData, false)]
    [InlineData("4.10", InodeFlags.Encrypted, false)]
    [InlineData("5.6", InodeFlags.Encrypted, false)]
    [InlineData("5.10", InodeFlags.JournalData, false)]
    [InlineData("5.6", InodeFlags.Verity, true)]
    [InlineData("5.7", InodeFlags.Verity, false)]
    public void Flags_exclude_dax_when_the_inode_is_read_in(string kernel, InodeFlags flag, bool uses)
    {
        var machine = Given.Pmem(kernel);
        machine.Format("pmem0", "ext4", null, flag == InodeFlags.Verity ? ["encrypt", "verity"] : ["encrypt"]);
        var plain = machine.Mount("pmem0", "/mnt", "ext4").Value;
        Make(plain, "f");
        plain.SetFlag("f", flag).IsOk.Should().BeTrue();
        machine.Unmount("/mnt");

        machine.Mount("pmem0", "/mnt", "ext4", "dax").Value.UsesDax("f").Value.Should().Be(uses);
    }

    [Theory]
    [InlineData("4.9", true)]
    [InlineData("4.14", false)]
    public void Inline_data_excludes_dax_from_4_10_on(string kernel, bool uses)
    {
        var mount = MountOf(kernel, "dax", "inline_data");
        Make(mount, "f");
        mount.UsesDax("f").Value.Should().Be(uses);
    }

    [Theory]
    [InlineData("5.10.262")]
    [InlineData("6.1.192")]
    [InlineData("7.2.12")]
    public void A_file_takes_the_flag_from_its_directory_as_recorded(string kernel)
    {
        var mount = MountOf(kernel, "dax=inode");
        mount.Mkdir("d");
        mount.SetFlag("d", InodeFlags.Dax).IsOk.Should().BeTrue();
        Make(mount, "d/new");
        mount.Statx("d/new").Value.ToString().Should().Be("attr=1 mask=1");
    }

    [Fact]
    public void A_changed_flag_waits_for_the_last_close()
    {
        var mount = MountOf("5.10", "dax=inode");
        var file = mount.Open("f", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.SetDaxFlag(true).IsOk.Should().BeTrue();
        file.Statx().Value.Attribute.Should().BeFalse();
        file.Close();
        mount.Statx("f").Value.Attribute.Should().BeTrue();
    }

    [Fact]
    public void Under_never_the_flag_is_kept_and_ignored()
    {
        var mount = MountOf("5.10", "dax=never");
        Make(mount, "f");
        mount.SetFlag("f", InodeFlags.Dax).IsOk.Should().BeTrue();
        mount.Machine.DropCaches();
        mount.Statx("f").Value.Attribute.Should().BeFalse();
        mount.Flags("f").Value.Should().HaveFlag(InodeFlags.Dax);
    }

    [Fact]
    public void Under_always_the_flag_changes_nothing()
    {
        var mount = MountOf("5.10", "dax=always");
        Make(mount, "f");
        mount.SetFlag("f", InodeFlags.Dax, false).IsOk.Should().BeTrue();
        mount.Machine.DropCaches();
        mount.Statx("f").Value.Attribute.Should().BeTrue();
    }

    [Fact]
    public void The_flag_counts_for_nothing_on_a_device_without_dax()
    {
        var machine = Given.Disk("6.1");
        var mount = machine.Mount("sda", "/mnt", "ext4", "dax=inode").Value;
        mount.Mkdir("d");
        mount.SetFlag("d", InodeFlags.Dax);
        Make(mount, "d/f");
        mount.Statx("d/f").Value.Attribute.Should().BeFalse();
    }

    [Theory]
    [InlineData(InodeFlags.Encrypted)]
    [InlineData(InodeFlags.JournalData)]
    [InlineData(InodeFlags.Verity)]
    public void The_dax_flag_is_refused_where_another_excludes_it(InodeFlags flag)
    {
        var mount = MountOf("5.10", "dax=inode", "encrypt", "verity");
        Make(mount, "f");
        mount.SetFlag("f", flag).IsOk.Should().BeTrue();
        mount.SetFlag("f", InodeFlags.Dax).Errno.Should().Be(Errno.EOPNOTSUPP);
    }

    [Fact]
    public void The_dax_flag_is_refused_on_inline_data_but_not_on_directories()
    {
        var mount = MountOf("5.10.36", "dax=inode", "inline_data");
        Make(mount, "f");
        mount.SetFlag("f", InodeFlags.Dax).Errno.Should().Be(Errno.EOPNOTSUPP);
        mount.Mkdir("d");
        mount.SetFlag("d", InodeFlags.Dax).IsOk.Should().BeTrue();
    }

    [Theory]
    [InlineData("5.9", true)]
    [InlineData("5.10", false)]
    [InlineData("5.13", true)]
    public void Directories_with_inline_data_take_the_flag_except_from_5_10_to_5_12(string kernel, bool allowed)
    {
        var mount = MountOf(kernel, "dax=inode", "inline_data");
        mount.Mkdir("d");
        mount.SetFlag("d", InodeFlags.Dax).IsOk.Should().Be(allowed);
    }

    [Theory]
    [InlineData("4.14", true)]
    [InlineData("4.14.3", false)]
    [InlineData("5.10", false)]
    public void Data_journalling_of_a_dax_file_cannot_be_switched_from_4_15_on(string kernel, bool allowed)
    {
        var mount = MountOf(kernel, "dax");
        Make(mount, "f");
        mount.SetFlag("f", InodeFlags.JournalData).IsOk.Should().Be(allowed);
    }

    [Theory]
    [InlineData("6.1", true)]
    [InlineData("6.1.187", false)]
    [InlineData("7.2", false)]
    public void A_new_file_in_an_encrypted_directory_uses_dax_by_mistake(string kernel, bool uses)
    {
        var mount = MountOf(kernel, "dax", "encrypt");
        mount.Mkdir("d");
        mount.SetFlag("d", InodeFlags.Encrypted);
        Make(mount, "d/f");
        mount.UsesDax("d/f").Value.Should().Be(uses);
        mount.Machine.DropCaches();
        mount.UsesDax("d/f").Value.Should().BeFalse();
    }

    [Theory]
    [InlineData(InodeFlags.Encrypted)]
    [InlineData(InodeFlags.JournalData)]
    public void Another_flag_is_refused_where_the_dax_flag_stands(InodeFlags flag)
    {
        var mount = MountOf("5.10", "dax=inode", "encrypt");
        Make(mount, "f");
        mount.SetFlag("f", InodeFlags.Dax).IsOk.Should().BeTrue();
        mount.SetFlag("f", flag).Errno.Should().Be(Errno.EOPNOTSUPP);
    }

    [Fact]
    public void Verity_cannot_be_enabled_on_a_dax_file()
    {
        var mount = MountOf("6.1", "dax", "verity");
        Make(mount, "f");
        mount.SetFlag("f", InodeFlags.Verity).Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void Before_5_8_there_is_no_flag()
    {
        var mount = MountOf("5.7", "dax");
        Make(mount, "f");
        mount.SetFlag("f", InodeFlags.Dax).Errno.Should().Be(Errno.EOPNOTSUPP);
    }
}
