using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>What a read of a file's page brings along: neighbours that are mapped with it, and pages that are read ahead.</summary>
public class FaultAroundTests
{
    private const ulong Place = 0x100_0000_0000;

    [Theory]
    [InlineData("6.1.192", true)]
    [InlineData("6.12.58", true)]
    [InlineData("6.12.117", false)]
    [InlineData("6.17.8", true)]
    [InlineData("6.17.13", false)]
    [InlineData("7.2.12", false)]
    public void WithoutAPageTableTheLastPageOfAFileIsNotMappedAround(string kernel, bool mapped)
    {
        // data/longer 7.2.12 and 6.17.13: a load past the end, then pagemap of the last page; commit 74207de2ba10 with its copies in 6.12.59 and 6.17.9.
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var file = scene.File(Backing.PageCache);
        FillCache(file);
        var address = scene.Step(() => actor.Process.Mmap(Place, 4 * Scene.Page, Scene.ReadWrite, MapFlags.Shared | MapFlags.Fixed, file, 3 * (long)Scene.Page)).Value;

        actor.TryLoad(address + (2 * Scene.Page)).Word().Should().Be("SIGBUS");

        actor.Entry(address).IsPresent.Should().Be(mapped);
    }

    [Fact]
    public void APageTableThatOtherPagesLeftBehindIsEnough()
    {
        // filemap_map_pages: only an empty PMD entry needs the call that the commit skips; MADV_DONTNEED leaves the table.
        var scene = Scene.X86("7.2.12");
        var actor = scene.Spawn();
        var file = scene.File(Backing.PageCache);
        FillCache(file);
        var address = scene.Step(() => actor.Process.Mmap(Place, 4 * Scene.Page, Scene.ReadWrite, MapFlags.Shared | MapFlags.Fixed, file, 3 * (long)Scene.Page)).Value;
        actor.Store(address, 'x');
        actor.Madvise(address, 4 * Scene.Page, Advice.DontNeed).IsOk.Should().BeTrue();
        actor.Entry(address).IsPresent.Should().BeFalse();

        actor.TryLoad(address + (2 * Scene.Page)).Word().Should().Be("SIGBUS");

        actor.Entry(address).IsPresent.Should().BeTrue();
    }

    [Fact]
    public void AReadOfAFilesBeginningReadsThreeMorePages()
    {
        // data/longer 7.2.12: pread of the first byte after the pages were punched out, then mincore; get_init_ra_size(1, 32) = 4.
        var (scene, actor, file, address) = Punched("7.2.12", pages: 6);

        scene.Step(() => file.ReadBytes(0, new byte[1]));

        actor.Process.Mincore(address, 6 * Scene.Page).Value.Should().Equal(1, 1, 1, 1, 0, 0);
    }

    [Fact]
    public void AReadInTheMiddleReadsItsPageOnly()
    {
        // page_cache_sync_ra: "standalone, small random read".
        var (scene, actor, file, address) = Punched("6.1.192", pages: 6);

        scene.Step(() => file.ReadBytes(2 * (long)Scene.Page, new byte[1]));

        actor.Process.Mincore(address, 6 * Scene.Page).Value.Should().Equal(0, 0, 1, 0, 0, 0);
    }

    [Fact]
    public void AReadBehindTheLastOneReadsOn()
    {
        // page_cache_sync_ra: index - prev_index <= 1 begins a window of four pages.
        var (scene, actor, file, address) = Punched("6.1.192", pages: 8);
        scene.Step(() => file.ReadBytes(2 * (long)Scene.Page, new byte[1]));

        scene.Step(() => file.ReadBytes(3 * (long)Scene.Page, new byte[1]));

        actor.Process.Mincore(address, 8 * Scene.Page).Value.Should().Equal(0, 0, 1, 1, 1, 1, 1, 0);
    }

    [Fact]
    public void ThePageWithTheMarkIsNotMappedAround()
    {
        // next_uptodate_folio passes over PG_readahead, which the second page of the first window has.
        var (scene, actor, file, address) = Punched("6.1.192", pages: 6);
        scene.Step(() => file.ReadBytes(0, new byte[1]));

        actor.Load(address + (2 * Scene.Page));

        actor.Entry(address).IsPresent.Should().BeTrue();
        actor.Entry(address + Scene.Page).IsPresent.Should().BeFalse();
    }

    private static void FillCache(FileHandle file) => file.ReadBytes(0, new byte[file.Size]);

    private static (Scene Scene, Actor Actor, FileHandle File, ulong Address) Punched(string kernel, int pages)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var file = scene.File(Backing.PageCache, pages);
        scene.Step(() => file.PunchHole(0, pages * (long)Scene.Page)).Should().Be(Verdict.Ok);
        var address = actor.Map(Backing.PageCache, (ulong)pages, file: file);
        return (scene, actor, file, address);
    }
}
