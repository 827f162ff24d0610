using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>What a layout operation does to the file once it may.</summary>
internal enum LayoutChange
{
    /// <summary>ftruncate.</summary>
    Truncate,

    /// <summary>FALLOC_FL_PUNCH_HOLE.</summary>
    PunchHole,

    /// <summary>FALLOC_FL_ZERO_RANGE.</summary>
    ZeroRange,

    /// <summary>FALLOC_FL_COLLAPSE_RANGE.</summary>
    CollapseRange,

    /// <summary>FALLOC_FL_INSERT_RANGE.</summary>
    InsertRange,
}

/// <summary>
/// Truncating or punching a file as resumable steps. On a DAX file the blocks must not go away under a page that somebody still
/// references: the mapping is unmapped, searched for busy pages, and the operation sleeps until each is idle.
/// </summary>
internal sealed class LayoutOperation : Recoverable
{
    private MemoryManager mm;
    private readonly long offset;
    private readonly long length;
    private Phase phase;
    private bool waitsForLock;

    internal LayoutOperation(Journal journal, MemoryManager mm, Inode inode, LayoutChange change, long offset, long length)
        : base(journal)
    {
        this.mm = mm;
        Inode = inode;
        Change = change;
        this.offset = offset;
        this.length = length;
        var seenFirst = !inode.IsOnXfs && mm.Policy.FallocateRange == FallocateRangeRule.BeforeLayoutBreak && mm.RangeTest(inode, change, offset, length) is not null;
        phase = mm.BreaksLayouts(inode) && !seenFirst ? Phase.Unmap : Phase.Change;
    }

    private enum Phase : byte
    {
        Unmap,
        Search,
        Sleep,
        Change,
        Finished,
    }

    internal Inode Inode { get; private set; }

    internal LayoutChange Change { get; }

    /// <summary>True while it sleeps for a page.</summary>
    internal bool IsBlocked => phase == Phase.Sleep || (waitsForLock && phase == Phase.Change && mm.IsMoving(Inode));

    internal bool IsFinished => phase == Phase.Finished;

    /// <summary>The busy page it sleeps for.</summary>
    internal ulong WaitsFor { get; private set; }

    internal Verdict Verdict { get; private set; }

    /// <summary>Runs until it is over or asleep.</summary>
    internal Verdict Run()
    {
        while (Step())
        {
        }

        if (IsBlocked && phase == Phase.Change)
        {
            return Verdict.Blocked(mm.Because("truncate_inode_pages_range", "A page of the file is locked because it is being moved: the operation sleeps until that is over."));
        }

        return IsBlocked ? Verdict.Blocked(mm.Because("dax_layout_busy_page", $"pfn {WaitsFor:x} of the file is still referenced: the operation sleeps until it is idle.", PolicyProperty.LayoutBreak)) : Verdict;
    }

    /// <summary>Does the next step; false when it is over or asleep.</summary>
    internal bool Step()
    {
        if (phase is Phase.Finished or Phase.Sleep)
        {
            return false;
        }

        Touch();
        switch (phase)
        {
            case Phase.Unmap when mm.Policy.LayoutSearch == LayoutSearchRule.MappedFiles && !mm.IsMapped(Inode):
                // dax_layout_busy_page gave up early: whoever still holds a page of an unmapped file is overlooked.
                phase = Phase.Change;
                break;
            case Phase.Unmap:
                // Private copies are not the file's pages, but at first they went too.
                mm.UnmapRange(Inode, 0, ulong.MaxValue >> 12, mm.Policy.LayoutUnmap == LayoutUnmapRule.EvenPrivateCopies);
                phase = Phase.Search;
                break;
            case Phase.Search:
                if (mm.FindBusyPage(Inode, out var pfn))
                {
                    WaitsFor = pfn;
                    phase = Phase.Sleep;
                    mm.AddWaiter(this);
                    return false;
                }

                phase = Phase.Change;
                break;
            default:
                if (mm.IsMoving(Inode))
                {
                    waitsForLock = true;
                    return false;
                }

                Verdict = mm.ChangeLayout(Inode, Change, offset, length);
                phase = Phase.Finished;
                break;
        }

        return phase != Phase.Finished;
    }

    /// <summary>The page it slept for became idle and somebody woke it.</summary>
    internal void Wake()
    {
        if (phase == Phase.Sleep)
        {
            Touch();
            phase = Phase.Unmap;
            mm.RemoveWaiter(this);
        }
    }

    /// <summary>The kernel functions that a sleeper is in, innermost first, as /proc/pid/stack lists them.</summary>
    internal IReadOnlyList<string> SleepsIn
    {
        get
        {
            string[] layouts = Inode.IsOnXfs ? ["xfs_break_dax_layouts", "xfs_break_layouts"] : ["ext4_break_layouts"];
            string[] change = (Change, Inode.IsOnXfs) switch
            {
                (LayoutChange.Truncate, true) => ["xfs_vn_setattr", "notify_change", "do_truncate", "do_sys_ftruncate"],
                (LayoutChange.Truncate, false) => ["ext4_setattr", "notify_change", "do_truncate", "do_sys_ftruncate"],
                (_, true) => ["xfs_file_fallocate", "vfs_fallocate"],
                (LayoutChange.PunchHole, false) => ["ext4_punch_hole", "ext4_fallocate", "vfs_fallocate"],
                (LayoutChange.ZeroRange, false) => ["ext4_zero_range", "ext4_fallocate", "vfs_fallocate"],
                (LayoutChange.CollapseRange, false) => ["ext4_collapse_range", "ext4_fallocate", "vfs_fallocate"],
                _ => ["ext4_insert_range", "ext4_fallocate", "vfs_fallocate"],
            };
            string[] entry = mm.Policy.Architecture != Architecture.X8664 ? []
                : Change == LayoutChange.Truncate ? ["do_syscall_64", "entry_SYSCALL_64_after_hwframe"]
                : ["__x64_sys_fallocate", "do_syscall_64", "entry_SYSCALL_64_after_hwframe"];
            return [.. layouts, .. change, .. entry];
        }
    }

    /// <summary>A signal ends the sleep: EINTR, and the file is unchanged; but a sleeper whose pages became idle without waking it sees that first, and goes on.</summary>
    internal void Interrupt()
    {
        if (phase == Phase.Sleep)
        {
            Touch();
            mm.RemoveWaiter(this);
            if (!mm.FindBusyPage(Inode, out _))
            {
                // ___wait_var_event looks at the condition before the signal.
                phase = Phase.Unmap;
                Run();
                return;
            }

            Verdict = Verdict.Fail(Errno.EINTR, mm.Because("___wait_var_event", "A signal ended the sleep for the busy page."));
            phase = Phase.Finished;
        }
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Inode);
        digest.Add(Change);
        digest.Add(offset);
        digest.Add(length);
        digest.Add(phase);
        digest.Add(waitsForLock);
        digest.Add(WaitsFor);
        digest.Add(Verdict.ToString());
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (LayoutOperation)state;
        phase = other.phase;
        waitsForLock = other.waitsForLock;
        WaitsFor = other.WaitsFor;
        Verdict = other.Verdict;
    }

    private protected override void Remap(CloneContext context)
    {
        mm = context.Known(mm);
        Inode = context.Map(Inode);
    }
}
