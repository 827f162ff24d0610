using DaxSim.Devices;
using DaxSim.Devices.Drivers;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.Devices;

/// <summary>axonram, xpram and the RAM disk: dax-support 3.3 to 3.5.</summary>
public sealed class OldDriverTests
{
    [Theory]
    [InlineData("3.10", true)]
    [InlineData("4.15", true)]
    [InlineData("4.16", false)]
    [InlineData("7.3", false)]
    public void Axonram_was_removed_in_4_16(string kernel, bool present)
    {
        var machine = Cell(kernel);
        (machine.FindDevice("axonram0") is not null).Should().Be(present);
        if (!present)
        {
            machine.Refusals[0].Reason.Because.Should().StartWith("The driver axonram was removed in 4.16");
        }
    }

    [Fact]
    public void Axonram_reported_the_pfn_of_a_local_variable()
    {
        var machine = Cell("3.10");
        var disk = machine.DeviceTable.Find("axonram0")!;
        disk.BdevDirectAccess(0, 4096).Value.Pfn.Should().Be(machine.Memory.LastRamPfn).And.NotBe(disk.Frames!.Value.StartPfn);
    }

    [Theory]
    [InlineData("3.19")]
    [InlineData("4.4")]
    public void Axonram_reports_the_right_pfn_from_3_19_on(string kernel)
    {
        var disk = Cell(kernel).DeviceTable.Find("axonram0")!;
        disk.BdevDirectAccess(0, 65536).Value.Pfn.Should().Be(disk.Frames!.Value.StartPfn);
    }

    [Fact]
    public void Axonram_tested_its_range_up_to_3_19()
    {
        var machine = Cell("3.19");
        var disk = machine.DeviceTable.Find("axonram0")!;
        disk.BdevDirectAccess(disk.SectorCount, 4096).Errno.Should().Be(Errno.ERANGE);
        machine.Log.Entries[^1].Text.Should().Be("Access outside of address space");
    }

    [Theory]
    [InlineData("4.4", PfnFlags.None)]
    [InlineData("4.5", PfnFlags.Dev)]
    [InlineData("4.15", PfnFlags.Dev)]
    public void Axonram_is_device_memory_but_not_special(string kernel, object flags)
    {
        var disk = Cell(kernel).DeviceTable.Find("axonram0")!;
        disk.DriverDirectAccess(0, 65536, null).Value.Flags.Should().Be((PfnFlags)flags);
    }

    [Theory]
    [InlineData("4.7", Errno.None)]
    [InlineData("4.8", Errno.EOPNOTSUPP)]
    [InlineData("4.11", Errno.EOPNOTSUPP)]
    public void Axonram_never_sets_the_queue_flag(string kernel, Errno errno)
    {
        var disk = Cell(kernel).DeviceTable.Find("axonram0")!;
        disk.HasQueueDaxFlag.Should().BeFalse();
        disk.BdevDirectAccess(0, 65536).Errno.Should().Be(errno);
    }

    [Fact]
    public void Axonram_has_a_dax_device_from_4_12_on()
        => Cell("4.12").DeviceTable.Find("axonram0")!.DaxDevice!.DirectAccess(0, 1).IsOk.Should().BeTrue();

    [Fact]
    public void Axonram_counts_corrected_errors_and_goes_on()
    {
        var machine = Cell("4.14");
        machine.CorrectMemoryError("axonram0");
        machine.CorrectMemoryError("axonram0");
        machine.FindDevice("axonram0")!.CorrectedErrors.Should().Be(2);
        machine.Log.Entries[^1].Text.Should().Be("Correctable memory error occurred");
        machine.DeviceTable.Find("axonram0")!.DaxDevice!.DirectAccess(0, 1).IsOk.Should().BeTrue();
    }

    [Fact]
    public void Axonram_tells_its_size()
    {
        var machine = Machine.Build(m => m.Kernel("4.14", Architecture.Ppc64Cell).AxonRam("256M").AxonRam("0"));
        machine.Log.Entries.Select(e => e.Text).Should().Equal("Register DDR2 memory device axonram0 with 256MB", "No DDR2 memory found for axonram1");
        machine.Refusals.Should().ContainSingle();
    }

    [Theory]
    [InlineData("3.10", true)]
    [InlineData("5.14", true)]
    [InlineData("5.15", false)]
    public void Xpram_was_removed_in_5_15(string kernel, bool present)
    {
        var machine = Machine.Build(m => m.Kernel(kernel, Architecture.S390X).Xpram("64M"));
        (machine.FindDevice("slram0") is not null).Should().Be(present);
        machine.Refusals.Count.Should().Be(present ? 0 : 1);
    }

    [Theory]
    [InlineData("3.10")]
    [InlineData("4.4")]
    [InlineData("4.14")]
    [InlineData("5.14")]
    public void Xpram_never_has_direct_access(string kernel)
    {
        var disk = Machine.Build(m => m.Kernel(kernel, Architecture.S390X).Xpram("64M")).DeviceTable.Find("slram0")!;
        disk.HasDirectAccessOp.Should().BeFalse();
        disk.DaxDevice.Should().BeNull();
        disk.HasQueueDaxFlag.Should().BeFalse();
        disk.Frames.Should().BeNull();
    }

    [Fact]
    public void Xpram_moves_whole_pages_only()
    {
        var disk = Machine.Build(m => m.Kernel("4.14", Architecture.S390X).Xpram("64M")).DeviceTable.Find("slram0")!;
        var page = new byte[4096];
        page.AsSpan().Fill(7);
        disk.Write(4096, page).IsOk.Should().BeTrue();
        disk.Read(4096, page).IsOk.Should().BeTrue();
        page.Should().AllBeEquivalentTo((byte)7);
        disk.Write(512, page).Errno.Should().Be(Errno.EIO);
        disk.Read(0, new byte[512]).Errno.Should().Be(Errno.EIO);
    }

    [Theory]
    [InlineData("3.10", true, false, false)]
    [InlineData("4.0", true, false, false)]
    [InlineData("4.11", true, true, false)]
    [InlineData("4.12", false, true, true)]
    [InlineData("4.14", false, true, true)]
    [InlineData("4.15", false, false, false)]
    [InlineData("7.3", false, false, false)]
    public void The_RAM_disk_had_DAX_up_to_4_14(string kernel, bool operation, bool flag, bool dax)
    {
        var disk = Machine.Build(m => m.Kernel(kernel, Architecture.X8664).Brd("16M")).DeviceTable.Find("ram0")!;
        disk.HasDirectAccessOp.Should().Be(operation);
        disk.HasQueueDaxFlag.Should().Be(flag);
        (disk.DaxDevice is not null).Should().Be(dax);
    }

    [Fact]
    public void The_RAM_disk_hands_out_one_page_of_ordinary_RAM()
    {
        var machine = Machine.Build(m => m.Kernel("4.14", Architecture.X8664).Brd("16M"));
        var disk = (BrdDisk)machine.DeviceTable.Find("ram0")!;
        disk.AllocatedPages.Should().Be(0);
        var memory = disk.DaxDevice!.DirectAccess(5, 100).Value;
        memory.Bytes.Should().Be(4096);
        memory.Flags.Should().Be(PfnFlags.None);
        machine.Memory.HasStructPage(memory.Pfn).Should().BeTrue();
        disk.AllocatedPages.Should().Be(1);
        machine.FindDevice("ram0")!.StructPages.Should().Be(StructPages.OrdinaryRam);
    }

    [Theory]
    [InlineData("3.10", Errno.ENOMEM)]
    [InlineData("3.19", Errno.ENOSPC)]
    [InlineData("4.14", Errno.ENOSPC)]
    public void A_RAM_disk_larger_than_RAM_runs_out_of_pages(string kernel, Errno errno)
    {
        var disk = Machine.Build(m => m.Kernel(kernel, Architecture.X8664).Ram("64M").Brd("128M")).DeviceTable.Find("ram0")!;
        var last = disk.SectorCount - 8;
        (disk.DaxDevice is { } dax ? dax.DirectAccess(last / 8, 1) : disk.BdevDirectAccess(last, 4096)).Errno.Should().Be(errno);
    }

    [Fact]
    public void XIP_on_a_RAM_disk_tests_alignment_and_end()
    {
        var disk = Machine.Build(m => m.Kernel("3.10", Architecture.X8664).Brd("16M")).DeviceTable.Find("ram0")!;
        disk.BdevDirectAccess(1, 4096).Errno.Should().Be(Errno.EINVAL);
        disk.BdevDirectAccess(disk.SectorCount, 4096).Errno.Should().Be(Errno.ERANGE);
    }

    [Fact]
    public void RAM_disks_do_not_share_pages()
    {
        var table = Machine.Build(m => m.Kernel("4.14", Architecture.X8664).Brd("16M").Brd("16M")).DeviceTable;
        var (a, b) = (table.Find("ram0")!.Frames!.Value, table.Find("ram1")!.Frames!.Value);
        (a.StartPfn >= b.EndPfn || b.StartPfn >= a.EndPfn).Should().BeTrue();
        table.Memory.AllocatableEnd.Should().Be(Math.Min(a.StartPfn, b.StartPfn));
    }

    [Fact]
    public void Without_BLK_DEV_RAM_DAX_the_RAM_disk_has_no_DAX()
    {
        var kernel = KernelPolicy.Mainline("4.14", Architecture.X8664);
        kernel = kernel with { Config = kernel.Config.With("BLK_DEV_RAM_DAX", KconfigValue.No) };
        Machine.Build(m => m.Kernel(kernel).Brd("16M")).DeviceTable.Find("ram0")!.DaxDevice.Should().BeNull();
    }

    [Fact]
    public void Reverting_the_removal_gives_the_RAM_disk_its_DAX_back()
        => Machine.Build(m => m.Kernel(KernelPolicy.Mainline("4.15", Architecture.X8664).Revert("7a862fbbdec6")).Brd("16M")).DeviceTable.Find("ram0")!.DaxDevice.Should().NotBeNull();

    private static Machine Cell(string kernel) => Machine.Build(m => m.Kernel(kernel, Architecture.Ppc64Cell).AxonRam("256M"));
}
