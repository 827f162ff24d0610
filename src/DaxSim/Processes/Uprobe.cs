using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Processes;

/// <summary>A uprobe: a breakpoint at a place in a file, in every process that runs it.</summary>
public sealed class Uprobe
{
    private readonly List<(AddressSpace Space, ulong Address, byte[] Original)> places;
    private readonly MemoryManager mm;

    internal Uprobe(MemoryManager mm, List<(AddressSpace Space, ulong Address, byte[] Original)> places)
    {
        this.mm = mm;
        this.places = places;
    }

    /// <summary>How many mappings have the breakpoint.</summary>
    public int PlaceCount => places.Count;

    /// <summary>uprobe_unregister: the original instruction is put back in every mapping that is still there.</summary>
    public void Unregister()
    {
        foreach (var (space, address, original) in places)
        {
            if (space.Users > 0)
            {
                mm.AccessRemote(space, null, address, original, write: true, force: true, out _);
            }
        }

        places.Clear();
    }
}

// uprobe_register.
public sealed partial class FileHandle
{
    /// <summary>
    /// uprobe_register: the text page of every private executable mapping of that place becomes a copy with a breakpoint. Each page is first taken
    /// by get_user_pages, so a page without struct page fails. Mappings made later get no breakpoint here.
    /// </summary>
    /// <param name="offset">The instruction's offset in the file.</param>
    /// <returns>The probe; EIO where the file cannot have probes, EINVAL behind its end, EFAULT (EEXIST from 5.18 on) for page-less text.</returns>
    public Result<Uprobe> RegisterUprobe(long offset) => Call("uprobe_register").Of(DoRegisterUprobe(offset));

    private Result<Uprobe> DoRegisterUprobe(long offset)
    {
        var mm = Kernel.MemoryManager;
        var inode = File.Inode;
        var readable = inode.Kind is MappingKind.PageCache or MappingKind.Shmem || (inode.Kind == MappingKind.FsDax && Kernel.Policy.UprobeFile == UprobeFileRule.WithReadPage && inode.Image?.Instance is not { Mode: DaxMountMode.Xip });
        if (!readable)
        {
            return Verdict.Fail(Errno.EIO, mm.Because("uprobe_register", "The file's pages cannot be read into the page cache.", PolicyProperty.UprobeFile));
        }

        if (offset < 0 || offset >= inode.Size)
        {
            return Verdict.Fail(Errno.EINVAL, mm.Because("uprobe_register", "The place lies behind the end of the file."));
        }

        var places = new List<(AddressSpace Space, ulong Address, byte[] Original)>();
        foreach (var space in mm.Spaces)
        {
            foreach (var area in space.Areas)
            {
                var at = area.Start + (ulong)offset - (area.PageIndex(area.Start, mm.PageShift) << mm.PageShift);
                if (area.Inode == inode && !area.IsShared && area.Has(VmFlags.MayExec) && !area.Has(VmFlags.Write) && at >= area.Start && at < area.End)
                {
                    places.Add((space, at, new byte[Breakpoint.Length]));
                }
            }
        }

        var planted = new List<(AddressSpace Space, ulong Address, byte[] Original)>();
        foreach (var place in places)
        {
            var pages = new ulong[1];
            var result = mm.GetUserPages(place.Space, null, place.Address, 1, GupFlags.Get | GupFlags.Force | GupFlags.Remote, pages);
            if (result.Count == 0)
            {
                new Uprobe(mm, planted).Unregister();
                return result.Verdict;
            }

            mm.Memory.Contents.Read(pages[0], (int)(place.Address & (mm.PageSize - 1)), place.Original);
            mm.Release(pages[0], pin: false);
            if (mm.AccessRemote(place.Space, null, place.Address, Breakpoint.ToArray(), write: true, force: true, out var stopped) != Breakpoint.Length)
            {
                new Uprobe(mm, planted).Unregister();
                return Verdict.Fail(Errno.EFAULT, stopped);
            }

            planted.Add(place);
        }

        return new Uprobe(mm, planted);
    }

    /// <summary>The architecture's breakpoint instruction.</summary>
    private ReadOnlySpan<byte> Breakpoint => Kernel.Policy.Architecture == Architecture.X8664 ? [0xcc]
        : Kernel.Policy.Architecture == Architecture.S390X ? [0x00, 0x02]
        : Kernel.Policy.Architecture == Architecture.Arm64 ? [0xa0, 0x00, 0x20, 0xd4]
        : Kernel.Policy.Architecture == Architecture.Ppc64Le ? [0x08, 0x00, 0xe0, 0x7f] : [0x7f, 0xe0, 0x00, 0x08];
}
