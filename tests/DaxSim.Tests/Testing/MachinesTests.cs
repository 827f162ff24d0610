using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Testing;

namespace DaxSim.Tests.Testing;

/// <summary>The ready machines are what their documentation says.</summary>
public class MachinesTests
{
    private const string NoStructPage = "no struct page";

    public static TheoryData<string, Func<ReadyMachine>, string> Kinds => new()
    {
        { "DcssUsr", () => Machines.DcssUsr("4.16"), NoStructPage },
        { "DcssUsr, XIP", () => Machines.DcssUsr("3.10"), NoStructPage },
        { "DcssData", () => Machines.DcssData("4.16"), NoStructPage },
        { "Pmem", () => Machines.Pmem("6.1"), "ZONE_DEVICE" },
        { "Pmem, xfs", () => Machines.Pmem("6.1", "xfs"), "ZONE_DEVICE" },
        { "PmemRaw", () => Machines.PmemRaw("4.9"), NoStructPage },
        { "PmemRaw without DAX", () => Machines.PmemRaw("4.16"), "page cache" },
        { "VirtioPmem", () => Machines.VirtioPmem("6.1"), "ZONE_DEVICE" },
        { "AxonRam", () => Machines.AxonRam("4.14"), NoStructPage },
        { "Brd", () => Machines.Brd("4.9"), "other RAM" },
        { "PageCache", () => Machines.PageCache("6.1"), "page cache" },
        { "DeviceDax", () => Machines.DeviceDax("6.1"), "ZONE_DEVICE" },
        { "DeviceMemory", () => Machines.DeviceMemory("6.1"), NoStructPage },
        { "Anonymous", () => Machines.Anonymous("6.1"), "zero page" },
        { "Mounted", () => Machines.Mounted(KernelPolicy.Mainline("6.1", Architecture.X8664), "partition:start=4096s,on=pmem:fsdax", "ext4"), "ZONE_DEVICE" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_mapped_page_is_of_that_kind_and_the_machine_records(string name, Func<ReadyMachine> make, string kind)
    {
        var ready = make();
        var address = ready.MapAndTouch(ready.HasFile && ready.File.CanWrite ? MapFlags.Shared : MapFlags.Private);

        ready.Process.View(address).Kind.Should().Be(kind, "of {0}", name);
        ready.Machine.RecordsDecisions.Should().BeTrue();
        ready.Machine.Should().BeConsistent();
    }

    [Fact]
    public void The_files_pages_are_told_apart_by_letters()
    {
        var (machine, mount, process) = Machines.Pmem("6.1");
        var file = mount.Open("data").Value;
        var address = process.Mmap(0, 4 * 4096, Prot.Read, MapFlags.Shared, file).Value;

        string.Concat(Enumerable.Range(0, 4).Select(p => (char)process.ReadByte(address + (ulong)(p * 4096)).Value)).Should().Be("abcd");
        mount.IsDax.Should().BeTrue();
        machine.Mounts.Should().ContainSingle().Which.Path.Should().Be("/mnt");
    }

    [Fact]
    public void The_program_on_usr_can_be_executed_in_place()
    {
        // The line of /proc/mounts as recorded with other devices (tests/DaxSim.Tests/FileSystems/Ext2MountTests.cs).
        var usr = Machines.DcssUsr("4.14");
        var text = usr.Map(MapFlags.Private, Prot.Read | Prot.Exec);

        usr.Mount.ProcMountsLine.Should().Be("/dev/dcssblk0 /usr ext2 ro,relatime,errors=continue,dax 0 0");
        usr.Process.Execute(text).Should().Succeed();
    }

    [Fact]
    public void A_kernel_that_refuses_is_reported_with_its_reason()
    {
        // brd lost DAX in 4.15 (7a862fbbdec6); from 5.0 on ext4 refuses the mount (361d24d40657). Recorded.
        var refused = () => Machines.Brd("5.0");
        var absent = () => Machines.AxonRam("4.16");

        refused.Should().Throw<InvalidOperationException>().WithMessage("mount -t ext4 -o dax /dev/ram0 /mnt fails.*EINVAL*7a862fbbdec6*");
        absent.Should().Throw<InvalidOperationException>().WithMessage("Kernel 4.16 ppc64-cell cannot drive axonram: *removed in 4.16*");
    }

    [Fact]
    public void Expecting_too_much_of_a_ready_machine_is_explained()
    {
        var file = () => Machines.Anonymous("6.1").File;
        var store = () => Machines.DcssUsr("4.16").Map(MapFlags.Shared, Prot.Read | Prot.Write);

        file.Should().Throw<InvalidOperationException>().WithMessage("*Machines.PageCache*");
        store.Should().Throw<InvalidOperationException>().WithMessage("mmap fails on this machine.*EACCES*");
    }

    [Fact]
    public void Checks_throw_with_the_same_explanation()
    {
        var usr = Machines.DcssUsr("6.1");
        var result = usr.Process.GetUserPages(usr.MapAndTouch(), 1);
        var act = () => Check.Succeeds(result);

        Check.FailsWith(result.Verdict, Errno.EEXIST);
        Check.IsConsistent(usr.Machine);
        act.Should().Throw<CheckException>().Which.Message.Should().Be($"Expected success, but the outcome is EEXIST.\n\n{Explanation.Of(result)!.Report()}");
    }

    [Theory]
    [InlineData("4.5")]
    [InlineData("4.6")]
    public void The_file_is_there_although_the_kernel_can_neither_write_nor_read_it(string kernel)
    {
        // fe683adabfe6 (4.5) wants whole pages of drivers, dcssblk reckons one byte short, and the mount does not ask until 4.7.
        var usr = Machines.DcssUsr(kernel);

        usr.File.Size.Should().Be(4 * 4096);
        usr.Process.ReadByte(usr.Map()).Should().RaiseSignal(Signal.SIGBUS, SiCode.BUS_ADRERR).And.DecidedBy("fe683adabfe6");
        usr.Machine.Audit().Should().BeEmpty();
    }
}
