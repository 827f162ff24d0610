using DaxSim.FileSystems;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>The identity that anonymous pages of related areas share (struct anon_vma). Its root is what a page's owner names.</summary>
internal sealed class AnonVma(Journal journal, int id, AnonVma? parent) : Recoverable(journal)
{
    internal int Id { get; } = id;

    internal AnonVma? Parent { get; private set; } = parent;

    internal AnonVma Root => Parent?.Root ?? this;

    /// <summary>How many areas have this as their own anon_vma.</summary>
    internal int ActiveVmas { get; private set; }

    /// <summary>How many anon_vmas were forked from this one (itself included for a root, as in the kernel).</summary>
    internal int Children { get; private set; }

    /// <summary>How many areas have this in their chain.</summary>
    internal int Links { get; private set; }

    internal void AddLink(int number)
    {
        Touch();
        Links += number;
    }

    internal void AddActive(int number)
    {
        Touch();
        ActiveVmas += number;
    }

    internal void AddChild(int number)
    {
        Touch();
        Children += number;
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Id);
        digest.Add(Parent);
        digest.Add(ActiveVmas);
        digest.Add(Children);
        digest.Add(Links);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (AnonVma)state;
        ActiveVmas = other.ActiveVmas;
        Children = other.Children;
        Links = other.Links;
        Parent = other.Parent;
    }

    private protected override void Remap(CloneContext context) => Parent = context.MapOrNull(Parent);
}

/// <summary>A memory area (struct vm_area_struct): a range of addresses with one set of flags over one file or none.</summary>
internal sealed class Vma : Recoverable
{
    internal Vma(Journal journal, ulong start, ulong end, VmFlags flags, OpenFile? file, ulong pageOffset)
        : base(journal)
    {
        Start = start;
        End = end;
        Flags = flags;
        File = file;
        PageOffset = pageOffset;
    }

    internal ulong Start { get; private set; }

    internal ulong End { get; private set; }

    internal VmFlags Flags { get; private set; }

    /// <summary>vm_file; shared anonymous memory has an unnamed shmem file of its own.</summary>
    internal OpenFile? File { get; private set; }

    internal Inode? Inode => File?.Inode;

    /// <summary>vm_private_data of an area that the kernel itself added ([vdso], [vvar]); such an area has no file.</summary>
    internal SpecialMapping? Special { get; init; }

    /// <summary>vm_pgoff: the file page of <see cref="Start"/>, or for private anonymous memory the linear page number.</summary>
    internal ulong PageOffset { get; private set; }

    /// <summary>vm_userfaultfd_ctx: who handles faults of the area in user space; null as a rule.</summary>
    internal UserfaultContext? Handler { get; private set; }

    /// <summary>VM_UFFD_MISSING, VM_UFFD_WP and VM_UFFD_MINOR.</summary>
    internal UserfaultMode HandlerModes { get; private set; }

    /// <summary>userfaultfd_wp.</summary>
    internal bool IsUserfaultProtected => (HandlerModes & UserfaultMode.WriteProtect) != 0;

    /// <summary>userfaultfd_wp_use_markers: entries that map nothing can be protected too.</summary>
    internal bool UsesMarkers => IsUserfaultProtected && (!IsAnonymous || Handler!.Has(UserfaultFeatures.WriteProtectUnpopulated));

    /// <summary>vm_policy: where its pages come from, as mbind said; null without one.</summary>
    internal Memory.MemoryPolicy? Policy { get; private set; }

    internal AnonVma? Anon { get; private set; }

    /// <summary>anon_vma_chain: every anon_vma whose pages this area may map.</summary>
    internal IReadOnlyList<AnonVma> AnonChain { get; private set; } = [];

    internal ulong Length => End - Start;

    internal bool IsShared => (Flags & VmFlags.Shared) != 0;

    /// <summary>vma_is_anonymous: no fault handler, so faults make anonymous memory. (Shared anonymous memory is a file.)</summary>
    internal bool IsAnonymous => File is null && Special is null && (Flags & VmFlags.PfnMap) == 0;

    /// <summary>is_cow_mapping.</summary>
    internal bool IsCow => (Flags & (VmFlags.Shared | VmFlags.MayWrite)) == VmFlags.MayWrite;

    /// <summary>vma_is_dax.</summary>
    internal bool IsDax => File is { Inode.IsDaxMapping: true };

    /// <summary>vma_is_fsdax.</summary>
    internal bool IsFsDax => IsDax && File!.Inode.Kind != MappingKind.DeviceDax;

    internal bool Has(VmFlags flags) => (Flags & flags) != 0;

    internal bool Contains(ulong address) => address >= Start && address < End;

    /// <summary>linear_page_index: the file page that an address maps.</summary>
    internal ulong PageIndex(ulong address, int pageShift) => ((address - Start) >> pageShift) + PageOffset;

    internal void SetRange(ulong start, ulong end, ulong pageOffset)
    {
        Touch();
        Start = start;
        End = end;
        PageOffset = pageOffset;
    }

    internal void SetFlags(VmFlags flags)
    {
        if (Flags != flags)
        {
            Touch();
            Flags = flags;
        }
    }

    internal void SetPolicy(Memory.MemoryPolicy? policy)
    {
        Touch();
        Policy = policy;
    }

    internal void SetHandler(UserfaultContext? handler, UserfaultMode modes)
    {
        Touch();
        Handler = handler;
        HandlerModes = modes;
    }

    internal void SetAnon(AnonVma? anon, IReadOnlyList<AnonVma> chain)
    {
        Touch();
        Anon = anon;
        AnonChain = chain;
    }

    /// <summary>A new area with the same properties (vm_area_dup), not yet part of any address space or anon_vma.</summary>
    internal Vma Duplicate()
    {
        return new Vma(Journal, Start, End, Flags, File, PageOffset) { OwnsReservation = OwnsReservation, Special = Special, Handler = Handler, HandlerModes = HandlerModes, Policy = Policy };
    }

    /// <summary>HPAGE_RESV_OWNER: the huge page pool promised its pages to this private area. A fork's child has no promise.</summary>
    internal bool OwnsReservation { get; private set; }

    internal void SetReservation(bool owns)
    {
        Touch();
        OwnsReservation = owns;
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Start);
        digest.Add(End);
        digest.Add(Flags);
        digest.Add(File);
        digest.Add(PageOffset);
        digest.Add(Special?.Name ?? "");
        digest.Add(Handler);
        digest.Add(HandlerModes);
        digest.Add(Policy?.ToString() ?? "");
        digest.Add(Anon);
        foreach (var anon in AnonChain)
        {
            digest.Add(anon);
        }
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (Vma)state;
        Start = other.Start;
        End = other.End;
        Flags = other.Flags;
        File = other.File;
        PageOffset = other.PageOffset;
        OwnsReservation = other.OwnsReservation;
        Handler = other.Handler;
        HandlerModes = other.HandlerModes;
        Policy = other.Policy;
        Anon = other.Anon;
        AnonChain = other.AnonChain;
    }

    private protected override void Remap(CloneContext context)
    {
        File = context.MapOrNull(File);
        Anon = context.MapOrNull(Anon);
        Handler = context.MapOrNull(Handler);
        AnonChain = [.. AnonChain.Select(context.Map)];
    }

    public override string ToString() => $"{Start:x}-{End:x} {Flags}";
}
