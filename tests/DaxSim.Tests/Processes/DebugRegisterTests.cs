using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Tests.AddressSpaces;

namespace DaxSim.Tests.Processes;

/// <summary>Debug registers, command lines and numa_maps. What is expected was recorded by the kernel lab (data/scans, watch_*, cmdline, numa_maps), except on page-less memory.</summary>
public class DebugRegisterTests
{
    private const ulong WatchStoresOfOneByte = 1 | 1 << 16;

    [Theory]
    [InlineData("4.14", Backing.PageLess)]
    [InlineData("7.2", Backing.FsDax)]
    [InlineData("7.2", Backing.Anon)]
    public void AStoreIsSeenWhateverTheMemory(string kernel, Backing backing)
    {
        var scene = Scene.For(kernel, backing);
        var tracer = scene.Spawn("gdb");
        var actor = scene.Spawn();
        var address = actor.Map(backing, 1);
        tracer.Process.PokeDebugRegister(actor.Process, 0, address).Should().Be(Verdict.Ok);
        tracer.Process.PokeDebugRegister(actor.Process, 7, WatchStoresOfOneByte).Should().Be(Verdict.Ok);

        actor.Load(address);
        tracer.Process.PeekDebugRegister(actor.Process, 6).Value.Should().Be(0, "loads are not watched");
        actor.Store(address, 'w');
        tracer.Process.PeekDebugRegister(actor.Process, 6).Value.Should().Be(1);
    }

    [Fact]
    public void TheKernelsOwnStoresAreNotSeen()
    {
        var scene = Scene.X86("7.2");
        var actor = scene.Spawn();
        var tracer = scene.Spawn("gdb");
        var address = actor.Map(Backing.Anon, 1, shared: false);
        tracer.Process.PokeDebugRegister(actor.Process, 0, address);
        tracer.Process.PokeDebugRegister(actor.Process, 7, WatchStoresOfOneByte);
        actor.Process.Pread(scene.File(Backing.PageCache), address, 1, 0).Value.Should().Be(1);
        tracer.Process.PeekDebugRegister(actor.Process, 6).Value.Should().Be(0);
    }

    [Fact]
    public void AChildHasNoneAndASnapshotBringsThemBack()
    {
        var scene = Scene.X86("6.1");
        var actor = scene.Spawn();
        var tracer = scene.Spawn("gdb");
        var address = actor.Map(Backing.Anon, 1, shared: false);
        tracer.Process.PokeDebugRegister(actor.Process, 0, address);
        var before = scene.Machine.Snapshot();
        tracer.Process.PokeDebugRegister(actor.Process, 7, WatchStoresOfOneByte);
        var child = actor.Fork();
        tracer.Process.PeekDebugRegister(child.Process, 7).Value.Should().Be(0);
        scene.Machine.Restore(before);
        tracer.Process.PeekDebugRegister(actor.Process, 7).Value.Should().Be(0);
        tracer.Process.PeekDebugRegister(actor.Process, 0).Value.Should().Be(address);
    }

    [Theory]
    [InlineData(4, 0UL, Errno.EIO)]
    [InlineData(0, 0xffffffff81000000UL, Errno.EINVAL)]
    [InlineData(7, 1UL | 2 << 16, Errno.EINVAL)]
    [InlineData(7, 1UL | 1 << 18, Errno.EINVAL)]
    public void WhatTheProcessorCannotWatchIsRefused(int register, ulong value, Errno expected)
    {
        var scene = Scene.X86("6.1");
        var actor = scene.Spawn();
        scene.Spawn("gdb").Process.PokeDebugRegister(actor.Process, register, value).Errno.Should().Be(expected);
    }

    [Fact]
    public void OtherArchitecturesAreUnknown()
    {
        var scene = Scene.S390("6.1");
        var actor = scene.Spawn();
        actor.Process.PokeDebugRegister(scene.Spawn("other").Process, 0, 0).Kind.Should().Be(VerdictKind.Unknown);
    }

    [Theory]
    [InlineData("4.14", Backing.Anon, "abcd")]
    [InlineData("4.14", Backing.PageCache, "abcd")]
    [InlineData("4.17", Backing.PageCache, "")]
    [InlineData("4.14", Backing.PageLess, "")]
    [InlineData("7.2", Backing.FsDax, "")]
    [InlineData("7.2", Backing.DevMem, "abcd")]
    public void ACommandLineThatWasMovedElsewhereMayBeUnreadable(string kernel, Backing backing, string expected)
    {
        var scene = Scene.For(kernel, backing);
        var actor = scene.Spawn();
        var address = backing == Backing.Anon ? actor.Map(backing, 1, shared: false) : actor.Map(backing, 1);
        for (var i = 0; i < 4; i++)
        {
            actor.Store(address + (ulong)i, "abcd"[i]);
        }

        actor.Process.PlaceArguments(address, address + 4).Should().Be(Verdict.Ok);
        actor.Process.PlaceEnvironment(address, address + 4).Should().Be(Verdict.Ok);

        System.Text.Encoding.ASCII.GetString(actor.Process.ReadCommandLine()).Should().Be(expected, "FOLL_ANON from 7f7ccc2ccc2e on; a driver's access method needs no page");
        System.Text.Encoding.ASCII.GetString(actor.Process.ReadEnvironment()).Should().Be(expected);
    }

    [Fact]
    public void ArgumentsLieSomewhere()
    {
        var actor = Scene.X86("6.1").Spawn();
        var address = actor.Map(Backing.Anon, 1, shared: false);
        actor.Process.PlaceArguments(address + 8, address).Errno.Should().Be(Errno.EINVAL);
        actor.Process.PlaceEnvironment(0x7fff_f000_0000, 0x7fff_f000_0008).Errno.Should().Be(Errno.EFAULT);
    }

    [Theory]
    [InlineData("6.1", Backing.FsDax, "")]
    [InlineData("7.2", Backing.FsDax, "")]
    [InlineData("4.14", Backing.PageLess, "")]
    [InlineData("7.2", Backing.Anon, " anon=1 dirty=1 N0=1 kernelpagesize_kB=4")]
    [InlineData("7.2", Backing.Shmem, " dirty=1 N0=1 kernelpagesize_kB=4")]
    public void NumaMapsCountsPagesOfNodesOnly(string kernel, Backing backing, string expected)
    {
        var actor = Scene.For(kernel, backing).Spawn();
        var address = backing == Backing.Anon ? actor.Map(backing, 1, shared: false) : actor.Map(backing, 1);
        actor.Store(address, 'x');
        var line = actor.Process.ReadNumaMaps().Value.Single(a => a.Start == address);
        var file = line.File is null ? "" : $" file={line.File.Replace(" ", "\\040", StringComparison.Ordinal)}";
        line.ToString().Should().Be($"default{file}{expected}");
    }

    [Fact]
    public void ThereIsOneNodeToMigrateTo()
    {
        var actor = Scene.X86("6.1").Spawn();
        actor.Process.MigratePages(1, 1).Value.Should().Be(0);
        actor.Process.MigratePages(1, 2).Errno.Should().Be(Errno.EINVAL);
        Scene.S390("4.14").Spawn().Process.MigratePages(1, 1).Errno.Should().Be(Errno.ENOSYS, "the kernel was built without NUMA");
    }
}
