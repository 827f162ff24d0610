using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.Devices;

/// <summary>Linear and striped tables: dax-support 3.7. Partitions: 1.3 and 3.2.</summary>
public sealed class DeviceMapperTests
{
    [Theory]
    [InlineData("4.7", false)]
    [InlineData("4.8", true)]
    [InlineData("4.17", true)]
    [InlineData("4.18", true)]
    [InlineData("5.2", true)]
    [InlineData("5.17", true)]
    [InlineData("7.3", true)]
    public void A_linear_table_over_pmem_with_pages_offers_DAX_from_4_8_on(string kernel, bool dax)
        => Build(kernel, m => m.Pmem("1G", PmemMode.FsDax).DmLinear("pmem0")).FindDevice("dm-0")!.QueueDax.Should().Be(dax);

    [Theory]
    [InlineData("4.17", true)]
    [InlineData("4.18", false)]
    [InlineData("7.3", false)]
    public void A_linear_table_over_pmem_without_pages_offered_DAX_up_to_4_17(string kernel, bool dax)
        => Build(kernel, m => m.Pmem("1G").DmLinear("pmem0")).FindDevice("dm-0")!.QueueDax.Should().Be(dax);

    [Theory]
    [InlineData("4.14")]
    [InlineData("4.18")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    public void One_member_without_DAX_spoils_the_table(string kernel)
        => Build(kernel, m => m.Pmem("1G", PmemMode.FsDax).Disk("1G").DmLinear("pmem0", "sda")).FindDevice("dm-0")!.QueueDax.Should().BeFalse();

    [Theory]
    [InlineData("4.17", true)]
    [InlineData("5.1", true)]
    [InlineData("5.2", false)]
    [InlineData("5.15", false)]
    [InlineData("5.17", true)]
    public void An_unaligned_segment_refused_the_table_from_5_2_to_5_16(string kernel, bool dax)
        => Build(kernel, m => m.Pmem("1G", PmemMode.FsDax).DmLinear([new DmSegment("pmem0", 1, 80000)])).FindDevice("dm-0")!.QueueDax.Should().Be(dax);

    [Theory]
    [InlineData("5.10", Errno.EINVAL)]
    [InlineData("5.17", Errno.None)]
    public void Access_to_an_unaligned_segment_is_EINVAL_up_to_5_16(string kernel, Errno errno)
        => Build(kernel, m => m.Pmem("1G", PmemMode.FsDax).DmLinear([new DmSegment("pmem0", 1, 80000)])).DeviceTable.Find("dm-0")!.DaxDevice!.DirectAccess(0, 1).Errno.Should().Be(errno);

    [Theory]
    [InlineData("4.11")]
    [InlineData("4.14")]
    [InlineData("6.1")]
    public void Access_is_clipped_at_the_end_of_a_target(string kernel)
    {
        var table = Build(kernel, m => m.Pmem("1G", PmemMode.FsDax).Pmem("1G", PmemMode.FsDax)
            .DmLinear([new DmSegment("pmem0", 0, 16), new DmSegment("pmem1", 16, 16)])).DeviceTable;
        var dm = table.Find("dm-0")!;
        var first = dm.DaxDevice is { } dax ? dax.DirectAccess(1, 4) : dm.BdevDirectAccess(8, 8 * 512);
        first.Value.Bytes.Should().Be(4096);
        var second = dm.DaxDevice is { } again ? again.DirectAccess(2, 1) : dm.BdevDirectAccess(16, 4096);
        second.Value.Pfn.Should().Be(table.Find("pmem1")!.Frames!.Value.StartPfn + 2);
    }

    [Fact]
    public void Less_than_a_page_before_the_end_of_a_target_is_EIO()
        => Build("6.1", m => m.Pmem("1G", PmemMode.FsDax).DmLinear([new DmSegment("pmem0", 0, 4), new DmSegment("pmem0", 8, 16)]))
            .DeviceTable.Find("dm-0")!.DaxDevice!.DirectAccess(0, 1).Errno.Should().Be(Errno.EIO);

    [Fact]
    public void Beyond_the_table_is_EIO()
        => Build("6.1", m => m.Pmem("1G", PmemMode.FsDax).DmLinear("pmem0")).DeviceTable.Find("dm-0")!.DaxDevice!.DirectAccess(1UL << 40, 1).Errno.Should().Be(Errno.EIO);

    [Fact]
    public void Stripes_deal_chunks_out_in_turn()
    {
        var table = Build("6.1", m => m.Pmem("1G", PmemMode.FsDax).Pmem("1G", PmemMode.FsDax).DmStripe("64K", ["pmem0", "pmem1"])).DeviceTable;
        var dax = table.Find("dm-0")!.DaxDevice!;
        var (a, b) = (table.Find("pmem0")!.Frames!.Value.StartPfn, table.Find("pmem1")!.Frames!.Value.StartPfn);
        dax.DirectAccess(0, 100).Value.Should().Match<DirectAccess>(d => d.Pfn == a && d.Bytes == 65536);
        dax.DirectAccess(16, 1).Value.Pfn.Should().Be(b);
        dax.DirectAccess(33, 100).Value.Should().Match<DirectAccess>(d => d.Pfn == a + 17 && d.Bytes == 15 * 4096);
    }

    [Theory]
    [InlineData("5.2", true)]
    [InlineData("5.3", false)]
    public void A_table_is_as_synchronous_as_its_members_from_5_3_on(string kernel, bool synchronous)
    {
        // 5.2 has no virtio-pmem; an asynchronous region does for the comparison.
        var machine = kernel == "5.2"
            ? Build(kernel, m => m.Pmem("1G", PmemMode.FsDax).DmLinear("pmem0"))
            : Build(kernel, m => m.VirtioPmem("1G").DmLinear("pmem0"));
        machine.FindDevice("dm-0")!.IsSynchronous.Should().Be(synchronous);
    }

    [Fact]
    public void Reads_and_writes_go_to_the_members()
    {
        var table = Build("6.1", m => m.Disk("1M").Disk("1M").DmLinear("sda", "sdb")).DeviceTable;
        var dm = table.Find("dm-0")!;
        dm.SizeBytes.Should().Be(2 << 20);
        var data = Enumerable.Range(0, 1024).Select(i => (byte)i).ToArray();
        dm.Write((1 << 20) - 512, data).IsOk.Should().BeTrue();
        var half = new byte[512];
        table.Find("sdb")!.Read(0, half).IsOk.Should().BeTrue();
        half.Should().Equal(data[512..]);
        dm.Read(2 << 20, half).Errno.Should().Be(Errno.EIO);
    }

    [Fact]
    public void A_missing_member_is_passed_on_with_its_reason()
        => Build("6.1", m => m.AxonRam("256M").DmLinear("axonram0")).Refusals[^1].ToString()
            .Should().StartWith("dm-0: axon_ram_init: The member axonram0 is missing: The driver axonram is not for x86_64");

    [Fact]
    public void An_unknown_member_is_a_mistake_of_the_description()
        => FluentActions.Invoking(() => Build("6.1", m => m.DmLinear("pmem7"))).Should().Throw<InvalidOperationException>().WithMessage("There is no device pmem7*");

    [Fact]
    public void Members_are_in_use()
        => Build("6.1", m => m.Pmem("1G", PmemMode.FsDax).DmLinear("pmem0")).DeviceTable.Find("pmem0")!.OpenCount.Should().Be(1);

    [Fact]
    public void Partitions_are_named_and_numbered()
        => Build("6.1", m => m.Pmem("1G").Disk("1G").Partition("pmem0", 2048, 2048).Partition("pmem0", 4096).Partition("sda", 63)).Devices.Select(d => d.Name)
            .Should().Equal("pmem0", "sda", "pmem0p1", "pmem0p2", "sda1");

    [Fact]
    public void A_partition_has_the_dax_device_of_its_disk()
    {
        var table = Build("6.1", m => m.Pmem("1G", PmemMode.FsDax).Partition("pmem0", 2048)).DeviceTable;
        table.Find("pmem0p1")!.DaxDevice.Should().BeSameAs(table.Find("pmem0")!.DaxDevice);
        table.Find("pmem0p1")!.HasQueueDaxFlag.Should().BeTrue();
    }

    [Fact]
    public void A_partition_shows_its_stretch_of_the_disk()
    {
        var table = Build("6.1", m => m.Pmem("1G").Partition("pmem0", 63)).DeviceTable;
        table.Find("pmem0p1")!.Write(0, [1, 2, 3]).IsOk.Should().BeTrue();
        var bytes = new byte[3];
        table.Find("pmem0")!.Read(63 * 512, bytes);
        bytes.Should().Equal(1, 2, 3);
    }

    [Fact]
    public void A_segment_cannot_be_partitioned()
        => Machine.Build(m => m.Kernel("6.1", Architecture.S390X).Dcss("SEG", "8M", DcssType.ExclusiveReadWrite).Partition("dcssblk0", 8)).Refusals.Single().Device.Should().Be("dcssblk0p1");

    [Fact]
    public void A_read_only_device_refuses_to_be_opened_for_writing()
    {
        var machine = Build("6.1", m => m.Pmem("1G", PmemMode.FsDax).Partition("pmem0", 2048));
        machine.SetReadOnly("pmem0", true);
        foreach (var name in new[] { "pmem0", "pmem0p1" })
        {
            machine.DeviceTable.Find(name)!.Open(write: true).Errno.Should().Be(Errno.EACCES);
            machine.DeviceTable.Find(name)!.Open(write: false).IsOk.Should().BeTrue();
            machine.DeviceTable.Find(name)!.Write(0, new byte[512]).Errno.Should().Be(Errno.EPERM);
        }
    }

    private static Machine Build(string kernel, Func<MachineBuilder, MachineBuilder> add) => Machine.Build(m => add(m.Kernel(kernel, Architecture.X8664)));
}
