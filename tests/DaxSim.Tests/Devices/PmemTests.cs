using DaxSim.Devices;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.Devices;

/// <summary>pmem in its modes, e820 and virtio-pmem: dax-support 3.1.</summary>
public sealed class PmemTests
{
    [Theory]
    [InlineData("4.0", false)]
    [InlineData("4.1", true)]
    [InlineData("7.3", true)]
    public void The_driver_came_with_4_1(string kernel, bool present)
    {
        var machine = Build(kernel, m => m.Pmem("1G"));
        (machine.FindDevice("pmem0") is not null).Should().Be(present);
        machine.Refusals.Count.Should().Be(present ? 0 : 1);
    }

    [Fact]
    public void An_absent_driver_is_refused_by_release_and_commit()
        => Build("4.0", m => m.Pmem("1G")).Refusals[0].Reason.Because.Should().Be("4.0 does not have the driver pmem yet; it came with 4.1 (9e853f2313e5).");

    public static TheoryData<string, bool, object> FlagsByRelease() => new()
    {
        { "4.1", false, PfnFlags.None },
        { "4.4", false, PfnFlags.None },
        { "4.5", false, PfnFlags.Dev },
        { "4.5", true, PfnFlags.Dev | PfnFlags.Map },
        { "6.14", true, PfnFlags.Dev | PfnFlags.Map },
        { "6.15", true, PfnFlags.None },
        { "6.17", true, PfnFlags.None },
    };

    [Theory]
    [MemberData(nameof(FlagsByRelease))]
    public void The_pfn_flags_follow_the_era(string kernel, bool pages, object flags)
        => Access(Build(kernel, m => m.Pmem("1G", pages ? PmemMode.FsDax : PmemMode.Raw))).Value.Flags.Should().Be((PfnFlags)flags);

    [Theory]
    [InlineData("4.7", false, false)]
    [InlineData("4.8", false, true)]
    [InlineData("4.17", false, true)]
    [InlineData("4.17.4", false, false)]
    [InlineData("4.18", false, false)]
    [InlineData("4.18", true, true)]
    [InlineData("7.3", true, true)]
    public void The_queue_flag_is_set_always_then_only_with_pages(string kernel, bool pages, bool flag)
        => Build(kernel, m => m.Pmem("1G", pages ? PmemMode.FsDax : PmemMode.Raw)).FindDevice("pmem0")!.QueueDax.Should().Be(flag);

    [Theory]
    [InlineData("4.4", false)]
    [InlineData("4.5", true)]
    [InlineData("7.3", true)]
    public void A_raw_namespace_of_a_pagemap_region_gets_pages_from_4_5_on(string kernel, bool pages)
        => Build(kernel, m => m.Pmem("1G", pagemap: true)).FindDevice("pmem0")!.StructPages.Should().Be(pages ? StructPages.InRam : StructPages.None);

    [Theory]
    [InlineData("4.19", true)]
    [InlineData("4.14.177", false)]
    [InlineData("4.19.31", false)]
    [InlineData("5.1", false)]
    [InlineData("5.10", false)]
    public void Force_raw_is_honoured_from_5_1_on(string kernel, bool pages)
        => Build(kernel, m => m.E820Pmem("1G", forceRaw: true)).FindDevice("pmem0")!.StructPages.Should().Be(pages ? StructPages.InRam : StructPages.None);

    [Fact]
    public void A_raw_namespace_of_an_ordinary_region_has_no_pages()
        => Build("6.1", m => m.Pmem("1G")).FindDevice("pmem0")!.StructPages.Should().Be(StructPages.None);

    [Fact]
    public void The_struct_pages_of_an_fsdax_namespace_cost_RAM_or_capacity()
    {
        var inRam = Build("6.1", m => m.Pmem("1G", PmemMode.FsDax)).FindDevice("pmem0")!;
        var onDevice = Build("6.1", m => m.Pmem("1G", PmemMode.FsDax, MemmapPlacement.Device)).FindDevice("pmem0")!;
        inRam.SizeBytes.Should().Be((1L << 30) - (2L << 20), "the info block takes one 2 MiB piece");
        onDevice.SizeBytes.Should().Be((1L << 30) - (18L << 20), "64 bytes for each of 262144 pages, and the info block");
        onDevice.StructPages.Should().Be(StructPages.OnDevice);
    }

    [Theory]
    [InlineData("4.4", true)]
    [InlineData("4.5", false)]
    public void Pages_on_the_device_can_be_used_from_4_5_on(string kernel, bool refused)
        => Build(kernel, m => m.Pmem("1G", PmemMode.FsDax, MemmapPlacement.Device)).Refusals.Count.Should().Be(refused ? 1 : 0);

    [Theory]
    [InlineData("4.2")]
    [InlineData("4.1")]
    public void Before_pfn_info_blocks_were_known_an_fsdax_namespace_is_a_raw_disk(string kernel)
    {
        var device = Build(kernel, m => m.Pmem("1G", PmemMode.FsDax)).FindDevice("pmem0")!;
        device.SizeBytes.Should().Be(1L << 30);
        device.StructPages.Should().Be(StructPages.None);
    }

    [Fact]
    public void In_4_3_the_length_is_rounded_down_to_sections()
    {
        var disk = Build("4.3", m => m.Pmem("1G", PmemMode.FsDax)).DeviceTable.Find("pmem0")!;
        disk.DriverDirectAccess(0, 4096, null).Value.Bytes.Should().Be(896L << 20, "1 GiB less the info block holds seven whole sections of 128 MiB");
    }

    [Fact]
    public void Sector_mode_is_another_device_without_DAX()
    {
        var machine = Build("6.1", m => m.Pmem("1G", PmemMode.Sector));
        var device = machine.FindDevice("pmem0s")!;
        device.Driver.Should().Be("btt");
        device.HasDirectAccess.Should().BeFalse();
        device.QueueDax.Should().BeFalse();
        device.LogicalBlockSize.Should().Be(4096);
        device.SizeBytes.Should().BeLessThan(1L << 30).And.BeGreaterThan((1L << 30) - (4L << 20));
        (device.SizeBytes % 4096).Should().Be(0);
    }

    [Theory]
    [InlineData("4.6", Errno.None)]
    [InlineData("4.7", Errno.EIO)]
    [InlineData("5.17", Errno.EIO)]
    [InlineData("6.4", Errno.EIO)]
    [InlineData("6.8", Errno.EHWPOISON)]
    [InlineData("7.3", Errno.EHWPOISON)]
    public void A_media_error_fails_direct_access_from_4_7_on(string kernel, Errno errno)
    {
        var machine = Build(kernel, m => m.Pmem("1G", PmemMode.FsDax));
        machine.InjectMediaError("pmem0", 0x1000);
        Access(machine, page: 1).Errno.Should().Be(errno);
        Access(machine, page: 0).Errno.Should().Be(Errno.None);
    }

    [Fact]
    public void While_there_is_a_media_error_only_what_is_asked_for_is_handed_out()
    {
        var machine = Build("4.12", m => m.Pmem("1G", PmemMode.FsDax));
        var disk = (IDaxOperations)machine.DeviceTable.Find("pmem0")!;
        disk.DaxDirectAccess(0, 1, DaxAccessMode.Access, null).Value.Bytes.Should().Be((1L << 30) - (2L << 20));
        machine.InjectMediaError("pmem0", 1 << 20);
        disk.DaxDirectAccess(0, 1, DaxAccessMode.Access, null).Value.Bytes.Should().Be(4096);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(512, 1)]
    [InlineData(4096, 1)]
    [InlineData(3 * 4096, 3)]
    [InlineData((3 * 4096) + 512, 4)]
    public void In_recovery_the_good_pages_before_the_error_are_handed_out(int badOffset, int pages)
    {
        var machine = Build("6.1", m => m.Pmem("1G", PmemMode.FsDax));
        machine.InjectMediaError("pmem0", badOffset);
        machine.DeviceTable.Find("pmem0")!.DaxDevice!.DirectAccess(0, 8, DaxAccessMode.RecoveryWrite).Value.Bytes.Should().Be(pages * 4096);
    }

    [Fact]
    public void A_read_of_a_media_error_fails_and_a_write_repairs_it()
    {
        var machine = Build("6.1", m => m.Pmem("1G", PmemMode.FsDax));
        var disk = machine.DeviceTable.Find("pmem0")!;
        machine.InjectMediaError("pmem0", 4096);
        disk.Read(4096, new byte[4096]).Errno.Should().Be(Errno.EIO);
        disk.Write(4096, new byte[4096]).IsOk.Should().BeTrue();
        disk.Read(4096, new byte[4096]).IsOk.Should().BeTrue();
    }

    [Theory]
    [InlineData("5.2", false)]
    [InlineData("5.3", true)]
    public void Virtio_pmem_came_with_5_3_and_is_not_synchronous(string kernel, bool present)
    {
        var device = Build(kernel, m => m.VirtioPmem("1G")).FindDevice("pmem0");
        (device is not null).Should().Be(present);
        if (device is not null)
        {
            device.IsSynchronous.Should().BeFalse();
            device.StructPages.Should().Be(StructPages.InRam);
        }
    }

    [Fact]
    public void A_kernel_with_FS_DAX_LIMITED_cannot_make_fsdax_pages_from_5_3_on()
    {
        foreach (var (kernel, refused) in new[] { ("5.2", false), ("5.3", true), ("6.14", true) })
        {
            var policy = KernelPolicy.Mainline(kernel, Architecture.X8664);
            policy = policy with { Config = policy.Config.With("FS_DAX_LIMITED", KconfigValue.Yes) };
            var machine = Machine.Build(m => m.Kernel(policy).Pmem("1G", PmemMode.FsDax));
            machine.Refusals.Count.Should().Be(refused ? 1 : 0, kernel);
            machine.Log.Entries.Any(e => e.Text == "File system DAX not supported").Should().Be(refused);
        }
    }

    [Theory]
    [InlineData("6.14", 1)]
    [InlineData("6.15", 0)]
    public void An_idle_page_has_a_reference_up_to_6_14(string kernel, int count)
        => Build(kernel, m => m.Pmem("1G", PmemMode.FsDax)).DeviceTable.Find("pmem0")!.Pagemap!.IdleRefCount.Should().Be(count);

    [Theory]
    [InlineData("4.17", PagemapType.Generic)]
    [InlineData("4.18", PagemapType.FsDax)]
    public void A_pagemap_has_a_type_from_4_18_on(string kernel, object type)
        => Build(kernel, m => m.Pmem("1G", PmemMode.FsDax)).DeviceTable.Find("pmem0")!.Pagemap!.Type.Should().Be((PagemapType)type);

    [Fact]
    public void Names_count_up_and_ranges_do_not_overlap()
    {
        var machine = Build("6.1", m => m.Pmem("1G").Pmem("1G", PmemMode.FsDax).Pmem("1G"));
        machine.Devices.Select(d => d.Name).Should().Equal("pmem0", "pmem1", "pmem2");
        machine.MemoryRegions.Where(r => r.Kind == RegionKind.PersistentMemory).Should().HaveCount(3).And.OnlyHaveUniqueItems(r => r.Start);
    }

    [Fact]
    public void Overlapping_devices_are_a_mistake_of_the_description()
        => FluentActions.Invoking(() => Build("6.1", m => m.Pmem("1G", start: 1UL << 33).Pmem("1G", start: (1UL << 33) + (1 << 20))))
            .Should().Throw<InvalidOperationException>().WithMessage("The range *: Persistent Memory overlaps *: Persistent Memory: move one of them.");

    [Fact]
    public void A_device_over_RAM_is_a_mistake_of_the_description()
        => FluentActions.Invoking(() => Build("6.1", m => m.Ram("512M").Pmem("1G", start: 1 << 20)))
            .Should().Throw<InvalidOperationException>().WithMessage("*overlaps*System RAM*");

    [Theory]
    [InlineData("64Q")]
    [InlineData("-1")]
    [InlineData("18446744073709551616")]
    public void A_bad_size_is_refused(string size)
        => FluentActions.Invoking(() => Build("6.1", m => m.Pmem(size))).Should().Throw<FormatException>();

    [Fact]
    public void A_size_that_is_no_page_multiple_is_refused()
        => FluentActions.Invoking(() => Build("6.1", m => m.Pmem("1000"))).Should().Throw<InvalidOperationException>().WithMessage("*multiple of the page size*");

    private static Result<DirectAccess> Access(Machine machine, ulong page = 0)
    {
        var disk = machine.DeviceTable.Find("pmem0")!;
        return disk.DaxDevice is { } dax ? dax.DirectAccess(page, 1) : disk.BdevDirectAccess(page * 8, 4096);
    }

    private static Machine Build(string kernel, Func<MachineBuilder, MachineBuilder> add) => Machine.Build(m => add(m.Kernel(kernel, Architecture.X8664)));
}
