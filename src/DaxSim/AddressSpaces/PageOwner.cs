namespace DaxSim.AddressSpaces;

/// <summary>In which way somebody has a page.</summary>
public enum PageOwnerKind
{
    /// <summary>A page table entry maps it.</summary>
    Mapping,

    /// <summary>It is in the page cache of a file.</summary>
    PageCache,

    /// <summary>References taken by get_user_pages, a pipe or a transfer (FOLL_GET).</summary>
    Reference,

    /// <summary>Pins taken by pin_user_pages (FOLL_PIN).</summary>
    Pin,
}

/// <summary>Somebody who has a page: each owner accounts for a part of the page's references.</summary>
/// <param name="Kind">In which way.</param>
/// <param name="Name">A process as <c>sh[1]</c>, a file, or the kernel function that took the references.</param>
/// <param name="ProcessId">The process that maps it; null for the other kinds.</param>
/// <param name="Address">Where that process maps it; null for the other kinds.</param>
/// <param name="Count">How many references or pins; 1 for a mapping and for the page cache.</param>
public sealed record PageOwner(PageOwnerKind Kind, string Name, int? ProcessId, ulong? Address, int Count)
{
    /// <summary>For example <c>mapped by sh[1] at 0x7fffeffff000</c> or <c>2 pins by pin_user_pages</c>.</summary>
    public override string ToString() => Kind switch
    {
        PageOwnerKind.Mapping => $"mapped by {Name} at 0x{Address:x}",
        PageOwnerKind.PageCache => $"in the page cache of {Name}",
        PageOwnerKind.Reference => $"{Count} reference{(Count == 1 ? "" : "s")} by {Name}",
        _ => $"{Count} pin{(Count == 1 ? "" : "s")} by {Name}",
    };
}
