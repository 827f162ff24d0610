using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Tests.Admission;

namespace DaxSim.Tests.FileSystems;

/// <summary>dax-support 2.4 (erofs, virtiofs) and 2.5 (read-only devices).</summary>
public class OtherFileSystemTests
{
    // ---- erofs ----
    [Theory]
    [InlineData("5.14")]
    public void Erofs_does_not_know_dax_before_5_15(string kernel)
    {
        var report = Given.Pmem(kernel).TryAdmit("pmem0", "erofs", options: "ro,dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Error, "erofs: Unknown parameter 'dax'");
    }

    [Theory]
    [InlineData("5.15", "dax", "dax=always")]
    [InlineData("6.1", "dax=always", "dax=always")]
    [InlineData("7.3", "dax=never", "dax=never")]
    public void Erofs_knows_the_options_from_5_15_on(string kernel, string options, string shown)
        => Given.Pmem(kernel).TryAdmit("pmem0", "erofs", options: $"ro,{options}").ShownOption.Should().Be(shown);

    [Theory]
    [InlineData("5.15", KernelLogLevel.Error, "erofs: DAX unsupported by block device. Turning off DAX.")]
    [InlineData("6.1", KernelLogLevel.Error, "erofs: DAX unsupported by block device. Turning off DAX.")]
    [InlineData("6.17", KernelLogLevel.Info, "erofs (device sda): DAX unsupported by block device. Turning off DAX.")]
    public void Erofs_turns_dax_off_on_an_unsupported_device(string kernel, KernelLogLevel level, string text)
    {
        var report = Given.Disk(kernel).TryAdmit("sda", "erofs", options: "ro,dax");
        report.ShouldMountWithoutDax();
        report.ShouldSay(level, text);
    }

    [Fact]
    public void Erofs_turns_dax_off_for_small_blocks()
    {
        var report = Given.Pmem("6.1").TryAdmit("pmem0", "erofs", 1024, options: "ro,dax");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Error, "erofs: unsupported blocksize for DAX");
    }

    [Fact]
    public void Erofs_without_FS_DAX_fails()
    {
        var report = Given.X86("6.1", "FS_DAX", KconfigValue.No, m => m.Pmem("64M")).TryAdmit("pmem0", "erofs", options: "ro,dax");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Error, "erofs: dax options not supported");
    }

    [Fact]
    public void Erofs_names_a_further_device_that_cannot_do_dax()
    {
        var report = Given.X86("6.17", m => m.Pmem("64M", PmemMode.FsDax).Disk("64M")).TryAdmit("pmem0", "erofs", options: "ro,dax,device=/dev/sda");
        report.ShouldMountWithoutDax();
        report.ShouldSay(KernelLogLevel.Info, "erofs (device pmem0): DAX unsupported by /dev/sda. Turning off DAX.");
    }

    [Theory]
    [InlineData("7.0", "erofs: FSDAX is not allowed when inode_ishare is on")]
    [InlineData("7.3", "erofs: FSDAX is not allowed when inode_share is on")]
    public void Erofs_refuses_dax_together_with_inode_sharing(string kernel, string text)
    {
        var report = Given.Pmem(kernel).TryAdmit("pmem0", "erofs", options: "ro,dax,inode_share");
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Error, text);
    }

    [Theory]
    [InlineData("6.1", "compressed", false)]
    [InlineData("6.1", "^compressed", true)]
    [InlineData("6.1", "chunked", false)]
    [InlineData("6.1.40", "chunked", true)]
    [InlineData("7.3", "chunked", true)]
    public void Erofs_files_use_dax_only_when_plain_or_later_in_chunks(string kernel, string feature, bool uses)
    {
        var machine = Given.Pmem(kernel);
        machine.Format("pmem0", "erofs", null, feature);
        var mount = machine.Mount("pmem0", "/mnt", "erofs", "ro,dax").Value;
        mount.IsReadOnly.Should().BeTrue();
        mount.UsesDax("/").Value.Should().BeFalse();
        mount.Machine.FileSystemTable.FindMount("/mnt")!.Instance.Driver.UsesDax(
            mount.Machine.FileSystemTable.FindMount("/mnt")!.Instance,
            new Inode(machine.FileSystemTable.HostJournal, 99, MappingKind.PageCache, machine.Memory)).Should().Be(uses);
    }

    // ---- virtiofs ----
    [Theory]
    [InlineData("5.10")]
    [InlineData("5.15")]
    [InlineData("6.12")]
    public void Virtiofs_uses_dax_over_a_window(string kernel)
        => Given.X86(kernel, m => m.VirtioFs("share", "1G")).TryAdmit("share", "virtiofs", options: "dax").ShouldBeDax();

    [Theory]
    [InlineData("5.10.223", "dax")]
    [InlineData("5.15", "dax")]
    [InlineData("6.12", "dax=always")]
    public void Virtiofs_without_window_fails_when_dax_is_demanded(string kernel, string options)
    {
        var report = Given.X86(kernel, m => m.VirtioFs("share")).TryAdmit("share", "virtiofs", options: options);
        report.ShouldFailWith(Errno.EINVAL);
        report.ShouldSay(KernelLogLevel.Error, "virtio-fs: dax can't be enabled as filesystem device does not support it.");
    }

    [Theory]
    [InlineData("dax=inode")]
    [InlineData("dax=never")]
    [InlineData("")]
    public void Virtiofs_without_window_otherwise_runs_without_dax(string options)
        => Given.X86("6.12", m => m.VirtioFs("share")).TryAdmit("share", "virtiofs", options: options).ShouldMountWithoutDax();

    [Fact]
    public void Virtiofs_of_5_14_knows_no_modes()
        => Given.X86("5.14", m => m.VirtioFs("share", "1G")).TryAdmit("share", "virtiofs", options: "dax=always").ShouldFailWith(Errno.EINVAL);

    [Fact]
    public void Files_of_virtiofs_have_data_and_what_a_mapping_of_the_window_does_is_unknown()
    {
        var machine = Given.X86("6.1", m => m.VirtioFs("share", "1G"));
        var file = machine.Mount("share", "/mnt", "virtiofs", "dax=always").Value.Open("f", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.IsDax.Should().BeTrue();
        file.WriteBytes(0, "text"u8).Should().Be(Verdict.Ok);
        var bytes = new byte[4];
        file.ReadBytes(0, bytes).Should().Be(4);
        bytes.Should().Equal("text"u8.ToArray());

        var mapped = machine.Spawn("p").Mmap(0, 4096, DaxSim.AddressSpaces.Prot.Read, DaxSim.AddressSpaces.MapFlags.Shared, file);

        mapped.Verdict.Kind.Should().Be(VerdictKind.Unknown);
        machine.Audit().Should().BeEmpty();
    }

    [Fact]
    public void Virtiofs_asks_the_server_for_each_file()
    {
        var machine = Given.X86("6.12", m => m.VirtioFs("share", "1G"));
        var mount = machine.Mount("share", "/mnt", "virtiofs").Value;
        mount.Open("f", OpenFlags.ReadWrite | OpenFlags.Create).Value.Close();
        mount.UsesDax("f").Value.Should().BeFalse();
        machine.FileSystemTable.FindMount("/mnt")!.Instance.Image.Root.Children!["f"].SetFlag(InodeFlags.Dax, true);
        machine.DropCaches();
        mount.UsesDax("f").Value.Should().BeTrue();
    }

    [Fact]
    public void Famfs_is_in_no_modelled_kernel() => Given.Pmem("7.3").Mount("pmem0", "/mnt", "famfs").Errno.Should().Be(Errno.ENODEV);

    // ---- read-only devices ----
    [Theory]
    [InlineData("4.14", false)]
    [InlineData("4.19", false)]
    [InlineData("6.1.176", true)]
    [InlineData("6.6", false)]
    [InlineData("7.2.13", false)]
    public void A_read_only_device_refuses_a_writable_mount_as_recorded(string kernel, bool speaks)
    {
        var machine = Given.Dcss(kernel, DcssType.SharedReadOnly);
        var report = machine.TryAdmit("dcssblk0", "ext4", options: "dax");
        report.ShouldFailWith(Errno.EACCES);
        report.LogLines.Should().Equal(speaks ? ["/dev/dcssblk0: Can't open blockdev"] : []);
    }

    [Fact]
    public void A_read_only_device_mounts_read_only_with_dax()
    {
        var machine = Given.Dcss("6.1", DcssType.SharedReadOnly);
        var mount = machine.Mount("dcssblk0", "/usr", "ext4", "ro,dax").Value;
        mount.IsDax.Should().BeTrue();
        mount.Open("new", OpenFlags.ReadWrite | OpenFlags.Create).Errno.Should().Be(Errno.EROFS);
        mount.Mkdir("d").Errno.Should().Be(Errno.EROFS);
    }

    [Fact]
    public void A_read_only_device_cannot_be_remounted_writable()
    {
        var machine = Given.Dcss("6.1.176", DcssType.SharedReadOnly);
        machine.Mount("dcssblk0", "/usr", "ext4", "ro,dax").IsOk.Should().BeTrue();
        machine.Remount("/usr", "rw").Errno.Should().Be(Errno.EACCES);
    }
}
