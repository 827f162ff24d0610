using DaxSim.AddressSpaces;
using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>
/// MAP_SYNC: a fault that makes a page writable first makes the file's block map durable. Source: dax_fault_is_synchronous and
/// dax_finish_sync_fault of fs/dax.c; b8a6176c214c and caa51d26f85c (4.15); C-84 (generic/470).
/// </summary>
public class MapSyncTests
{
    private const ulong Page = Scene.Page;
    private const MapFlags Synchronous = MapFlags.SharedValidate | MapFlags.Sync;

    private static (Scene Scene, Actor Process, FileHandle File) Sparse(string kernel, bool xfs, int pages = 4)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        return (scene, scene.Spawn(), scene.File(Backing.FsDax, pages, sparse: true, xfs));
    }

    private static ulong Map(Scene scene, Actor process, FileHandle file, MapFlags flags, ulong pages = 4)
        => scene.Step(() => process.Process.Mmap(0, pages * Page, Scene.ReadWrite, flags, file)).Value;

    [Theory]
    [InlineData("4.15", false)]
    [InlineData("4.15", true)]
    [InlineData("5.10", false)]
    [InlineData("5.10", true)]
    [InlineData("6.12", false)]
    [InlineData("6.15", false)]
    [InlineData("7.2", true)]
    public void C84_the_block_of_a_stored_byte_is_durable_once_the_store_is_done(string kernel, bool xfs)
    {
        var (scene, process, file) = Sparse(kernel, xfs);
        var address = Map(scene, process, file, Synchronous);
        file.IsMetadataDurable.Should().BeTrue("the file was synced");

        for (ulong i = 0; i < 4; i++)
        {
            process.Store(address + (i * Page), 's');
            file.IsMetadataDurable.Should().BeTrue("the fault committed what it allocated");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_MAP_SYNC_it_is_durable_only_after_msync_or_fsync(bool xfs)
    {
        var (scene, process, file) = Sparse("6.12", xfs);
        var address = Map(scene, process, file, MapFlags.Shared);

        process.Store(address, 's');
        file.IsMetadataDurable.Should().BeFalse();
        scene.Step(() => process.Process.Msync(address, Page)).Should().Be(Verdict.Ok);
        file.IsMetadataDurable.Should().BeTrue();
        process.Store(address + Page, 's');
        file.IsMetadataDurable.Should().BeFalse();
        scene.Step(file.Sync).Should().Be(Verdict.Ok);
        file.IsMetadataDurable.Should().BeTrue();
    }

    [Fact]
    public void MAP_SHARED_ignores_the_flag_as_it_ignores_every_flag_it_does_not_know()
    {
        var (scene, process, file) = Sparse("6.12", xfs: false);
        var address = Map(scene, process, file, MapFlags.Shared | MapFlags.Sync);

        process.Store(address, 's');

        file.IsMetadataDurable.Should().BeFalse();
    }

    [Fact]
    public void A_load_commits_nothing()
    {
        var (scene, process, file) = Sparse("6.12", xfs: false);
        var address = Map(scene, process, file, Synchronous);
        scene.Step(() => file.WriteBytes(0, "data"u8)).Should().Be(Verdict.Ok);
        file.IsMetadataDurable.Should().BeFalse("write(2) gave the page a block");

        process.Load(address).Should().Be('d');
        file.IsMetadataDurable.Should().BeFalse();
        process.Store(address + Page, 's');

        file.IsMetadataDurable.Should().BeTrue("a fault for any page commits the whole inode (vfs_fsync_range)");
    }

    [Fact]
    public void Once_a_page_is_writable_its_stores_do_not_fault_and_commit_nothing()
    {
        var (scene, process, file) = Sparse("6.12", xfs: false);
        var address = Map(scene, process, file, Synchronous);
        process.Store(address, 's');
        scene.Step(() => file.WriteBytes(2 * (long)Page, "data"u8));

        process.Store(address, 't');

        file.IsMetadataDurable.Should().BeFalse();
    }

    [Fact]
    public void The_explanation_names_the_steps()
    {
        var (scene, process, file) = Sparse("6.12", xfs: false);
        var address = Map(scene, process, file, Synchronous);

        var steps = scene.Machine.Explain(() => process.Process.WriteByte(address, 1)).Steps.Select(s => s.Function).ToList();

        steps.Should().Contain("dax_fault_is_synchronous").And.Contain("dax_finish_sync_fault");
        steps.IndexOf("dax_finish_sync_fault").Should().BeGreaterThan(steps.IndexOf("dax_fault_is_synchronous"));
        file.IsMetadataDurable.Should().BeTrue("explaining changes nothing");
    }

    [Theory]
    [InlineData("4.15")]
    [InlineData("6.12")]
    [InlineData("6.15")]
    public void A_huge_page_is_committed_before_it_is_mapped_writable(string kernel)
    {
        var scene = Scene.X86(kernel, m => m.Pmem("64M", PmemMode.FsDax));
        var process = scene.Spawn();
        var pages = (int)(Scene.Huge / Page);
        var file = scene.File(Backing.FsDax, pages, sparse: true);
        const ulong address = 0x4000_0000_0000;
        scene.Step(() => process.Process.Mmap(address, Scene.Huge, Scene.ReadWrite, Synchronous | MapFlags.Fixed, file)).IsOk.Should().BeTrue();

        process.Store(address, 's');

        process.Process.View(address).Level.Should().Be("PMD");
        file.IsMetadataDurable.Should().BeTrue();
    }

    [Fact]
    public void MADV_POPULATE_WRITE_commits_as_stores_do()
    {
        var (scene, process, file) = Sparse("6.12", xfs: false);
        var address = Map(scene, process, file, Synchronous);
        scene.Step(() => file.BeginAllocate(FallocateMode.None, 0, 4 * (long)Page).Verdict).Should().Be(Verdict.Ok);
        file.IsMetadataDurable.Should().BeFalse();

        process.Madvise(address, 4 * Page, Advice.PopulateWrite).Should().Be(Verdict.Ok);

        file.IsMetadataDurable.Should().BeTrue();
    }

    [Theory]
    [InlineData("4.14", Backing.FsDax, Errno.EINVAL)]
    [InlineData("4.15", Backing.FsDax, Errno.None)]
    [InlineData("4.15", Backing.PageCache, Errno.EOPNOTSUPP)]
    [InlineData("6.12", Backing.PageCache, Errno.EOPNOTSUPP)]
    [InlineData("6.12", Backing.Shmem, Errno.EOPNOTSUPP)]
    [InlineData("6.12", Backing.DeviceDax, Errno.None)]
    [InlineData("6.12", Backing.FsDax, Errno.None)]
    public void Where_the_flag_is_taken(string kernel, Backing backing, Errno expected)
    {
        var scene = Scene.For(kernel, backing);
        var process = scene.Spawn();
        var file = scene.File(backing);

        scene.Step(() => process.Process.Mmap(0, backing == Backing.DeviceDax ? Scene.Huge : Page, Scene.ReadWrite, Synchronous, file)).Errno.Should().Be(expected);
    }

    [Theory]
    [InlineData("5.2", Errno.None)]
    [InlineData("5.3", Errno.EOPNOTSUPP)]
    public void Asynchronous_memory_is_refused_from_5_3(string kernel, Errno expected)
    {
        // virtio-pmem needs a flush command; before DAXDEV_SYNC nobody asked. virtio-pmem itself came with 5.3, so 5.2 is asked with pmem.
        var scene = Scene.X86(kernel, m => _ = expected == Errno.None ? m.Pmem("64M", PmemMode.FsDax) : m.VirtioPmem("64M"));
        scene.Machine.Format("/dev/pmem0", "ext4", 4096);
        var mount = scene.Machine.Mount("/dev/pmem0", "/mnt", "ext4", "dax").Value;
        var file = mount.Open("f", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.Truncate((long)Page);

        scene.Step(() => scene.Spawn().Process.Mmap(0, Page, Scene.ReadWrite, Synchronous, file)).Errno.Should().Be(expected);
    }

    [Fact]
    public void Ext2_does_not_know_the_flag()
    {
        var scene = Scene.X86("5.10", m => m.Pmem("64M", PmemMode.FsDax));
        scene.Machine.Format("/dev/pmem0", "ext2", 4096);
        var file = scene.Machine.Mount("/dev/pmem0", "/mnt", "ext2", "dax").Value.Open("f", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.Truncate((long)Page);

        scene.Step(() => scene.Spawn().Process.Mmap(0, Page, Scene.ReadWrite, Synchronous, file)).Errno.Should().Be(Errno.EOPNOTSUPP);
    }
}
