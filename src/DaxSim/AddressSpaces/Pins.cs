using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>Reference arithmetic of FOLL_GET and FOLL_PIN (try_grab_folio, unpin_user_page).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>GUP_PIN_COUNTING_BIAS.</summary>
    internal const int PinBias = 1024;

    /// <summary>try_grab_folio: one reference or one pin. The zero page is never pinned from 6.5 on.</summary>
    internal bool TryGrab(ulong pfn, GupFlags flags)
    {
        var pin = (flags & GupFlags.Pin) != 0;
        if (pin && pfn == Memory.ZeroPfn && Policy.ZeroPagePin == ZeroPagePinRule.NotCounted)
        {
            return true;
        }

        var biased = pin && Policy.PinCounting != PinCountingRule.LikeGet && Memory.PageOf(pfn).Order == 0;
        Memory.Count(pfn, biased ? PinBias : 1, pin ? 1 : 0);
        if (pin)
        {
            counters.CountPins(Policy.PinCounting == PinCountingRule.LikeGet ? 0 : 1, 0);
        }

        if (Policy.PinnedPagemap == PinnedPagemapRule.HeldByEveryPage)
        {
            Memory.PagemapOf(pfn)?.TryGet();
        }

        return true;
    }

    /// <summary>put_page or unpin_user_page, the counterpart of <see cref="TryGrab"/>.</summary>
    internal void Release(ulong pfn, bool pin, ReleaseKind kind = ReleaseKind.Other)
    {
        if (pfn == GarbagePage || (pin && pfn == Memory.ZeroPfn && Policy.ZeroPagePin == ZeroPagePinRule.NotCounted))
        {
            return;
        }

        if (!Memory.HasStructPage(pfn))
        {
            PutAfterUnbind(pfn);
            return;
        }

        var head = Memory.HeadOf(pfn);
        var biased = false;
        if (pin)
        {
            biased = head == pfn && Policy.PinCounting != PinCountingRule.LikeGet && Memory.PageOf(head).Order == 0;
            Memory.Count(head, 0, -1);
            counters.CountPins(0, Policy.PinCounting == PinCountingRule.LikeGet ? 0 : 1);
        }

        var pagemap = Memory.PagemapOf(pfn);
        Memory.Put(head, biased ? PinBias : 1);
        if (pagemap is not null)
        {
            if (Policy.PinnedPagemap == PinnedPagemapRule.HeldByEveryPage)
            {
                pagemap.Put();
            }

            WakeIdleWaiters(head, kind);
        }
    }

    /// <summary>put_page on a struct page that went with its device: the kernel touches memory that is not there any more.</summary>
    private void PutAfterUnbind(ulong pfn)
    {
        Log.Print(KernelLogLevel.Alert, Subsystem.Mm, $"BUG: unable to handle page fault for the struct page of pfn {pfn:x}");
        Log.Taint(Taints.Die);
    }

    /// <summary>page_maybe_dma_pinned: exact for large folios, a guess from the reference count for single pages.</summary>
    internal bool MaybePinned(ulong pfn)
    {
        var head = Memory.HeadOf(pfn);
        var state = Memory.PageOf(head);
        return state.Order > 0 ? state.PinCount > 0 : Memory.PageCount(pfn) >= PinBias;
    }

    /// <summary>set_page_dirty on a page whose frame was written behind the CPU's back.</summary>
    internal void MarkPageDirty(ulong pfn)
    {
        var state = Memory.PageOf(Memory.HeadOf(pfn));
        if (state.Has(PageFlags.PageCache) && files.TryGetValue(state.Owner, out var inode))
        {
            inode.MarkDirty(Memory.IndexOf(pfn));
        }
        else if (Policy.DaxPageDirty == DaxPageDirtyRule.KeptForever && Memory.PagemapOf(pfn) is not null && !state.IsAnon)
        {
            Memory.SetFlags(Memory.HeadOf(pfn), PageFlags.Dirty);
        }
    }
}

/// <summary>Who gives a page reference back; one kernel forgets to wake a sleeper for some of them.</summary>
internal enum ReleaseKind
{
    /// <summary>Pipes, remote access and everything else.</summary>
    Other,

    /// <summary>The end of direct I/O.</summary>
    DirectIo,
}
