using DaxSim.Devices;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>
/// Unbinding a driver from its memory as resumable steps: the dax device dies, its mappings go, the pagemap gives no new
/// references, what still holds it is waited for, and the struct pages are taken away (kill_dev_dax, memunmap_pages).
/// </summary>
internal sealed class UnbindOperation : Recoverable
{
    private MemoryManager mm;
    private CharacterDax? range;
    private BlockDevice? disk;
    private DevPagemap? pagemap;
    private Phase phase;

    internal UnbindOperation(Journal journal, MemoryManager mm, CharacterDax range)
        : base(journal)
    {
        this.mm = mm;
        this.range = range;
        pagemap = range.Pagemap;
    }

    internal UnbindOperation(Journal journal, MemoryManager mm, BlockDevice disk)
        : base(journal)
    {
        this.mm = mm;
        this.disk = disk;
        pagemap = disk.Pagemap;
    }

    private enum Phase : byte
    {
        KillDevice,
        Unmap,
        KillPagemap,
        Wait,
        Finished,
    }

    /// <summary>True while somebody's reference on the pagemap is waited for. No signal ends this sleep.</summary>
    internal bool IsBlocked => phase == Phase.Wait && pagemap is { References: > 0 };

    internal bool IsFinished => phase == Phase.Finished;

    /// <summary>Runs until it is over or asleep.</summary>
    internal Verdict Run()
    {
        while (Step())
        {
        }

        return IsBlocked
            ? Verdict.Blocked(mm.Because("memunmap_pages", $"{pagemap!.References} references on the pagemap are held by pages in use: unbinding sleeps until they are given back.", PolicyProperty.PinnedPagemap))
            : Verdict.Ok;
    }

    /// <summary>Does the next step; false when it is over or asleep.</summary>
    internal bool Step()
    {
        if (IsFinished || IsBlocked)
        {
            return false;
        }

        Touch();
        switch (phase)
        {
            case Phase.KillDevice:
                if (disk is not null)
                {
                    mm.WriteBackDisk(disk);
                }

                (range?.DaxDevice ?? disk!.DaxDevice)?.Kill();
                break;
            case Phase.Unmap:
                if (range is not null)
                {
                    mm.UnmapDevice(range);
                }
                else
                {
                    mm.ForgetDisk(disk!);
                }

                break;
            case Phase.KillPagemap:
                pagemap?.Kill();
                break;
            case Phase.Wait:
                mm.Trace?.Step("memunmap_pages", "does anybody hold the pagemap?", "no: the struct pages go", PolicyProperty.PinnedPagemap);
                range?.Unbind();
                disk?.Remove();
                ReleaseNamespace();
                break;
        }

        phase++;
        return !IsFinished;
    }

    /// <summary>The memory is nobody's again: /dev/mem may reach it, and another driver may take it.</summary>
    private void ReleaseNamespace()
    {
        var table = range?.Table ?? disk!.Table;
        foreach (var space in table.Namespaces)
        {
            if ((range is not null && space.Range == range) || (disk is not null && space.Disk == disk))
            {
                space.Release();
            }
        }
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(pagemap);
        digest.Add(phase);
    }

    private protected override void CopyFrom(Recoverable state) => phase = ((UnbindOperation)state).phase;

    private protected override void Remap(CloneContext context)
    {
        mm = context.Known(mm);
        range = context.MapOrNull(range);
        disk = context.MapOrNull(disk);
        pagemap = context.MapOrNull(pagemap);
    }
}
