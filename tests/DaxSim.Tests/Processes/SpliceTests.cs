using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Processes;
using DaxSim.Tests.AddressSpaces;

namespace DaxSim.Tests.Processes;

/// <summary>tee, splice between pipes and into files, sendfile: what refers to pages and what copies. Source: fs/splice.c; modern.md (splice_file), gup-fork 7, row 38.</summary>
public class SpliceTests
{
    private static string Drain(Pipe pipe)
    {
        var bytes = new byte[64];
        return System.Text.Encoding.ASCII.GetString(bytes, 0, pipe.Read(bytes));
    }

    [Fact]
    public void TeeSharesThePagesSoThatALaterStoreShowsInBothPipes()
    {
        var actor = Scene.X86("6.1").Spawn();
        var address = actor.Map(Backing.Anon, shared: false);
        actor.Process.Write(address, "hello"u8);
        var (first, second) = (actor.Scene.Machine.CreatePipe(), actor.Scene.Machine.CreatePipe());
        actor.Vmsplice(first, address, 5);
        first.TeeTo(second, 3).Value.Should().Be(3);
        actor.Scene.Check();
        actor.Store(address, 'J');
        Drain(second).Should().Be("Jel");
        Drain(first).Should().Be("Jello");
        actor.Scene.Check();
    }

    [Fact]
    public void SpliceBetweenPipesMovesBuffersAndSplitsTheLast()
    {
        var actor = Scene.X86("6.1").Spawn();
        var address = actor.Map(Backing.Anon, shared: false);
        actor.Process.Write(address, "abcdef"u8);
        var (first, second) = (actor.Scene.Machine.CreatePipe(), actor.Scene.Machine.CreatePipe());
        actor.Vmsplice(first, address, 6);
        first.SpliceTo(second, 4).Value.Should().Be(4);
        actor.Scene.Check();
        Drain(first).Should().Be("ef");
        Drain(second).Should().Be("abcd");
        first.SpliceTo(second, 1).Errno.Should().Be(Errno.EAGAIN);
        first.TeeTo(first, 1).Errno.Should().Be(Errno.EINVAL);
        actor.Scene.Check();
    }

    [Theory]
    [InlineData(Backing.PageCache)]
    [InlineData(Backing.PageLess)]
    public void SendfileNeedsNoPageOfTheCaller(Backing backing)
    {
        var scene = Scene.For("4.14", backing);
        var from = scene.File(backing);
        var to = scene.File(Backing.Shmem, sparse: true);
        scene.Step(() => from.SendFile(to, 4090, 10, 12)).Value.Should().Be(12);
        var bytes = new byte[12];
        to.ReadBytes(10, bytes);
        System.Text.Encoding.ASCII.GetString(bytes).Should().Be("AAAAAABBBBBB");
    }

    [Fact]
    public void SpliceIntoAFileWritesWhatThePipeHolds()
    {
        var actor = Scene.For("6.1", Backing.FsDax).Spawn();
        var address = actor.Map(Backing.Anon, shared: false);
        actor.Process.Write(address, "xyz"u8);
        var pipe = actor.Scene.Machine.CreatePipe();
        actor.Vmsplice(pipe, address, 3);
        var file = actor.Scene.File(Backing.FsDax);
        actor.Scene.Step(() => file.SpliceFrom(pipe, 100, 10)).Value.Should().Be(3);
        var bytes = new byte[4];
        file.ReadBytes(99, bytes);
        System.Text.Encoding.ASCII.GetString(bytes).Should().Be("Axyz");
        file.SpliceFrom(pipe, 0, 1).Errno.Should().Be(Errno.EAGAIN);
        file.Reopen(OpenFlags.ReadOnly).Value.SpliceFrom(pipe, 0, 1).Errno.Should().Be(Errno.EBADF);
    }
}
