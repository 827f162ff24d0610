using System.Buffers.Binary;
using DaxSim.AddressSpaces;
using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>Test cases of ndctl and xfstests that concern devices, mounts and the DAX flag of files that are mapped, by their number in the list of peers (C-n).</summary>
public class DeviceSelfTests
{
    private const ulong Page = Scene.Page;

    private static Machine PmemMachine(string kernel, params string[] sizes)
        => Machine.Build(m =>
        {
            m.Kernel(kernel, Architecture.X8664).Ram("256M");
            foreach (var size in sizes)
            {
                m.Pmem(size, PmemMode.FsDax);
            }
        });

    private static Mount Mounted(Machine machine, string options, string fileSystem = "ext4", params string[] features)
    {
        machine.Format("/dev/pmem0", fileSystem, 4096, features);
        return machine.Mount("/dev/pmem0", "/mnt", fileSystem, options).Value;
    }

    [Theory]
    [InlineData("4.19")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void C62_no_frame_of_a_dax_device_can_be_taken_offline(string kernel)
    {
        // ndctl device-dax.c writes the physical address to soft_offline_page.
        var scene = Scene.For(kernel, Backing.DeviceDax);
        var process = scene.Spawn();
        var address = process.Map(Backing.DeviceDax, pages: Scene.Huge / Page);
        process.Store(address, 'd');
        var frame = process.Process.View(address).Pfn!.Value;

        scene.Step(() => scene.Machine.SoftOffline(frame * Page)).Errno.Should().Be(Errno.EIO);
        scene.Step(() => scene.Machine.SoftOffline(1UL << 50)).Errno.Should().Be(Errno.ENXIO, "there is no such frame");

        process.Load(address).Should().Be('d');
    }

    [Fact]
    public void A_frame_of_ram_can_be_taken_offline_by_its_address()
    {
        var scene = Scene.X86("6.1");
        var process = scene.Spawn();
        var address = process.Map(Backing.Anon, shared: false);
        process.Store(address, 'd');
        var frame = process.Process.View(address).Pfn!.Value;

        scene.Step(() => scene.Machine.SoftOffline(frame * Page)).Should().Be(Verdict.Ok);

        process.Load(address).Should().Be('d');
        process.Process.View(address).Pfn.Should().NotBe(frame);
    }

    [Theory]
    [InlineData("5.3")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void C76_ten_namespaces_smaller_than_a_section_are_all_mounted_and_mapped(string kernel)
    {
        // ndctl sub-section.sh: possible since sub-section hotplug (5.3).
        var machine = PmemMachine(kernel, [.. Enumerable.Repeat("16M", 10)]);
        var process = machine.Spawn("test");
        for (var i = 0; i < 10; i++)
        {
            machine.Format($"/dev/pmem{i}", "ext4", 4096);
            var mount = machine.Mount($"/dev/pmem{i}", $"/mnt{i}", "ext4", "dax").Value;
            mount.IsDax.Should().BeTrue("{0}", mount.DaxReason);
            var file = mount.Open("f", OpenFlags.ReadWrite | OpenFlags.Create).Value;
            file.Truncate((long)Page);
            var address = process.Mmap(0, Page, Scene.ReadWrite, MapFlags.Shared, file).Value;
            process.WriteByte(address, (byte)i).Should().Be(Verdict.Ok);
        }

        machine.Audit().Should().BeEmpty();
    }

    [Theory]
    [InlineData("4.19")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void C77_a_linear_target_over_two_dax_disks_is_mounted_and_mapped_with_dax(string kernel)
    {
        // ndctl dm.sh.
        var machine = Machine.Build(m => m.Kernel(kernel, Architecture.X8664).Ram("256M").Pmem("64M", PmemMode.FsDax).Pmem("64M", PmemMode.FsDax).DmLinear("pmem0", "pmem1"));
        machine.Format("/dev/dm-0", "ext4", 4096);
        var mount = machine.Mount("/dev/dm-0", "/mnt", "ext4", "dax").Value;
        mount.IsDax.Should().BeTrue("{0}", mount.DaxReason);
        var process = machine.Spawn("test");
        var file = mount.Open("f", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.Truncate((long)Page);
        var address = process.Mmap(0, Page, Scene.ReadWrite, MapFlags.Shared, file).Value;

        process.WriteByte(address, 1).Should().Be(Verdict.Ok);

        process.View(address).Kind.Should().Be("ZONE_DEVICE");
        machine.Audit().Should().BeEmpty();
    }

    [Theory]
    [InlineData("5.9")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    public void C77_one_leg_without_dax_keeps_the_stack_from_using_it(string kernel)
    {
        // In 5.9 asking such a table recursed for ever; here it must come to an end, without DAX.
        var machine = Machine.Build(m => m.Kernel(kernel, Architecture.X8664).Ram("256M").Pmem("64M", PmemMode.FsDax).Disk("64M", "vda").DmLinear("pmem0", "vda"));
        machine.Format("/dev/dm-0", "ext4", 4096);

        var mounted = machine.Mount("/dev/dm-0", "/mnt", "ext4", "dax");

        (mounted.IsOk && mounted.Value.IsDax).Should().BeFalse();
    }

    [Theory]
    [InlineData("4.19", "ext4")]
    [InlineData("5.10", "ext4")]
    [InlineData("6.12", "ext4")]
    [InlineData("6.12", "xfs")]
    [InlineData("7.2", "ext4")]
    public void C82_a_program_runs_from_a_dax_mount_before_and_after_it_becomes_read_only(string kernel, string fileSystem)
    {
        // generic/452; fd96b8da68d3 "ext4: fix fault handling when mounted with -o dax,ro".
        var machine = PmemMachine(kernel, "64M");
        var mount = Mounted(machine, "dax", fileSystem);
        const ulong text = 0x40_0000;
        var program = new byte[2 * Page];
        Array.Fill(program, (byte)0x90, (int)Page, (int)Page);
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(program);
        BinaryPrimitives.WriteUInt64LittleEndian(program.AsSpan(24), text + Page);
        BinaryPrimitives.WriteUInt64LittleEndian(program.AsSpan(32), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(program.AsSpan(54), 56);
        BinaryPrimitives.WriteUInt16LittleEndian(program.AsSpan(56), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(program.AsSpan(64), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(program.AsSpan(68), 5);
        BinaryPrimitives.WriteUInt64LittleEndian(program.AsSpan(80), text);
        BinaryPrimitives.WriteUInt64LittleEndian(program.AsSpan(96), 2 * Page);
        BinaryPrimitives.WriteUInt64LittleEndian(program.AsSpan(104), 2 * Page);
        var file = mount.Open("ls", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.WriteBytes(0, program).IsOk.Should().BeTrue();
        file.SetExecutable();
        file.Close();

        foreach (var options in new[] { "rw", "ro" })
        {
            machine.Remount("/mnt", options).Should().Be(Verdict.Ok);
            var binary = mount.Open("ls").Value;
            var process = machine.Spawn("test");
            process.Execve(binary, "ls").Value.Should().Be(text + Page);
            process.Execute(text + Page).Should().Be(Verdict.Ok, "mounted {0}", options);
            process.Exit();
            binary.Close();
            machine.Audit().Should().BeEmpty();
        }
    }

    [Theory]
    [InlineData("5.10", "ext4")]
    [InlineData("6.12", "ext4")]
    [InlineData("6.12", "xfs")]
    public void C88_new_files_inherit_the_flag_of_their_directory(string kernel, string fileSystem)
    {
        // generic/607: mkdir and create inherit; a copy is a new file, so it has the flag of where it lies.
        var mount = Mounted(PmemMachine(kernel, "64M"), "dax=inode", fileSystem);
        mount.Mkdir("with").IsOk.Should().BeTrue();
        mount.Mkdir("without").IsOk.Should().BeTrue();
        mount.SetFlag("with", InodeFlags.Dax).Should().Be(Verdict.Ok);
        mount.Mkdir("with/below").IsOk.Should().BeTrue();

        foreach (var path in new[] { "with/f", "with/below/f", "without/f" })
        {
            mount.Open(path, OpenFlags.ReadWrite | OpenFlags.Create).Value.Close();
        }

        mount.Flags("with/below").Value.Should().HaveFlag(InodeFlags.Dax);
        mount.Flags("with/f").Value.Should().HaveFlag(InodeFlags.Dax);
        mount.Flags("with/below/f").Value.Should().HaveFlag(InodeFlags.Dax);
        mount.Flags("without/f").Value.Should().NotHaveFlag(InodeFlags.Dax);
        mount.UsesDax("with/f").Value.Should().BeTrue();
        mount.UsesDax("without/f").Value.Should().BeFalse();
    }

    [Theory]
    [InlineData("5.10", "ext4")]
    [InlineData("6.12", "ext4")]
    [InlineData("6.12", "xfs")]
    public void C89_the_flag_of_an_open_file_takes_effect_after_the_last_close_and_nothing_is_lost(string kernel, string fileSystem)
    {
        // generic/608; 77573fa310d9 and 88149082bb8e.
        var machine = PmemMachine(kernel, "64M");
        var mount = Mounted(machine, "dax=inode", fileSystem);
        var process = machine.Spawn("test");
        var file = mount.Open("f", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.WriteBytes(0, "buffered"u8).IsOk.Should().BeTrue();
        var address = process.Mmap(0, Page, Scene.ReadWrite, MapFlags.Shared, file).Value;
        process.WriteByte(address, (byte)'B').Should().Be(Verdict.Ok);

        mount.SetFlag("f", InodeFlags.Dax).Should().Be(Verdict.Ok);
        file.IsDax.Should().BeFalse("it is open");
        process.ReadByte(address).Value.Should().Be((byte)'B');
        process.View(address).Kind.Should().Be("page cache");
        process.Munmap(address, Page).Should().Be(Verdict.Ok);
        file.Close();
        machine.DropCaches();

        var again = mount.Open("f", OpenFlags.ReadWrite).Value;
        again.IsDax.Should().BeTrue();
        var mapped = process.Mmap(0, Page, Scene.ReadWrite, MapFlags.Shared, again).Value;
        var bytes = new byte[8];
        process.Read(mapped, bytes).Should().Be(Verdict.Ok);
        bytes.Should().Equal("Buffered"u8.ToArray());
        process.View(mapped).Kind.Should().Be("ZONE_DEVICE");
        machine.Audit().Should().BeEmpty();
    }

    [Theory]
    [InlineData("5.10")]
    [InlineData("6.12")]
    public void C92_the_flag_on_a_file_with_inline_data_may_be_refused_but_never_corrupts_it(string kernel)
    {
        // ext4/047; aa2f77920b74.
        var machine = PmemMachine(kernel, "64M");
        machine.Format("/dev/pmem0", "ext4", 4096, "inline_data");
        var mount = machine.Mount("/dev/pmem0", "/mnt", "ext4", "").Value;
        var file = mount.Open("f", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.WriteBytes(0, "inline"u8).IsOk.Should().BeTrue();

        var verdict = mount.SetFlag("f", InodeFlags.Dax);

        (verdict.IsOk || verdict.Errno == Errno.EOPNOTSUPP).Should().BeTrue("{0}", verdict);
        file.Close();
        machine.DropCaches();
        var again = mount.Open("f").Value;
        var bytes = new byte[6];
        again.ReadBytes(0, bytes).Should().Be(6);
        bytes.Should().Equal("inline"u8.ToArray());
    }

    [Theory]
    [InlineData("dax", true)]
    [InlineData("dax=always", true)]
    [InlineData("dax=never", false)]
    [InlineData("dax=inode", false)]
    public void C93_each_dax_option_of_ext4_mounts(string option, bool dax)
    {
        // ext4/053.
        var mount = Mounted(PmemMachine("6.1", "64M"), option);

        mount.IsDax.Should().Be(dax);
    }

    [Fact]
    public void C93_the_mode_cannot_be_changed_by_a_remount_and_excludes_a_data_journal()
    {
        var machine = PmemMachine("6.1", "64M");
        Mounted(machine, "dax=always");

        machine.Remount("/mnt", "dax=never").Errno.Should().Be(Errno.EINVAL);

        machine.Unmount("/mnt").Should().Be(Verdict.Ok);
        machine.Mount("/dev/pmem0", "/mnt", "ext4", "data=journal,dax").Errno.Should().Be(Errno.EINVAL);
    }
}
