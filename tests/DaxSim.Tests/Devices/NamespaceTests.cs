using DaxSim.AddressSpaces;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Tests.Devices;

/// <summary>Namespaces of persistent memory that are unbound, given another mode and bound again on a running machine. Source: ndctl's own tests, peers section C.</summary>
public sealed class NamespaceTests
{
    private const string Name = "namespace0.0";

    public static TheoryData<string> WithDeviceDax() => ["4.9", "4.14", "4.19", "5.4", "5.10", "6.1", "6.14", "6.17", "7.3"];

    private static Machine Build(string kernel, Action<MachineBuilder> devices)
        => Machine.Build(m => devices(m.Kernel(kernel, Architecture.X8664)));

    [Theory]
    [MemberData(nameof(WithDeviceDax))]
    public void C60_what_was_written_through_the_fsdax_disk_is_read_through_the_dax_range(string kernel)
    {
        var machine = Build(kernel, m => m.Pmem("1G", PmemMode.FsDax));
        machine.WriteDevice("pmem0", 8192, "salt"u8).Should().Be(Verdict.Ok);

        machine.BeginUnbind(Name).Verdict.Should().Be(Verdict.Ok);
        machine.ReconfigureNamespace(Name, PmemMode.DevDax).Should().Be(Verdict.Ok);

        machine.FindDevice("pmem0").Should().BeNull();
        var device = machine.FindNamespace(Name)!.Device!;
        device.Should().Be("dax0.0");
        var app = machine.Spawn("app");
        var file = machine.OpenDevice(device).Value;
        app.Mmap(0, 2UL << 20, Prot.Read, MapFlags.Private, file).Errno.Should().Be(Errno.EINVAL, "device-dax.c expects MAP_PRIVATE to fail");
        var map = app.Mmap(0, 2UL << 20, Prot.Read | Prot.Write, MapFlags.Shared, file).Value;
        app.ReadByte(map + 8192).Value.Should().Be((byte)'s');
        app.WriteByte(map + 8193, (byte)'A').Should().Be(Verdict.Ok);
        machine.Audit().Should().BeEmpty();

        machine.BeginUnbind(Name).Verdict.Should().Be(Verdict.Ok);
        app.ReadByte(map + 8192).Verdict.Signal.Signal.Should().Be(Signal.SIGBUS, "the users of the old mapping lost it");
        machine.ReconfigureNamespace(Name, PmemMode.FsDax).Should().Be(Verdict.Ok);
        var bytes = new byte[4];
        machine.ReadDevice("pmem0", 8192, bytes).Should().Be(Verdict.Ok);
        bytes.Should().Equal("sAlt"u8.ToArray(), "fsdax and devdax keep their data at one offset");
        machine.Audit().Should().BeEmpty();
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("5.10")]
    [InlineData("7.2")]
    public void The_filesystem_of_a_namespace_outlives_its_drivers(string kernel)
    {
        var machine = Build(kernel, m => m.Pmem("1G", PmemMode.FsDax));
        var mount = machine.Mount("/dev/pmem0", "/mnt", "ext4", "dax").Value;
        mount.PlaceFile("f", "kept"u8);
        machine.Unmount("/mnt").Should().Be(Verdict.Ok);
        machine.BeginUnbind("pmem0").Verdict.Should().Be(Verdict.Ok);

        machine.FindDevice("pmem0").Should().BeNull();
        machine.BindNamespace(Name).Should().Be(Verdict.Ok);

        var again = machine.Mount("/dev/pmem0", "/mnt", "ext4", "dax").Value;
        again.IsDax.Should().BeTrue();
        var bytes = new byte[4];
        again.Open("f").Value.ReadBytes(0, bytes).Should().Be(4);
        bytes.Should().Equal("kept"u8.ToArray());
        machine.Audit().Should().BeEmpty();
    }

    [Fact]
    public void Unbinding_takes_the_struct_pages_away_and_binding_brings_new_ones()
    {
        var machine = Build("6.1", m => m.Pmem("1G", PmemMode.FsDax));
        var pfn = machine.DeviceTable.Find("pmem0")!.Frames!.Value.StartPfn;
        machine.BeginUnbind("pmem0");
        machine.Memory.HasStructPage(pfn).Should().BeFalse();
        machine.BindNamespace(Name).Should().Be(Verdict.Ok);
        machine.Memory.HasStructPage(pfn).Should().BeTrue();
        machine.Memory.Pagemaps.Should().HaveCount(2);
    }

    [Fact]
    public void What_was_written_to_the_disk_by_its_file_and_not_synced_reaches_the_media_before_the_driver_goes()
    {
        var machine = Build("6.1", m => m.Pmem("1G"));
        var file = machine.OpenDevice("/dev/pmem0").Value;
        file.WriteBytes(0, "late"u8).Should().Be(Verdict.Ok);
        machine.BeginUnbind("pmem0").Verdict.Should().Be(Verdict.Ok);
        machine.BindNamespace(Name).Should().Be(Verdict.Ok);
        var bytes = new byte[4];
        machine.ReadDevice("pmem0", 0, bytes).Should().Be(Verdict.Ok);
        bytes.Should().Equal("late"u8.ToArray(), "del_gendisk syncs the device");
    }

    [Fact]
    public void A_namespace_in_use_is_neither_given_another_mode_nor_forced_raw()
    {
        var machine = Build("6.1", m => m.Pmem("1G", PmemMode.FsDax));
        machine.ReconfigureNamespace(Name, PmemMode.DevDax).Errno.Should().Be(Errno.EBUSY);
        machine.SetForceRaw(Name, true).Errno.Should().Be(Errno.EBUSY);
        machine.BindNamespace(Name).Should().Be(Verdict.Ok, "it is bound already");
    }

    [Fact]
    public void Sector_mode_is_unknown_to_conversions()
    {
        var machine = Build("6.1", m => m.Pmem("1G"));
        machine.BeginUnbind("pmem0");
        machine.ReconfigureNamespace(Name, PmemMode.Sector).Kind.Should().Be(VerdictKind.Unknown);
    }

    [Fact]
    public void A_name_that_is_none_is_refused_with_those_there_are()
    {
        var machine = Build("6.1", m => m.Pmem("1G"));
        var bind = () => machine.BindNamespace("namespace7.0");
        bind.Should().Throw<ArgumentException>().WithMessage("There is no namespace namespace7.0; there are namespace0.0.*");
    }

    [Theory]
    [InlineData("4.6")]
    [InlineData("4.14")]
    [InlineData("6.1")]
    public void Without_device_dax_the_kernel_cannot_bind_a_devdax_namespace(string kernel)
    {
        var machine = Build(kernel, m => m.Pmem("1G", PmemMode.FsDax));
        machine.BeginUnbind(Name);
        machine.ReconfigureNamespace(Name, PmemMode.DevDax).Errno.Should().Be(kernel == "4.6" ? Errno.ENXIO : Errno.None, "ab68f2622136 came with 4.7");
    }

    [Fact]
    public void Snapshots_and_clones_hold_the_namespaces()
    {
        var machine = Build("6.1", m => m.Pmem("1G", PmemMode.FsDax));
        machine.InjectNamespaceError(Name, 4 << 20);
        var before = machine.Snapshot();
        var print = machine.Fingerprint();
        machine.BeginUnbind(Name);
        machine.ReconfigureNamespace(Name, PmemMode.DevDax).Should().Be(Verdict.Ok);
        var copy = machine.Clone();
        copy.Fingerprint().Should().Be(machine.Fingerprint());
        machine.Restore(before);
        machine.Fingerprint().Should().Be(print);
        machine.FindNamespace(Name)!.Device.Should().Be("pmem0");
        copy.FindNamespace(Name)!.Device.Should().Be("dax0.0");
        copy.FindNamespace(Name)!.MediaErrors.Should().Equal("8192 1");
        copy.BeginUnbind("dax0.0").Verdict.Should().Be(Verdict.Ok);
        copy.ReconfigureNamespace(Name, PmemMode.FsDax).Should().Be(Verdict.Ok);
    }

    // ---- C-75: media errors in info block and struct pages ----
    [Theory]
    [InlineData("4.14", VerdictKind.Unknown)]
    [InlineData("4.19", VerdictKind.Unknown)]
    [InlineData("4.20", VerdictKind.Ok)]
    [InlineData("5.10", VerdictKind.Ok)]
    [InlineData("6.1", VerdictKind.Ok)]
    [InlineData("7.3", VerdictKind.Ok)]
    public void C75_errors_in_the_struct_page_area_are_cleared_by_the_probe(string kernel, VerdictKind outcome)
    {
        // pfn-meta-errors.sh: 32 blocks in the middle between info block and data.
        var machine = Build(kernel, m => m.Pmem("1G", PmemMode.FsDax, MemmapPlacement.Device));
        var middle = machine.FindNamespace(Name)!.DataOffset / 2;
        machine.BeginUnbind(Name).Verdict.Should().Be(Verdict.Ok);
        machine.InjectNamespaceError(Name, middle, 32 * 512);
        machine.FindNamespace(Name)!.MediaErrors.Should().Equal($"{middle / 512} 32");

        var bound = machine.BindNamespace(Name);

        bound.Kind.Should().Be(outcome, "48af2f7e52f4 came with 4.20");
        var space = machine.FindNamespace(Name)!;
        space.MediaErrors.Count.Should().Be(outcome == VerdictKind.Ok ? 0 : 1);
        space.Device.Should().Be(outcome == VerdictKind.Ok ? "pmem0" : null);
        machine.Audit().Should().BeEmpty();
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("4.19")]
    public void C75_before_4_20_the_way_out_is_raw_mode(string kernel)
    {
        // The commit message: "force the namespace into raw mode, clear the errors, and re-enable the fsdax mode".
        var machine = Build(kernel, m => m.Pmem("1G", PmemMode.FsDax, MemmapPlacement.Device));
        machine.BeginUnbind(Name);
        machine.InjectNamespaceError(Name, 1 << 20, 512);
        machine.SetForceRaw(Name, true).Should().Be(Verdict.Ok);
        machine.BindNamespace(Name).Should().Be(Verdict.Ok);
        machine.ReadDevice("pmem0", 1 << 20, new byte[512]).Errno.Should().Be(Errno.EIO);
        machine.WriteDevice("pmem0", 1 << 20, new byte[512]).Should().Be(Verdict.Ok);
        machine.BeginUnbind(Name);
        machine.SetForceRaw(Name, false);
        machine.BindNamespace(Name).Should().Be(Verdict.Ok);
        machine.FindNamespace(Name)!.DataOffset.Should().Be(18 << 20, "16 MiB of struct pages and the info block, on a multiple of 2 MiB");
    }

    [Fact]
    public void Errors_in_the_data_and_struct_pages_in_RAM_are_nobodys_business_when_a_namespace_is_probed()
    {
        var machine = Build("6.1", m => m.Pmem("1G", PmemMode.FsDax));
        machine.BeginUnbind(Name);
        machine.InjectNamespaceError(Name, 1 << 20);
        machine.InjectNamespaceError(Name, 512 << 20);
        machine.BindNamespace(Name).Should().Be(Verdict.Ok);
        machine.FindNamespace(Name)!.MediaErrors.Should().HaveCount(2);
    }

    [Fact]
    public void A_namespace_whose_info_block_cannot_be_read_comes_up_raw_and_a_new_info_block_clears_the_error()
    {
        // nd_pfn_validate reads 4 KiB at 4 KiB; what fails it leaves the namespace to pmem_attach_disk.
        var machine = Build("6.1", m => m.Pmem("1G", PmemMode.FsDax));
        machine.BeginUnbind(Name);
        machine.InjectNamespaceError(Name, 4096);
        machine.BindNamespace(Name).Should().Be(Verdict.Ok);
        machine.FindDevice("pmem0")!.SizeBytes.Should().Be(1L << 30);
        machine.BeginUnbind(Name);
        machine.ReconfigureNamespace(Name, PmemMode.FsDax).Should().Be(Verdict.Ok);
        machine.FindDevice("pmem0")!.SizeBytes.Should().Be((1L << 30) - (2 << 20));
        machine.FindNamespace(Name)!.MediaErrors.Should().BeEmpty();
    }

    // ---- C-74: media errors under device-dax ----
    [Theory]
    [InlineData("4.12", SiCode.SI_KERNEL)]
    [InlineData("4.14", SiCode.SI_KERNEL)]
    [InlineData("4.18", SiCode.SI_KERNEL)]
    [InlineData("4.19", SiCode.BUS_MCEERR_AR)]
    [InlineData("5.10", SiCode.BUS_MCEERR_AR)]
    [InlineData("6.1", SiCode.BUS_MCEERR_AR)]
    [InlineData("7.2", SiCode.BUS_MCEERR_AR)]
    public void C74_a_load_from_bad_memory_through_device_dax_is_a_SIGBUS_until_the_error_is_cleared(string kernel, SiCode code)
    {
        var machine = Build(kernel, m => m.DeviceDax("64M", "4K"));
        var app = machine.Spawn("app");
        var map = app.Mmap(0, 1UL << 20, Prot.Read | Prot.Write, MapFlags.Shared, machine.OpenDevice("/dev/dax0.0").Value).Value;
        app.WriteByte(map + 4096, (byte)'x').Should().Be(Verdict.Ok);
        var data = machine.FindNamespace(Name)!.DataOffset;
        machine.InjectNamespaceError(Name, data + 4096, 8 * 512);
        machine.FindNamespace(Name)!.MediaErrors.Should().Equal($"{(data + 4096) / 512} 8");

        var signal = app.ReadByte(map + 4096).Verdict.Signal;

        (signal.Signal, signal.Code, signal.Address).Should().Be((Signal.SIGBUS, code, map + 4096), "memory_failure learned of dev_pagemap pages with 6100e34b2526 (4.19)");
        app.ReadByte(map).Verdict.Should().Be(Verdict.Ok, "the next page is sound");
        machine.Audit().Should().BeEmpty();

        machine.ClearMediaErrors(Name, data + 4096, 8 * 512).Value.Should().Be(8 * 512);
        machine.FindNamespace(Name)!.MediaErrors.Should().BeEmpty();
        app.ReadByte(map + 4096).Verdict.Should().Be(Verdict.Ok);
        machine.Audit().Should().BeEmpty();
    }

    [Fact]
    public void A_huge_entry_goes_as_a_whole_and_the_signal_says_how_large_it_was()
    {
        var machine = Build("6.1", m => m.DeviceDax("64M"));
        var app = machine.Spawn("app");
        var map = app.Mmap(0, 4UL << 20, Prot.Read, MapFlags.Shared, machine.OpenDevice("/dev/dax0.0").Value).Value;
        app.ReadByte(map).Verdict.Should().Be(Verdict.Ok);
        machine.InjectNamespaceError(Name, machine.FindNamespace(Name)!.DataOffset + 8192);
        app.ReadByte(map + 8192).Verdict.Signal.AddressLsb.Should().Be(21, "dev_pagemap_mapping_shift");
        app.ReadByte(map + 4096).Verdict.Should().Be(Verdict.Ok, "the fault maps the huge page again, and this part of it can be read");
        machine.Audit().Should().BeEmpty();
    }

    [Fact]
    public void What_a_store_to_bad_memory_does_is_unknown()
    {
        var machine = Build("6.1", m => m.DeviceDax("64M"));
        var app = machine.Spawn("app");
        var map = app.Mmap(0, 2UL << 20, Prot.Read | Prot.Write, MapFlags.Shared, machine.OpenDevice("/dev/dax0.0").Value).Value;
        machine.InjectNamespaceError(Name, machine.FindNamespace(Name)!.DataOffset);
        app.WriteByte(map, 1).Kind.Should().Be(VerdictKind.Unknown);
    }

    [Fact]
    public void Before_regions_listed_errors_clearing_them_is_unknown()
    {
        var machine = Build("4.11", m => m.DeviceDax("64M"));
        machine.ClearMediaErrors(Name, 0, 512).Verdict.Kind.Should().Be(VerdictKind.Unknown, "6a6bef90425e came with 4.12");
    }

    // ---- C-76: sections ----
    [Theory]
    [InlineData("4.4", Errno.None)]
    [InlineData("4.5", Errno.EBUSY)]
    [InlineData("4.13", Errno.EBUSY)]
    [InlineData("4.14", Errno.None)]
    [InlineData("4.18", Errno.None)]
    [InlineData("4.19", Errno.ENOMEM)]
    [InlineData("5.2", Errno.ENOMEM)]
    [InlineData("5.3", Errno.None)]
    [InlineData("7.3", Errno.None)]
    public void C76_two_namespaces_in_one_section(string kernel, Errno errno)
    {
        var machine = Build(kernel, m => m.Pmem("16M", PmemMode.FsDax, start: 4UL << 30).Pmem("16M", PmemMode.FsDax, start: (4UL << 30) + (16 << 20)));
        machine.FindDevice("pmem1").Should().Match<DaxSim.Devices.DeviceInfo?>(d => d != null == (errno == Errno.None));
        machine.FindNamespace("namespace1.0")!.Device.Should().Be(errno == Errno.None ? "pmem1" : null);
        if (errno != Errno.None)
        {
            machine.BindNamespace("namespace1.0").Errno.Should().Be(errno);
            machine.BeginUnbind("pmem0").Verdict.Should().Be(Verdict.Ok);
            machine.BindNamespace("namespace1.0").Should().Be(Verdict.Ok, "the section is free again");
            machine.FindNamespace("namespace1.0")!.Device.Should().Be("pmem1");
        }
    }

    [Theory]
    [InlineData("4.14", true)]
    [InlineData("5.3", false)]
    public void Where_nobody_notices_that_a_section_is_shared_what_unbinding_does_is_unknown(string kernel, bool unknown)
    {
        var machine = Build(kernel, m => m.Pmem("16M", PmemMode.FsDax, start: 4UL << 30).Pmem("16M", PmemMode.FsDax, start: (4UL << 30) + (16 << 20)));
        machine.BeginUnbind("pmem0").Verdict.Kind.Should().Be(unknown ? VerdictKind.Unknown : VerdictKind.Ok);
    }

    [Fact]
    public void In_4_19_only_the_edges_of_the_sections_are_asked()
    {
        // get_dev_pagemap of the first and the last page; a neighbour in the middle goes unseen.
        var machine = Build("4.19", m => m.Pmem("16M", PmemMode.FsDax, start: (4UL << 30) + (32 << 20)).Pmem("16M", PmemMode.FsDax, start: (4UL << 30) + (64 << 20)));
        machine.FindDevice("pmem1").Should().NotBeNull();
        machine.Log.Taints.HasFlag(Taints.Warn).Should().BeFalse();
    }

    [Theory]
    [InlineData("4.5", 62)]
    [InlineData("4.6", 30)]
    [InlineData("5.2", 30)]
    [InlineData("5.3", 62)]
    public void A_section_that_RAM_shares_is_left_out_of_a_namespace_with_an_info_block(string kernel, int mebibytes)
    {
        // cfe30b872058 (4.6): trimmed to whole sections. RAM ends 32 MiB before a section does.
        var end = (512UL << 20) - (32UL << 20);
        var machine = Build(kernel, m => m.Ram((long)end).Pmem("64M", PmemMode.FsDax, start: end));
        machine.FindDevice("pmem0")!.SizeBytes.Should().Be((long)mebibytes << 20);
    }

    [Theory]
    [InlineData("4.5", true)]
    [InlineData("4.6", false)]
    [InlineData("5.2", false)]
    [InlineData("5.3", true)]
    public void A_raw_range_that_shares_a_section_with_RAM_gets_no_struct_pages(string kernel, bool bound)
    {
        var end = (512UL << 20) - (32UL << 20);
        var machine = Build(kernel, m => m.Ram((long)end).Pmem("64M", pagemap: true, start: end));
        machine.FindDevice("pmem0").Should().Match<DaxSim.Devices.DeviceInfo?>(d => d != null == bound);
    }

    // ---- C-78: /dev/mem ----
    private static (Machine Machine, Process App, ulong Map) MappedByDevMem(string kernel, bool strict = true)
    {
        var config = KernelConfig.Default(KernelVersion.Parse(kernel), Architecture.X8664).With("IO_STRICT_DEVMEM", strict ? KconfigValue.Yes : KconfigValue.No);
        var machine = Machine.Build(m => m.Kernel(KernelPolicy.Mainline(KernelVersion.Parse(kernel), Architecture.X8664, config)).Pmem("64M", PmemMode.FsDax));
        machine.BeginUnbind(Name).Verdict.Should().Be(Verdict.Ok);
        var app = machine.Spawn("app");
        var map = app.Mmap(0, 4UL << 20, Prot.Read | Prot.Write, MapFlags.Shared, machine.OpenDevMem(), (long)machine.FindNamespace(Name)!.PhysicalAddress);
        map.IsOk.Should().BeTrue("no driver has the memory");
        app.WriteByte(map.Value, 1).Should().Be(Verdict.Ok);
        return (machine, app, map.Value);
    }

    [Theory]
    [InlineData("4.5", false)]
    [InlineData("4.19", false)]
    [InlineData("5.7", false)]
    [InlineData("5.8", true)]
    [InlineData("5.10", true)]
    [InlineData("5.12", true)]
    [InlineData("6.1", true)]
    [InlineData("7.3", true)]
    public void C78_a_driver_that_binds_takes_back_what_programs_mapped_through_dev_mem(string kernel, bool revoked)
    {
        var (machine, app, map) = MappedByDevMem(kernel);

        machine.BindNamespace(Name).Should().Be(Verdict.Ok);

        var store = app.WriteByte(map, 2);
        (store.Signal.Signal).Should().Be(revoked ? Signal.SIGBUS : Signal.None, "3234ac664a87 came with 5.8");
        app.Mmap(0, 2UL << 20, Prot.Read, MapFlags.Shared, machine.OpenDevMem(), (long)machine.FindNamespace(Name)!.PhysicalAddress).Errno.Should().Be(Errno.EPERM, "the memory is a driver's now");
        machine.Audit().Should().BeEmpty();
    }

    [Theory]
    [InlineData("5.8")]
    [InlineData("6.1")]
    public void Without_IO_STRICT_DEVMEM_nothing_is_taken_back(string kernel)
    {
        var (machine, app, map) = MappedByDevMem(kernel, strict: false);
        machine.BindNamespace(Name);
        app.WriteByte(map, 2).Should().Be(Verdict.Ok);
    }

    [Fact]
    public void Without_the_commit_5_8_would_leave_the_mapping()
    {
        var machine = Machine.Build(m => m.Kernel(KernelPolicy.Mainline("5.8", Architecture.X8664).Revert("3234ac664a87")).Pmem("64M"));
        machine.BeginUnbind(Name);
        var app = machine.Spawn("app");
        var map = app.Mmap(0, 4UL << 20, Prot.Read, MapFlags.Shared, machine.OpenDevMem(), (long)machine.FindNamespace(Name)!.PhysicalAddress).Value;
        machine.BindNamespace(Name);
        app.ReadByte(map).Verdict.Should().Be(Verdict.Ok);
    }

    [Fact]
    public void A_reference_through_a_revoked_mapping_finds_nothing()
    {
        var (machine, app, map) = MappedByDevMem("6.1");
        machine.BindNamespace(Name);
        app.GetUserPages(map, 1).Verdict.Errno.Should().Be(Errno.EFAULT);
        machine.Audit().Should().BeEmpty();
    }
}
