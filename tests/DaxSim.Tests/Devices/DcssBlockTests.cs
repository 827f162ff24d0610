using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.Devices;

/// <summary>Saved segments as block devices. Expected values: recordings of real s390x kernels (add-* and notzvm), else dax-support 3.2.</summary>
public sealed class DcssBlockTests
{
    private const ulong MiB = 1 << 20;

    public static TheoryData<string, string, bool> ReadOnlyWhenShared()
    {
        var data = new TheoryData<string, string, bool>();
        foreach (var (kernel, believesType) in new[] { ("4.19", true), ("5.11", false), ("6.1.176", true), ("7.2", true) })
        {
            foreach (var (code, readOnly) in new[] { ("SW", false), ("EW", false), ("SR", true), ("ER", true), ("SN", false), ("EN", false), ("SC", true) })
            {
                data.Add(kernel, code, readOnly && believesType);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(ReadOnlyWhenShared))]
    public void A_shared_segment_is_a_read_only_device_according_to_its_type(string kernel, string code, bool readOnly)
    {
        var machine = Build(kernel, m => m.Dcss("SEG", "8M", DcssTypes.Parse(code)));
        var device = machine.FindDevice("/dev/dcssblk0")!;
        device.IsReadOnly.Should().Be(readOnly);
        device.Sectors.Should().Be(16384);
        device.LogicalBlockSize.Should().Be(4096);
    }

    [Fact]
    public void Loading_prints_range_type_size_and_capacity()
    {
        var machine = Build("6.1.176", m => m.DefineDcss("DAXEW", "64M", DcssType.ExclusiveReadWrite, start: 0x20000000));
        machine.Dcss.Add("daxew").Value.Should().Be(5);
        Lines(machine).Should().Equal(
            "extmem: DCSS DAXEW of range 0000000020000000 to 0000000023ffffff and type EW loaded in shared access mode",
            "dcssblk: Loaded daxew with total size 67108864 bytes and capacity 131072 sectors");
    }

    [Fact]
    public void In_4_19_the_addresses_are_hashed_away()
    {
        var machine = Build("4.19", m => m.DefineDcss("DAXEW", "64M", DcssType.ExclusiveReadWrite, start: 0x20000000));
        machine.Dcss.Add("DAXEW");
        Lines(machine)[0].Should().Be("extmem: DCSS DAXEW of range (____ptrval____) to (____ptrval____) and type EW loaded in shared access mode");
    }

    [Theory]
    [InlineData("7.2", 0x20000000UL, 64 * MiB, "dcssblk: DAX support enabled for DCSS SEG", true)]
    [InlineData("7.2", 0x26080000UL, 16 * MiB, "dcssblk: DCSS SEG is not aligned to 2097152 bytes, DAX support disabled", false)]
    [InlineData("7.2", 0x27200000UL, 15 * MiB + 0x80000, "dcssblk: DCSS SEG is not aligned to 2097152 bytes, DAX support disabled", false)]
    public void From_6_17_on_only_segments_on_2_MiB_boundaries_have_DAX(string kernel, ulong start, ulong length, string line, bool dax)
    {
        var machine = Build(kernel, m => m.Dcss("SEG", new DcssRange(start, length, DcssType.ExclusiveReadWrite)));
        Lines(machine)[^1].Should().Be(line);
        var device = machine.FindDevice("dcssblk0")!;
        device.HasDirectAccess.Should().Be(dax);
        device.QueueDax.Should().BeTrue("queue/dax does not tell");
        device.StructPages.Should().Be(dax ? StructPages.InRam : StructPages.None);
    }

    [Theory]
    [InlineData("4.14", true, StructPages.None)]
    [InlineData("6.14", true, StructPages.None)]
    [InlineData("6.15", false, StructPages.None)]
    [InlineData("6.16", false, StructPages.None)]
    [InlineData("6.17", true, StructPages.InRam)]
    public void Dax_of_a_segment_went_away_and_came_back_with_struct_pages(string kernel, bool dax, StructPages pages)
    {
        var device = Build(kernel, m => m.Dcss("SEG", "64M", DcssType.ExclusiveReadWrite)).FindDevice("dcssblk0")!;
        device.HasDirectAccess.Should().Be(dax);
        device.StructPages.Should().Be(pages);
    }

    [Fact]
    public void The_6_15_gap_is_closed_by_reverting_the_commit_that_marked_it_broken()
    {
        var kernel = KernelPolicy.Mainline("6.15", Architecture.S390X).Revert("653d7825c149");
        kernel.Config.IsEnabled("FS_DAX").Should().BeTrue();
        Machine.Build(m => m.Kernel(kernel).Dcss("SEG", "64M", DcssType.ExclusiveReadWrite)).FindDevice("dcssblk0")!.HasDirectAccess.Should().BeTrue();
    }

    [Theory]
    [InlineData("NINECHARS", Errno.ENAMETOOLONG)]
    [InlineData("SEG:", Errno.ENAMETOOLONG)]
    [InlineData("SEG::SEG2", Errno.ENAMETOOLONG)]
    [InlineData("\n", Errno.ENAMETOOLONG)]
    [InlineData(" ", Errno.ENOENT)]
    [InlineData("NOSUCH", Errno.ENOENT)]
    [InlineData("SEG:NOSUCH", Errno.ENOENT)]
    public void Add_refuses_names(string text, Errno errno)
    {
        var machine = Build("6.1.176", m => m.DefineDcss("SEG", "8M", DcssType.ExclusiveReadWrite));
        machine.Dcss.Add(text).Errno.Should().Be(errno);
        machine.Devices.Should().BeEmpty();
        machine.MemoryRegions.Should().OnlyContain(r => r.Kind != Memory.RegionKind.SavedSegment, "what was loaded is given back");
    }

    [Fact]
    public void A_write_of_nothing_to_add_succeeds()
        => Build("6.1", m => m).Dcss.Add("").Value.Should().Be(0);

    [Fact]
    public void A_blank_name_is_asked_for_in_CP()
    {
        var machine = Build("6.1.176", m => m);
        machine.Dcss.Add(" ");
        Lines(machine).Should().Equal("extmem: Querying a DCSS type failed with rc=44", "extmem: DCSS   cannot be loaded or queried");
    }

    [Fact]
    public void A_segment_cannot_be_added_twice()
    {
        var machine = Build("6.1.176", m => m.Dcss("SEG", "8M", DcssType.ExclusiveReadWrite));
        machine.Dcss.Add("SEG").Errno.Should().Be(Errno.EEXIST);
    }

    [Theory]
    [InlineData("3.10", Errno.ENOSPC, "extmem: DCSS INRAM overlaps with used storage and cannot be loaded")]
    [InlineData("4.19", Errno.ENOSPC, "extmem: DCSS INRAM overlaps with used storage and cannot be loaded")]
    [InlineData("5.8", Errno.ENOSPC, "extmem: DCSS INRAM overlaps with used storage and cannot be loaded")]
    [InlineData("5.9", Errno.EBUSY, "extmem: INRAM needs used memory resources and cannot be loaded or queried")]
    [InlineData("7.2", Errno.EBUSY, "extmem: INRAM needs used memory resources and cannot be loaded or queried")]
    public void A_segment_over_Linux_memory_is_refused(string kernel, Errno errno, string line)
    {
        var machine = Build(kernel, m => m.DefineDcss("INRAM", "8M", DcssType.ExclusiveReadWrite, start: 0x1000000));
        machine.Dcss.Add("INRAM").Errno.Should().Be(errno);
        Lines(machine)[^1].Should().Be(line);
    }

    [Theory]
    [InlineData("4.19")]
    [InlineData("7.2")]
    public void A_segment_over_another_loaded_one_is_refused(string kernel)
    {
        var machine = Build(kernel, m => m
            .Dcss("DAXEW", "64M", DcssType.ExclusiveReadWrite, start: 0x20000000)
            .DefineDcss("DAXOVL", "8M", DcssType.ExclusiveReadWrite, start: 0x21000000));
        machine.Dcss.Add("DAXOVL").Errno.Should().Be(Errno.EBUSY);
        Lines(machine)[^1].Should().Be("extmem: DAXOVL needs used memory resources and cannot be loaded or queried");
    }

    [Fact]
    public void Overlap_is_reckoned_by_MiB()
    {
        var machine = Build("6.1.176", m => m
            .Dcss("A", "512K", DcssType.ExclusiveReadWrite, start: 0x20000000)
            .DefineDcss("B", "512K", DcssType.ExclusiveReadWrite, start: 0x20080000));
        machine.Dcss.Add("B").Errno.Should().Be(Errno.EBUSY);
    }

    [Fact]
    public void Page_ranges_with_a_hole_are_refused()
    {
        var machine = Build("6.1.176", m => m.DefineDcss("GAP", new DcssRange(0x20000000, 4 * MiB, DcssType.ExclusiveReadWrite), new DcssRange(0x20800000, 4 * MiB, DcssType.ExclusiveReadWrite)));
        machine.Dcss.Add("GAP").Errno.Should().Be(Errno.EOPNOTSUPP);
        Lines(machine)[^1].Should().Be("extmem: DCSS GAP has multiple page ranges and cannot be loaded or queried");
    }

    [Fact]
    public void Page_ranges_of_another_type_than_EW_and_EN_are_refused()
    {
        var machine = Build("6.1.176", m => m.DefineDcss("MIX", new DcssRange(0x20000000, 4 * MiB, DcssType.ExclusiveReadWrite), new DcssRange(0x20400000, 4 * MiB, DcssType.SharedReadOnly)));
        machine.Dcss.Add("MIX").Errno.Should().Be(Errno.EOPNOTSUPP);
    }

    [Fact]
    public void More_than_six_page_ranges_are_refused()
    {
        var ranges = Enumerable.Range(0, 7).Select(i => new DcssRange(0x20000000 + ((ulong)i * MiB), MiB, DcssType.ExclusiveReadWrite)).ToArray();
        Build("6.1.176", m => m.DefineDcss("MANY", ranges)).Dcss.Add("MANY").Errno.Should().Be(Errno.EOPNOTSUPP);
    }

    [Fact]
    public void Neighbouring_EW_and_EN_ranges_are_a_mixed_segment()
    {
        var machine = Build("6.1.176", m => m.Dcss("DAXMIX", new DcssRange(0x2e000000, 4 * MiB, DcssType.ExclusiveReadWrite), new DcssRange(0x2e400000, 4 * MiB, DcssType.ExclusiveNotSaved)));
        Lines(machine)[0].Should().Be("extmem: DCSS DAXMIX of range 000000002e000000 to 000000002e7fffff and type EW/EN-MIXED loaded in shared access mode");
        machine.MemoryRegions.Should().Contain(r => r.ToString() == "2e000000-2e7fffff : DAXMIX   (DCSS)");
    }

    [Theory]
    [InlineData("DAXJ1:DAXJ2")]
    [InlineData("DAXJ2:DAXJ1")]
    public void Neighbouring_segments_are_joined_in_any_order(string list)
    {
        var machine = Joinable("6.1.176");
        machine.Dcss.Add(list).Value.Should().Be(11);
        var device = machine.Dcss.Find(list[..5])!;
        device.Segments.Should().Equal(list.Split(':'));
        machine.FindDevice(device.BlockDevice)!.Sectors.Should().Be(32768);
        machine.FindDevice(device.BlockDevice)!.PhysicalAddress.Should().Be(0x30000000UL);
    }

    [Theory]
    [InlineData("DAXJ1:DAXJ3", "dcssblk: Adjacent DCSSs DAXJ1 and DAXJ3 are not contiguous")]
    [InlineData("DAXJ1:DAXJ1", "dcssblk: Adjacent DCSSs DAXJ1 and DAXJ1 are not contiguous")]
    [InlineData("DAXJ1:DAXSR", "dcssblk: Adjacent DCSSs DAXSR and DAXJ1 are not contiguous")]
    [InlineData("DAXJ2:DAXJR", "dcssblk: DCSS DAXJ2 and DCSS DAXJR have incompatible types")]
    public void Segments_that_do_not_fit_are_not_joined(string list, string line)
    {
        var machine = Joinable("6.1.176");
        machine.Dcss.Add(list).Errno.Should().Be(Errno.EINVAL);
        Lines(machine)[^1].Should().Be(line);
        machine.MemoryRegions.Should().OnlyContain(r => r.Kind != Memory.RegionKind.SavedSegment);
    }

    [Fact]
    public void Joined_segments_may_mix_EW_and_EN()
        => Joinable("6.1.176").Dcss.Add("DAXJ2:DAXJN").IsOk.Should().BeTrue();

    [Fact]
    public void On_5_11_every_type_looks_like_SW_so_unlike_types_may_be_joined()
        => Joinable("5.11").Dcss.Add("DAXJ2:DAXJR").IsOk.Should().BeTrue();

    [Theory]
    [InlineData("DAXEW")]
    [InlineData("NOSUCH")]
    public void Without_zVM_nothing_can_be_loaded(string name)
    {
        var machine = Build("6.1.176", m => m.ZVm(false).DefineDcss("DAXEW", "64M", DcssType.ExclusiveReadWrite));
        machine.Dcss.Add(name.ToLowerInvariant()).Errno.Should().Be(Errno.ENOSYS);
        Lines(machine).Should().Equal($"extmem: DCSS {name} cannot be loaded or queried without z/VM");
    }

    [Fact]
    public void Exclusive_makes_a_read_only_device_writable_and_back()
    {
        var machine = Build("6.1.176", m => m.Dcss("DAXSR", "8M", DcssType.SharedReadOnly));
        machine.Dcss.SetShared("DAXSR", "0").Value.Should().Be(1);
        machine.FindDevice("dcssblk0")!.IsReadOnly.Should().BeFalse();
        machine.Dcss.Find("DAXSR")!.Shared.Should().BeFalse();
        machine.Dcss.SetShared("DAXSR", "1").Value.Should().Be(1);
        machine.FindDevice("dcssblk0")!.IsReadOnly.Should().BeTrue();
    }

    [Fact]
    public void SC_cannot_be_made_exclusive()
    {
        var machine = Build("6.1.176", m => m.Dcss("DAXSC", "8M", DcssType.SharedWrittenByCp));
        machine.Dcss.SetShared("DAXSC", "0").Errno.Should().Be(Errno.EINVAL);
        Lines(machine)[^1].Should().Be("dcssblk: DCSS DAXSC is of type SC and cannot be loaded as exclusive-writable");
        machine.Dcss.SetShared("DAXSC", "1").Value.Should().Be(1);
        Lines(machine)[^1].Should().Be("extmem: DCSS DAXSC is already in the requested access mode");
    }

    [Fact]
    public void On_5_11_even_SC_can_be_made_exclusive()
        => Build("5.11", m => m.Dcss("DAXSC", "8M", DcssType.SharedWrittenByCp)).Dcss.SetShared("DAXSC", "0").Value.Should().Be(1);

    [Theory]
    [InlineData("2")]
    [InlineData("10")]
    [InlineData("x\n")]
    public void Shared_and_save_take_0_and_1_only(string text)
    {
        var machine = Build("6.1.176", m => m.Dcss("SEG", "8M", DcssType.ExclusiveReadWrite));
        machine.Dcss.SetShared("SEG", text).Errno.Should().Be(Errno.EINVAL);
        machine.Dcss.Save("SEG", text).Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void An_open_device_is_busy()
    {
        var machine = Build("6.1.176", m => m.Dcss("SEG", "8M", DcssType.ExclusiveReadWrite));
        machine.DeviceTable.Find("dcssblk0")!.Open(write: true).IsOk.Should().BeTrue();
        machine.Dcss.SetShared("SEG", "0").Errno.Should().Be(Errno.EBUSY);
        machine.Dcss.Remove("SEG").Errno.Should().Be(Errno.EBUSY);
        Lines(machine)[^1].Should().Be("dcssblk: Device SEG cannot be removed while it is in use");
    }

    [Fact]
    public void Removing_gives_name_and_memory_back()
    {
        var machine = Build("6.1.176", m => m.Dcss("SEG", "8M", DcssType.ExclusiveReadWrite));
        machine.Dcss.Remove("seg").Value.Should().Be(3);
        machine.Devices.Should().BeEmpty();
        machine.Dcss.Remove("SEG").Errno.Should().Be(Errno.ENODEV);
        Lines(machine)[^1].Should().Be("dcssblk: Device SEG cannot be removed because it is not a known device");
        machine.Dcss.Add("SEG").IsOk.Should().BeTrue();
        machine.FindDevice("dcssblk0").Should().NotBeNull();
    }

    [Fact]
    public void Removing_kills_the_dax_device_and_its_pages()
    {
        var machine = Build("7.2", m => m.Dcss("SEG", "8M", DcssType.ExclusiveReadWrite));
        var disk = machine.DeviceTable.Find("dcssblk0")!;
        var pfn = disk.Frames!.Value.StartPfn;
        machine.Memory.HasStructPage(pfn).Should().BeTrue();
        machine.Dcss.Remove("SEG");
        disk.DaxDevice!.DirectAccess(0, 1).Errno.Should().Be(Errno.ENXIO);
        machine.Memory.HasStructPage(pfn).Should().BeFalse();
    }

    [Fact]
    public void Saving_SN_says_saved_and_that_it_cannot_be_saved()
    {
        var machine = Build("6.1.176", m => m.Dcss("DAXSN", "8M", DcssType.SharedNotSaved));
        machine.Dcss.Save("DAXSN", "1").Value.Should().Be(1);
        Lines(machine).TakeLast(2).Should().Equal(
            "dcssblk: All DCSSs that map to device DAXSN are saved",
            "dcssblk: DCSS DAXSN is of type SN or EN and cannot be saved");
    }

    [Fact]
    public void Saving_a_busy_device_waits_for_the_last_close()
    {
        var machine = Build("6.1.176", m => m.Dcss("SEG", "8M", DcssType.ExclusiveReadWrite));
        var disk = machine.DeviceTable.Find("dcssblk0")!;
        disk.Open(write: true);
        machine.Dcss.Save("SEG", "1").Value.Should().Be(1);
        machine.Dcss.Find("SEG")!.SavePending.Should().BeTrue();
        disk.Close();
        machine.Dcss.Find("SEG")!.SavePending.Should().BeFalse();
        Lines(machine).TakeLast(2).Should().Equal(
            "dcssblk: Device SEG is in use, its DCSSs will be saved when it becomes idle",
            "dcssblk: Device SEG has become idle and is being saved now");
    }

    [Fact]
    public void A_pending_save_can_be_cancelled()
    {
        var machine = Build("6.1.176", m => m.Dcss("SEG", "8M", DcssType.ExclusiveReadWrite));
        machine.DeviceTable.Find("dcssblk0")!.Open(write: false);
        machine.Dcss.Save("SEG", "1");
        machine.Dcss.Save("SEG", "0");
        machine.Dcss.Find("SEG")!.SavePending.Should().BeFalse();
        Lines(machine)[^1].Should().Be("dcssblk: A pending save request for device SEG has been canceled");
    }

    [Fact]
    public void An_unsaved_exclusive_copy_is_lost()
    {
        var machine = Build("6.1.176", m => m.Dcss("SEG", "8M", DcssType.ExclusiveReadWrite));
        var disk = machine.DeviceTable.Find("dcssblk0")!;
        Fill(disk, (byte)'a');
        machine.Dcss.SetShared("SEG", "0");
        Fill(disk, (byte)'b');
        machine.Dcss.SetShared("SEG", "1");
        First(disk).Should().Be((byte)'a');
    }

    [Fact]
    public void A_saved_exclusive_copy_stays()
    {
        var machine = Build("6.1.176", m => m.Dcss("SEG", "8M", DcssType.ExclusiveReadWrite));
        var disk = machine.DeviceTable.Find("dcssblk0")!;
        machine.Dcss.SetShared("SEG", "0");
        Fill(disk, (byte)'b');
        machine.Dcss.Save("SEG", "1");
        machine.Dcss.SetShared("SEG", "1");
        First(disk).Should().Be((byte)'b');
    }

    [Fact]
    public void A_failed_reload_removes_the_device()
    {
        var machine = Build("6.1.176", m => m.Dcss("SEG", "8M", DcssType.ExclusiveReadWrite));
        machine.Dcss.FailNextRequest("SEG", 28);
        machine.Dcss.SetShared("SEG", "0").Errno.Should().Be(Errno.EIO);
        Lines(machine).TakeLast(2).Should().Equal(
            "extmem: Reloading DCSS SEG failed with rc=28",
            "dcssblk: DCSS device SEG is removed after a failed access mode change");
        machine.Devices.Should().BeEmpty();
    }

    [Fact]
    public void A_hardware_error_while_loading_is_EIO()
    {
        var machine = Build("6.1.176", m => m.DefineDcss("SEG", "8M", DcssType.ExclusiveReadWrite));
        machine.Dcss.FailNextRequest("SEG", 40);
        machine.Dcss.Add("SEG").Errno.Should().Be(Errno.EIO);
        Lines(machine)[^1].Should().Be("extmem: Loading or querying DCSS SEG resulted in a hardware error");
    }

    [Theory]
    [InlineData("6.1.176", Errno.EPERM)]
    [InlineData("5.11", Errno.None)]
    public void Writing_to_a_shared_SC_device_is_refused_where_its_type_is_known(string kernel, Errno errno)
    {
        var machine = Build(kernel, m => m.Dcss("DAXSC", "8M", DcssType.SharedWrittenByCp));
        machine.DeviceTable.Find("dcssblk0")!.Write(0, new byte[4096]).Errno.Should().Be(errno);
    }

    [Fact]
    public void The_driver_itself_refuses_to_write_to_a_shared_read_only_segment()
    {
        var machine = Build("6.1.176", m => m.Dcss("DAXSR", "8M", DcssType.SharedReadOnly));
        machine.SetReadOnly("dcssblk0", false);
        machine.DeviceTable.Find("dcssblk0")!.Write(0, new byte[4096]).Errno.Should().Be(Errno.EIO);
        Lines(machine)[^1].Should().Be("dcssblk: Writing to DAXSR failed because it is a read-only device");
    }

    [Fact]
    public void A_request_that_is_not_made_of_pages_fails()
        => Build("6.1.176", m => m.Dcss("SEG", "8M", DcssType.ExclusiveReadWrite)).DeviceTable.Find("dcssblk0")!.Read(512, new byte[512]).Errno.Should().Be(Errno.EIO);

    [Fact]
    public void On_another_architecture_the_refusal_names_the_right_one()
    {
        var machine = Machine.Build(m => m.Kernel("6.1", Architecture.X8664).Dcss("SEG", "8M", DcssType.ExclusiveReadWrite));
        machine.Devices.Should().BeEmpty();
        machine.Refusals.Should().ContainSingle().Which.ToString().Should().Be("dcssblk0: dcssblk_init: The driver dcssblk is not for x86_64; it is for s390x.");
    }

    [Fact]
    public void Without_the_driver_there_is_no_file_to_write_to()
    {
        var kernel = KernelPolicy.Mainline("6.1", Architecture.S390X);
        kernel = kernel with { Config = kernel.Config.With("DCSSBLK", KconfigValue.No) };
        Machine.Build(m => m.Kernel(kernel)).Dcss.Add("SEG").Errno.Should().Be(Errno.ENOENT);
    }

    [Fact]
    public void A_name_over_8_characters_cannot_be_defined()
        => FluentActions.Invoking(() => Machine.Build(m => m.Kernel("6.1", Architecture.S390X).Dcss("NINECHARS", "8M", DcssType.ExclusiveReadWrite)))
            .Should().Throw<ArgumentException>().WithMessage("'NINECHARS' is not the name of a saved segment: it has 1 to 8 characters*");

    [Theory]
    [InlineData("1M", 1UL << 20)]
    [InlineData("512K", 512UL << 10)]
    [InlineData("2M", 2UL << 20)]
    public void A_segment_can_be_placed_as_badly_aligned_as_wanted(string alignment, ulong bytes)
    {
        var start = Build("6.1", m => m.Dcss("SEG", "8M", DcssType.ExclusiveReadWrite, alignment: alignment)).FindDevice("dcssblk0")!.PhysicalAddress!.Value;
        (start % bytes).Should().Be(0);
        (start % (2 * bytes) == 0).Should().Be(bytes >= 2UL << 20 && start % (2 * bytes) == 0);
    }

    private static Machine Joinable(string kernel) => Build(kernel, m => m
        .DefineDcss("DAXSR", "8M", DcssType.SharedReadOnly, start: 0x24000000)
        .DefineDcss("DAXJ1", "8M", DcssType.ExclusiveReadWrite, start: 0x30000000)
        .DefineDcss("DAXJ2", "8M", DcssType.ExclusiveReadWrite, start: 0x30800000)
        .DefineDcss("DAXJR", "8M", DcssType.SharedReadOnly, start: 0x31000000)
        .DefineDcss("DAXJN", "8M", DcssType.ExclusiveNotSaved, start: 0x31000000)
        .DefineDcss("DAXJ3", "8M", DcssType.ExclusiveReadWrite, start: 0x32000000));

    private static Machine Build(string kernel, Func<MachineBuilder, MachineBuilder> add) => Machine.Build(m => add(m.Kernel(kernel, Architecture.S390X).Ram("512M")));

    private static List<string> Lines(Machine machine) => [.. machine.Log.Entries.Select(e => e.Text)];

    private static void Fill(BlockDevice disk, byte value)
    {
        var page = new byte[4096];
        page.AsSpan().Fill(value);
        disk.Write(0, page).IsOk.Should().BeTrue();
    }

    private static byte First(BlockDevice disk)
    {
        var page = new byte[4096];
        disk.Read(0, page).IsOk.Should().BeTrue();
        return page[0];
    }
}
