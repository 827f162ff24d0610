namespace DaxSim.Policy;

/// <summary>How a transparent huge page moves to other frames.</summary>
public enum HugePageMigrationRule
{
    /// <summary>It is split first, and the one page that was asked for moves.</summary>
    SplitFirst,

    /// <summary>Whole, with PMD migration entries in between.</summary>
    Whole,

    /// <summary>Not known for this release and architecture.</summary>
    NotKnown,
}

/// <summary>Whether huge pages of the pool move when they are in use.</summary>
public enum HugeTlbMigrationRule
{
    /// <summary>Their areas are left out: EFAULT.</summary>
    AreasLeftOut,

    /// <summary>They do, with migration entries in between.</summary>
    Whole,

    /// <summary>Not known for this release and architecture.</summary>
    NotKnown,
}

/// <summary>Which features UFFDIO_API knows besides those that a kind of memory brings with it.</summary>
public enum UserfaultFeatureRule
{
    /// <summary>None.</summary>
    None,

    /// <summary>The events of fork, remap, remove and unmap.</summary>
    Events,

    /// <summary>Also UFFD_FEATURE_SIGBUS and THREAD_ID.</summary>
    Signals,
}

/// <summary>Whether the architecture has a bit for userfaultfd's write protection (HAVE_ARCH_USERFAULTFD_WP).</summary>
public enum UserfaultProtectionRule
{
    /// <summary>It has none: registering for write protection is EINVAL.</summary>
    Missing,

    /// <summary>It has.</summary>
    Available,

    /// <summary>It has none, and nobody asks: registering works, and protecting takes the write bit away, which the next store gets back in silence.</summary>
    Unchecked,
}

/// <summary>Whose registration decides whether a child's entries keep userfaultfd's write protection.</summary>
public enum UserfaultForkRule
{
    /// <summary>The parent's: bits stay in areas that nobody watches.</summary>
    ParentDecides,

    /// <summary>The child's.</summary>
    ChildDecides,
}

/// <summary>What range UFFDIO_WRITEPROTECT takes.</summary>
public enum UserfaultRangeRule
{
    /// <summary>One area must contain it.</summary>
    OneArea,

    /// <summary>It may span areas, and holes.</summary>
    ManyAreas,
}

/// <summary>Who takes the write protection out of the page table when a registration ends.</summary>
public enum UserfaultLeavingRule
{
    /// <summary>Nobody: the bits stay, and mean nothing.</summary>
    BitsStay,

    /// <summary>UFFDIO_UNREGISTER does.</summary>
    UnregisterResets,

    /// <summary>Closing the descriptor does too.</summary>
    CloseResetsToo,
}

/// <summary>What mremap does with the write protection of entries whose registration does not move.</summary>
public enum UserfaultMremapRule
{
    /// <summary>The bits move with the entries, and mean nothing at the new place.</summary>
    BitsMove,

    /// <summary>They are cleared.</summary>
    BitsCleared,
}

/// <summary>Whether pagemap shows the write protection of userfaultfd (bit 57).</summary>
public enum PagemapUserfaultRule
{
    /// <summary>It does not.</summary>
    Missing,

    /// <summary>It does.</summary>
    Reported,
}

/// <summary>Whether pagemap shows soft-dirty bits (bit 55).</summary>
public enum PagemapSoftDirtyRule
{
    /// <summary>It does not.</summary>
    Missing,

    /// <summary>From the first time that somebody clears them; until then bits 55 to 60 hold the page size.</summary>
    AfterFirstClear,

    /// <summary>It does.</summary>
    Reported,
}

/// <summary>Which numbers /proc/pid/clear_refs takes.</summary>
public enum ClearReferencesRule
{
    /// <summary>1 to 3: the accessed bits of all, anonymous or file-mapped pages.</summary>
    Young,

    /// <summary>Also 4: soft-dirty bits.</summary>
    SoftDirty,

    /// <summary>Also 5: the peak of the resident set.</summary>
    PeakResident,
}

/// <summary>Whether a new area counts as written.</summary>
public enum SoftDirtyAreaRule
{
    /// <summary>Only entries do, when they are written.</summary>
    EntriesOnly,

    /// <summary>A new area does as a whole (VM_SOFTDIRTY), until the bits are cleared.</summary>
    NewAreasToo,
}

/// <summary>Whether new entries of a shared area wait for the first store once the bits were cleared.</summary>
public enum SoftDirtyNotifyRule
{
    /// <summary>They do not, so a store through one is missed.</summary>
    Missing,

    /// <summary>They do.</summary>
    FirstStores,
}

/// <summary>What clearing the bits does to pages that are pinned.</summary>
public enum SoftDirtyPinnedRule
{
    /// <summary>As to any page: they become read-only, and the next store copies them away from the pin.</summary>
    Cleared,

    /// <summary>Nothing.</summary>
    LeftAlone,
}

/// <summary>What mprotect asks before it makes a dirty page writable at once.</summary>
public enum SoftDirtyMprotectRule
{
    /// <summary>The opposite of what was meant: after the bits were cleared a store is missed.</summary>
    Inverted,

    /// <summary>Whether the next store is to be heard of.</summary>
    Checked,
}

/// <summary>Whether areas that are merged count as written.</summary>
public enum SoftDirtyMergeRule
{
    /// <summary>As the one did whose structure survives.</summary>
    SurvivorDecides,

    /// <summary>When one of them did.</summary>
    DirtyWins,
}

/// <summary>What a page that was moved keeps of its accessed and dirty bits.</summary>
public enum MigrationBitsRule
{
    /// <summary>Nothing: the entry comes back old and clean, the page itself was marked dirty.</summary>
    Forgotten,

    /// <summary>Both.</summary>
    Kept,
}

public sealed partial record KernelPolicy
{
    /// <summary>Which features UFFDIO_API knows besides those that a kind of memory brings with it.</summary>
    public UserfaultFeatureRule UserfaultFeature { get => (UserfaultFeatureRule)Get(PolicyProperty.UserfaultFeature); init => Set(PolicyProperty.UserfaultFeature, (int)value); }

    /// <summary>Whether the architecture has a bit for userfaultfd's write protection.</summary>
    public UserfaultProtectionRule UserfaultProtection { get => (UserfaultProtectionRule)Get(PolicyProperty.UserfaultProtection); init => Set(PolicyProperty.UserfaultProtection, (int)value); }

    /// <summary>What range UFFDIO_WRITEPROTECT takes.</summary>
    public UserfaultRangeRule UserfaultRange { get => (UserfaultRangeRule)Get(PolicyProperty.UserfaultRange); init => Set(PolicyProperty.UserfaultRange, (int)value); }

    /// <summary>Who takes the write protection out of the page table when a registration ends.</summary>
    public UserfaultLeavingRule UserfaultLeaving { get => (UserfaultLeavingRule)Get(PolicyProperty.UserfaultLeaving); init => Set(PolicyProperty.UserfaultLeaving, (int)value); }

    /// <summary>What mremap does with the write protection of entries whose registration does not move.</summary>
    public UserfaultMremapRule UserfaultMremap { get => (UserfaultMremapRule)Get(PolicyProperty.UserfaultMremap); init => Set(PolicyProperty.UserfaultMremap, (int)value); }

    /// <summary>Whose registration decides whether a child's entries keep userfaultfd's write protection.</summary>
    public UserfaultForkRule UserfaultFork { get => (UserfaultForkRule)Get(PolicyProperty.UserfaultFork); init => Set(PolicyProperty.UserfaultFork, (int)value); }

    /// <summary>Whether pagemap shows the write protection of userfaultfd.</summary>
    public PagemapUserfaultRule PagemapUserfault { get => (PagemapUserfaultRule)Get(PolicyProperty.PagemapUserfault); init => Set(PolicyProperty.PagemapUserfault, (int)value); }

    /// <summary>Whether pagemap shows soft-dirty bits (bit 55).</summary>
    public PagemapSoftDirtyRule PagemapSoftDirty { get => (PagemapSoftDirtyRule)Get(PolicyProperty.PagemapSoftDirty); init => Set(PolicyProperty.PagemapSoftDirty, (int)value); }

    /// <summary>Which numbers /proc/pid/clear_refs takes.</summary>
    public ClearReferencesRule ClearReferences { get => (ClearReferencesRule)Get(PolicyProperty.ClearReferences); init => Set(PolicyProperty.ClearReferences, (int)value); }

    /// <summary>Whether a new area counts as written.</summary>
    public SoftDirtyAreaRule SoftDirtyAreas { get => (SoftDirtyAreaRule)Get(PolicyProperty.SoftDirtyAreas); init => Set(PolicyProperty.SoftDirtyAreas, (int)value); }

    /// <summary>Whether new entries of a shared area wait for the first store once the bits were cleared.</summary>
    public SoftDirtyNotifyRule SoftDirtyNotify { get => (SoftDirtyNotifyRule)Get(PolicyProperty.SoftDirtyNotify); init => Set(PolicyProperty.SoftDirtyNotify, (int)value); }

    /// <summary>What clearing the bits does to pages that are pinned.</summary>
    public SoftDirtyPinnedRule SoftDirtyPinned { get => (SoftDirtyPinnedRule)Get(PolicyProperty.SoftDirtyPinned); init => Set(PolicyProperty.SoftDirtyPinned, (int)value); }

    /// <summary>What mprotect asks before it makes a dirty page writable at once.</summary>
    public SoftDirtyMprotectRule SoftDirtyMprotect { get => (SoftDirtyMprotectRule)Get(PolicyProperty.SoftDirtyMprotect); init => Set(PolicyProperty.SoftDirtyMprotect, (int)value); }

    /// <summary>Whether areas that are merged count as written.</summary>
    public SoftDirtyMergeRule SoftDirtyMerge { get => (SoftDirtyMergeRule)Get(PolicyProperty.SoftDirtyMerge); init => Set(PolicyProperty.SoftDirtyMerge, (int)value); }

    /// <summary>What a page that was moved keeps of its accessed and dirty bits.</summary>
    public MigrationBitsRule MigrationBits { get => (MigrationBitsRule)Get(PolicyProperty.MigrationBits); init => Set(PolicyProperty.MigrationBits, (int)value); }

    /// <summary>How a transparent huge page moves to other frames.</summary>
    public HugePageMigrationRule HugePageMigration { get => (HugePageMigrationRule)Get(PolicyProperty.HugePageMigration); init => Set(PolicyProperty.HugePageMigration, (int)value); }

    /// <summary>Whether huge pages of the pool move when they are in use.</summary>
    public HugeTlbMigrationRule HugeTlbMigration { get => (HugeTlbMigrationRule)Get(PolicyProperty.HugeTlbMigration); init => Set(PolicyProperty.HugeTlbMigration, (int)value); }

    private static string? DescribeTracking(PolicyProperty property, int value) => property switch
    {
        PolicyProperty.UserfaultFeature => ((UserfaultFeatureRule)value).ToString(),
        PolicyProperty.UserfaultProtection => ((UserfaultProtectionRule)value).ToString(),
        PolicyProperty.UserfaultRange => ((UserfaultRangeRule)value).ToString(),
        PolicyProperty.UserfaultLeaving => ((UserfaultLeavingRule)value).ToString(),
        PolicyProperty.UserfaultMremap => ((UserfaultMremapRule)value).ToString(),
        PolicyProperty.UserfaultFork => ((UserfaultForkRule)value).ToString(),
        PolicyProperty.PagemapUserfault => ((PagemapUserfaultRule)value).ToString(),
        PolicyProperty.PagemapSoftDirty => ((PagemapSoftDirtyRule)value).ToString(),
        PolicyProperty.ClearReferences => ((ClearReferencesRule)value).ToString(),
        PolicyProperty.SoftDirtyAreas => ((SoftDirtyAreaRule)value).ToString(),
        PolicyProperty.SoftDirtyNotify => ((SoftDirtyNotifyRule)value).ToString(),
        PolicyProperty.SoftDirtyPinned => ((SoftDirtyPinnedRule)value).ToString(),
        PolicyProperty.SoftDirtyMprotect => ((SoftDirtyMprotectRule)value).ToString(),
        PolicyProperty.SoftDirtyMerge => ((SoftDirtyMergeRule)value).ToString(),
        PolicyProperty.MigrationBits => ((MigrationBitsRule)value).ToString(),
        PolicyProperty.HugePageMigration => ((HugePageMigrationRule)value).ToString(),
        PolicyProperty.HugeTlbMigration => ((HugeTlbMigrationRule)value).ToString(),
        _ => null,
    };
}
