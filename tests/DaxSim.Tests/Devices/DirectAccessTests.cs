using DaxSim.Devices;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.Devices;

/// <summary>The tests around a driver's direct_access: dax-support 1.3 and 1.4, and dcssblk's arithmetic of 3.2.</summary>
public sealed class DirectAccessTests
{
    [Theory]
    [InlineData("4.4", Errno.None)]
    [InlineData("4.5", Errno.ENXIO)]
    [InlineData("4.9", Errno.ENXIO)]
    [InlineData("4.9.14", Errno.ENXIO)]
    [InlineData("4.9.15", Errno.None)]
    [InlineData("4.10", Errno.ENXIO)]
    [InlineData("4.10.17", Errno.None)]
    [InlineData("4.11", Errno.None)]
    public void One_byte_too_few_made_every_access_to_a_segment_fail(string kernel, Errno errno)
        => Segment(kernel).BdevDirectAccess(0, 4096).Errno.Should().Be(errno);

    [Theory]
    [InlineData("4.0", (64L << 20) - 1)]
    [InlineData("4.4.154", (64L << 20) - 1)]
    [InlineData("4.4.155", 64L << 20)]
    [InlineData("4.11", 64L << 20)]
    public void A_segment_reports_what_follows(string kernel, long bytes)
        => Segment(kernel).DriverDirectAccess(0, 4096, null).Value.Bytes.Should().Be(bytes);

    public static TheoryData<string, object> SegmentFlags() => new()
    {
        { "3.10", PfnFlags.None },
        { "4.4", PfnFlags.None },
        { "4.11", PfnFlags.Dev },
        { "4.15", PfnFlags.Dev },
        { "4.16", PfnFlags.Dev | PfnFlags.Special },
        { "6.14", PfnFlags.Dev | PfnFlags.Special },
        { "6.17", PfnFlags.None },
    };

    [Theory]
    [MemberData(nameof(SegmentFlags))]
    public void The_flags_of_a_segment_follow_the_era(string kernel, object flags)
    {
        var disk = Segment(kernel);
        (disk.DaxDevice is { } dax ? dax.DirectAccess(0, 1) : disk.BdevDirectAccess(0, 4096)).Value.Flags.Should().Be((PfnFlags)flags);
    }

    [Fact]
    public void XIP_asks_the_driver_without_a_wrapper()
    {
        var disk = Segment("3.10");
        disk.BdevDirectAccess(8, 4096).Value.Pfn.Should().Be(disk.Frames!.Value.StartPfn + 1);
        disk.BdevDirectAccess(1, 4096).Errno.Should().Be(Errno.EINVAL);
        disk.BdevDirectAccess(disk.SectorCount, 4096).Errno.Should().Be(Errno.ERANGE);
    }

    [Theory]
    [InlineData("4.0")]
    [InlineData("4.7")]
    [InlineData("4.11")]
    public void A_disk_without_the_operation_is_EOPNOTSUPP(string kernel)
        => X86(kernel, m => m.Disk("1G")).Find("sda")!.BdevDirectAccess(0, 4096).Errno.Should().Be(Errno.EOPNOTSUPP);

    [Fact]
    public void Beyond_the_end_is_ERANGE()
    {
        var disk = X86("4.11", m => m.Pmem("1G")).Find("pmem0")!;
        disk.BdevDirectAccess(disk.SectorCount - 7, 4096).Errno.Should().Be(Errno.ERANGE);
        disk.BdevDirectAccess(disk.SectorCount - 8, 4096).IsOk.Should().BeTrue();
    }

    [Fact]
    public void A_sector_inside_a_page_is_EINVAL()
        => X86("4.11", m => m.Pmem("1G")).Find("pmem0")!.BdevDirectAccess(1, 4096).Errno.Should().Be(Errno.EINVAL);

    [Fact]
    public void A_badly_aligned_partition_is_EINVAL()
        => X86("4.11", m => m.Pmem("1G").Partition("pmem0", 63)).Find("pmem0p1")!.BdevDirectAccess(0, 4096).Errno.Should().Be(Errno.EINVAL);

    [Fact]
    public void A_partition_begins_at_its_own_page()
    {
        var table = X86("4.11", m => m.Pmem("1G").Partition("pmem0", 2048, 8192));
        var partition = table.Find("pmem0p1")!;
        partition.BdevDirectAccess(0, 4096).Value.Pfn.Should().Be(table.Find("pmem0")!.Frames!.Value.StartPfn + 256);
        partition.BdevDirectAccess(8192, 4096).Errno.Should().Be(Errno.ERANGE, "the partition ends there");
        partition.Frames.Should().Be(new PfnRange(table.Find("pmem0")!.Frames!.Value.StartPfn + 256, 1024));
    }

    [Fact]
    public void No_more_than_asked_for_is_handed_out()
        => X86("4.11", m => m.Pmem("1G")).Find("pmem0")!.BdevDirectAccess(0, 8192).Value.Bytes.Should().Be(8192);

    [Fact]
    public void A_killed_dax_device_is_ENXIO()
    {
        var dax = X86("6.1", m => m.Pmem("1G", PmemMode.FsDax)).Find("pmem0")!.DaxDevice!;
        dax.Kill();
        dax.DirectAccess(0, 1).Errno.Should().Be(Errno.ENXIO);
    }

    [Theory]
    [InlineData("5.12", Errno.EPERM)]
    [InlineData("5.14", Errno.EINVAL)]
    public void A_negative_number_of_pages_came_back_as_it_was(string kernel, Errno errno)
        => X86(kernel, m => m.Pmem("1G", PmemMode.FsDax)).Find("pmem0")!.DaxDevice!.DirectAccess(0, -1).Errno.Should().Be(errno);

    [Fact]
    public void Nothing_left_is_ERANGE()
    {
        var disk = Segment("6.1");
        disk.DaxDevice!.DirectAccess(disk.Frames!.Value.PageCount, 1).Errno.Should().Be(Errno.ERANGE);
    }

    [Theory]
    [InlineData("4.11", false)]
    [InlineData("4.12", true)]
    public void There_are_dax_devices_from_4_12_on(string kernel, bool exists)
        => (Segment(kernel).DaxDevice is not null).Should().Be(exists);

    [Fact]
    public void A_holder_keeps_others_out()
    {
        var dax = X86("6.1", m => m.Pmem("1G", PmemMode.FsDax)).Find("pmem0")!.DaxDevice!;
        var first = new object();
        dax.TryHold(first).Should().BeTrue();
        dax.TryHold(new object()).Should().BeFalse();
        dax.Release(first);
        dax.TryHold(new object()).Should().BeTrue();
    }

    [Fact]
    public void Every_test_can_be_told()
    {
        var trace = new DecisionTrace();
        Segment("4.9").BdevDirectAccess(0, 4096, trace);
        trace.Steps.Select(s => s.Test).Should().Equal(
            "does the queue have QUEUE_FLAG_DAX?",
            "has the driver a direct_access operation?",
            "does the range end inside the device?",
            "does the sector on the disk begin a page?",
            "how does the driver reckon its size?",
            "how many bytes did the driver hand out?",
            "is that a multiple of the page size?");
    }

    [Fact]
    public void The_reason_names_the_commit()
        => Segment("4.9").BdevDirectAccess(0, 4096).Verdict.Reason!.DecidedBy.Should().Be("fe683adabfe6");

    private static BlockDevice Segment(string kernel)
        => Machine.Build(m => m.Kernel(kernel, Architecture.S390X).Dcss("SEG", "64M", DcssType.ExclusiveReadWrite)).DeviceTable.Find("dcssblk0")!;

    private static DeviceTable X86(string kernel, Func<MachineBuilder, MachineBuilder> add) => Machine.Build(m => add(m.Kernel(kernel, Architecture.X8664))).DeviceTable;
}
