using System.Buffers.Binary;
using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;
using DaxSim.Tests.AddressSpaces;

namespace DaxSim.Tests.Processes;

/// <summary>What the kernel does with futexes when a thread ends (kernel/fork.c mm_release, kernel/futex exit_robust_list). Source: gup-fork 7, row 9.</summary>
public class ThreadTests
{
    private static (Actor Actor, ulong Address) Mapped(Backing backing, string kernel = "6.1", bool s390 = false)
    {
        var actor = Scene.For(kernel, backing, s390).Spawn();
        return (actor, actor.Map(backing, shared: backing != Backing.Anon));
    }

    private static void Put(Actor actor, ulong address, ulong value, int bytes = 8)
    {
        var word = new byte[8];
        if (actor.Scene.Machine.Policy.Architecture == Architecture.S390X)
        {
            BinaryPrimitives.WriteUInt64BigEndian(word, value << (64 - (8 * bytes)));
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, value);
        }

        actor.Process.Write(address, word.AsSpan(0, bytes)).Should().Be(Verdict.Ok);
    }

    private static uint Get(Actor actor, ulong address)
    {
        var word = new byte[4];
        actor.Process.Read(address, word);
        return actor.Scene.Machine.Policy.Architecture == Architecture.S390X ? BinaryPrimitives.ReadUInt32BigEndian(word) : BinaryPrimitives.ReadUInt32LittleEndian(word);
    }

    [Theory]
    [InlineData(Backing.Anon)]
    [InlineData(Backing.PageCache)]
    [InlineData(Backing.FsDax)]
    public void TheEndOfAThreadWakesWhoJoinsIt(Backing backing)
    {
        var (actor, address) = Mapped(backing);
        var thread = actor.Process.StartThread(clearTid: address);
        Put(actor, address, (ulong)thread.Id, 4);
        actor.Process.FutexWait(address, (uint)thread.Id, scope: FutexScope.Shared).Kind.Should().Be(VerdictKind.Blocked);

        thread.Exit();

        Get(actor, address).Should().Be(0);
        actor.Process.IsWaitingOnFutex.Should().BeFalse();
        actor.Scene.Check();
    }

    [Fact]
    public void OnPageLessMemoryTheWordIsClearedAndNobodyIsWoken()
    {
        // The wake-up makes a key for a shared futex, which needs a struct page: pthread_join sleeps on. A private wait can be made.
        var (actor, address) = Mapped(Backing.PageLess, "6.1", s390: true);
        var thread = actor.Process.StartThread(clearTid: address);
        Put(actor, address, (ulong)thread.Id, 4);
        actor.Process.FutexWait(address, (uint)thread.Id, scope: FutexScope.Private).Kind.Should().Be(VerdictKind.Blocked);

        thread.Exit();

        Get(actor, address).Should().Be(0);
        actor.Process.IsWaitingOnFutex.Should().BeTrue();
    }

    [Fact]
    public void TheLastUserOfTheMemoryClearsNothing()
    {
        var (actor, address) = Mapped(Backing.PageCache);
        var other = actor.Scene.Spawn("other");
        actor.Process.SetTidAddress(address);
        actor.Process.Exit();
        other.Load(other.Map(Backing.PageCache)).Should().Be('A');
        actor.Scene.Check();
    }

    [Theory]
    [InlineData(Backing.Anon, "6.1", false, false)]
    [InlineData(Backing.PageLess, "6.1", true, true)]
    public void ARobustMutexOfADeadThreadIsMarkedAndItsWaiterWokenWhereAKeyCanBeMade(Backing backing, string kernel, bool s390, bool stillWaiting)
    {
        const uint Waiters = 0x8000_0000;
        const uint OwnerDied = 0x4000_0000;
        var (actor, address) = Mapped(backing, kernel, s390);
        var thread = actor.Process.StartThread();
        var head = address;
        var mutex = address + 0x100;
        Put(actor, head, mutex);
        Put(actor, head + 8, 0x20);
        Put(actor, head + 16, 0);
        Put(actor, mutex, head);
        Put(actor, mutex + 0x20, Waiters | (uint)thread.Id, 4);
        thread.SetRobustList(head);
        actor.Process.FutexWait(mutex + 0x20, Waiters | (uint)thread.Id, backing == Backing.Anon ? FutexScope.Shared : FutexScope.Private).Kind.Should().Be(VerdictKind.Blocked);

        thread.Exit();

        Get(actor, mutex + 0x20).Should().Be(Waiters | OwnerDied);
        actor.Process.IsWaitingOnFutex.Should().Be(stillWaiting);
    }

    [Fact]
    public void AMutexOfAnotherThreadIsLeftAlone()
    {
        var (actor, address) = Mapped(Backing.Anon);
        var thread = actor.Process.StartThread();
        Put(actor, address, address + 0x100);
        Put(actor, address + 8, 0x20);
        Put(actor, address + 16, 0);
        Put(actor, address + 0x100, address);
        Put(actor, address + 0x120, 12345, 4);
        thread.SetRobustList(address);
        thread.Exit();
        Get(actor, address + 0x120).Should().Be(12345);
    }

    [Fact]
    public void ASignalOrExitGroupEndsAllThreads()
    {
        var (actor, _) = Mapped(Backing.Anon);
        var thread = actor.Process.StartThread();
        thread.GroupId.Should().Be(actor.Process.Id);
        actor.Process.ExitGroup();
        thread.IsAlive.Should().BeFalse();
        actor.Scene.Check();
    }
}
