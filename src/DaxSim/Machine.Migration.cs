using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim;

public sealed partial class Machine
{
    /// <summary>Begins to move the page at an address to another frame, as compaction, memory hotplug or automatic NUMA balancing do at any time.</summary>
    /// <param name="process">Who maps the page.</param>
    /// <param name="address">An address in it.</param>
    /// <returns>
    /// The move, whose steps are the caller's to take. EFAULT, ENOENT or EEXIST where there is no page to move (move_pages says the
    /// same), EBUSY where the page is on no LRU list (device memory) or moving already. Huge pages move whole where kernel and architecture
    /// can (transparent ones since 4.14 on x86_64), others are split first; unknown for large folios of files, and where nobody looked it up.
    /// </returns>
    public Result<PageMove> BeginPageMove(Process process, ulong address)
    {
        Kernel.Require(process);
        var begun = MemoryManager.BeginMove(process.Space, address);
        return begun.IsOk ? new PageMove(begun.Value) : begun.Verdict;
    }

    /// <summary>Writes a physical address to /sys/devices/system/memory/soft_offline_page: what lies in the frame moves, and the frame is not used again.</summary>
    /// <param name="physicalAddress">In bytes.</param>
    /// <returns>Ok; ENXIO without a frame, EIO for a frame that is not online (device memory), EBUSY where somebody holds the page, EINVAL without MEMORY_FAILURE.</returns>
    public Verdict SoftOffline(ulong physicalAddress)
    {
        using var call = Call("soft_offline_page", $"0x{physicalAddress:x}");
        return call.Of(MemoryManager.SoftOfflineFrame(physicalAddress >> Memory.PageShift));
    }

    /// <summary>The moves under way, oldest first.</summary>
    public IReadOnlyList<PageMove> PageMoves => [.. MemoryManager.Migrations.Select(m => new PageMove(m))];
}

/// <summary>The move of a page to another frame (migrate_pages), step by step: isolated, unmapped, copied, mapped again.</summary>
/// <remarks>Between the steps anything may happen. Whoever accesses the page while it is unmapped sleeps: <see cref="VerdictKind.Blocked"/>.</remarks>
public sealed class PageMove
{
    private readonly MigrationOperation operation;

    internal PageMove(MigrationOperation operation) => this.operation = operation;

    /// <summary>How far it has come.</summary>
    public PageMoveStage Stage => operation.Stage;

    /// <summary>The page's frame when the move began.</summary>
    public ulong Source => operation.Source;

    /// <summary>The new frame; 0 before there is one.</summary>
    public ulong Target => operation.Target;

    /// <summary>True when it is over, one way or the other.</summary>
    public bool IsFinished => operation.IsFinished;

    /// <summary>Once it is over: ok; EAGAIN where somebody else held the page each of ten times; ENOMEM.</summary>
    public Verdict Verdict => operation.Verdict;

    /// <summary>Does the next step.</summary>
    /// <returns>False when the move is over.</returns>
    public bool Step() => operation.Step();

    /// <summary>Does the steps that are left.</summary>
    public Verdict Run() => operation.Run();
}
