using DaxSim.Devices;
using DaxSim.Policy;

namespace DaxSim.Tests.Devices;

/// <summary>What an administrator sees of dcssblk besides its own files. Source: s390 recordings, attr_dev_dax and meminfo (zone).</summary>
public class SysfsTests
{
    private static Machine Segments(KernelPolicy kernel)
        => Machine.Build(m => m.Kernel(kernel).Ram("512M").DefineDcss("LOW", "8M", DcssType.ExclusiveReadWrite, 0x2400_0000).DefineDcss("HIGH", "8M", DcssType.ExclusiveReadWrite, 0x3000_0000));

    [Theory]
    [InlineData("4.19", "hidden")]
    [InlineData("6.1", "diskseq events events_async events_poll_msecs hidden integrity trace")]
    [InlineData("7.2", "diskseq events events_async events_poll_msecs hidden integrity partscan trace")]
    public void ADisksDirectoryGrewOverTheYears(string kernel, string more)
    {
        // The 4.19 of the recordings was built with a small configuration of its own.
        var config = KernelConfig.Default(KernelVersion.Parse(kernel), Architecture.S390X);
        var policy = KernelPolicy.Mainline(KernelVersion.Parse(kernel), Architecture.S390X, kernel == "4.19" ? config.With("BLK_DEV_INTEGRITY", KconfigValue.No).With("BLK_DEV_IO_TRACE", KconfigValue.No) : config);
        var machine = Segments(policy);
        machine.Dcss.Add("LOW").IsOk.Should().BeTrue();
        const string Always = "alignment_offset bdi capability dev device discard_alignment ext_range holders inflight queue range removable ro size slaves stat subsystem uevent";
        machine.FindDevice("dcssblk0")!.SysfsNames.Should().Equal([.. $"{Always} {more}".Split(' ').Order(StringComparer.Ordinal)]);
    }

    [Fact]
    public void TheZoneOfDeviceMemoryGrowsAndNeverShrinks()
    {
        var machine = Segments(KernelPolicy.Mainline("7.2", Architecture.S390X));
        machine.DeviceZonePages.Should().Be(0);
        machine.Dcss.Add("LOW");
        machine.DeviceZonePages.Should().Be(2048);
        machine.Dcss.Remove("LOW");
        machine.Dcss.Add("HIGH");
        machine.DeviceZonePages.Should().Be((0x3080_0000UL - 0x2400_0000) >> 12);
    }

    [Fact]
    public void BeforeStructPagesThereIsNoSuchZone()
    {
        var machine = Segments(KernelPolicy.Mainline("6.1", Architecture.S390X));
        machine.Dcss.Add("LOW");
        machine.DeviceZonePages.Should().Be(0);
    }
}
