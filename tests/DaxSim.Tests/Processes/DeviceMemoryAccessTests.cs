using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Processes;
using DaxSim.Tests.AddressSpaces;

namespace DaxSim.Tests.Processes;

/// <summary>Device memory that other processes, the processor and the disk meet. Source: the recordings named at each test.</summary>
public class DeviceMemoryAccessTests
{
    private const ulong At = 0x5000_0000_0000;
    private const int HalfPage = 2048;

    private static (Actor Owner, Actor Other, ulong Address) Mapped(string kernel, Backing backing = Backing.DevMem, bool shared = true)
    {
        var scene = Scene.For(kernel, backing);
        var owner = scene.Spawn("owner");
        return (owner, scene.Spawn("other"), owner.Map(backing, shared: shared, at: At, more: MapFlags.Fixed));
    }

    // cells procmem_read_span: 4096 bytes from 2048 before the end are "ok, 4096" for devmem and pcibar, "partial, 2048" for everything else.
    [Theory]
    [InlineData("5.10", 4096)]
    [InlineData("6.1", 4096)]
    [InlineData("7.2", 4096)]
    [InlineData("7.3", HalfPage)]
    public void ProcMemReadsDeviceMemoryPastTheEndOfTheMappingUntilSevenTwo(string kernel, int read)
    {
        var (owner, other, address) = Mapped(kernel);
        other.MemRead(owner, address + (4 * Scene.Page) - HalfPage, (int)Scene.Page).Value.Should().Be(read);
    }

    [Fact]
    public void ProcMemStopsAtTheEndOfOrdinaryMemory()
    {
        var (owner, other, address) = Mapped("6.1", Backing.PageCache);
        other.MemRead(owner, address + (4 * Scene.Page) - HalfPage, (int)Scene.Page).Value.Should().Be(HalfPage);
    }

    // 9cb12d7b4cca (4.0): one page was mapped whatever was asked for, "which leads to a crash".
    [Fact]
    public void BeforeFourZeroARequestAcrossAPageOfDeviceMemoryCrashesTheKernel()
    {
        var (owner, other, address) = Mapped("3.19");
        other.MemRead(owner, address, 8).Value.Should().Be(8);
        var crashed = other.MemRead(owner, address + HalfPage, (int)Scene.Page);
        crashed.Verdict.Kind.Should().Be(VerdictKind.Oops);
        crashed.Verdict.Reason!.Function.Should().Be("generic_access_phys");
        owner.Scene.Machine.Log.Taints.Should().HaveFlag(Taints.Die);
    }

    // old 3.19.8 ptrace_poke_ro_mapping: "WARNING ... mm/gup.c:343 __get_user_pages" with EIO; 4.14.177 is silent.
    [Theory]
    [InlineData("3.19.8", 1)]
    [InlineData("4.14", 0)]
    public void APokeOfASharedReadOnlyMappingWarnsOnceUntilFourFour(string kernel, int warnings)
    {
        var scene = Scene.For(kernel, Backing.PageCache);
        var owner = scene.Spawn("owner");
        var other = scene.Spawn("other");
        var address = owner.Map(Backing.PageCache, prot: Prot.Read);
        other.Poke(owner, address, 'p').Errno.Should().Be(Errno.EIO);
        other.Poke(owner, address, 'p').Errno.Should().Be(Errno.EIO);
        scene.Machine.Log.Entries.Count(e => e.Text.Contains("__get_user_pages", StringComparison.Ordinal)).Should().Be(warnings);
    }

    // cells inflight_mremap of devmem_shared: the completion says EIO on 5.10 and EFAULT on 6.1.
    [Theory]
    [InlineData("5.10", Errno.EIO)]
    [InlineData("6.1", Errno.EFAULT)]
    public void AnAsynchronousReadOfADiskIntoDeviceMemoryFailsWithTheErrorOfItsEra(string kernel, Errno errno)
    {
        var (owner, _, address) = Mapped(kernel);
        var disk = owner.Scene.Machine.OpenDevice("/dev/vda", OpenFlags.ReadOnly | OpenFlags.Direct).Value;
        owner.Process.SubmitDirectRead(disk, address, 512, 0).Errno.Should().Be(errno);
    }

    // cells remap_file_pages of devmem: page 0 of the mapping then shows physical page 2, which holds zeros and no program's data.
    [Fact]
    public void TheLowestMegabyteOfMemoryIsNobodysPage()
    {
        var scene = Scene.X86("6.1");
        var process = scene.Spawn();
        for (var i = 0; i < 300; i++)
        {
            process.Store(process.Map(Backing.Anon, pages: 1, shared: false), 'x');
        }

        var low = process.Process.Mmap(0, Scene.Page, Prot.Read, MapFlags.Shared, scene.Machine.OpenDevMem(OpenFlags.ReadOnly), 2 * (long)Scene.Page);
        process.TryLoad(low.Value).Value.Should().Be(0);
    }
}
