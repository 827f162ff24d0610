using DaxSim.Policy;

namespace DaxSim.Tests.House;

/// <summary>Devices in words, as on the command line.</summary>
public class DeviceSpecTests
{
    [Theory]
    [InlineData("dcssblk:SR", DeviceKind.DcssBlock, "SR")]
    [InlineData("dcssblk:EW,align=1M", DeviceKind.DcssBlock, "EW")]
    [InlineData("axonram", DeviceKind.AxonRam, null)]
    [InlineData("xpram", DeviceKind.Xpram, null)]
    [InlineData("brd", DeviceKind.Brd, null)]
    [InlineData("pmem:raw", DeviceKind.Pmem, "raw")]
    [InlineData("pmem:raw,pagemap", DeviceKind.Pmem, "raw")]
    [InlineData("pmem:fsdax,map=dev", DeviceKind.Pmem, "fsdax")]
    [InlineData("pmem:btt", DeviceKind.Pmem, "btt")]
    [InlineData("e820", DeviceKind.E820Pmem, null)]
    [InlineData("virtio-pmem", DeviceKind.VirtioPmem, null)]
    [InlineData("disk", DeviceKind.Disk, null)]
    [InlineData("loop", DeviceKind.Loop, null)]
    [InlineData("devdax:align=2M", DeviceKind.DeviceDax, null)]
    [InlineData("kmem", DeviceKind.Kmem, null)]
    [InlineData("virtiofs", DeviceKind.VirtioFs, null)]
    [InlineData("partition:start=63s,on=pmem:fsdax", DeviceKind.Partition, null)]
    [InlineData("dm-linear:on=pmem:fsdax+pmem:raw", DeviceKind.DmLinear, null)]
    [InlineData("dm-stripe:on=pmem:fsdax+pmem:fsdax", DeviceKind.DmStripe, null)]
    public void Every_device_of_the_mail_and_beyond_can_be_written(string text, DeviceKind kind, string? mode)
    {
        var spec = DeviceSpec.Parse(text);

        spec.Kind.Should().Be(kind);
        spec.Mode.Should().Be(mode);
        spec.ToString().Should().Be(text, "these are canonical");
    }

    [Theory]
    [InlineData("dcssblk", "dcssblk:EW")]
    [InlineData("pmem", "pmem:fsdax")]
    [InlineData("pmem:pagemap,raw", null)]
    [InlineData("pmem:raw,pagemap,size=2048M", "pmem:raw,size=2G,pagemap")]
    [InlineData("partition:start=1M,on=disk", "partition:start=2048s,on=disk")]
    [InlineData("partition:on=dm-linear:on=pmem", "partition:on=dm-linear:on=pmem:fsdax")]
    public void The_canonical_form_has_settings_in_order(string text, string? canonical)
    {
        DeviceSpec.TryRead(text, out var spec, out _).Should().Be(canonical is not null);
        spec?.ToString().Should().Be(canonical);
        if (spec is not null)
        {
            DeviceSpec.Parse(spec.ToString()).Should().Be(spec);
        }
    }

    [Theory]
    [InlineData("pmen:raw", "Did you mean 'pmem'?")]
    [InlineData("dcssblk:sr", "Did you mean 'SR'?")]
    [InlineData("dcssblk:XX", "it takes EW, SW, SR")]
    [InlineData("pmem:fsdax,pagemap", "for pmem:raw only")]
    [InlineData("pmem:fsdax,map=ram", "choose one of mem, dev")]
    [InlineData("pmem:fsdax,map", "needs a value")]
    [InlineData("pmem:raw,pagemap=1", "takes no value")]
    [InlineData("pmem:fsdax,map=dev,map=mem", "gives map twice")]
    [InlineData("pmem:fsdax,size=64Q", "'Q' is not a unit")]
    [InlineData("pmem:fsdax,size=-1", "cannot be negative")]
    [InlineData("pmem:fsdax,size=18446744073709551616", "too large")]
    [InlineData("pmem:fsdax,size=0", "makes no sense")]
    [InlineData("pmem:", "has no ''")]
    [InlineData("pmem:fsdax,", "has no ''")]
    [InlineData("", "is not a device")]
    [InlineData("dcssblk:EW,align=3M", "power of two")]
    [InlineData("dcssblk:EW,name=TOOLONGNAME", "1 to 8 characters")]
    [InlineData("partition:start=63s", "does not say on which device")]
    [InlineData("partition:start=63,on=disk", "not a whole number of 512-byte sectors")]
    [InlineData("partition:on=disk+disk", "lies on one device")]
    [InlineData("partition:on=partition:on=partition:on=partition:on=partition:on=partition:on=disk", "deep")]
    public void What_is_no_device_is_refused_with_what_there_is(string text, string because)
    {
        var act = () => DeviceSpec.Parse(text);

        act.Should().Throw<FormatException>().Which.Message.Should().Contain(because).And.NotContain("\n");
    }

    [Fact]
    public void A_partition_is_met_where_its_disk_is()
    {
        DeviceSpec.Parse("partition:on=dcssblk:SR").UsualArchitecture.Should().Be(Architecture.S390X);
    }

    [Fact]
    public void The_catalogue_has_every_driver_that_can_carry_a_filesystem()
    {
        DeviceSpec.Catalogue.Select(d => d.Kind).Distinct()
            .Should().BeEquivalentTo(Enum.GetValues<DeviceKind>().Except([DeviceKind.DeviceDax, DeviceKind.Kmem]));
    }
}
