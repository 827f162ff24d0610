using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>How far the move of a page has come.</summary>
public enum PageMoveStage
{
    /// <summary>Not begun.</summary>
    Begun,

    /// <summary>Taken off the LRU list and locked; everybody still maps it.</summary>
    Isolated,

    /// <summary>Every page table holds a migration entry: an access sleeps until the page is mapped again.</summary>
    Unmapped,

    /// <summary>The new page has the bytes, and a file's cache knows it; the page tables do not yet.</summary>
    Copied,

    /// <summary>Somebody else holds the page: it is to be mapped again where it was.</summary>
    Refused,

    /// <summary>Over: moved, or where it was.</summary>
    Finished,
}

/// <summary>
/// migrate_pages for one page, huge or not, as resumable steps: isolate it, replace its entries by migration entries (try_to_migrate), copy it
/// (move_to_new_folio), put entries back (remove_migration_ptes). A page that somebody else references is put back and tried again.
/// </summary>
internal sealed class MigrationOperation : Recoverable
{
    /// <summary>NR_MAX_MIGRATE_PAGES_RETRY: how often a page with too many references is tried.</summary>
    internal const int MostAttempts = 10;

    private readonly bool ownsReference;
    private readonly NodeChoice? nodes;
    private MemoryManager mm;
    private int attempts;
    private int order;

    /// <param name="journal">The machine's journal.</param>
    /// <param name="mm">The memory manager.</param>
    /// <param name="source">The page.</param>
    /// <param name="ownsReference">False where the caller's own reference stands for that of the isolation.</param>
    /// <param name="nodes">Where the new page may lie; null for anywhere that allocations go.</param>
    internal MigrationOperation(Journal journal, MemoryManager mm, ulong source, bool ownsReference, NodeChoice? nodes = null)
        : base(journal)
    {
        this.mm = mm;
        this.ownsReference = ownsReference;
        this.nodes = nodes;
        Source = source;
    }

    internal PageMoveStage Stage { get; private set; }

    internal ulong Source { get; }

    /// <summary>The new page; 0 before there is one.</summary>
    internal ulong Target { get; private set; }

    internal Verdict Verdict { get; private set; }

    /// <summary>Is the page part of what is moved, or of where it goes?</summary>
    internal bool Concerns(ulong pfn) => (pfn >> order == Source >> order) || (Target != 0 && pfn >> order == Target >> order);

    internal bool IsFinished => Stage == PageMoveStage.Finished;

    /// <summary>References that the operation itself holds, for the audit.</summary>
    internal IEnumerable<ulong> Held
    {
        get
        {
            if (ownsReference && Stage is not (PageMoveStage.Begun or PageMoveStage.Finished))
            {
                yield return Source;
            }

            if (Target != 0 && !IsFinished && !mm.IsCached(Target))
            {
                yield return Target;
            }
        }
    }

    internal Verdict Run()
    {
        while (Step())
        {
        }

        return Verdict;
    }

    /// <summary>Does the next step; false when it is over.</summary>
    internal bool Step()
    {
        if (IsFinished)
        {
            return false;
        }

        Touch();
        switch (Stage)
        {
            case PageMoveStage.Begun:
                Stage = PageMoveStage.Isolated;
                mm.AddMigration(this);
                if (ownsReference)
                {
                    mm.Memory.Get(Source, 1);
                }

                if (Source != mm.Memory.HeadOf(Source) || mm.MovesByPages(Source))
                {
                    Split();
                }

                order = mm.Memory.PageOf(Source).Order;
                break;
            case PageMoveStage.Isolated:
                Stage = mm.TryUnmapForMove(Source) ? PageMoveStage.Unmapped : PageMoveStage.Refused;
                break;
            case PageMoveStage.Unmapped:
                Copy();
                break;
            case PageMoveStage.Refused:
                Refuse();
                break;
            default:
                mm.MapMoved(Source, Target);
                Finish(Verdict.Ok);
                break;
        }

        return !IsFinished;
    }

    /// <summary>split_huge_page: kernels and architectures without PMD migration entries move the page alone.</summary>
    private void Split()
    {
        var split = mm.SplitFolio(Source);
        if (!split.IsOk)
        {
            Finish(split);
        }
    }

    private void Copy()
    {
        var expected = 1 + (mm.IsCached(Source) ? 1 : 0) + Memory.PhysicalMemory.SwapCacheReferences(mm.Memory.PageOf(Source));
        var references = mm.Memory.PageOf(Source).References;
        if (references != expected)
        {
            mm.Trace?.Step("folio_migrate_mapping", $"are there {expected} references?", $"no, {references}: somebody else holds the page");
            Stage = PageMoveStage.Refused;
            return;
        }

        if (!mm.TryCopyForMove(Source, nodes, out var target))
        {
            mm.MapMoved(Source, Source);
            Finish(Verdict.Fail(Errno.ENOMEM, mm.Because("alloc_migration_target", "No page to move to.")));
            return;
        }

        Target = target;
        Stage = PageMoveStage.Copied;
    }

    private void Refuse()
    {
        mm.MapMoved(Source, Source);
        if (++attempts < MostAttempts)
        {
            Stage = PageMoveStage.Isolated;
            return;
        }

        Finish(Verdict.Fail(Errno.EAGAIN, mm.Because("migrate_pages", $"Somebody else holds the page: it cannot be moved, tried {MostAttempts} times.")));
    }

    private void Finish(Verdict verdict)
    {
        Verdict = verdict;
        if (Target != 0 && !mm.IsCached(Target))
        {
            mm.Memory.Put(Target, 1);
        }

        if (ownsReference)
        {
            mm.Memory.Put(Source, 1);
        }

        Stage = PageMoveStage.Finished;
        mm.RemoveMigration(this);
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Source);
        digest.Add(Target);
        digest.Add(Stage);
        digest.Add(attempts);
        digest.Add(order);
        digest.Add(Verdict.ToString());
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (MigrationOperation)state;
        Stage = other.Stage;
        Target = other.Target;
        Verdict = other.Verdict;
        attempts = other.attempts;
        order = other.order;
    }

    private protected override void Remap(CloneContext context) => mm = context.Known(mm);
}
