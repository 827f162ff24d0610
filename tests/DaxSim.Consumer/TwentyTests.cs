namespace DaxSim.Consumer;

/// <summary>Twenty scenarios of fork and get_user_pages, written as a user would who has only the packages and their documentation.</summary>
public class TwentyTests
{
    [Fact]
    public void T01_a_child_reads_what_its_parent_wrote()
    {
        var memory = Machines.Anonymous("6.1");
        var address = memory.Map();
        memory.Process.WriteByte(address, 42).Should().Succeed();

        var child = memory.Process.Fork().Should().Succeed().Which;

        child.ReadByte(address).Should().Succeed().Which.Should().Be(42);
    }

    [Fact]
    public void T02_a_store_of_the_child_is_not_seen_by_the_parent()
    {
        var memory = Machines.Anonymous("6.1");
        var address = memory.MapAndTouch(write: true);
        var child = memory.Fork();

        child.WriteByte(address, 7).Should().Succeed();

        memory.Process.ReadByte(address).Value.Should().Be(1);
    }

    [Fact]
    public void T03_fork_shares_the_page_until_then()
    {
        var memory = Machines.Anonymous("6.1");
        var address = memory.MapAndTouch(write: true);
        var child = memory.Fork();

        child.View(address).Should().BeSharedBy(memory.Process, child).And.HaveReferences(2);
    }

    [Fact]
    public void T04_a_shared_mapping_stays_shared_after_stores()
    {
        var pmem = Machines.Pmem("6.1");
        var address = pmem.MapAndTouch(MapFlags.Shared, write: true);
        var child = pmem.Fork();

        child.WriteByte(address, 9).Should().Succeed();

        pmem.Process.ReadByte(address).Value.Should().Be(9);
    }

    [Theory]
    [InlineData("5.9")]
    [InlineData("6.1")]
    public void T05_a_pinned_page_is_copied_for_the_child_by_fork_itself(string kernel)
    {
        var memory = Machines.Anonymous(kernel);
        var address = memory.MapAndTouch(write: true);
        using var pin = memory.Process.PinUserPages(address, 1, GupFlags.Write | GupFlags.LongTerm).Should().Succeed().Which;

        var child = memory.Fork();

        child.View(address).Pfn.Should().NotBe(pin.Pfns[0]);
        memory.Process.View(address).Pfn.Should().Be(pin.Pfns[0]);
    }

    [Fact]
    public void T06_before_5_8_a_store_after_fork_took_a_pinned_page_away_from_its_owner()
    {
        var memory = Machines.Anonymous("5.7");
        var address = memory.MapAndTouch(write: true);
        using var pin = memory.Process.PinUserPages(address, 1, GupFlags.Write).Value;
        memory.Fork();

        memory.Process.WriteByte(address, 2).Should().Succeed();

        memory.Process.View(address).Pfn.Should().NotBe(pin.Pfns[0], "the device would go on writing to a page that the process no longer has");
    }

    [Fact]
    public void T07_a_page_less_mapping_cannot_be_taken()
    {
        var usr = Machines.DcssUsr("4.14");

        usr.Process.GetUserPages(usr.MapAndTouch(), 1).Should().FailWith(Errno.EFAULT);
    }

    [Fact]
    public void T08_nor_pinned()
    {
        var usr = Machines.DcssUsr("6.1");

        usr.Process.PinUserPages(usr.MapAndTouch(), 1).Should().FailWith(Errno.EEXIST).And.DecidedBy("7196040e19ad");
    }

    [Fact]
    public void T09_between_5_6_and_5_17_pinning_one_was_undefined()
    {
        var usr = Machines.DcssUsr("5.10");

        usr.Process.PinUserPages(usr.MapAndTouch(), 1).Should().BeUndefined();
    }

    [Fact]
    public void T10_the_cpu_does_not_mind_that_there_is_no_struct_page()
    {
        var usr = Machines.DcssUsr("4.14");

        usr.Process.ReadByte(usr.Map()).Should().Succeed().Which.Should().Be((byte)'a');
    }

    [Fact]
    public void T11_a_private_store_to_a_page_less_mapping_copies_it()
    {
        var usr = Machines.DcssUsr("4.14");
        var text = usr.MapAndTouch();

        usr.Process.WriteByte(text, (byte)'x').Should().Succeed();

        usr.Process.View(text).Kind.Should().Be("anonymous");
        usr.Process.GetUserPages(text, 1).Should().Succeed("the copy has a struct page");
    }

    [Fact]
    public void T12_long_term_pins_of_a_DAX_file_are_refused()
    {
        var pmem = Machines.Pmem("6.1");
        var address = pmem.MapAndTouch(MapFlags.Shared, write: true);

        pmem.Process.PinUserPages(address, 1, GupFlags.LongTerm).Should().FailWith(Errno.EOPNOTSUPP);
    }

    [Fact]
    public void T13_truncate_waits_for_a_pinned_DAX_page()
    {
        var pmem = Machines.Pmem("6.1");
        var address = pmem.MapAndTouch(MapFlags.Shared, write: true);
        var pin = pmem.Process.PinUserPages(address, 1).Value;

        var truncate = pmem.File.BeginTruncate(0);
        truncate.IsBlocked.Should().BeTrue();
        pin.Release();

        truncate.Resume().Should().Succeed();
    }

    [Fact]
    public void T14_behind_the_end_of_the_file_there_is_SIGBUS()
    {
        var pmem = Machines.Pmem("6.1");
        var address = pmem.Map(MapFlags.Shared, pages: 5);

        pmem.Process.ReadByte(address + 4 * pmem.PageSize).Should().RaiseSignal(Signal.SIGBUS, SiCode.BUS_ADRERR);
    }

    [Fact]
    public void T15_where_nothing_is_mapped_there_is_SIGSEGV()
    {
        Machines.Anonymous("6.1").Process.WriteByte(0x10, 1).Should().RaiseSignal(Signal.SIGSEGV, SiCode.SEGV_MAPERR).Which.Address.Should().Be(0x10);
    }

    [Fact]
    public void T16_a_bulk_pin_into_an_array()
    {
        var memory = Machines.Anonymous("6.1");
        var address = memory.Map(pages: 16);
        Span<ulong> pfns = stackalloc ulong[16];

        memory.Process.PinUserPagesFast(address, pfns, GupFlags.Write).Value.Should().Be(16);
        memory.Process.UnpinUserPages(pfns, dirty: true);

        memory.Machine.PinCounters.PinsReleased.Should().Be(16);
        memory.Machine.Should().BeConsistent();
    }

    [Fact]
    public void T17_a_media_error_reaches_the_reader_as_SIGBUS()
    {
        var pmem = Machines.Pmem("6.1");
        var address = pmem.Map(MapFlags.Shared);
        pmem.Machine.InjectMediaError(pmem.Device, 0, pmem.Machine.FindDevice(pmem.Device)!.SizeBytes);

        pmem.Process.ReadByte(address).Verdict.Kind.Should().Be(VerdictKind.Signal);
    }

    [Fact]
    public void T18_a_reverted_commit_brings_the_old_behaviour_back()
    {
        var pair = Kernels.WithAndWithout("569d0365f571", "4.16");

        Machines.PmemRaw(pair.Before).Mount.IsDax.Should().BeTrue();
        Machines.PmemRaw(pair.After).Mount.IsDax.Should().BeFalse();
    }

    [Fact]
    public void T19_what_was_tried_can_be_undone()
    {
        var memory = Machines.Anonymous("6.1");
        var address = memory.MapAndTouch(write: true);
        var before = memory.Machine.Snapshot();
        var state = memory.Machine.Fingerprint();

        memory.Process.WriteByte(address, 99);
        memory.Fork();
        memory.Machine.Restore(before);

        memory.Machine.Fingerprint().Should().Be(state);
    }

    [Fact]
    public void T20_an_answer_explains_itself()
    {
        var usr = Machines.DcssUsr("6.1");
        var text = usr.MapAndTouch();

        var why = usr.Machine.Explain(usr.Process, text, () => usr.Process.GetUserPages(text, 1));

        why.DecidedBy.Should().Be("7196040e19ad");
        why.After!.HasStructPage.Should().BeFalse();
    }
}
