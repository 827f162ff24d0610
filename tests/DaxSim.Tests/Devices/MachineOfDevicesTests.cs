using DaxSim.Devices;
using DaxSim.Memory;
using DaxSim.Policy;

namespace DaxSim.Tests.Devices;

/// <summary>Machines as a whole: what they cost, and where memory lies.</summary>
public sealed class MachineOfDevicesTests
{
    [Fact]
    public void RAM_is_cut_where_it_is_reserved()
    {
        var machine = Machine.Build(m => m.Kernel("6.1", Architecture.X8664).Ram("1G").Reserve("128M", "768M"));
        machine.MemoryRegions.Select(r => r.ToString()).Should().Equal("0-2fffffff : System RAM", "30000000-37ffffff : Reserved", "38000000-3fffffff : System RAM");
        machine.Memory.HasStructPage(0x30000).Should().BeFalse();
        machine.Memory.HasStructPage(0x38000).Should().BeTrue();
    }

    [Fact]
    public void A_machine_may_be_described_by_its_regions()
    {
        var machine = Machine.Build(m => m.Kernel("6.1", Architecture.X8664)
            .Region(new MemoryRegion("System RAM", RegionKind.SystemRam, 0x100000, 0x40000000))
            .Region(new MemoryRegion("PCI Bus", RegionKind.Mmio, 0xc0000000, 0x1000)));
        machine.MemoryRegions.Should().HaveCount(2);
    }

    [Fact]
    public void Overlapping_regions_are_a_mistake_of_the_description()
        => FluentActions.Invoking(() => Machine.Build(m => m.Kernel("6.1", Architecture.X8664).Reserve("2M", "1M").Reserve("2M", "2M")))
            .Should().Throw<InvalidOperationException>().WithMessage("*overlaps*");

    [Fact]
    public void An_unnamed_machine_has_512_MiB_of_RAM()
        => Machine.Build(m => m.Kernel("6.1", Architecture.X8664)).MemoryRegions.Single().Length.Should().Be(512UL << 20);

    [Theory]
    [InlineData("x86_64")]
    [InlineData("s390x")]
    [InlineData("ppc64-cell")]
    [InlineData("ppc64le")]
    [InlineData("arm64")]
    public void On_every_kernel_every_device_is_either_there_or_refused(string architecture)
    {
        foreach (var version in KernelVersion.Releases)
        {
            var machine = Machine.Build(m => m.Kernel(KernelPolicy.Mainline(version, Architecture.Parse(architecture)))
                .Disk("1G").Loop("1G").Brd("16M").AxonRam("256M").Xpram("64M").Pmem("1G").Pmem("1G", PmemMode.FsDax).Pmem("1G", PmemMode.Sector)
                .E820Pmem("1G").VirtioPmem("1G").DeviceDax("1G").Kmem("1G").Fsdev("1G").Partition("sda", 63).Dcss("SEG", "8M", DcssType.SharedReadOnly));
            (machine.Devices.Count + machine.Refusals.Count).Should().Be(15, $"{version} on {architecture}");
            machine.Refusals.Should().OnlyContain(r => r.Reason.Because.Length > 20);
        }
    }

    [Fact]
    public void Every_devices_property_is_described_on_every_kernel()
    {
        foreach (var version in KernelVersion.Releases)
        {
            var policy = KernelPolicy.Mainline(version, Architecture.X8664);
            foreach (var property in Enum.GetValues<PolicyProperty>())
            {
                policy.Describe(property).Should().NotBeNullOrEmpty().And.NotMatchRegex("^[0-9-]");
            }
        }
    }

    [Fact]
    public void Returning_to_an_earlier_state_brings_devices_back()
    {
        var machine = Machine.Build(m => m.Kernel("7.2", Architecture.S390X).Dcss("SEG", "8M", DcssType.SharedReadOnly));
        var disk = machine.DeviceTable.Find("dcssblk0")!;
        var journal = disk.Table.HostJournal;
        var mark = journal.Mark();
        machine.Dcss.SetShared("SEG", "0");
        disk.Write(0, new byte[4096].Select(_ => (byte)9).ToArray());
        machine.Dcss.Remove("SEG");
        machine.Devices.Should().BeEmpty();
        journal.Return(mark);
        var device = machine.FindDevice("dcssblk0")!;
        device.IsReadOnly.Should().BeTrue();
        device.HasDirectAccess.Should().BeTrue();
        machine.Memory.HasStructPage(disk.Frames!.Value.StartPfn).Should().BeTrue();
        machine.Dcss.Find("SEG")!.Shared.Should().BeTrue();
        var page = new byte[4096];
        disk.Read(0, page);
        page[0].Should().Be(0);
    }
}
