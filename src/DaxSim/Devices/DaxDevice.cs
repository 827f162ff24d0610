using System.Globalization;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.Devices;

/// <summary>struct dax_device (4.12 on): the handle through which filesystems reach a driver's memory.</summary>
internal sealed class DaxDevice : Recoverable
{
    private DeviceTable table;
    private IDaxOperations? operations;

    internal DaxDevice(DeviceTable table, string name, IDaxOperations? operations, bool synchronous)
        : base(table.HostJournal)
    {
        this.table = table;
        this.operations = operations;
        Name = name;
        IsSynchronous = synchronous;
        Alive = true;
    }

    /// <summary>The name it was registered under: that of its disk, or daxX.Y of a character device.</summary>
    internal string Name { get; }

    /// <summary>False once kill_dax was called: the driver is going away.</summary>
    internal bool Alive { get; private set; }

    /// <summary>DAXDEV_SYNC: a store is durable once flushed from the CPU, so MAP_SYNC can be kept. Known from 5.3 on; before, every device counts as synchronous.</summary>
    internal bool IsSynchronous { get; }

    /// <summary>holder_data (6.0 on): the filesystem or driver that owns the device exclusively.</summary>
    internal object? Holder { get; private set; }

    /// <summary>The driver's operations; null when the driver brought none (device-dax).</summary>
    internal IDaxOperations? Operations => operations;

    /// <summary>dax_direct_access: the tests around the driver's own operation, in the kernel's order.</summary>
    internal Result<DirectAccess> DirectAccess(ulong pgoff, long pageCount, DaxAccessMode mode = DaxAccessMode.Access, DecisionTrace? trace = null)
    {
        const string Function = "dax_direct_access";
        trace?.Step(Function, "is the dax device alive?", Alive ? "yes" : "no");
        if (!Alive)
        {
            return Verdict.Fail(Errno.ENXIO, new Reason(Function, $"The dax device {Name} was killed."));
        }

        if (operations is null)
        {
            trace?.Step(Function, "does the driver supply operations?", "no", PolicyProperty.DaxOperationsTest);
            return table.Policy.DaxOperationsTest == DaxOperationsTest.Tested
                ? Verdict.Fail(Errno.EOPNOTSUPP, table.Because(Function, $"No driver lent operations to the dax device {Name}.", PolicyProperty.DaxOperationsTest))
                : Verdict.Oops(table.Because(Function, $"The dax device {Name} has no operations, and nothing tests for that before calling them.", PolicyProperty.DaxOperationsTest));
        }

        if (pageCount < 0)
        {
            trace?.Step(Function, "is the number of pages negative?", "yes", PolicyProperty.DaxNegativeLength);
            var errno = table.Policy.DaxNegativeLength == DaxNegativeLength.Einval ? Errno.EINVAL : (Errno)Math.Min(-pageCount, int.MaxValue);
            return Verdict.Fail(errno, table.Because(Function, "A negative number of pages was asked for.", PolicyProperty.DaxNegativeLength));
        }

        var answer = operations.DaxDirectAccess(pgoff, pageCount, mode, trace);
        if (!answer.IsOk)
        {
            return answer;
        }

        var memory = answer.Value;
        trace?.Step(Function, "how many pages did the driver hand out?", (memory.Bytes >> table.PageShift).ToString(CultureInfo.InvariantCulture));
        if (memory.Bytes == 0)
        {
            return Verdict.Fail(Errno.ERANGE, new Reason(Function, "The driver handed out no page."));
        }

        return memory with { Bytes = Math.Min(memory.Bytes, pageCount << table.PageShift) };
    }

    /// <summary>kill_dax: from now on every access fails with ENXIO.</summary>
    internal void Kill()
    {
        Touch();
        Alive = false;
        Holder = null;
    }

    /// <summary>Takes exclusive ownership, as fs_dax_get_by_bdev with a holder does (6.0 on).</summary>
    /// <returns>False when somebody else holds the device.</returns>
    internal bool TryHold(object holder)
    {
        if (Holder is not null)
        {
            return false;
        }

        Touch();
        Holder = holder;
        return true;
    }

    /// <summary>fs_put_dax: gives up ownership if <paramref name="holder"/> has it.</summary>
    internal void Release(object holder)
    {
        if (ReferenceEquals(Holder, holder))
        {
            Touch();
            Holder = null;
        }
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Name);
        digest.Add(IsSynchronous);
        digest.Add(Alive);
        digest.Add(operations as Recoverable);
        digest.Add(Holder as Recoverable);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (DaxDevice)state;
        operations = other.operations;
        Alive = other.Alive;
        Holder = other.Holder;
    }

    private protected override void Remap(CloneContext context)
    {
        table = context.Map(table);
        operations = operations is Recoverable driver ? (IDaxOperations)context.Map(driver) : operations;
        if (Holder is Recoverable holder)
        {
            Holder = context.Map(holder);
        }
    }

    /// <summary>Replaces the operations, as dax_set_ops does for a filesystem on a character device (7.1 on).</summary>
    internal void SetOperations(IDaxOperations? replacement)
    {
        Touch();
        operations = replacement;
    }
}
