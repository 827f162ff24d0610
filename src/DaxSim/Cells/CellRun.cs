using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Cells;

/// <summary>One operation while it runs: what it works on, and what it leaves for the answer.</summary>
internal sealed class CellRun(Machine machine, Process process, CellMapping mapping, ulong address, ulong length, string disk)
{
    internal Machine Machine { get; } = machine;

    internal Process Process { get; } = process;

    internal ulong Address { get; } = address;

    internal ulong Length { get; } = length;

    internal int PageSize => Machine.Policy.Architecture.PageSize;

    internal KernelPolicy Policy => Machine.Policy;

    /// <summary>The child's page after a fork.</summary>
    internal PageView? Child { get; private set; }

    /// <summary>The disk of ordinary I/O.</summary>
    internal FileHandle Disk(bool direct) => Machine.OpenDevice(disk, OpenFlags.ReadWrite | (direct ? OpenFlags.Direct : 0)).Value;

    /// <summary>A debugger or another curious process, without any memory of its own.</summary>
    internal Process Other() => Machine.Spawn("other");

    /// <summary>A success that gives no reason itself gets this one.</summary>
    internal Verdict Say(Verdict verdict, string function, string because)
        => verdict.IsOk && verdict.Reason is null ? Verdict.OkBecause(Because(function, because)) : verdict;

    internal PageView View() => Process.View(Address);

    internal Reason Because(string function, string because, PolicyProperty? property = null)
    {
        var reason = Machine.MemoryManager.Because(function, because, property);
        // VM_HUGEPAGE came to DAX areas in between, but what decides here is VM_MIXEDMAP: there from the beginning, or gone.
        return property == PolicyProperty.DaxAreaFlags && Policy.DaxAreaFlags == DaxAreaFlagsRule.MixedMapAndHugePage ? reason with { Change = null } : reason;
    }

    /// <summary>fork, and perhaps an access by the child.</summary>
    internal Verdict Fork(Func<Process, Verdict>? then)
    {
        var before = View();
        var mapped = Process.Space.Find(Address)!;
        var copies = Machine.MemoryManager.ForkCopiesEntries(mapped, mapped);
        var forked = Process.Fork();
        if (!forked.IsOk)
        {
            return forked.Verdict;
        }

        var child = forked.Value;
        var copied = child.View(Address);
        var verdict = then is null ? Verdict.Ok : then(child);
        Child = child.IsAlive ? child.View(Address) : null;
        return verdict.IsOk ? Verdict.OkBecause(ForkReason(before, copied, copies, then is not null)) : verdict;
    }

    private Reason ForkReason(PageView before, PageView copied, bool copies, bool accessed)
    {
        const string Function = "copy_page_range";
        var area = Process.Space.Find(Address)!;
        PolicyProperty? property = area.Anon is not null ? null : area.IsDax ? PolicyProperty.DaxAreaFlags : area.Has(VmFlags.HugeTlb) ? PolicyProperty.ForkCopies : null;
        if (!copies)
        {
            return Because(Function, $"An area without anonymous pages of its own is left empty in the child{(accessed ? ", whose access faults the page in itself" : "")}: fork neither faults nor calls get_user_pages.", property);
        }

        if (copied.Pfn is null)
        {
            return Because(Function, "There is no entry to copy: fork neither faults nor calls get_user_pages.", property);
        }

        if (copied.Pfn != before.Pfn)
        {
            return Because(Function, "The page may be pinned, so the child got its own copy at once: fork still does not call get_user_pages.", PolicyProperty.ForkEarlyCopy);
        }

        return before.HasStructPage && before.HasBit("special") == false
            ? Because(Function, "The entry was copied and its page counted once more: fork neither faults nor calls get_user_pages.", property)
            : Because(Function, $"The entry ({string.Join(' ', before.EntryBits)}) was copied bit by bit{(mapping.IsShared ? "" : ", write-protected on both sides")}: no struct page is looked at, nothing is counted, and fork neither faults nor calls get_user_pages.", property);
    }

    /// <summary>get_user_pages, or pin_user_pages where it exists.</summary>
    internal Verdict Take(bool pin, bool fast, bool write, bool longTerm = false)
    {
        var flags = (write ? GupFlags.Write : 0) | (longTerm ? GupFlags.LongTerm : 0);
        return (pin && Policy.UserPins == UserPinRule.PinUserPages, fast) switch
        {
            (true, true) => Process.PinUserPagesFast(Address, 1, flags).Verdict,
            (true, false) => Process.PinUserPages(Address, 1, flags).Verdict,
            (false, true) => Process.GetUserPagesFast(Address, 1, flags).Verdict,
            _ => Process.GetUserPages(Address, 1, flags).Verdict,
        };
    }

    /// <summary>FUTEX_WAIT: sleeping, or another value than expected, both mean that the futex itself works.</summary>
    internal Verdict Futex(bool shared)
    {
        var before = View();
        var verdict = Process.FutexWait(Address, 0xdeadbeef, shared ? FutexScope.Shared : FutexScope.Private);
        if (verdict.Kind != VerdictKind.Blocked && verdict.Errno != Errno.EAGAIN)
        {
            return verdict;
        }

        if (!shared)
        {
            return Verdict.OkBecause(Because("get_futex_key", "A private futex is found by its address: no page is looked at."));
        }

        var view = View();
        return Verdict.OkBecause(view.Kind == "ZONE_DEVICE"
            ? Because("get_futex_key", "get_user_pages found the page, and the page names its file: that is the key.", PolicyProperty.DaxPageOwner)
            : Because("get_futex_key", $"get_user_pages found the page ({view.Kind ?? before.Kind}), which makes the key."));
    }

    /// <summary>Faulting in ahead of use: no page reference is wanted, so an entry without struct page does.</summary>
    internal Verdict Populate(string function, Verdict verdict)
    {
        if (!verdict.IsOk || verdict.Reason is not null)
        {
            return verdict;
        }

        var view = View();
        return view.Pfn is null
            ? Verdict.OkBecause(Because(function, "An area of this kind is skipped."))
            : view.HasStructPage && !view.HasBit("special")
                ? Verdict.OkBecause(Because(function, "The page is there now."))
                : Verdict.OkBecause(Because(function, "The page is there now; no reference is wanted, so the special entry is simply passed over.", PolicyProperty.GupPrefaultWithoutStructPage));
    }

    internal Verdict MovePages(bool move)
    {
        var status = Process.MovePages([Address], move ? [0] : null);
        if (!status.IsOk)
        {
            return status.Verdict;
        }

        var node = status.Value.Status[0];
        return node >= 0
            ? Verdict.OkBecause(Because("do_pages_stat", $"The page is on node {node}."))
            : Verdict.Fail((Errno)(-node), Because(move ? "add_page_for_migration" : "do_pages_stat_array", "The call itself succeeds; this is the page's status.", PolicyProperty.MovePagesLookup));
    }

    internal Verdict Pagemap()
    {
        var entry = Process.Pagemap(Address);
        var bits = entry.Present ? $"present, pfn {entry.Pfn:x}, bit 61 (file or shared) {(entry.FileOrShared ? 1 : 0)}, exclusive {(entry.Exclusive ? 1 : 0)}" : "not present";
        return Verdict.OkBecause(Because("pagemap_pmd_range", $"/proc/pid/pagemap says: {bits}.", View() is { Kind: "ZONE_DEVICE" } ? PolicyProperty.DaxPages : null));
    }

    internal Verdict Mincore()
    {
        var vector = Process.Mincore(Address, Length);
        return vector.IsOk ? Verdict.OkBecause(Because("mincore_pte_range", $"The page is {((vector.Value[0] & 1) != 0 ? "" : "not ")}in memory.")) : vector.Verdict;
    }

    internal Verdict Munmap()
    {
        var before = View();
        var verdict = Process.Munmap(Address, Length);
        return verdict.IsOk && verdict.Reason is null ? Verdict.OkBecause(Dropped(before)) : verdict;
    }

    internal Verdict Advise(Advice advice)
    {
        var before = View();
        var verdict = Process.Madvise(Address, Length, advice);
        return verdict.IsOk && verdict.Reason is null && advice == Advice.DontNeed ? Verdict.OkBecause(Dropped(before)) : verdict;
    }

    internal Verdict Exit()
    {
        var before = View();
        Process.Exit();
        return Verdict.OkBecause(Dropped(before));
    }

    private Reason Dropped(PageView before)
        => before.Pfn is null ? Because("unmap_page_range", "There is no entry to drop.")
            : before.HasStructPage && !before.HasBit("special") ? Because("unmap_page_range", "The entry is dropped and its page's counts with it.", before.Kind == "ZONE_DEVICE" ? PolicyProperty.DaxPages : null)
            : Because("unmap_page_range", "The entry is dropped; vm_normal_page finds no struct page, so nothing is counted.", before.Kind == "zero page" ? null : PolicyProperty.DaxAreaFlags);
}
