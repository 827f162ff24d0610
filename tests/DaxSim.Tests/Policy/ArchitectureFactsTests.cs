using DaxSim.Devices;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.Policy;

/// <summary>What each architecture's page tables could express: gup-fork 1.1. What follows from a change of the history being taken out.</summary>
public sealed class ArchitectureFactsTests
{
    [Theory]
    [InlineData("x86_64", "4.5")]
    [InlineData("ppc64le", "4.13")]
    [InlineData("arm64", "5.3")]
    [InlineData("s390x", null)]
    [InlineData("ppc64-cell", null)]
    public void A_devmap_bit_came_to_some_architectures_and_left_all_in_6_17(string architecture, string? since)
    {
        foreach (var version in KernelVersion.Releases)
        {
            var expected = version >= KernelVersion.Parse("6.17") ? DevmapPteSupport.Removed
                : since is not null && version >= KernelVersion.Parse(since) ? DevmapPteSupport.Bit
                : DevmapPteSupport.None;
            KernelPolicy.Mainline(version, Architecture.Parse(architecture)).DevmapPte.Should().Be(expected, version.ToString());
        }
    }

    [Theory]
    [InlineData("x86_64", 4096)]
    [InlineData("s390x", 4096)]
    [InlineData("ppc64-cell", 65536)]
    [InlineData("ppc64le", 65536)]
    [InlineData("arm64", 4096)]
    public void The_page_size_is_that_of_the_usual_kernel(string architecture, int bytes)
        => Architecture.Parse(architecture).PageSize.Should().Be(bytes);

    [Fact]
    public void Only_s390x_runs_under_zVM()
        => Architecture.All.Where(a => a.CanRunUnderZvm).Should().Equal(Architecture.S390X);

    [Fact]
    public void Taking_out_the_arm64_conversion_takes_its_pages()
    {
        var kernel = KernelPolicy.Mainline("6.1", Architecture.Arm64).Revert("73b20c84d42d");
        kernel.Config.IsEnabled("ZONE_DEVICE").Should().BeFalse();
        kernel.Config.IsEnabled("FS_DAX").Should().BeFalse("6.1 needs ZONE_DEVICE or FS_DAX_LIMITED for it");
    }

    [Fact]
    public void Reverting_and_picking_again_changes_nothing()
    {
        var kernel = KernelPolicy.Mainline("6.17", Architecture.S390X);
        kernel.Revert("dcssblk-zone-device").Pick("dcssblk-zone-device").Should().Be(kernel);
    }

    /// <summary>The recording of 4.16.13 with FS_DAX_LIMITED on x86: page-less pmem that says PFN_DEV|PFN_SPECIAL.</summary>
    [Fact]
    public void Pmem_can_be_made_the_twin_of_dcssblk()
    {
        var kernel = KernelPolicy.Mainline("4.16.13", Architecture.X8664).Pick("pmem-force-raw") with { PmemPfnFlags = PmemPfnFlags.DevAndSpecial };
        kernel = kernel with { Config = kernel.Config.With("FS_DAX_LIMITED", KconfigValue.Yes).With("ARCH_HAS_PMEM_API", KconfigValue.No) };
        var disk = Machine.Build(m => m.Kernel(kernel).E820Pmem("64M", forceRaw: true)).DeviceTable.Find("pmem0")!;
        disk.DaxDevice!.DirectAccess(0, 1).Value.Flags.Should().Be(PfnFlags.Dev | PfnFlags.Special);
        DaxSim.Devices.Admission.BdevDaxSupported(disk, 4096, null).Admitted.Should().BeTrue();
    }

    [Fact]
    public void A_device_can_be_read_and_written_from_outside()
    {
        var machine = Machine.Build(m => m.Kernel("6.1", Architecture.X8664).Pmem("64M"));
        machine.WriteDevice("/dev/pmem0", 4095, [1, 2]).IsOk.Should().BeTrue();
        var bytes = new byte[3];
        machine.ReadDevice("pmem0", 4095, bytes).IsOk.Should().BeTrue();
        bytes.Should().Equal(1, 2, 0);
        machine.ReadDevice("pmem0", (64 << 20) - 1, bytes).Errno.Should().Be(Errno.EIO);
        FluentActions.Invoking(() => machine.WriteDevice("pmem1", 0, [1])).Should().Throw<ArgumentException>().WithMessage("There is no block device pmem1.*");
    }
}
