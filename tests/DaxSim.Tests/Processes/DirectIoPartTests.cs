using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Processes;
using DaxSim.Tests.AddressSpaces;

namespace DaxSim.Tests.Processes;

/// <summary>Direct I/O with a buffer whose second page has no struct page. Source: old.md surprises 2 and 3, s390.md surprise 3, the recordings named there.</summary>
public class DirectIoPartTests
{
    private const int Page = (int)Scene.Page;
    private const ulong At = 0x5000_0000_0000;

    private static (Scene Scene, Actor Actor) Straddle(string kernel, bool s390)
    {
        var scene = Scene.For(kernel, Backing.PageLess, s390);
        var actor = scene.Spawn();
        actor.Map(Backing.Anon, pages: 1, at: At, more: MapFlags.Fixed);
        actor.Store(At, 'n');
        actor.Map(Backing.PageLess, at: At + Scene.Page, more: MapFlags.Fixed);
        actor.Load(At + Scene.Page);
        return (scene, actor);
    }

    private static FileHandle Direct(FileHandle file) => file.Reopen(OpenFlags.ReadWrite | OpenFlags.Direct).Value;

    private static char ByteAt(FileHandle file, long offset)
    {
        var one = new byte[1];
        return file.ReadBytes(offset, one) == 1 ? (char)one[0] : '-';
    }

    [Theory]
    [InlineData("4.2", false, Errno.EFAULT)]
    [InlineData("4.14", false, Errno.None)]
    [InlineData("4.19", true, Errno.None)]
    [InlineData("6.1", true, Errno.None)]
    public void ABlockDeviceReadIsShortAndThePageCacheCopiesTheRest(string kernel, bool s390, Errno errno)
    {
        var (scene, actor) = Straddle(kernel, s390);
        var disk = scene.Machine.OpenDevice("/dev/vda", OpenFlags.ReadWrite | OpenFlags.Direct).Value;
        var read = actor.Process.Pread(disk, At, 2 * Page, 0);
        read.Errno.Should().Be(errno);
        (read.IsOk ? read.Value : 2 * Page).Should().Be(2 * Page);
    }

    [Theory]
    [InlineData("4.14", false, Errno.EFAULT, '\0')]
    [InlineData("4.19", true, Errno.EFAULT, '\0')]
    [InlineData("6.1", true, Errno.EEXIST, 'B')]
    public void AnOverwriteOfAnExt4FileZeroesTheRestUntilIomap(string kernel, bool s390, Errno errno, char second)
    {
        var (scene, actor) = Straddle(kernel, s390);
        var file = scene.File(Backing.PageCache);
        actor.Process.Pwrite(Direct(file), At, 2 * Page, 0).Errno.Should().Be(errno);
        ByteAt(file, 0).Should().Be('n');
        ByteAt(file, Page).Should().Be(second);
    }

    [Theory]
    [InlineData("4.14", false, Errno.EFAULT, 0)]
    [InlineData("4.19", true, Errno.None, 2 * Page)]
    [InlineData("6.1", true, Errno.EEXIST, 0)]
    public void AnExtendingWriteIsAllOrNothingExceptWhereThePageCacheDoesIt(string kernel, bool s390, Errno errno, long size)
    {
        var (scene, actor) = Straddle(kernel, s390);
        var file = scene.File(Backing.PageCache, pages: 0);
        actor.Process.Pwrite(Direct(file), At, 2 * Page, 0).Errno.Should().Be(errno);
        file.Size.Should().Be(size);
    }

    [Theory]
    [InlineData("4.2", false, Errno.EFAULT)]
    [InlineData("4.14", false, Errno.EIO)]
    [InlineData("4.19", true, Errno.EIO)]
    [InlineData("5.11", true, Errno.EIO)]
    [InlineData("6.1", true, Errno.EEXIST)]
    public void TheCompletionOfAnAsynchronousReadHasAnErrnoOfItsEra(string kernel, bool s390, Errno errno)
    {
        var (scene, actor) = Straddle(kernel, s390);
        var disk = scene.Machine.OpenDevice("/dev/vda", OpenFlags.ReadWrite | OpenFlags.Direct).Value;
        actor.Process.AioRead(disk, At + Scene.Page, Page, 0).Errno.Should().Be(errno);
        actor.Process.AioRead(disk, At, Page, 0).Value.Should().Be(Page);
    }

    [Fact]
    public void AListOfBuffersIsFilledInOrder()
    {
        var scene = Scene.X86("6.1");
        var actor = scene.Spawn();
        var memory = actor.Map(Backing.Anon);
        var file = scene.File(Backing.PageCache);
        actor.Process.Preadv(Direct(file), [new IoVec(memory + (2 * Scene.Page), Page), new IoVec(memory, Page)], 0).Value.Should().Be(2 * Page);
        actor.Load(memory + (2 * Scene.Page)).Should().Be('A');
        actor.Load(memory).Should().Be('B');
    }
}
