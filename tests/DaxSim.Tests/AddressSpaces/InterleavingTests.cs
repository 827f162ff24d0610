using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>Two operations alternated by hand at the kernel's atomicity. Source: gup-fork 9.</summary>
public class InterleavingTests
{
    [Theory]
    [InlineData("5.9")]
    [InlineData("5.10")]
    [InlineData("5.10.4")]
    [InlineData("5.11")]
    [InlineData("5.17")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void A_fast_pin_that_reads_its_entry_before_fork_and_again_after_it_is_dropped(string kernel)
    {
        // gup-fork 9.3 P4: the second look sees that the entry lost its write bit, with or without the sequence.
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, 1, shared: false);
        parent.Store(address, 'o');
        var pages = new ulong[1];
        var pinner = new GupFastOperation(scene.Mm, parent.Space, address, 1, GupFlags.Pin | GupFlags.Write, pages, 0);
        var fork = new ForkOperation(scene.Mm, parent.Space, "child");

        pinner.Step(); // P0, P1
        pinner.Step(); // P2: the entry is writable
        while (fork.Step())
        {
            // F0 to F4: nobody has pinned the page yet, so it is shared.
        }

        pinner.Step(); // P3: the pin
        while (pinner.Step())
        {
            // P4: read again; P5: has the sequence changed?
        }

        fork.Verdict.Should().Be(Verdict.Ok);
        pinner.Done.Should().Be(0);
        scene.Check();
    }

    [Theory]
    [InlineData("5.9", true)]
    [InlineData("5.10", true)]
    [InlineData("5.10.4", false)]
    [InlineData("5.11", false)]
    [InlineData("5.17", false)]
    [InlineData("6.1", false)]
    [InlineData("6.12", false)]
    [InlineData("7.2", false)]
    public void A_fast_pin_between_forks_look_at_the_page_and_its_write_protection(string kernel, bool pinnedAndShared)
    {
        // gup-fork 9.3.
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, 1, shared: false);
        parent.Store(address, 'o');
        var pages = new ulong[1];
        var pinner = new GupFastOperation(scene.Mm, parent.Space, address, 1, GupFlags.Pin | GupFlags.Write, pages, 0);
        var fork = new ForkOperation(scene.Mm, parent.Space, "child");
        pinner.Step(); // P0 has_pinned, P1 the sequence

        // F0 and F1: the sequence is odd from here on, and the page does not look pinned.
        while (!fork.HasLooked)
        {
            fork.Step().Should().BeTrue();
        }

        while (pinner.Step())
        {
        }

        while (fork.Step())
        {
        }

        fork.Verdict.Should().Be(Verdict.Ok);
        var kept = pinner.Done == 1;
        kept.Should().Be(pinnedAndShared);
        if (kept)
        {
            // The parent's next write copies: the device goes on writing to the old page.
            scene.Mm.MaybePinned(pages[0]).Should().BeTrue();
            parent.Entry(address).IsWrite.Should().BeFalse();
            parent.Process.WriteByte(address, (byte)'p');
            parent.PfnAt(address).Should().NotBe(pages[0]);
            scene.Mm.Release(pages[0], pin: true);
        }

        scene.Check();
    }

    [Theory]
    [InlineData("5.11")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void A_fast_pin_that_begins_while_fork_copies_gives_up_at_once(string kernel)
    {
        // P1: odd sequence.
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, 1, shared: false);
        parent.Store(address, 'o');
        var fork = new ForkOperation(scene.Mm, parent.Space, "child");
        fork.Step();
        (parent.Space.WriteProtectSequence & 1).Should().Be(1);

        var pages = new ulong[1];
        new GupFastOperation(scene.Mm, parent.Space, address, 1, GupFlags.Pin, pages, 0).Run().Should().Be(0);
        new GupFastOperation(scene.Mm, parent.Space, address, 1, GupFlags.Get, pages, 0).Run().Should().Be(1, "plain references are not protected");

        scene.Mm.Release(pages[0], pin: false);
        while (fork.Step())
        {
        }

        (parent.Space.WriteProtectSequence & 1).Should().Be(0);
        scene.Check();
    }

    [Theory]
    [InlineData("4.13")]
    [InlineData("4.19")]
    [InlineData("5.10")]
    [InlineData("7.2")]
    public void A_fast_reference_whose_entry_is_zapped_in_between_is_dropped(string kernel)
    {
        // gup-fork 9.1: G1, G2, Z1, G3 undoes.
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax);
        actor.Store(address, 'x');
        var pages = new ulong[1];
        var gup = new GupFastOperation(scene.Mm, actor.Space, address, 1, GupFlags.Get, pages, 0);
        gup.Step();
        gup.Step(); // G1
        gup.Step(); // G2
        actor.Process.Munmap(address, 4 * Scene.Page);

        while (gup.Step())
        {
        }

        gup.Done.Should().Be(0);
        scene.Check();
    }

    [Theory]
    [InlineData("4.17", false)]
    [InlineData("4.19", true)]
    [InlineData("5.10", true)]
    [InlineData("6.12", true)]
    [InlineData("7.2", true)]
    public void A_fast_reference_taken_before_truncate_unmaps_is_seen_by_its_search(string kernel, bool waits)
    {
        // gup-fork 9.1 invariant: never "keep" together with "saw no extra reference"; 9.2 before 4.18/4.19.
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var file = scene.File(Backing.FsDax);
        var address = actor.Map(Backing.FsDax, file: file);
        actor.Store(address, 'x');
        var pages = new ulong[1];
        var gup = new GupFastOperation(scene.Mm, actor.Space, address, 1, GupFlags.Get | GupFlags.Write, pages, 0);
        var truncate = scene.Mm.BeginTruncate(file.File.Inode, 0);
        gup.Step();
        gup.Step(); // G1
        gup.Step(); // G2
        gup.Step(); // G3: unchanged, kept
        while (gup.Step())
        {
        }

        gup.Done.Should().Be(1);

        truncate.Step(); // unmap, or the whole change
        while (truncate.Step())
        {
        }

        truncate.IsBlocked.Should().Be(waits);
        file.Size.Should().Be(waits ? 16384 : 0);
        scene.Mm.Release(pages[0], pin: false);
        truncate.Run().Should().Be(Verdict.Ok);
        file.Size.Should().Be(0);
        scene.Check();
    }

    [Theory]
    [InlineData("4.19")]
    [InlineData("5.10")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void A_fast_reference_in_flight_while_truncate_unmaps_is_undone_or_waited_for(string kernel)
    {
        // Every place of the walk at which the unmapping may fall in.
        for (var steps = 0; steps <= 4; steps++)
        {
            var scene = Scene.For(kernel, Backing.FsDax);
            var actor = scene.Spawn();
            var file = scene.File(Backing.FsDax);
            var address = actor.Map(Backing.FsDax, file: file);
            actor.Store(address, 'x');
            var pages = new ulong[1];
            var gup = new GupFastOperation(scene.Mm, actor.Space, address, 1, GupFlags.Get | GupFlags.Write, pages, 0);
            var truncate = scene.Mm.BeginTruncate(file.File.Inode, 0);
            for (var i = 0; i < steps; i++)
            {
                gup.Step();
            }

            truncate.Step(); // Z1: unmap
            while (gup.Step())
            {
            }

            while (truncate.Step())
            {
            }

            (gup.Done == 1).Should().Be(truncate.IsBlocked, "a reference that was kept must be seen (after {0} steps)", steps);
            if (gup.Done == 1)
            {
                scene.Mm.Release(pages[0], pin: false);
            }

            truncate.Run().Should().Be(Verdict.Ok);
            scene.Check();
        }
    }

    [Theory]
    [InlineData("5.7", 'N')]
    [InlineData("5.8", 'o')]
    [InlineData("5.9", 'o')]
    [InlineData("5.19", 'o')]
    [InlineData("7.2", 'o')]
    public void The_childs_splice_between_the_fork_and_the_parents_write(string kernel, char seen)
    {
        // CVE-2020-29374 in steps: the parent's write fault looks while the child still has the page, and is overtaken by its munmap.
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, 1, shared: false);
        parent.Store(address, 'o');
        var child = parent.Fork();
        var pages = new ulong[1];
        var splice = new GupFastOperation(scene.Mm, child.Space, address, 1, GupFlags.Get, pages, 0);
        if (splice.Run() == 0)
        {
            scene.Mm.GetUserPages(child.Space, child.Space, address, 1, GupFlags.Get, pages).Count.Should().Be(1);
        }

        child.Process.Munmap(address, Scene.Page);
        parent.Process.WriteByte(address, (byte)'N').Should().Be(Verdict.Ok);

        ((char)scene.Machine.Memory.Contents.ReadByte(pages[0], 0)).Should().Be(seen);
        scene.Mm.Release(pages[0], pin: false);
        scene.Check();
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void Two_faults_of_the_same_page_install_one(string kernel)
    {
        // gup-fork 9.8 fault against fault.
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, 1, shared: false);
        var area = actor.Space.Find(address)!;
        var first = new FaultOperation(actor.Space, area, address, FaultFlags.Write | FaultFlags.User, actor.Space);
        var second = new FaultOperation(actor.Space, area, address, FaultFlags.Write | FaultFlags.User, actor.Space);
        first.Step(scene.Mm).Should().BeTrue();
        second.Step(scene.Mm).Should().BeTrue();

        first.Step(scene.Mm).Should().BeFalse();
        var winner = actor.PfnAt(address);
        second.Step(scene.Mm).Should().BeFalse();

        second.Result.Code.Should().Be(FaultCode.Done);
        actor.PfnAt(address).Should().Be(winner);
        scene.Check();
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void A_copy_that_lost_its_entry_to_a_zap_is_thrown_away(string kernel)
    {
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, 1, shared: false);
        parent.Store(address, 'o');
        var child = parent.Fork();
        var fault = new FaultOperation(parent.Space, parent.Space.Find(address)!, address, FaultFlags.Write, parent.Space);
        fault.Step(scene.Mm).Should().BeTrue("the copy is made, not yet installed");
        parent.Process.Madvise(address, Scene.Page, Advice.DontNeed);

        fault.Step(scene.Mm).Should().BeFalse();

        parent.Entry(address).IsNone.Should().BeTrue();
        scene.Check();
        child.Load(address).Should().Be('o');
        parent.TryLoad(address).Value.Should().Be(0);
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("4.16")]
    [InlineData("4.19")]
    [InlineData("6.1")]
    public void Two_faults_of_a_page_less_entry_agree(string kernel)
    {
        // gup-fork 9.8: the second insert finds the entry (-EBUSY is success).
        var scene = Scene.S390(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.PageLess);
        var area = actor.Space.Find(address)!;
        var first = new FaultOperation(actor.Space, area, address, FaultFlags.Write, actor.Space);
        var second = new FaultOperation(actor.Space, area, address, FaultFlags.Write, actor.Space);
        while (first.Step(scene.Mm) | second.Step(scene.Mm))
        {
        }

        second.Result.Code.Should().Be(FaultCode.Done);
        scene.Check();
        actor.Load(address + 1).Should().Be('A');
    }

    [Theory]
    [InlineData("5.9")]
    [InlineData("5.10")]
    [InlineData("5.11")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void A_slow_pin_and_fork_exclude_each_other_whoever_comes_first(string kernel)
    {
        // gup-fork 9.3: "slow path will block on mmap lock"; so before the sequence of 5.11 only the lockless walk lost the race.
        for (var pinFirst = 0; pinFirst <= 4; pinFirst++)
        {
            var scene = Scene.X86(kernel);
            var parent = scene.Spawn();
            var address = parent.Map(Backing.Anon, 1, shared: false);
            parent.Store(address, 'o');
            var pages = new ulong[1];
            parent.Space.SetHasPinned();
            var pin = new GupSlowOperation(scene.Mm, parent.Space, parent.Space, address, 1, GupFlags.Pin | GupFlags.Write, pages, 0);
            var fork = new ForkOperation(scene.Mm, parent.Space, "child");
            for (var i = 0; i < pinFirst; i++)
            {
                pin.Step();
            }

            var slept = false;
            while (!pin.IsFinished | !fork.IsFinished)
            {
                fork.Step();
                slept |= fork.IsBlocked || pin.IsBlocked;
                pin.Step();
            }

            slept.Should().Be(pinFirst < 3, "the one that came second waits for the lock (after {0} steps)", pinFirst);
            pin.Result.Count.Should().Be(1);
            fork.Verdict.Should().Be(Verdict.Ok);
            parent.Process.WriteByte(address, (byte)'p').Should().Be(Verdict.Ok);
            parent.PfnAt(address).Should().Be(pages[0], "the pinned page stays the parent's");
            scene.Mm.Release(pages[0], pin: true);
            scene.Check();
        }
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("6.1")]
    public void A_fault_that_is_under_way_holds_up_fork(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, 1, shared: false);
        var fault = new FaultOperation(actor.Space, actor.Space.Find(address)!, address, FaultFlags.Write | FaultFlags.User, actor.Space);
        var fork = new ForkOperation(scene.Mm, actor.Space, "child");
        fault.Step(scene.Mm).Should().BeTrue();

        fork.Step().Should().BeTrue();
        fork.IsBlocked.Should().BeTrue();
        fault.Step(scene.Mm).Should().BeFalse();
        fork.IsBlocked.Should().BeFalse();
        while (fork.Step())
        {
        }

        fork.Child.AnonPages.Should().Be(1, "the page that the fault installed was copied");
        scene.Check();
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("6.1")]
    public void Calls_that_would_sleep_behind_a_stepped_operation_say_so(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, 2, shared: false);
        actor.Store(address, 'o');
        var pages = new ulong[2];
        var gup = new GupSlowOperation(scene.Mm, actor.Space, actor.Space, address, 2, GupFlags.Get | GupFlags.Write, pages, 0);
        gup.Step().Should().BeTrue();

        var unmap = () => actor.Process.Munmap(address, Scene.Page);
        unmap.Should().Throw<InvalidOperationException>().WithMessage("munmap would sleep*");
        actor.Process.Madvise(address, Scene.Page, Advice.DontNeed).Should().Be(Verdict.Ok, "MADV_DONTNEED is a reader too");
        while (gup.Step())
        {
        }

        gup.Result.Count.Should().Be(2);
        unmap.Should().NotThrow();
        foreach (var page in pages)
        {
            scene.Mm.Release(page, pin: false);
        }

        var fork = new ForkOperation(scene.Mm, actor.Space, "child");
        fork.Step().Should().BeTrue();
        var load = () => actor.Process.WriteByte(address + Scene.Page, 1);
        while (fork.Step())
        {
            load.Should().Throw<InvalidOperationException>().WithMessage("A page fault would sleep*");
        }

        load().Should().Be(Verdict.Ok);
        scene.Check();
    }
}
