using System.Collections.ObjectModel;
using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.State;

namespace DaxSim.Processes;

/// <summary>Pages that get_user_pages or pin_user_pages took. They stay where they are until <see cref="Release"/> or <see cref="Dispose"/>.</summary>
public sealed class UserPages : IPageHolder, IDisposable
{
    private readonly RunningKernel kernel;
    private readonly ulong[] pages;
    private readonly bool pin;
    private ReadOnlyCollection<ulong>? pfns;

    internal UserPages(RunningKernel kernel, ulong[] pages, bool pin)
    {
        this.kernel = kernel;
        this.pages = pages;
        this.pin = pin;
        kernel.MemoryManager.AddHolder(this);
    }

    private UserPages(UserPages original, RunningKernel kernel)
    {
        this.kernel = kernel;
        pages = original.pages;
        pin = original.pin;
    }

    /// <summary>The page frame numbers, in address order.</summary>
    public IReadOnlyList<ulong> Pfns => pfns ??= Array.AsReadOnly(pages);

    /// <summary>How many pages there are.</summary>
    public int Count => pages.Length;

    /// <summary>True for pins (FOLL_PIN), false for references (FOLL_GET).</summary>
    public bool ArePinned => pin;

    /// <summary>False once released.</summary>
    public bool AreHeld => kernel.MemoryManager.Holders.Contains(this);

    string IPageHolder.HolderName => pin ? "pin_user_pages" : "get_user_pages";

    IEnumerable<(ulong Pfn, bool Pin)> IPageHolder.Held
    {
        get
        {
            foreach (var pfn in pages)
            {
                if (pfn != MemoryManager.GarbagePage)
                {
                    yield return (pfn, pin);
                }
            }
        }
    }

    object ICloned.CloneInto(CloneContext context) => new UserPages(this, context.Known(kernel));

    void IDescribed.Describe(StateDigest digest)
    {
        digest.Add(pin);
        foreach (var page in pages)
        {
            digest.Add(page);
        }
    }

    /// <summary>Writes through a taken page, as a device would: the CPU's page tables are not asked.</summary>
    /// <param name="index">Which page.</param>
    /// <param name="offset">Offset in the page.</param>
    /// <param name="source">The bytes.</param>
    public void Write(int index, int offset, ReadOnlySpan<byte> source)
    {
        RequireHeld();
        kernel.Memory.Contents.Write(pages[index], offset, source);
    }

    /// <summary>Reads through a taken page.</summary>
    /// <param name="index">Which page.</param>
    /// <param name="offset">Offset in the page.</param>
    /// <param name="destination">Where the bytes go.</param>
    public void Read(int index, int offset, Span<byte> destination)
    {
        RequireHeld();
        kernel.Memory.Contents.Read(pages[index], offset, destination);
    }

    /// <summary>put_page or unpin_user_pages (unpin_user_pages_dirty_lock with <paramref name="dirty"/>).</summary>
    /// <param name="dirty">The pages were written.</param>
    /// <exception cref="InvalidOperationException">The pages were released before.</exception>
    public void Release(bool dirty = false)
    {
        RequireHeld();
        kernel.MemoryManager.RemoveHolder(this);
        kernel.MemoryManager.ReleasePages(pages, 0, pages.Length, pin, dirty);
    }

    /// <summary>Releases the pages, not marked dirty, unless that was done before: for <c>using var pages = process.PinUserPages(…).Value;</c>.</summary>
    public void Dispose()
    {
        if (AreHeld)
        {
            Release();
        }
    }

    private void RequireHeld()
    {
        if (!AreHeld)
        {
            throw new InvalidOperationException("The pages were released before: each get or pin is released once.");
        }
    }
}

// get_user_pages and pin_user_pages as a driver calls them for a process.
public sealed partial class Process
{
    /// <summary>get_user_pages: references (FOLL_GET) on the pages behind a range of this process, by the slow path.</summary>
    /// <param name="address">First byte; rounded down to a page.</param>
    /// <param name="count">How many pages.</param>
    /// <param name="flags">FOLL_* flags, for example <see cref="GupFlags.Write"/> where the pages will be written; FOLL_GET, or for a pin FOLL_PIN, is implied.</param>
    /// <returns>The pages of the longest prefix that could be taken, or the errno of the first: EFAULT or EEXIST for a page without struct page, as the era has it, and <see cref="VerdictKind.Undefined"/> where the kernel counted such a page as taken without storing its pointer.</returns>
    public Result<UserPages> GetUserPages(ulong address, int count, GupFlags flags = GupFlags.None)
    {
        using var call = Call("get_user_pages", address);
        return call.Of(Take(address, count, flags | GupFlags.Get, fast: false));
    }

    /// <summary>get_user_pages_fast: the lockless walk first, then the slow path.</summary>
    /// <inheritdoc cref="GetUserPages(ulong, int, GupFlags)"/>
    public Result<UserPages> GetUserPagesFast(ulong address, int count, GupFlags flags = GupFlags.None)
    {
        using var call = Call("get_user_pages_fast", address);
        return call.Of(Take(address, count, flags | GupFlags.Get, fast: true));
    }

    /// <summary>pin_user_pages: pins (FOLL_PIN); with <see cref="GupFlags.LongTerm"/> for as long as the caller likes.</summary>
    /// <inheritdoc cref="GetUserPages(ulong, int, GupFlags)"/>
    public Result<UserPages> PinUserPages(ulong address, int count, GupFlags flags = GupFlags.None)
    {
        using var call = Call("pin_user_pages", address);
        return call.Of(Take(address, count, flags | GupFlags.Pin, fast: false));
    }

    /// <summary>pin_user_pages_fast: the lockless walk first, then the slow path.</summary>
    /// <inheritdoc cref="GetUserPages(ulong, int, GupFlags)"/>
    public Result<UserPages> PinUserPagesFast(ulong address, int count, GupFlags flags = GupFlags.None)
    {
        using var call = Call("pin_user_pages_fast", address);
        return call.Of(Take(address, count, flags | GupFlags.Pin, fast: true));
    }

    private Result<UserPages> Take(ulong address, int count, GupFlags flags, bool fast)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if ((flags & (GupFlags.Get | GupFlags.Pin)) == (GupFlags.Get | GupFlags.Pin))
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("is_valid_gup_args", "FOLL_GET and FOLL_PIN exclude each other."));
        }

        var pin = (flags & GupFlags.Pin) != 0;
        using var observed = Observe(pin ? fast ? "pin_user_pages_fast" : "pin_user_pages" : fast ? "get_user_pages_fast" : "get_user_pages", address);
        var pages = new ulong[count];
        var result = fast ? Mm.GetUserPagesFast(Space, address, count, flags, pages) : Mm.GetUserPages(Space, Space, address, count, flags | GupFlags.Touch, pages);
        if (result.Verdict.Kind == VerdictKind.Undefined)
        {
            Mm.ReleasePages(pages, 0, result.Count, pin, dirty: false);
            return observed.End(result.Verdict);
        }

        if (result.Count == 0 && !result.Verdict.IsOk)
        {
            return observed.End(result.Verdict);
        }

        CountUserPages(result.Count, pin);
        if (result.Count < count)
        {
            var prefix = new ulong[result.Count];
            Array.Copy(pages, prefix, prefix.Length);
            pages = prefix;
        }

        return observed.End(new Result<UserPages>(new UserPages(Kernel, pages, pin)));
    }
}
