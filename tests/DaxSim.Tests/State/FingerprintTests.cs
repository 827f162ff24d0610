using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Processes;

namespace DaxSim.Tests.State;

/// <summary>Machine.Fingerprint: equal for equal states, different for different ones.</summary>
public class FingerprintTests
{
    [Theory]
    [InlineData("4.9")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void A_restored_machine_has_the_fingerprint_of_the_snapshot(string kernel)
    {
        var machine = BusyMachine.X86(kernel);
        var before = machine.Fingerprint();
        var snapshot = machine.Snapshot();

        Everything(machine);
        machine.Fingerprint().Should().NotBe(before);
        machine.Restore(snapshot);

        machine.Fingerprint().Should().Be(before);
        machine.Audit().Should().BeEmpty();
    }

    [Fact]
    public void Going_forth_and_back_between_two_snapshots_finds_both_states_unchanged()
    {
        var machine = BusyMachine.X86("6.1");
        var first = machine.Snapshot();
        var firstPrint = machine.Fingerprint();
        Everything(machine);
        var second = machine.Snapshot();
        var secondPrint = machine.Fingerprint();

        for (var i = 0; i < 3; i++)
        {
            machine.Restore(first);
            machine.Fingerprint().Should().Be(firstPrint);
            machine.Restore(second);
            machine.Fingerprint().Should().Be(secondPrint);
        }
    }

    [Fact]
    public void Machines_that_went_the_same_way_have_the_same_fingerprint()
        => BusyMachine.X86("6.1").Fingerprint().Should().Be(BusyMachine.X86("6.1").Fingerprint());

    [Fact]
    public void It_is_32_hexadecimal_digits() => BusyMachine.S390("6.1").Fingerprint().Should().MatchRegex("^[0-9a-f]{32}$");

    [Fact]
    public void Every_single_change_shows()
    {
        var machine = BusyMachine.X86("6.1");
        var process = machine.FindProcess(1)!;
        var address = BusyMachine.Map(process, null, 4, MapFlags.Private);
        process.WriteByte(address, 1);
        var seen = new HashSet<string> { machine.Fingerprint() };

        Changes(() => process.WriteByte(address, 2), "a byte");
        Changes(() => process.WriteByte(address + BusyMachine.Page, 1), "a new page");
        Changes(() => process.Mprotect(address, BusyMachine.Page, Prot.Read), "an area");
        Changes(() => process.GetUserPages(address, 1), "a reference");
        Changes(() => machine.HeldPages[^1].Write(0, 0, [9]), "memory behind a page table's back");
        Changes(() => machine.Spawn("another"), "a process");
        Changes(() => machine.WriteDevice("/dev/vda", 0, [1]), "a block");
        Changes(() => machine.SetReadOnly("/dev/vda", true), "a device");
        Changes(() => machine.InjectMediaError("/dev/pmem0", 0), "a media error");
        Changes(() => machine.Mounts[0].Mkdir("directory"), "a directory");
        Changes(() => machine.PassTime(TimeSpan.FromSeconds(1)), "time");
        Changes(() => machine.Log.DynamicDebug = true, "the log");

        void Changes(Action change, string what)
        {
            change();
            seen.Add(machine.Fingerprint()).Should().BeTrue("{0} changed", what);
        }
    }

    private static void Everything(Machine machine)
    {
        foreach (var process in machine.Processes)
        {
            var child = process.Fork().Value;
            var address = BusyMachine.Map(child, null, 40, MapFlags.Private);
            for (var i = 0UL; i < 40; i++)
            {
                child.WriteByte(address + (i * 7 % 40 * BusyMachine.Page), (byte)i);
            }

            process.Exit();
        }

        foreach (var held in machine.HeldPages)
        {
            held.Release(dirty: true);
        }

        machine.Transfers[0].Complete();
        machine.Pipes[0].Close();
        machine.Mounts[1].Open("other", OpenFlags.ReadWrite | OpenFlags.Create).Value.WriteBytes(0, [1, 2, 3]);
        machine.Mounts[1].Open("file", OpenFlags.ReadWrite).Value.Sync();
        machine.Mounts[0].Open("file", OpenFlags.ReadWrite).Value.PunchHole(0, 4096);
        machine.OpenDevMem();
        machine.SetReadOnly("/dev/vda", true);
        machine.WriteDevice("/dev/pmem0", 1 << 20, [7]);
    }
}
