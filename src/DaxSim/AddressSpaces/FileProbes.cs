using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>A registered breakpoint at a place in a file (struct uprobe).</summary>
internal sealed class FileProbe(Journal journal, Inode inode, long offset, byte[] original) : Recoverable(journal)
{
    internal Inode Inode { get; private set; } = inode;

    /// <summary>The instruction's offset in the file.</summary>
    internal long Offset { get; } = offset;

    /// <summary>The bytes that the breakpoint takes the place of.</summary>
    internal byte[] Original { get; } = original;

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Inode);
        digest.Add(Offset);
    }

    private protected override void CopyFrom(Recoverable state) => Inode = ((FileProbe)state).Inode;

    private protected override void Remap(CloneContext context) => Inode = context.Map(Inode);
}

/// <summary>
/// uprobes (kernel/events/uprobes.c): breakpoints in copies of text pages. They are planted in every mapping of text there is, and in every
/// one made later as soon as it is made; fork's children inherit them with the copies.
/// </summary>
internal sealed partial class MemoryManager
{
    private readonly StateList<FileProbe> probes;

    /// <summary>The architecture's breakpoint instruction.</summary>
    private ReadOnlySpan<byte> BreakpointInstruction => Policy.Architecture == Architecture.X8664 ? [0xcc]
        : Policy.Architecture == Architecture.S390X ? [0x00, 0x02]
        : Policy.Architecture == Architecture.Arm64 ? [0xa0, 0x00, 0x20, 0xd4]
        : Policy.Architecture == Architecture.Ppc64Le ? [0x08, 0x00, 0xe0, 0x7f] : [0x7f, 0xe0, 0x00, 0x08];

    /// <summary>uprobe_register: into every mapping there is, or into none.</summary>
    internal Result<FileProbe> RegisterProbe(Inode inode, long offset)
    {
        var readable = inode.Kind is MappingKind.PageCache or MappingKind.Shmem || (inode.Kind == MappingKind.FsDax && Policy.UprobeFile == UprobeFileRule.WithReadPage && inode.Image?.Instance is not { Mode: DaxMountMode.Xip });
        if (!readable)
        {
            return Verdict.Fail(Errno.EIO, Because("uprobe_register", "The file's pages cannot be read into the page cache.", PolicyProperty.UprobeFile));
        }

        if (offset < 0 || offset >= inode.Size)
        {
            return Verdict.Fail(Errno.EINVAL, Because("uprobe_register", "The place lies behind the end of the file."));
        }

        var original = new byte[BreakpointInstruction.Length];
        inode.ReadPage((ulong)offset >> PageShift, (int)((ulong)offset & (PageSize - 1)), original);
        var probe = new FileProbe(Journal, inode, offset, original);
        foreach (var space in spaces)
        {
            foreach (var area in space.Areas.Span.ToArray())
            {
                if (TryPlace(probe, area, forRegistration: true, out var at) && Plant(space, at) is { IsOk: false } failed)
                {
                    RemoveBreakpoints(probe);
                    return failed;
                }
            }
        }

        probes.Add(probe);
        return probe;
    }

    /// <summary>uprobe_unregister: the original instruction is put back wherever the breakpoint is.</summary>
    internal void UnregisterProbe(FileProbe probe)
    {
        if (probes.Remove(probe))
        {
            RemoveBreakpoints(probe);
        }
    }

    /// <summary>In how many mappings the breakpoint is.</summary>
    internal int CountBreakpoints(FileProbe probe)
    {
        var count = 0;
        foreach (var space in spaces)
        {
            foreach (var area in space.Areas)
            {
                count += TryPlace(probe, area, forRegistration: false, out var at) && HasBreakpoint(space, at) ? 1 : 0;
            }
        }

        return count;
    }

    /// <summary>uprobe_mmap: a new mapping of text gets the breakpoints of its file; what fails there fails silently.</summary>
    private void PlantProbes(AddressSpace space, ulong start, ulong end)
    {
        if (probes.Count == 0)
        {
            return;
        }

        foreach (var area in space.Overlapping(start, end))
        {
            foreach (var probe in probes)
            {
                if (probe.Inode == area.Inode && TryPlace(probe, area, forRegistration: true, out var at) && at >= start && at < end && !HasBreakpoint(space, at))
                {
                    Trace?.Step("uprobe_mmap", $"has the file a probe at 0x{probe.Offset:x}?", "yes: a breakpoint is planted at once, in a copy of the page");
                    Plant(space, at);
                }
            }
        }
    }

    /// <summary>valid_vma: private mappings that are or may become text, and to plant something, that are not writable.</summary>
    private bool TryPlace(FileProbe probe, Vma area, bool forRegistration, out ulong at)
    {
        at = area.Start + (ulong)probe.Offset - (area.PageIndex(area.Start, PageShift) << PageShift);
        return area.Inode == probe.Inode && area.Has(VmFlags.MayExec) && !area.Has(VmFlags.MayShare | VmFlags.HugeTlb | (forRegistration ? VmFlags.Write : 0)) && at >= area.Start && at < area.End;
    }

    /// <summary>uprobe_write_opcode: takes the page by get_user_pages, so a page without struct page fails, and writes the breakpoint into a copy.</summary>
    private Verdict Plant(AddressSpace space, ulong at)
    {
        var pages = new ulong[1];
        var result = GetUserPages(space, null, at, 1, GupFlags.Get | GupFlags.Force | GupFlags.Remote, pages);
        if (result.Count == 0)
        {
            return result.Verdict;
        }

        Release(pages[0], pin: false);
        var breakpoint = BreakpointInstruction.ToArray();
        return AccessRemote(space, null, at, breakpoint, write: true, force: true, out var stopped) == breakpoint.Length ? Verdict.Ok : Verdict.Fail(Errno.EFAULT, stopped);
    }

    private void RemoveBreakpoints(FileProbe probe)
    {
        foreach (var space in spaces)
        {
            foreach (var area in space.Areas.Span.ToArray())
            {
                if (TryPlace(probe, area, forRegistration: false, out var at) && HasBreakpoint(space, at))
                {
                    AccessRemote(space, null, at, probe.Original, write: true, force: true, out _);
                }
            }
        }
    }

    private bool HasBreakpoint(AddressSpace space, ulong at)
    {
        Span<byte> there = stackalloc byte[BreakpointInstruction.Length];
        if (!TryReadableFrame(space, PageOf(at), out var pfn) || !Memory.HasStructPage(pfn) || !Memory.PageOf(pfn).IsAnon)
        {
            return false;
        }

        Memory.Contents.Read(pfn, (int)(at & (PageSize - 1)), there);
        return there.SequenceEqual(BreakpointInstruction);
    }
}
