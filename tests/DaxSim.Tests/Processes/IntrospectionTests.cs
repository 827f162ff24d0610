using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Processes;
using DaxSim.Tests.AddressSpaces;

namespace DaxSim.Tests.Processes;

/// <summary>smaps, pagemap with kpageflags, core files. Sources: the cells of 5.10, 6.1 and 7.2, old 3.19.8 and 4.14.177, s390 6.1 and 7.2.</summary>
public class IntrospectionTests
{
    private static SmapsEntry Smaps(Actor actor, ulong address) => actor.Process.ReadSmaps().Single(a => a.Start == address);

    [Theory]
    [InlineData("5.10", 0)]
    [InlineData("6.1", 0)]
    [InlineData("7.2", 16)]
    public void DaxPagesCountInRssOnceTheyAreNormalPages(string kernel, long resident)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax);
        for (var page = 0UL; page < 4; page++)
        {
            actor.Store(address + (page * Scene.Page), 'a');
        }

        var entry = Smaps(actor, address);
        entry.Kilobytes["Rss"].Should().Be(resident);
        entry.Kilobytes["Private_Dirty"].Should().Be(resident);
        entry.VmFlags.Should().Be("rd wr sh mr mw me ms sd hg");
    }

    [Fact]
    public void PrivateCopiesAreAnonymousAndShareTheirSizeAfterFork()
    {
        var scene = Scene.For("6.1", Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax, shared: false);
        actor.Store(address, 'a');
        Smaps(actor, address).Kilobytes["Anonymous"].Should().Be(4);
        actor.Fork();
        var entry = Smaps(actor, address);
        entry.Kilobytes["Pss"].Should().Be(2);
        entry.Kilobytes["Shared_Dirty"].Should().Be(4);
        entry.VmFlags.Should().Be("rd wr mr mw me ac sd hg");
    }

    [Theory]
    [InlineData("4.14", false)]
    [InlineData("6.1", true)]
    public void TheLinesOfSmapsGrewOverTime(string kernel, bool modern)
    {
        var actor = Scene.X86(kernel).Spawn();
        var address = actor.Map(Backing.Anon);
        Smaps(actor, address).Kilobytes.ContainsKey("FilePmdMapped").Should().Be(modern);
        Smaps(actor, address).Kilobytes.ContainsKey("THPeligible").Should().Be(modern);
    }

    [Theory]
    [InlineData("4.19", false)]
    [InlineData("5.10", true)]
    public void KpageflagsCallsDevicePagesNoPages(string kernel, bool noPage)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax);
        actor.Load(address);
        scene.Machine.ReportPage(actor.Process.Pagemap(address))!.Value.NoPage.Should().Be(noPage);
    }

    [Fact]
    public void KpageflagsEndsWithRam()
    {
        var scene = Scene.For("6.1", Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax);
        actor.Load(address);
        scene.Machine.ReportPage(actor.Process.Pagemap(address)).Should().BeNull();
        var anonymous = actor.Map(Backing.Anon, shared: false);
        actor.Store(anonymous, 'a');
        scene.Machine.ReportPage(actor.Process.Pagemap(anonymous)).Should().Be(new PageReport(false, true, true, false, false, false, 1) { IsSwapBacked = true });
    }

    [Theory]
    [InlineData("4.2", CoreFilter.FileShared, true)]
    [InlineData("4.14", CoreFilter.FileShared, false)]
    [InlineData("4.14", CoreFilter.DaxShared, true)]
    [InlineData("6.1", CoreFilter.Default, false)]
    public void TheFilterBitsOfDaxAreItsOwnFrom44(string kernel, CoreFilter filter, bool dumped)
    {
        var scene = Scene.For(kernel, Backing.PageLess, s390: kernel == "6.1");
        var actor = scene.Spawn();
        var address = actor.Map(Backing.PageLess);
        actor.Store(address, 'a');
        var segment = actor.Process.DumpCore(filter).Find(address)!;
        segment.MemorySize.Should().Be(4 * (long)Scene.Page);
        segment.FileSize.Should().Be(dumped ? 4 * (long)Scene.Page : 0);
    }

    [Theory]
    [InlineData("6.1", true, '\0')]
    [InlineData("7.2", true, 'a')]
    [InlineData("4.14", false, '\0')]
    public void PagesWithoutStructPageAreHolesInACore(string kernel, bool s390, char first)
    {
        var backing = kernel == "7.2" ? Backing.FsDax : Backing.PageLess;
        var scene = Scene.For(kernel, backing, s390);
        var actor = scene.Spawn();
        var address = actor.Map(backing);
        actor.Store(address, 'a');
        var bytes = new byte[1];
        actor.Process.DumpCore(CoreFilter.DaxShared).Find(address)!.Read(0, bytes).Should().Be(1);
        ((char)bytes[0]).Should().Be(first);
    }

    [Fact]
    public void TheFirstPageOfAProgramIsDumpedByDefault()
    {
        var scene = Scene.X86("6.1");
        var actor = scene.Spawn();
        var executable = actor.Map(Backing.Shmem, shared: false);
        actor.Process.DumpCore().Find(executable)!.FileSize.Should().Be((long)Scene.Page);
        var plain = scene.Machine.CreateTmpfsFile("/tmp/f");
        plain.Truncate(4 * (long)Scene.Page);
        var address = actor.Map(Backing.Shmem, shared: false, file: plain);
        actor.Process.DumpCore().Find(address)!.FileSize.Should().Be(0);
    }
}
