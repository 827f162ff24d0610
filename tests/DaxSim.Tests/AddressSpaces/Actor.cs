using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>A process of a scenario: its calls are those of <see cref="Process"/>, with an audit of the whole machine after each.</summary>
internal sealed class Actor(Scene scene, Process process)
{
    internal Scene Scene => scene;

    internal Process Process => process;

    internal AddressSpace Space => process.Space;

    internal ulong Map(Backing backing, ulong pages = 4, bool shared = true, Prot prot = Scene.ReadWrite, FileHandle? file = null, MapFlags more = 0, ulong at = 0)
        => scene.Step(() => process.Mmap(at, pages * Scene.Page, prot, (shared ? MapFlags.Shared : MapFlags.Private) | more, backing == Backing.Anon ? null : file ?? scene.File(backing, (int)pages), Scene.Start(backing))).Value;

    /// <summary>Two megabytes at a fixed, aligned address, which a transparent huge page maps when it is written.</summary>
    internal ulong MapHuge()
    {
        const ulong address = 0x4000_0000_0000;
        scene.Step(() => process.Mmap(address, Scene.Huge, Scene.ReadWrite, MapFlags.Private | MapFlags.Fixed)).IsOk.Should().BeTrue();
        Madvise(address, Scene.Huge, Advice.HugePage).IsOk.Should().BeTrue();
        return address;
    }

    internal Result<byte> TryLoad(ulong address) => scene.Step(() => process.ReadByte(address));

    internal char Load(ulong address) => (char)TryLoad(address).Value;

    internal Verdict TryStore(ulong address, char value) => scene.Step(() => process.WriteByte(address, (byte)value));

    internal void Store(ulong address, char value) => TryStore(address, value).Should().Be(Verdict.Ok);

    internal Result<Process> TryFork() => scene.Step(process.Fork);

    internal Actor Fork() => new(scene, TryFork().Value);

    internal void Exit()
    {
        process.Exit();
        scene.Check();
    }

    internal Verdict Munmap(ulong address, ulong pages = 4) => scene.Step(() => process.Munmap(address, pages * Scene.Page));

    internal Verdict Mprotect(ulong address, Prot prot, ulong pages = 4) => scene.Step(() => process.Mprotect(address, pages * Scene.Page, prot));

    internal Verdict Madvise(ulong address, ulong length, Advice advice) => scene.Step(() => process.Madvise(address, length, advice));

    internal Result<ulong> Mremap(ulong address, ulong oldLength, ulong newLength, MremapFlags flags, ulong to = 0) => scene.Step(() => process.Mremap(address, oldLength, newLength, flags, to));

    internal Result<UserPages> Get(ulong address, int count = 1, GupFlags flags = 0) => scene.Step(() => process.GetUserPages(address, count, flags));

    internal Result<UserPages> GetFast(ulong address, int count = 1, GupFlags flags = 0) => scene.Step(() => process.GetUserPagesFast(address, count, flags));

    internal Result<UserPages> Pin(ulong address, int count = 1, GupFlags flags = 0) => scene.Step(() => process.PinUserPages(address, count, flags));

    internal Result<UserPages> PinFast(ulong address, int count = 1, GupFlags flags = 0) => scene.Step(() => process.PinUserPagesFast(address, count, flags));

    internal Result<int> Vmsplice(Pipe pipe, ulong address, int length = 1) => scene.Step(() => process.Vmsplice(pipe, address, length));

    internal Result<ulong> Peek(Actor target, ulong address) => scene.Step(() => process.PtracePeek(target.Process, address));

    internal Verdict Poke(Actor target, ulong address, char value) => scene.Step(() => process.PtracePoke(target.Process, address, 0x0101_0101_0101_0101UL * value));

    internal Result<int> VmRead(Actor target, ulong address, int length = 8) => scene.Step(() => process.ProcessVmReadv(target.Process, address, new byte[length]));

    internal Result<int> VmWrite(Actor target, ulong address, int length = 8) => scene.Step(() => process.ProcessVmWritev(target.Process, address, Enumerable.Repeat((byte)'p', length).ToArray()));

    internal Result<int> MemRead(Actor target, ulong address, int length = 8) => scene.Step(() => process.ProcMemRead(target.Process, address, new byte[length]));

    internal Result<int> MemWrite(Actor target, ulong address, int length = 8) => scene.Step(() => process.ProcMemWrite(target.Process, address, Enumerable.Repeat((byte)'p', length).ToArray()));

    internal Verdict FutexWait(ulong address, bool shared) => scene.Step(() => process.FutexWait(address, 0xdead_beef, shared ? FutexScope.Shared : FutexScope.Private));

    /// <summary>The entry of a page, as the page table has it.</summary>
    internal Pte Entry(ulong address) => Space.PageTable[address / Scene.Page];

    internal ulong PfnAt(ulong address) => Entry(address).Pfn(address / Scene.Page);

    /// <summary>page_count of the page at an address.</summary>
    internal int CountAt(ulong address) => scene.Machine.Memory.PageCount(PfnAt(address));

    internal int MapCountAt(ulong address) => scene.Machine.Memory.PageOf(PfnAt(address)).MapCount;
}

/// <summary>Short words for outcomes, as the tables of the scenarios write them.</summary>
internal static class OutcomeWords
{
    internal static string Word(this Verdict verdict) => verdict.Kind switch
    {
        VerdictKind.Ok => "ok",
        VerdictKind.Errno => verdict.Errno.ToString(),
        VerdictKind.Signal => verdict.Signal.Signal.ToString(),
        _ => verdict.Kind.ToString().ToLowerInvariant(),
    };

    internal static string Word<T>(this Result<T> result) => result.Verdict.Word();
}
