using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>
/// The memory manager of one machine: everything that faults, forks, pins, maps and unmaps. Its parts stand in one file per
/// concept and mirror the kernel's mm/ directory.
/// </summary>
internal sealed partial class MemoryManager : IFileMappings, IInodePages
{
    private readonly StateList<AddressSpace> spaces;
    private readonly Counters counters;

    internal MemoryManager(Journal journal, KernelPolicy policy, PhysicalMemory memory, KernelLog log)
    {
        Journal = journal;
        Policy = policy;
        Memory = memory;
        Log = log;
        spaces = new(journal);
        counters = new(journal);
        files = new(journal);
        waiters = new(journal);
        holders = new(journal);
        probes = new(journal);
        handlers = new(journal);
        migrations = new(journal);
        Balancing = new(journal);
        PageShift = memory.PageShift;
        PmdShift = policy.Architecture.PmdShift;
        FastGup = new FastGupRules(policy);
    }

    internal Journal Journal { get; }

    internal KernelPolicy Policy { get; }

    internal FastGupRules FastGup { get; }

    internal PhysicalMemory Memory { get; }

    internal KernelLog Log { get; }

    /// <summary>Collects decisions while an operation is being explained.</summary>
    internal DecisionTrace? Trace { get; set; }

    internal int PageShift { get; }

    internal int PmdShift { get; }

    internal ulong PageSize => 1UL << PageShift;

    internal ulong PmdSize => 1UL << PmdShift;

    /// <summary>The address spaces there are, oldest first.</summary>
    internal IReadOnlyList<AddressSpace> Spaces => spaces;

    /// <summary>vmstat nr_foll_pin_acquired.</summary>
    internal long PinsAcquired => counters.PinsAcquired;

    /// <summary>vmstat nr_foll_pin_released.</summary>
    internal long PinsReleased => counters.PinsReleased;

    /// <summary>Fails the n-th allocation from now (1: the next); 0: none. For tests of every error path.</summary>
    internal int FailAllocation { get => counters.FailAllocation; set => counters.SetFailAllocation(value); }

    /// <summary>A new, empty address space (mm_alloc).</summary>
    internal AddressSpace CreateSpace(string name)
    {
        var table = new PageTable(Journal, PageShift, PmdShift, Policy.Architecture.PudShift);
        var space = new AddressSpace(Journal, counters.NextSpace(), name, table, 0x7fff_f000_0000);
        spaces.Add(space);
        return space;
    }

    /// <summary>True when the next allocation may go ahead; false is ENOMEM, injected by a test.</summary>
    internal bool MayAllocate()
    {
        if (counters.FailAllocation == 0)
        {
            return true;
        }

        counters.SetFailAllocation(counters.FailAllocation - 1);
        return counters.FailAllocation != 0;
    }

    internal Reason Because(string function, string because, PolicyProperty? property = null)
        => new(function, because, property, property is { } p ? Policy.SetBy(p) : null);

    internal ulong PageOf(ulong address) => address >> PageShift;

    /// <summary>The frame behind an entry: its pfn, or the zero page's.</summary>
    private ulong PfnOf(Pte pte, ulong virtualPage) => pte.IsZero ? Memory.ZeroPfn : pte.Pfn(virtualPage);

    private sealed class Counters(Journal journal) : Recoverable(journal)
    {
        internal long PinsAcquired { get; private set; }

        internal long PinsReleased { get; private set; }

        internal int FailAllocation { get; private set; }

        internal int LastSpace { get; private set; }

        internal int LastAnonVma { get; private set; }

        internal StateList<BadEntries> BadPageMapCallers { get; private set; } = new(journal);

        internal long BadPageMaps { get; private set; }

        /// <summary>Simulated seconds since boot.</summary>
        internal double Now { get; private set; }

        private double reportsUntil;
        private int reported;

        internal void CountBadPageMaps(string caller, long count)
        {
            Touch();
            BadPageMaps += count;
            var last = BadPageMapCallers.Count - 1;
            if (last >= 0 && BadPageMapCallers[last].Caller == caller)
            {
                BadPageMapCallers[last] = new(caller, BadPageMapCallers[last].Count + count);
            }
            else
            {
                BadPageMapCallers.Add(new(caller, count));
            }
        }

        internal void PassTime(double seconds)
        {
            Touch();
            Now += seconds;
        }

        /// <summary>The static rate limit of print_bad_pte: 60 reports, then nothing until a minute after the first of them.</summary>
        internal bool MayReportBadPageMap()
        {
            Touch();
            if (reported == 60)
            {
                if (Now < reportsUntil)
                {
                    return false;
                }

                reported = 0;
            }

            if (reported++ == 0)
            {
                reportsUntil = Now + 60;
            }

            return true;
        }

        internal int HugeTlbCommitted { get; private set; }

        /// <summary>The first frame of the huge zero page; 0 as long as nobody needed it.</summary>
        internal ulong HugeZeroPfn { get; private set; }

        internal void SetHugeZeroPfn(ulong pfn)
        {
            Touch();
            HugeZeroPfn = pfn;
        }

        private StateList<string> warned = new(journal);

        internal void CommitHugeTlb(int folios)
        {
            Touch();
            HugeTlbCommitted += folios;
        }

        /// <summary>WARN_ON_ONCE: true the first time a place asks.</summary>
        internal bool WarnOnce(string place)
        {
            foreach (var earlier in warned)
            {
                if (earlier == place)
                {
                    return false;
                }
            }

            warned.Add(place);
            return true;
        }

        internal bool HasWarned(string place) => warned.Contains(place);

        internal int NextSpace()
        {
            Touch();
            return ++LastSpace;
        }

        internal int NextAnonVma()
        {
            Touch();
            return ++LastAnonVma;
        }

        internal void CountPins(long acquired, long released)
        {
            Touch();
            PinsAcquired += acquired;
            PinsReleased += released;
        }

        internal void SetFailAllocation(int value)
        {
            Touch();
            FailAllocation = value;
        }

        internal override void Describe(StateDigest digest)
        {
            digest.Add(PinsAcquired);
            digest.Add(PinsReleased);
            digest.Add(FailAllocation);
            digest.Add(LastSpace);
            digest.Add(LastAnonVma);
            digest.Add(BitConverter.DoubleToInt64Bits(Now));
            digest.Add(BitConverter.DoubleToInt64Bits(reportsUntil));
            digest.Add(reported);
            digest.Add(HugeTlbCommitted);
            digest.Add(HugeZeroPfn);
            digest.Add(BadPageMapCallers);
            digest.Add(warned);
        }

        private protected override void CopyFrom(Recoverable state)
        {
            var other = (Counters)state;
            PinsAcquired = other.PinsAcquired;
            BadPageMaps = other.BadPageMaps;
            PinsReleased = other.PinsReleased;
            FailAllocation = other.FailAllocation;
            LastSpace = other.LastSpace;
            LastAnonVma = other.LastAnonVma;
            Now = other.Now;
            reportsUntil = other.reportsUntil;
            reported = other.reported;
            HugeTlbCommitted = other.HugeTlbCommitted;
            HugeZeroPfn = other.HugeZeroPfn;
        }

        private protected override void Remap(CloneContext context)
        {
            BadPageMapCallers = context.Map(BadPageMapCallers);
            warned = context.Map(warned);
        }
    }
}
