using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.Devices.Drivers;

/// <summary>A DDR2 memory bank of a Cell blade as a block device (arch/powerpc/sysdev/axonram.c).</summary>
internal sealed class AxonRamDisk : BlockDevice, IDaxOperations, IErrorCountingMemory
{
    private readonly PfnRange frames;

    internal AxonRamDisk(DeviceTable table, string name, PfnRange frames)
        : base(table, name, (long)frames.PageCount << table.PageShift)
    {
        this.frames = frames;
        RegisterDax(this);
    }

    internal override string Driver => "axonram";

    internal override PolicyProperty? DaxDecidedBy => PolicyProperty.QueueDaxFlag;

    internal override PfnRange? Frames => frames;

    /// <summary>The attribute ecc: how many errors the memory controller corrected. They have no effect on I/O or DAX.</summary>
    public int CorrectedErrors { get; private set; }

    private protected override bool SuppliesDirectAccess => true;

    /// <summary>axon_ram_irq_handler: only counts.</summary>
    public void CountCorrectedError()
    {
        Touch();
        CorrectedErrors++;
        Table.Print(KernelLogLevel.Error, Subsystem.Block, "Correctable memory error occurred");
    }

    internal override Result<DirectAccess> DriverDirectAccess(ulong sector, long bytes, DecisionTrace? trace)
        => Access((long)(sector << SectorShift), trace);

    public Result<DirectAccess> DaxDirectAccess(ulong pgoff, long pageCount, DaxAccessMode mode, DecisionTrace? trace)
        => Access((long)(pgoff << Table.PageShift), trace);

    private Result<DirectAccess> Access(long offset, DecisionTrace? trace)
    {
        const string Function = "axon_ram_direct_access";
        if (Policy.AxonRamDirectAccess == AxonRamDirectAccess.Unchecked)
        {
            return new DirectAccess(PfnAt(offset), Flags, SizeBytes - offset);
        }

        if (offset >= SizeBytes)
        {
            Table.Print(KernelLogLevel.Error, Subsystem.Block, "Access outside of address space");
            return Verdict.Fail(Errno.ERANGE, new Reason(Function, $"The offset {offset} lies beyond the end of {Name}."));
        }

        if (Policy.AxonRamDirectAccess == AxonRamDirectAccess.RightPfn)
        {
            return new DirectAccess(PfnAt(offset), Flags, Table.PageSize);
        }

        // The pfn of the caller's stack, somewhere in RAM: the last page stands for it.
        trace?.Step(Function, "from which address is the pfn made?", "from that of the pointer variable", PolicyProperty.AxonRamDirectAccess);
        return new DirectAccess(Table.Memory.LastRamPfn, Flags, Table.PageSize);
    }

    private PfnFlags Flags => Policy.PfnRepresentation == PfnRepresentation.Number ? PfnFlags.None : PfnFlags.Dev;

    private ulong PfnAt(long offset) => frames.StartPfn + ((ulong)offset >> Table.PageShift);

    internal override void Describe(StateDigest digest)
    {
        base.Describe(digest);
        digest.Add(CorrectedErrors);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        base.CopyFrom(state);
        CorrectedErrors = ((AxonRamDisk)state).CorrectedErrors;
    }
}
