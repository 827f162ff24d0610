using DaxSim.State;

namespace DaxSim.Memory;

/// <summary>enum memory_type of a dev_pagemap.</summary>
internal enum PagemapType
{
    /// <summary>Before the types existed (up to 4.17), or MEMORY_DEVICE_GENERIC: device-dax.</summary>
    Generic,

    /// <summary>MEMORY_DEVICE_FS_DAX.</summary>
    FsDax,
}

/// <summary>Where the struct pages of a device lie (the altmap).</summary>
public enum MemmapPlacement
{
    /// <summary>In ordinary RAM (map=mem).</summary>
    Ram,

    /// <summary>In the device's own first pages (map=dev, vmem_altmap).</summary>
    Device,
}

/// <summary>A driver's request for struct pages over device memory (struct dev_pagemap, devm_memremap_pages).</summary>
/// <remarks>Its reference count is what get_dev_pagemap takes and what unbinding waits for.</remarks>
internal sealed class DevPagemap : Recoverable
{
    internal DevPagemap(Journal journal, int id, ulong startPfn, ulong pageCount, PagemapType type, MemmapPlacement placement, int idleRefCount)
        : base(journal)
    {
        Id = id;
        StartPfn = startPfn;
        PageCount = pageCount;
        Type = type;
        Placement = placement;
        IdleRefCount = idleRefCount;
    }

    internal int Id { get; }

    internal ulong StartPfn { get; }

    /// <summary>Number of pages that have a struct page.</summary>
    internal ulong PageCount { get; }

    internal PagemapType Type { get; }

    internal MemmapPlacement Placement { get; }

    /// <summary>page_count() of a page nobody uses: 1 up to 6.14, 0 for fsdax from 6.15 on.</summary>
    internal int IdleRefCount { get; }

    /// <summary>References taken by get_dev_pagemap and, in the older regime, by pinned pages.</summary>
    internal long References { get; private set; }

    /// <summary>True once the driver began to take the pages away: no new reference can be had.</summary>
    internal bool Dead { get; private set; }

    /// <summary>get_dev_pagemap: false once <see cref="Dead"/>.</summary>
    internal bool TryGet(long number = 1)
    {
        if (Dead)
        {
            return false;
        }

        Touch();
        References += number;
        return true;
    }

    internal void Put(long number = 1)
    {
        Touch();
        References -= number;
        if (References < 0)
        {
            throw new InvalidOperationException($"dev_pagemap {Id}: more references put than taken (simulator defect).");
        }
    }

    internal void Kill()
    {
        Touch();
        Dead = true;
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Id);
        digest.Add(StartPfn);
        digest.Add(PageCount);
        digest.Add(Type);
        digest.Add(Placement);
        digest.Add(IdleRefCount);
        digest.Add(References);
        digest.Add(Dead);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (DevPagemap)state;
        References = other.References;
        Dead = other.Dead;
    }
}
