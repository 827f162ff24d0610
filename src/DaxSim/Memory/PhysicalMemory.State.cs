using DaxSim.State;

namespace DaxSim.Memory;

/// <summary>Copying memory into another machine, and its fingerprint.</summary>
internal sealed partial class PhysicalMemory : IDescribed
{
    private PhysicalMemory(CloneContext context, PhysicalMemory original)
    {
        context.Register(original, this);
        Journal = context.Journal;
        PageShift = original.PageShift;
        ZeroPfn = original.ZeroPfn;
        HighestMemmapPfn = original.HighestMemmapPfn;
        AllocatableEnd = original.AllocatableEnd;
        regions = context.Map(original.regions);
        pagemaps = context.Map(original.pagemaps);
        memmap = context.Map(original.memmap);
        pages = context.Map(original.pages);
        indexes = context.Map(original.indexes);
        freed = context.Map(original.freed);
        allocator = context.Map(original.allocator);
        poisoned = context.Map(original.poisoned);
        swap = context.Map(original.swap);
        MediaErrors = context.Map(original.MediaErrors);
        claimed = context.Map(original.claimed);
        CopyNodes(original);
        Contents = original.Contents.CloneInto(context);
    }

    internal PhysicalMemory CloneInto(CloneContext context) => new(context, this);

    public void Describe(StateDigest digest)
    {
        foreach (var region in regions)
        {
            digest.Add(region.Name);
            digest.Add(region.Kind);
            digest.Add(region.Start);
            digest.Add(region.Length);
        }

        digest.Add(ZeroPfn);
        digest.Add(HighestMemmapPfn);
        digest.Add(AllocatableEnd);
        digest.Add(pagemaps);
        digest.Add(memmap);
        digest.Add(pages);
        digest.Add(indexes);
        digest.Add(freed);
        digest.Add(poisoned);
        digest.Add(MediaErrors);
        digest.Add(claimed);
        digest.Add(allocator);
        digest.Add(swap);
        Contents.Describe(digest);
    }
}
