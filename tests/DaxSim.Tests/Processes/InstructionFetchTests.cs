using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Tests.AddressSpaces;

namespace DaxSim.Tests.Processes;

/// <summary>What the processor makes of the bytes it is sent to. Source: cells exec of devdax_shared_ro, devmem_shared_ro and devmem_private_ro (pages full of 'A', a prefix).</summary>
public class InstructionFetchTests
{
    private static Actor WithCode(byte[] code, ulong at, out ulong address, Prot prot = Prot.Read | Prot.Write | Prot.Exec)
    {
        var actor = Scene.X86("6.1").Spawn();
        address = actor.Map(Backing.Anon, shared: false, prot: prot) + at;
        actor.Process.Write(address, code);
        return actor;
    }

    [Fact]
    public void NothingButPrefixesIsAGeneralProtectionFault()
    {
        var actor = WithCode([.. Enumerable.Repeat((byte)'A', 32)], 0, out var address);
        var run = actor.Process.Execute(address);
        run.Signal.Should().Be(new SignalInfo(Signal.SIGSEGV, SiCode.SI_KERNEL, 0));
    }

    [Fact]
    public void FourteenPrefixesAndAReturnAreAnInstruction()
    {
        var actor = WithCode([.. Enumerable.Repeat((byte)0x66, 14), 0xc3], 0, out var address);
        actor.Process.Execute(address).Should().Be(Verdict.Ok);
    }

    [Fact]
    public void AnInstructionThatGoesOnInAPageThatIsNotThereFaultsThere()
    {
        var actor = WithCode([0x66, 0x66, 0x66], (4 * Scene.Page) - 3, out var address);
        actor.Process.Execute(address).Signal.Should().Be(new SignalInfo(Signal.SIGSEGV, SiCode.SEGV_MAPERR, address + 3));
    }

    [Fact]
    public void APageWithoutProtExecIsRefusedBeforeItsBytesMatter()
    {
        var actor = WithCode([0xc3], 0, out var address, Scene.ReadWrite);
        actor.Process.Execute(address).Signal.Code.Should().Be(SiCode.SEGV_ACCERR);
    }

    [Fact]
    public void OtherProcessorsRunWhateverIsThere()
    {
        var machine = Machine.Build(m => m.Kernel("6.1", Architecture.S390X).Ram("64M"));
        var process = machine.Spawn("process");
        var address = process.Mmap(0, Scene.Page, Prot.Read | Prot.Write | Prot.Exec, MapFlags.Private | MapFlags.Anonymous).Value;
        process.Write(address, [.. Enumerable.Repeat((byte)'A', 32)]);
        process.Execute(address).Should().Be(Verdict.Ok);
    }
}
