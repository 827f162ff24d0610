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
    [InlineData("dm-linear:pmem:fsdax", "dm-linear:on=pmem:fsdax")]
    [InlineData("dm-linear:pmem:raw,pagemap,disk", "dm-linear:on=pmem:raw,pagemap+disk")]
    [InlineData("dm-stripe:chunk=64K,pmem+pmem:raw", "dm-stripe:chunk=64K,on=pmem:fsdax+pmem:raw")]
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

    [Fact]
    public void Every_device_of_the_catalogue_can_be_built_on_every_release()
    {
        foreach (var spec in DeviceSpec.Catalogue)
        {
            foreach (var release in KernelVersion.Releases)
            {
                var machine = Machine.Build(m => m.Kernel(KernelPolicy.Mainline(release, spec.UsualArchitecture)).Device(spec));
                (machine.Devices.Count + machine.Refusals.Count).Should().Be(spec.Kind == DeviceKind.VirtioFs && machine.Refusals.Count == 0 ? 0 : 1 + spec.On.Count, $"{spec} on {release}");
            }
        }
    }

    [Theory]
    [InlineData("6.1", "dcssblk:SR", "dcssblk0")]
    [InlineData("4.14", "axonram", "axonram0")]
    [InlineData("4.14", "xpram", "slram0")]
    [InlineData("6.1", "brd", "ram0")]
    [InlineData("6.1", "pmem:fsdax", "pmem0")]
    [InlineData("6.1", "pmem:btt", "pmem0s")]
    [InlineData("6.1", "e820", "pmem0")]
    [InlineData("6.1", "virtio-pmem", "pmem0")]
    [InlineData("6.1", "devdax", "dax0.0")]
    [InlineData("6.1", "disk", "sda")]
    [InlineData("6.1", "partition:on=pmem:fsdax", "pmem0p1")]
    [InlineData("6.1", "partition:start=63s,on=disk", "sda1")]
    [InlineData("6.1", "dm-linear:on=pmem:fsdax+pmem:fsdax", "dm-0")]
    [InlineData("6.1", "dm-stripe:on=pmem:fsdax+pmem:fsdax", "dm-0")]
    [InlineData("6.1", "partition:on=dm-linear:on=pmem:fsdax", "dm-0p1")]
    public void A_described_device_is_the_last_of_the_machine(string kernel, string text, string name)
    {
        var spec = DeviceSpec.Parse(text);

        var machine = Machine.Build(m => m.Kernel(kernel, spec.UsualArchitecture).Device(spec));

        machine.Refusals.Should().BeEmpty();
        machine.Devices[^1].Name.Should().Be(name);
    }

    [Theory]
    [InlineData("dcssblk:EW,align=1M", 1 << 20)]
    [InlineData("dcssblk:EW,align=512K", 1 << 19)]
    [InlineData("dcssblk:EW", 1 << 21)]
    [InlineData("dcssblk:MIXED", 1 << 21)]
    public void A_segment_lies_as_badly_as_asked(string text, long align)
    {
        var machine = Machine.Build(m => m.Kernel("6.1", Architecture.S390X).Device(text));

        var start = (long)machine.Devices.Should().ContainSingle().Which.PhysicalAddress!;
        (start % align).Should().Be(0);
        if (align < 1 << 21)
        {
            (start % (2 * align)).Should().NotBe(0, "it must not happen to lie better");
        }
    }

    [Fact]
    public void Exclusive_makes_a_read_only_segment_writable()
    {
        Machine.Build(m => m.Kernel("6.12", Architecture.S390X).Device("dcssblk:SR")).Devices[0].IsReadOnly.Should().BeTrue();
        Machine.Build(m => m.Kernel("6.12", Architecture.S390X).Device("dcssblk:SR,exclusive")).Devices[0].IsReadOnly.Should().BeFalse();
    }

    [Fact]
    public void What_the_absent_disk_carries_is_absent_for_the_same_reason()
    {
        var machine = Machine.Build(m => m.Kernel("4.16", Architecture.Ppc64Cell).Device("partition:on=axonram"));

        machine.Devices.Should().BeEmpty();
        machine.Refusals.Select(r => r.Device).Should().Equal("axonram0", "axonram0p1");
        machine.Refusals[1].Reason.Should().Be(machine.Refusals[0].Reason);
    }

    [Theory]
    [InlineData("dm-linear:on=pmem:raw,at=4G+pmem:raw,at=4G", "overlaps")]
    [InlineData("pmem:raw,at=0", "overlaps")]
    [InlineData("partition:start=4G,on=pmem:raw", "does not fit")]
    public void Devices_that_do_not_fit_together_are_refused(string text, string because)
    {
        var act = () => Machine.Build(m => m.Kernel("6.1", Architecture.X8664).Device(text));

        act.Should().Throw<InvalidOperationException>().Which.Message.Should().Contain(because);
    }
}
