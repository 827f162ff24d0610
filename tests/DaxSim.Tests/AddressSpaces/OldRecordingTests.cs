using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>Single observations of the old and s390 recordings, named at each scenario.</summary>
public class OldRecordingTests
{
    private const ulong Length = 4 * Scene.Page;

    [Theory]
    [InlineData("3.19", 0)]
    [InlineData("4.16", 0)]
    [InlineData("4.19", 77)]
    [InlineData("5.4", 77)]
    [InlineData("5.5", 0)]
    [InlineData("7.2", 0)]
    public void Move_pages_of_a_page_that_is_there_already(string kernel, int status)
    {
        // old 4.19.0 anon/anon move_pages.written: "query status=0,0; move rc=0 status=77,77".
        var actor = Scene.X86(kernel).Spawn();
        var address = actor.Map(Backing.Anon, shared: false);
        actor.Store(address, 'a');

        actor.Process.MovePages([address], null, unwritten: 77).Value.Status.Should().Equal(0);
        actor.Process.MovePages([address], [0], unwritten: 77).Value.Status.Should().Equal(status);
    }

    [Theory]
    [InlineData("3.19", 0)]
    [InlineData("4.14", -(int)Errno.EFAULT)]
    public void Move_pages_of_a_private_copy_in_a_DAX_area(string kernel, int status)
    {
        // old 3.19.8 xip-ext2/private, 4.14.177 move_pages.written.
        var scene = Scene.For(kernel, Backing.RamDisk);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.RamDisk, shared: false);
        actor.Store(address, 'a');

        actor.Process.MovePages([address], [0]).Value.Status.Should().Equal(status);
    }

    [Theory]
    [InlineData("3.19", Errno.EINVAL)]
    [InlineData("4.14", Errno.None)]
    public void Madvise_hugepage_of_shared_anonymous_memory(string kernel, Errno expected)
    {
        // old 3.19.8 anon/anonshared madvise.readtouched: HUGEPAGE=EINVAL.
        var actor = Scene.X86(kernel).Spawn();
        var address = actor.Map(Backing.Anon);

        actor.Madvise(address, Length, Advice.HugePage).Errno.Should().Be(expected);
    }

    [Fact]
    public void Madvise_remove_of_dev_mem()
    {
        // old 4.14.177 devmem madvise.readtouched: REMOVE=ENODEV.
        var actor = Scene.X86("4.14").Spawn();

        actor.Madvise(actor.Map(Backing.DevMem), Length, Advice.Remove).Errno.Should().Be(Errno.ENODEV);
    }

    [Theory]
    [InlineData("3.19")]
    [InlineData("4.16")]
    [InlineData("4.19")]
    public void Ext2_has_no_fallocate(string kernel)
    {
        // old 3.19.8 xip-ext2, 4.16.13-limited raw-ext2 and 4.19.0 nfitraw-ext2 punch_hole_under_map.written.
        var scene = Scene.X86(kernel);
        scene.Machine.Format("/dev/vda", "ext2", 4096, []);
        var file = scene.Machine.Mount("/dev/vda", "/e", "ext2", "").Value.Open("f", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.Truncate((long)Length);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.PageCache, file: file);

        file.PunchHole(0, 4096).Errno.Should().Be(Errno.EOPNOTSUPP);
        file.BeginAllocate(0, 0, 4096).Verdict.Errno.Should().Be(Errno.EOPNOTSUPP);
        actor.Madvise(address, Scene.Page, Advice.Remove).Errno.Should().Be(Errno.EOPNOTSUPP);
    }

    [Fact]
    public void A_hole_of_an_XIP_file_gets_its_block_on_a_read()
    {
        // old 3.19.8 xip-ext2/hole mlock.readtouched (ENOMEM), vmsplice.readtouched (EFAULT).
        var scene = Scene.For("3.19", Backing.RamDisk);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.RamDisk, file: scene.File(Backing.RamDisk, sparse: true));

        actor.Load(address).Should().Be('\0');

        actor.Get(address).Verdict.Errno.Should().Be(Errno.EFAULT);
        actor.Process.Mlock(address, Length).Errno.Should().Be(Errno.ENOMEM);
    }

    [Theory]
    [InlineData("4.19")]
    [InlineData("6.1")]
    public void Mlock_and_pagemap_of_dcssblk_memory(string kernel)
    {
        // s390 4.19.0 ew-ext4/shared mlock.untouched: follow_page_pte*4,pagemap_pmd_range*3,unmap_page_range*4.
        var scene = Scene.S390(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.PageLess);

        actor.Process.Mlock(address, Length).Should().Be(Verdict.Ok);
        actor.Process.Pagemap(address + Scene.Page).Present.Should().BeTrue();
        actor.Munmap(address);

        scene.Mm.BadPageMapCallers().CountBy(c => c).Should().BeEquivalentTo(new Dictionary<string, int> { ["follow_page_pte"] = 4, ["pagemap_pmd_range"] = 3, ["unmap_page_range"] = 4 });
    }

    [Theory]
    [InlineData("4.19")]
    [InlineData("6.1")]
    public void Truncate_on_dcssblk_unmaps_only_what_goes(string kernel)
    {
        // s390 4.19.0 ew-ext4/shared truncate_partial_under_map.written: unmap_page_range*4, nothing is unmapped to look for referenced pages.
        var scene = Scene.S390(kernel);
        var actor = scene.Spawn();
        var file = scene.File(Backing.PageLess);
        var address = actor.Map(Backing.PageLess, file: file);
        for (var page = 0UL; page < 4; page++)
        {
            actor.Store(address + (page * Scene.Page), 'w');
        }

        scene.Step(() => file.Truncate(6144)).Should().Be(Verdict.Ok);

        scene.Mm.BadPageMapCallers().Should().Equal("unmap_page_range", "unmap_page_range");
    }

    [Fact]
    public void Soft_offline_on_s390x()
    {
        // s390 7.2 anon/anon soft_offline.readtouched: EINVAL, there is no MEMORY_FAILURE on s390x.
        var actor = Scene.S390("7.2").Spawn();
        var address = actor.Map(Backing.Anon, shared: false);
        actor.Store(address, 'a');

        actor.Madvise(address, Scene.Page, Advice.SoftOffline).Errno.Should().Be(Errno.EINVAL);
    }
}
