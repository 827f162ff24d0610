using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Testing;

namespace DaxSim.Tests.Testing;

/// <summary>page.Should() and machine.Should(): whole failure messages.</summary>
public class PageAndMachineAssertionTests
{
    [Fact]
    public void A_pinned_page_is_pinned_and_counts_the_bias()
    {
        // GUP_PIN_COUNTING_BIAS is 1024 (include/linux/mm.h, since 5.6).
        var memory = Machines.Anonymous("6.1");
        var address = memory.MapAndTouch(write: true);
        memory.Process.PinUserPages(address, 1).Should().Succeed();

        memory.Process.View(address).Should().BePinned().And.HaveReferences(1 + 1024);
    }

    [Fact]
    public void A_page_without_a_pin_is_shown_with_its_owners()
    {
        var cache = Machines.PageCache("6.1");
        var address = cache.MapAndTouch(MapFlags.Shared);
        cache.Process.GetUserPages(address, 1).Should().Succeed();
        var page = cache.Process.View(address);

        Failing.Message(() => page.Should().BePinned("it was {0}", "taken")).Should().StartWith(
            $"""
            Expected page to be pinned because it was taken, but it has no pin.

            Page at 0x{address:x} of sh[1]: {page}
              mapped by sh[1] at 0x{address:x}
              in the page cache of /mnt/data
              1 reference by get_user_pages
            """);
    }

    [Fact]
    public void A_wrong_number_of_references_is_shown_with_the_right_one()
    {
        var memory = Machines.Anonymous("6.1");
        var address = memory.MapAndTouch(write: true);
        var page = memory.Process.View(address);

        page.Should().HaveReferences(1);
        Failing.Message(() => page.Should().HaveReferences(2)).Should().StartWith("Expected page to have 2 references, but it has 1.\n\nPage at 0x");
    }

    [Fact]
    public void A_page_without_a_struct_page_has_nothing_to_count()
    {
        var usr = Machines.DcssUsr("4.16");
        var page = usr.Process.View(usr.MapAndTouch());

        Failing.Message(() => page.Should().HaveReferences(1)).Should().StartWith(
            """
            Expected page to have 1 reference, but it has no struct page that could count anything.

            Page at 0x7fffeffff000 of sh[1]: PTE present young special; pfn 20200, no struct page
              mapped by sh[1] at 0x7fffeffff000
            """);
    }

    [Fact]
    public void Fork_shares_a_private_page_until_one_side_stores()
    {
        var memory = Machines.Anonymous("6.1");
        var address = memory.MapAndTouch(write: true);
        var child = memory.Fork();
        memory.Process.View(address).Should().BeSharedBy(memory.Process, child);

        child.WriteByte(address, 2).Should().Succeed();

        var page = memory.Process.View(address);
        Failing.Message(() => page.Should().BeSharedBy(memory.Process, child)).Should().StartWith(
            $"""
            Expected page to be shared by sh[1] and sh[2], but it is mapped by sh[1] only.

            Page at 0x{address:x} of sh[1]: {page}
              mapped by sh[1] at 0x{address:x}
            """);
    }

    [Fact]
    public void A_page_that_was_moved_and_one_in_a_huge_entry_still_know_who_maps_them()
    {
        var memory = Machines.Anonymous("6.1");
        var address = memory.MapAndTouch(write: true);
        var child = memory.Fork();
        var moved = memory.Process.Mremap(address, memory.PageSize, memory.PageSize, MremapFlags.MayMove | MremapFlags.Fixed, address - (64 * memory.PageSize));
        var dax = Machines.DeviceDax("6.1");
        var huge = dax.MapAndTouch(MapFlags.Shared, write: true);
        var other = dax.Fork();
        other.ReadByte(huge + 5 * dax.PageSize);

        child.View(address).Should().BeSharedBy(memory.Process, child);
        child.View(address).Owners.Should().Contain(new PageOwner(PageOwnerKind.Mapping, "sh[1]", 1, moved.Value, 1));
        dax.Process.View(huge + 5 * dax.PageSize).Should().BeSharedBy(dax.Process, other);
    }

    [Fact]
    public void Nothing_mapped_is_said_so()
    {
        var memory = Machines.Anonymous("6.1");
        PageView? page = memory.Process.View(0x1000);

        Failing.Message(() => page.Should().BePinned()).Should().StartWith("Expected page to be pinned, but nothing is mapped there.\n\nPage at 0x1000 of sh[1]: nothing mapped");
        page = null;
        Failing.Message(() => page.Should().BePinned()).Should().Be("Expected page to be pinned, but there is none.");
    }

    [Fact]
    public void A_machine_whose_counts_are_wrong_is_not_consistent()
    {
        var memory = Machines.Anonymous("6.1");
        var address = memory.MapAndTouch(write: true);
        var machine = memory.Machine;
        machine.Should().BeConsistent();

        // A reference that nobody accounts for, as a leak in a driver would leave it.
        var pfn = memory.Process.View(address).Pfn!.Value;
        machine.Memory.Get(pfn, 1);

        Failing.Message(() => machine.Should().BeConsistent("nothing leaked")).Should().StartWith(
            $"""
            Expected machine to be consistent because nothing leaked, but one thing is not.
              pfn {pfn:x}: counted are 2 references, 1 + 0 mappings and 0 pins; there are 1, 1 + 0 and 0.
            """);
    }

    [Fact]
    public void A_line_of_dmesg_is_expected_by_a_part_of_it()
    {
        // Since 4.10 exit of a page-less DAX mapping outside of VM_MIXEDMAP finds bad entries (e1fb4a086495 dropped the flag in 4.19); recorded on s390x.
        var usr = Machines.DcssUsr("6.1");
        var text = usr.MapAndTouch();
        usr.Process.Munmap(text, usr.PageSize).Should().Succeed();

        usr.Machine.Should().HaveLogged("Bad page map").Which.Text.Should().Contain("in process sh");
    }

    [Fact]
    public void A_missing_line_shows_the_whole_log()
    {
        var pmem = Machines.Pmem("6.1");
        var machine = pmem.Machine;

        Failing.Message(() => machine.Should().HaveLogged("Bad {page} map")).Should().StartWith(
            $"""
            Expected machine to have logged "Bad {"{page}"} map", but no line of its log contains that.
              {string.Join("\n  ", machine.Log.Entries.Select(e => e.Text.TrimEnd('\n')))}
            """);
        var quiet = Machine.Build(m => m.Kernel("6.1", Architecture.X8664));
        Failing.Message(() => quiet.Should().HaveLogged("x")).Should().EndWith(" to have logged \"x\", but it has logged nothing.");
    }

    [Fact]
    public void Pins_are_counted_and_missed()
    {
        var memory = Machines.Anonymous("6.1");
        var address = memory.MapAndTouch(write: true);
        memory.Process.View(address).Should().NotBePinned().And.HavePins(0).And.HaveStructPage();
        memory.Process.PinUserPages(address, 1).Should().Succeed();

        memory.Process.View(address).Should().HavePins(1);
        Failing.Message(() => memory.Process.View(address).Should().NotBePinned("it is idle")).Should().Contain("to have no pin because it is idle, but it has 1 pin.");
        Failing.Message(() => memory.Process.View(address).Should().HavePins(2)).Should().Contain("to have 2 pins, but it has 1 pin.");
    }

    [Fact]
    public void A_page_less_page_is_mapped_all_the_same()
    {
        var usr = Machines.DcssUsr("4.16");
        var page = usr.Process.View(usr.MapAndTouch());

        page.Should().NotHaveStructPage().And.NotBePinned();
        Failing.Message(() => page.Should().HaveStructPage()).Should().StartWith("Expected page to have a struct page, but it has none.");
        Failing.Message(() => usr.Process.View(0).Should().NotHaveStructPage()).Should().Contain("but nothing is mapped there.");
    }

    [Fact]
    public void A_store_after_fork_parts_the_processes()
    {
        var memory = Machines.Anonymous("6.1");
        var address = memory.MapAndTouch(write: true);
        var child = memory.Fork();
        Failing.Message(() => memory.Process.View(address).Should().NotBeSharedBy(memory.Process, child)).Should().Contain("to not be shared by sh[1] and sh[2], but it is mapped by sh[1] and sh[2].");

        child.WriteByte(address, 2).Should().Succeed();

        memory.Process.View(address).Should().NotBeSharedBy(memory.Process, child);
        memory.Machine.Audit().Should().BeEmpty();
    }

    [Fact]
    public void Nobody_knows_who_maps_the_zero_page()
    {
        // The zero page has no reverse map (vm_normal_page returns NULL for it, mm/memory.c).
        var memory = Machines.Anonymous("6.1");
        var address = memory.MapAndTouch();
        var child = memory.Fork();

        Failing.Message(() => memory.Process.View(address).Should().BeSharedBy(memory.Process, child)).Should().Contain("store something first");
        Failing.Message(() => memory.Process.View(address).Should().NotBeSharedBy(memory.Process, child)).Should().Contain("store something first");
    }

    [Fact]
    public void Sharing_is_asked_of_two_processes()
    {
        var memory = Machines.Anonymous("6.1");
        var page = memory.Process.View(memory.MapAndTouch(write: true));

        page.Invoking(p => p.Should().BeSharedBy(memory.Process, Machines.Anonymous("6.1").Process)).Should().Throw<ArgumentException>().WithMessage("sh?1? twice*");
    }

    [Fact]
    public void Silence_can_be_expected_too()
    {
        var usr = Machines.DcssUsr("6.1");
        usr.Machine.Should().NotHaveLogged("Bad page map");

        usr.Process.GetUserPages(usr.MapAndTouch(), 1).Should().FailWith(Errno.EEXIST);

        Failing.Message(() => usr.Machine.Should().NotHaveLogged("Bad page map")).Should().StartWith("Expected usr.Machine to not have logged \"Bad page map\", but it has.\n  BUG: Bad page map in process sh");
    }
}
