using System.Runtime.CompilerServices;
using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Processes;

// get_user_pages and pin_user_pages into the caller's own array: nothing is allocated, and the caller keeps count.
public sealed partial class Process
{
    /// <summary>get_user_pages_fast into an array of the caller, who gives the pages back with <see cref="ReleaseUserPages"/>.</summary>
    /// <param name="address">First byte; rounded down to a page.</param>
    /// <param name="pfns">Where the page frame numbers go; as many pages as it has room for are asked for.</param>
    /// <param name="flags">FOLL_* flags, for example <see cref="GupFlags.Write"/> where the pages will be written; FOLL_GET, or for a pin FOLL_PIN, is implied.</param>
    /// <returns>How many pages could be taken, or the errno of the first: EFAULT or EEXIST for a page without struct page, as the era has it, and <see cref="VerdictKind.Undefined"/> where the kernel counted such a page as taken without storing its pointer.</returns>
    public Result<int> GetUserPagesFast(ulong address, Span<ulong> pfns, GupFlags flags = GupFlags.None) => Take("get_user_pages_fast", address, pfns, flags | GupFlags.Get);

    /// <summary>pin_user_pages_fast into an array of the caller, who gives the pages back with <see cref="UnpinUserPages"/>.</summary>
    /// <inheritdoc cref="GetUserPagesFast(ulong, Span{ulong}, GupFlags)"/>
    public Result<int> PinUserPagesFast(ulong address, Span<ulong> pfns, GupFlags flags = GupFlags.None) => Take("pin_user_pages_fast", address, pfns, flags | GupFlags.Pin);

    /// <summary>get_user_pages, by the slow path only, into an array of the caller, who gives the pages back with <see cref="ReleaseUserPages"/>.</summary>
    /// <inheritdoc cref="GetUserPagesFast(ulong, Span{ulong}, GupFlags)"/>
    public Result<int> GetUserPages(ulong address, Span<ulong> pfns, GupFlags flags = GupFlags.None) => TakeOnlySlowly("get_user_pages", address, pfns, flags | GupFlags.Get);

    /// <summary>pin_user_pages, by the slow path only, into an array of the caller, who gives the pages back with <see cref="UnpinUserPages"/>.</summary>
    /// <inheritdoc cref="GetUserPagesFast(ulong, Span{ulong}, GupFlags)"/>
    public Result<int> PinUserPages(ulong address, Span<ulong> pfns, GupFlags flags = GupFlags.None) => TakeOnlySlowly("pin_user_pages", address, pfns, flags | GupFlags.Pin);

    /// <summary>put_page for pages that <see cref="GetUserPagesFast(ulong, Span{ulong}, GupFlags)"/> took.</summary>
    /// <param name="pfns">The page frame numbers.</param>
    /// <param name="dirty">The pages were written.</param>
    /// <exception cref="InvalidOperationException">A page is given back that was not taken, or more often than it was taken.</exception>
    public void ReleaseUserPages(ReadOnlySpan<ulong> pfns, bool dirty = false) => Release(pfns, pin: false, dirty);

    /// <summary>unpin_user_pages (unpin_user_pages_dirty_lock with <paramref name="dirty"/>) for pages that <see cref="PinUserPagesFast(ulong, Span{ulong}, GupFlags)"/> took.</summary>
    /// <param name="pfns">The page frame numbers.</param>
    /// <param name="dirty">The pages were written.</param>
    /// <exception cref="InvalidOperationException">A page is given back that was not pinned, or more often than it was pinned.</exception>
    public void UnpinUserPages(ReadOnlySpan<ulong> pfns, bool dirty = false) => Release(pfns, pin: true, dirty);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Result<int> Take(string call, ulong address, Span<ulong> pfns, GupFlags flags)
    {
        if (pfns.IsEmpty || (flags & (GupFlags.Get | GupFlags.Pin)) == (GupFlags.Get | GupFlags.Pin))
        {
            return Misused(pfns, call, address);
        }

        if (Kernel.IsWatched || Telemetry.IsObserved)
        {
            return TakeWatched(call, address, pfns, flags);
        }

        var fast = TakeFast(address, pfns, flags);
        return fast >= 0 ? new Result<int>(fast) : TakeSlowly(address, pfns, flags, ~fast);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Result<int> TakeWatched(string call, ulong address, Span<ulong> pfns, GupFlags flags)
    {
        using var recording = Call(call, address);
        using var observed = Observe(call, address);
        var fast = TakeFast(address, pfns, flags);
        var result = fast >= 0 ? new Result<int>(fast) : TakeSlowly(address, pfns, flags, ~fast);
        if (result.IsOk)
        {
            CountUserPages(result.Value, (flags & GupFlags.Pin) != 0);
        }

        return recording.Of(observed.End(result));
    }

    /// <summary>The lockless walk. The number of pages taken; its complement where the slow path has to go on from there.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int TakeFast(ulong address, Span<ulong> pfns, GupFlags flags)
    {
        var counts = Kernel.UserPageCounts;
        var pages = counts.Scratch(pfns.Length);
        var fast = new GupFastOperation(Mm, Space, address, pfns.Length, flags, pages, 0).Run();
        if (fast < pfns.Length && (flags & GupFlags.FastOnly) == 0)
        {
            return ~fast;
        }

        for (var i = 0; i < fast; i++)
        {
            pfns[i] = pages[i];
        }

        counts.Add(pfns[..fast], (flags & GupFlags.Pin) != 0);
        return fast;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Result<int> Misused(Span<ulong> pfns, string call, ulong address)
    {
        if (pfns.IsEmpty)
        {
            throw new ArgumentException("Give room for at least one page.", nameof(pfns));
        }

        using var recording = Call(call, address);
        return recording.Of(Verdict.Fail(Errno.EINVAL, Mm.Because("is_valid_gup_args", "FOLL_GET and FOLL_PIN exclude each other.")));
    }

    /// <summary>What the lockless walk left over; what it took is still in the scratch array.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private Result<int> TakeSlowly(ulong address, Span<ulong> pfns, GupFlags flags, int fast)
    {
        var pages = Kernel.UserPageCounts.Scratch(pfns.Length);
        return Keep(Mm.ContinueSlowly(Space, address, pfns.Length, flags, pages, 0, fast), pages, pfns, (flags & GupFlags.Pin) != 0);
    }

    private Result<int> TakeOnlySlowly(string call, ulong address, Span<ulong> pfns, GupFlags flags)
    {
        if (pfns.IsEmpty || (flags & (GupFlags.Get | GupFlags.Pin)) == (GupFlags.Get | GupFlags.Pin))
        {
            return Misused(pfns, call, address);
        }

        var pin = (flags & GupFlags.Pin) != 0;
        using var recording = Call(call, address);
        using var observed = Observe(call, address);
        var space = Space;
        var pages = Kernel.UserPageCounts.Scratch(pfns.Length);
        var result = Keep(Mm.GetUserPages(space, space, address, pfns.Length, flags | GupFlags.Touch, pages), pages, pfns, pin);
        if (result.IsOk)
        {
            CountUserPages(result.Value, pin);
        }

        return recording.Of(observed.End(result));
    }

    /// <summary>Hands pages that were taken to the caller; garbage is given back.</summary>
    private Result<int> Keep(GupResult result, ulong[] pages, Span<ulong> pfns, bool pin)
    {
        if (result.Verdict.Kind == VerdictKind.Undefined)
        {
            Mm.ReleasePages(pages, 0, result.Count, pin, dirty: false);
            return result.Verdict;
        }

        if (result.Count == 0 && !result.Verdict.IsOk)
        {
            return result.Verdict;
        }

        pages.AsSpan(0, result.Count).CopyTo(pfns);
        Kernel.UserPageCounts.Add(pfns[..result.Count], pin);
        return result.Count;
    }

    private void Release(ReadOnlySpan<ulong> pfns, bool pin, bool dirty)
    {
        Kernel.UserPageCounts.Remove(pfns, pin);
        Mm.ReleasePages(pfns, pin, dirty);
    }
}
