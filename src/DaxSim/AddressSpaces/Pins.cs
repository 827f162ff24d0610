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
    internal void Grab(ulong pfn, GupFlags flags)
    {
        if ((flags & GupFlags.Pin) != 0)
        {
            Pin(pfn);
        }
        else
        {
            Memory.Count(pfn, 1, 0);
        }

        if (FastGup.HoldsPagemaps)
        {
            Memory.PagemapOf(pfn)?.TryGet();
        }
    }

    private void Pin(ulong pfn)
    {
        if (pfn == Memory.ZeroPfn && Policy.ZeroPagePin == ZeroPagePinRule.NotCounted)
        {
            return;
        }

        var counted = Policy.PinCounting != PinCountingRule.LikeGet;
        Memory.Count(pfn, counted && Memory.Peek(pfn).Order == 0 ? PinBias : 1, 1);
        counters.CountPins(counted ? 1 : 0, 0);
    }

    /// <summary>put_page or unpin_user_page, the counterpart of <see cref="Grab"/>.</summary>
    internal void Release(ulong pfn, bool pin, ReleaseKind kind = ReleaseKind.Other)
    {
        if (pfn == GarbagePage || (pin && pfn == Memory.ZeroPfn && Policy.ZeroPagePin == ZeroPagePinRule.NotCounted))
        {
            return;
        }

        if (!Memory.TryPagemapOf(pfn, out var pagemap))
        {
            PutAfterUnbind(pfn);
            return;
        }

        var head = Memory.HeadOf(pfn);
        var biased = false;
        if (pin)
        {
            var counted = Policy.PinCounting != PinCountingRule.LikeGet;
            biased = counted && head == pfn && Memory.Peek(head).Order == 0;
            counters.CountPins(0, counted ? 1 : 0);
        }

        Memory.Put(head, biased ? PinBias : 1, pin ? 1 : 0);
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
