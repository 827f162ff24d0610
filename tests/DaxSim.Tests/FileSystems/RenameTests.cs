using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.FileSystems;

/// <summary>rename(2): what a file keeps where it moves. Source: xfstests generic/607 (C-88); vfs_rename.</summary>
public sealed class RenameTests
{
    private static Mount Mounted(string kernel, string type = "xfs")
    {
        var machine = Machine.Build(m => m.Kernel(kernel, Architecture.X8664).Pmem("1G", PmemMode.FsDax));
        var mount = machine.Mount("/dev/pmem0", "/mnt", type, "").Value;
        mount.Mkdir("fast");
        mount.Mkdir("slow");
        return mount;
    }

    [Theory]
    [InlineData("5.8", "xfs")]
    [InlineData("5.8", "ext4")]
    [InlineData("5.15", "ext4")]
    [InlineData("6.1", "xfs")]
    [InlineData("7.3", "xfs")]
    [InlineData("7.3", "ext4")]
    public void C88_a_file_that_moves_keeps_its_flag_whatever_the_directory_hands_down(string kernel, string type)
    {
        var mount = Mounted(kernel, type);
        mount.SetFlag("fast", InodeFlags.Dax).Should().Be(Verdict.Ok);
        mount.Open("fast/f", OpenFlags.ReadWrite | OpenFlags.Create).Value.Close();
        mount.Open("slow/s", OpenFlags.ReadWrite | OpenFlags.Create).Value.Close();

        mount.Rename("fast/f", "slow/f").Should().Be(Verdict.Ok);
        mount.Rename("slow/s", "fast/s").Should().Be(Verdict.Ok);

        mount.Flags("slow/f").Value.HasFlag(InodeFlags.Dax).Should().BeTrue();
        mount.UsesDax("slow/f").Value.Should().BeTrue();
        mount.Flags("fast/s").Value.HasFlag(InodeFlags.Dax).Should().BeFalse();
        mount.Open("fast/f").Errno.Should().Be(Errno.ENOENT);
        mount.Machine.Audit().Should().BeEmpty();
    }

    [Fact]
    public void Content_and_open_handles_go_along()
    {
        var mount = Mounted("6.1");
        var file = mount.Open("slow/f", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.WriteBytes(0, "here"u8).Should().Be(Verdict.Ok);
        mount.Rename("slow/f", "g").Should().Be(Verdict.Ok);
        var bytes = new byte[4];
        mount.Open("g").Value.ReadBytes(0, bytes).Should().Be(4);
        bytes.Should().Equal("here"u8.ToArray());
        file.WriteBytes(0, "HERE"u8).Should().Be(Verdict.Ok);
        mount.Open("g").Value.ReadBytes(0, bytes);
        bytes.Should().Equal("HERE"u8.ToArray());
    }

    [Fact]
    public void What_is_in_the_way_is_replaced_or_refuses()
    {
        var mount = Mounted("6.1");
        var old = mount.Open("fast/f", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        mount.Open("g", OpenFlags.ReadWrite | OpenFlags.Create).Value.Close();
        mount.Rename("g", "fast/f").Should().Be(Verdict.Ok);
        old.WriteBytes(0, "x"u8).Should().Be(Verdict.Ok, "the replaced file lives while it is open");
        mount.Rename("fast/f", "slow").Errno.Should().Be(Errno.EISDIR);
        mount.Rename("slow", "fast/f").Errno.Should().Be(Errno.ENOTDIR);
        mount.Rename("slow", "fast").Errno.Should().Be(Errno.ENOTEMPTY);
        mount.Rename("fast", "slow").Should().Be(Verdict.Ok, "an empty directory is replaced");
        mount.Open("slow/f").IsOk.Should().BeTrue();
    }

    [Fact]
    public void Impossible_renames_have_their_errnos()
    {
        var mount = Mounted("6.1");
        mount.Rename("nothing", "fast/x").Errno.Should().Be(Errno.ENOENT);
        mount.Rename("fast", "no/where").Errno.Should().Be(Errno.ENOENT);
        mount.Rename("fast", "fast/below").Errno.Should().Be(Errno.EINVAL);
        mount.Rename("/", "x").Errno.Should().Be(Errno.EBUSY);
        mount.Rename("fast", "fast").Should().Be(Verdict.Ok);
        mount.Machine.Remount("/mnt", "ro").Should().Be(Verdict.Ok);
        mount.Rename("fast", "x").Errno.Should().Be(Errno.EROFS);
    }
}
