using DaxSim.State;

namespace DaxSim.Memory;

/// <summary>One device or file that pages are swapped to (struct swap_info_struct). Slot 0 holds its header.</summary>
internal sealed class SwapArea : Recoverable
{
    internal SwapArea(Journal journal, string name, ulong slots, bool isSynchronous, int pageSize)
        : base(journal)
    {
        Name = name;
        Slots = slots;
        IsSynchronous = isSynchronous;
        Contents = new(journal, pageSize);
    }

    internal string Name { get; }

    /// <summary>Pages that it has room for, and the header's.</summary>
    internal ulong Slots { get; }

    /// <summary>SWP_SYNCHRONOUS_IO: a device in memory (zram, pmem, brd), which has read or written when the call returns.</summary>
    internal bool IsSynchronous { get; }

    internal bool IsOn { get; private set; } = true;

    /// <summary>The device answers every read with an error.</summary>
    internal bool FailsReads { get; private set; }

    /// <summary>Where the search for a free slot begins (cluster_next).</summary>
    internal ulong Next { get; private set; } = 1;

    /// <summary>The bytes of the slots.</summary>
    internal ContentStore Contents { get; private set; }

    internal void SetOn(bool on)
    {
        Touch();
        IsOn = on;
        Next = 1;
    }

    internal void SetFailsReads(bool fails)
    {
        Touch();
        FailsReads = fails;
    }

    internal void MoveTo(ulong slot)
    {
        Touch();
        Next = slot;
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Name);
        digest.Add(Slots);
        digest.Add(IsSynchronous);
        digest.Add(IsOn);
        digest.Add(FailsReads);
        digest.Add(Next);
        Contents.Describe(digest);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (SwapArea)state;
        IsOn = other.IsOn;
        FailsReads = other.FailsReads;
        Next = other.Next;
    }

    private protected override void Remap(CloneContext context) => Contents = Contents.CloneInto(context);
}

/// <summary>What a swap slot, a page or a place in a file is linked with. Stored relative to its key, so that neighbours are one extent; the default is no link.</summary>
internal readonly struct SwapLink : IEquatable<SwapLink>
{
    private readonly ulong bits;

    internal SwapLink(ulong key, ulong target) => bits = ((target - key) << 1) | 1;

    internal bool IsNone => bits == 0;

    internal ulong Target(ulong key) => (key + (bits >> 1)) & (ulong.MaxValue >> 1);

    public bool Equals(SwapLink other) => bits == other.bits;

    public override bool Equals(object? obj) => obj is SwapLink other && Equals(other);

    public override int GetHashCode() => bits.GetHashCode();
}
