using DaxSim.Devices;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.Devices;

/// <summary>device-dax, kmem, fsdev and the window of virtiofs: dax-support 3.6 and 2.4.</summary>
public sealed class DaxRangeTests
{
    private const ulong MiB = 1 << 20;

    [Theory]
    [InlineData("4.6", false)]
    [InlineData("4.7", true)]
    [InlineData("7.3", true)]
    public void Character_devices_came_with_4_7(string kernel, bool present)
        => (Build(kernel, m => m.DeviceDax("1G")).FindDevice("/dev/dax0.0") is not null).Should().Be(present);

    [Theory]
    [InlineData(true, 4 * MiB, 8 * MiB, Errno.None, null)]
    [InlineData(false, 4 * MiB, 8 * MiB, Errno.EINVAL, "device_dax dax0.0: prog: dax_mmap: fail, attempted private mapping")]
    [InlineData(true, 5 * MiB, 8 * MiB, Errno.EINVAL, "device_dax dax0.0: prog: dax_mmap: fail, unaligned vma (0x500000 - 0x800000, 0x1fffff)")]
    [InlineData(true, 4 * MiB, 7 * MiB, Errno.EINVAL, "device_dax dax0.0: prog: dax_mmap: fail, unaligned vma (0x400000 - 0x700000, 0x1fffff)")]
    public void A_mapping_is_shared_and_aligned(bool shared, ulong start, ulong end, Errno errno, string? line)
    {
        var machine = Build("6.1", m => m.DeviceDax("1G"));
        machine.DeviceTable.FindRange("dax0.0")!.CheckMapping(shared, start, end, "prog").Errno.Should().Be(errno);
        machine.Log.Entries.Select(e => e.Text).LastOrDefault().Should().Be(line);
    }

    [Fact]
    public void A_dead_device_cannot_be_mapped()
    {
        var range = Build("6.1", m => m.DeviceDax("1G")).DeviceTable.FindRange("dax0.0")!;
        range.Unbind();
        range.CheckMapping(true, 0, 2 * MiB, "prog").Errno.Should().Be(Errno.ENXIO);
        range.Fault(FaultSize.Pmd, 0, 0, 0, 2 * MiB).Should().Be(DevDaxFault.Sigbus);
    }

    public static TheoryData<string, string> FaultTable() => new()
    {
        { "4K", "Map Fallback Fallback" },
        { "2M", "Sigbus Map Fallback" },
        { "1G", "Sigbus Sigbus Map" },
    };

    [Theory]
    [MemberData(nameof(FaultTable))]
    public void A_fault_is_mapped_in_the_size_of_the_alignment_only(string align, string expected)
    {
        const ulong GiB = 1UL << 30;
        var range = Build("6.1", m => m.DeviceDax("4G", align)).DeviceTable.FindRange("dax0.0")!;
        var results = Enum.GetValues<FaultSize>().Select(size => range.Fault(size, 0, GiB, GiB, 2 * GiB));
        string.Join(' ', results).Should().Be(expected);
    }

    [Fact]
    public void A_huge_page_that_sticks_out_of_the_mapping_is_SIGBUS()
        => Build("6.1", m => m.DeviceDax("1G")).DeviceTable.FindRange("dax0.0")!.Fault(FaultSize.Pmd, 1, 4096, 4096, 3 * MiB).Should().Be(DevDaxFault.Sigbus);

    [Fact]
    public void A_page_beyond_the_device_is_SIGBUS()
    {
        var range = Build("6.1", m => m.DeviceDax("1G")).DeviceTable.FindRange("dax0.0")!;
        range.Fault(FaultSize.Pmd, range.Frames.PageCount, 2 * MiB, 2 * MiB, 4 * MiB).Should().Be(DevDaxFault.Sigbus);
    }

    [Theory]
    [InlineData("4K", true)]
    [InlineData("2M", true)]
    [InlineData("1G", true)]
    [InlineData("64K", false)]
    [InlineData("4M", false)]
    public void Only_the_sizes_of_page_table_entries_are_alignments(string align, bool valid)
        => Build("6.1", m => m.DeviceDax("4G", align)).Refusals.Count.Should().Be(valid ? 0 : 1);

    [Fact]
    public void Without_huge_pages_2_MiB_is_no_alignment()
    {
        var kernel = KernelPolicy.Mainline("6.1", Architecture.X8664);
        kernel = kernel with { Config = kernel.Config.With("TRANSPARENT_HUGEPAGE", KconfigValue.No).With("DEV_DAX", KconfigValue.Module) };
        Machine.Build(m => m.Kernel(kernel).DeviceDax("1G")).Refusals.Should().ContainSingle();
    }

    [Fact]
    public void Device_dax_has_pages_of_its_own_kind_that_rest_at_one_reference()
    {
        var range = Build("7.3", m => m.DeviceDax("1G")).DeviceTable.FindRange("dax0.0")!;
        range.Pagemap!.Type.Should().Be(PagemapType.Generic);
        range.Pagemap.IdleRefCount.Should().Be(1);
        range.DaxDevice.DirectAccess(0, 1).Errno.Should().Be(Errno.EOPNOTSUPP, "no operations are bound");
    }

    [Fact]
    public void Kmem_makes_system_RAM_of_whole_memory_blocks()
    {
        var machine = Build("5.1", m => m.Kmem("1G", start: (8UL << 30) + (64 * MiB)));
        var region = machine.MemoryRegions.Single(r => r.Name == "System RAM (kmem)");
        region.Start.Should().Be((8UL << 30) + (128 * MiB));
        region.Length.Should().Be(896 * MiB);
        machine.Memory.HasStructPage(region.Start >> 12).Should().BeTrue();
    }

    [Theory]
    [InlineData("5.0", "1G", 0, "5.0 does not have the driver kmem yet; it came with 5.1 (c221c0b0308f).", null)]
    [InlineData("5.1", "1G", -1, "The node -1 is invalid (EINVAL).", "kmem dax0.0: rejecting DAX region with invalid node: -1")]
    [InlineData("5.1", "64M", 0, "The range holds no whole memory block of 128M (EINVAL).", "kmem dax0.0: rejecting DAX region without any memory after alignment")]
    public void Kmem_refuses(string kernel, string size, int node, string because, string? line)
    {
        var machine = Build(kernel, m => m.Kmem(size, node));
        machine.Refusals.Single().Reason.Because.Should().Be(because);
        machine.Log.Entries.Select(e => e.Text).LastOrDefault().Should().Be(line);
    }

    [Theory]
    [InlineData("7.0", false)]
    [InlineData("7.1", true)]
    public void Fsdev_came_with_7_1(string kernel, bool present)
        => (Build(kernel, m => m.Fsdev("1G")).FindDevice("dax0.0") is not null).Should().Be(present);

    [Fact]
    public void Fsdev_lends_its_memory_and_cannot_be_mapped()
    {
        var range = Build("7.1", m => m.Fsdev("1G")).DeviceTable.FindRange("dax0.0")!;
        range.Pagemap!.Type.Should().Be(PagemapType.FsDax);
        range.DaxDevice.DirectAccess(1, 4).Value.Should().Be(new DirectAccess(range.Frames.StartPfn + 1, PfnFlags.None, 4 * 4096));
        range.DaxDevice.DirectAccess(range.Frames.PageCount, 1).Errno.Should().Be(Errno.EFAULT);
        range.CheckMapping(true, 0, 2 * MiB, "prog").Errno.Should().Be(Errno.ENODEV);
    }

    [Theory]
    [InlineData("5.9", "1G", false)]
    [InlineData("5.10", "1G", true)]
    [InlineData("5.10", "0", false)]
    public void Virtiofs_has_a_window_from_5_10_on(string kernel, string window, bool dax)
    {
        var machine = Build(kernel, m => m.VirtioFs("share", window));
        (machine.DeviceTable.VirtioFs.Single().DaxDevice is not null).Should().Be(dax);
    }

    [Fact]
    public void A_virtiofs_device_without_window_says_so()
        => Build("6.1", m => m.VirtioFs("share")).Log.Entries.Single().Text.Should().Be("virtio_fs_setup_dax: No cache capability");

    [Fact]
    public void The_window_has_pages_of_its_own()
    {
        var device = Build("6.1", m => m.VirtioFs("share", "1G")).DeviceTable.VirtioFs.Single();
        device.DaxDevice!.DirectAccess(3, 1).Value.Should().Be(new DirectAccess(device.Window.StartPfn + 3, PfnFlags.Dev | PfnFlags.Map, 4096));
        device.Pagemap!.Type.Should().Be(PagemapType.FsDax);
    }

    private static Machine Build(string kernel, Func<MachineBuilder, MachineBuilder> add) => Machine.Build(m => add(m.Kernel(kernel, Architecture.X8664)));
}
