using DaxSim.Memory;
using DaxSim.State;

namespace DaxSim.Devices;

/// <summary>A segment as CP keeps it.</summary>
internal sealed class SegmentDefinition(Journal journal, string name, DcssRange[] ranges) : Recoverable(journal)
{
    /// <summary>Up to 8 characters, upper case.</summary>
    internal string Name { get; } = name;

    internal DcssRange[] Ranges { get; } = ranges;

    internal ulong Start => Ranges[0].Start;

    /// <summary>The address behind the last byte.</summary>
    internal ulong End => Ranges[^1].End;

    /// <summary>The return code that the next diagnose for it gives, 0 for success: how a test lets CP fail.</summary>
    internal int NextReturnCode { get; private set; }

    internal void SetNextReturnCode(int value)
    {
        Touch();
        NextReturnCode = value;
    }

    internal int TakeReturnCode()
    {
        var code = NextReturnCode;
        if (code != 0)
        {
            SetNextReturnCode(0);
        }

        return code;
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Name);
        foreach (var range in Ranges)
        {
            digest.Add(range.Start);
            digest.Add(range.Length);
            digest.Add(range.Type);
        }
        
        digest.Add(NextReturnCode);
    }

    private protected override void CopyFrom(Recoverable state) => NextReturnCode = ((SegmentDefinition)state).NextReturnCode;
}

/// <summary>A segment that is loaded (struct dcss_segment).</summary>
internal sealed class LoadedSegment(Journal journal, SegmentDefinition definition, MemoryRegion region, DcssType type) : Recoverable(journal)
{
    internal SegmentDefinition Definition { get; private set; } = definition;

    /// <summary>Its line in /proc/iomem.</summary>
    internal MemoryRegion Region { get; } = region;

    internal DcssType Type { get; } = type;

    internal int References { get; private set; } = 1;

    /// <summary>do_nonshared: loaded as exclusive-writable.</summary>
    internal bool IsExclusive { get; private set; }

    /// <summary>What CP puts back when an exclusive copy is given up unsaved; null while the segment is shared.</summary>
    internal ContentStore? Saved { get; private set; }

    internal void AddReference(int change)
    {
        Touch();
        References += change;
    }

    internal void SetExclusive(bool exclusive, ContentStore? saved)
    {
        Touch();
        IsExclusive = exclusive;
        Saved = saved;
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Definition);
        digest.Add(Type);
        digest.Add(References);
        digest.Add(IsExclusive);
        Saved?.Describe(digest);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (LoadedSegment)state;
        References = other.References;
        IsExclusive = other.IsExclusive;
        Saved = other.Saved;
    }

    private protected override void Remap(CloneContext context)
    {
        Definition = context.Map(Definition);
        Saved = Saved?.CloneInto(context);
    }
}
