using DaxSim.Devices;
using DaxSim.Devices.Drivers;
using DaxSim.Memory;
using DaxSim.Outcomes;

namespace DaxSim;

public sealed partial class MachineBuilder
{
    private const ulong SegmentAlignment = 2UL << 20;

    /// <summary>Says whether the machine runs under z/VM. An s390x machine does unless this says otherwise.</summary>
    public MachineBuilder ZVm(bool underZvm) => AddStep(table =>
    {
        if (table.Segments is { } segments)
        {
            if (segments.Information is { } information && information.IsUnderZvm != underZvm)
            {
                throw new InvalidOperationException($"The machine was described as {(underZvm ? "no" : "a")} guest of z/VM: change its SystemInformation, or leave ZVm out.");
            }

            segments.SetUnderZvm(underZvm);
        }
        else if (underZvm)
        {
            throw new InvalidOperationException($"A machine of {table.Policy.Architecture} cannot run under z/VM; s390x can.");
        }
    });

    /// <summary>
    /// Describes what firmware and hypervisor of an s390x machine say of it: the text of /proc/sysinfo. It decides too whether the machine runs
    /// under z/VM: <see cref="ZVm"/> is not needed then, and may not say otherwise.
    /// </summary>
    /// <param name="information">The description.</param>
    /// <exception cref="ArgumentException">The innermost control program is neither z/VM nor KVM: kernels differ in what they take it for.</exception>
    /// <exception cref="InvalidOperationException">When the machine is built: its architecture has no such instruction.</exception>
    public MachineBuilder SystemInformation(SystemInformation information)
    {
        ArgumentNullException.ThrowIfNull(information);
        if (information.VirtualMachines is [var innermost, ..] && !information.IsUnderZvm && !innermost.ControlProgram.StartsWith("KVM", StringComparison.Ordinal))
        {
            throw new ArgumentException($"The control program '{innermost.ControlProgram}' is not known: z/VM and KVM/Linux are.", nameof(information));
        }

        if (information.VirtualMachines.Count > 0 && information.Partition is null)
        {
            throw new ArgumentException("A virtual machine runs in a logical partition: describe the partition too.", nameof(information));
        }

        return AddStep(table => (table.Segments ?? throw new InvalidOperationException($"A machine of {table.Policy.Architecture} has no STSI to describe it; s390x has.")).SetInformation(information));
    }

    /// <summary>Defines a saved segment in z/VM and loads it shared as block device: /dev/dcssblk0 and so on.</summary>
    /// <param name="name">1 to 8 characters.</param>
    /// <param name="size">For example <c>64M</c>.</param>
    /// <param name="type">The segment's type.</param>
    /// <param name="start">The physical address, or null for a free one.</param>
    /// <param name="alignment">Without a start: begin on a multiple of this (below 2M: on no multiple of twice that). 2M unless given.</param>
    /// <param name="exclusive">Switch it to exclusive-writable after loading.</param>
    public MachineBuilder Dcss(string name, string size, DcssType type, ulong? start = null, string? alignment = null, bool exclusive = false)
    {
        DefineDcss(name, size, type, start, alignment);
        return AddStep(table =>
        {
            Load(table, name, table.NextName("dcssblk"));
            if (exclusive && DcssBlockDriver.Find(table, name.ToUpperInvariant()) is { } disk)
            {
                DcssBlockDriver.SetShared(table, disk, "0");
            }
        });
    }

    /// <summary>Defines a saved segment of several page ranges in z/VM and loads it as block device.</summary>
    public MachineBuilder Dcss(string name, params DcssRange[] ranges)
    {
        DefineDcss(name, ranges);
        return AddStep(table => Load(table, name, table.NextName("dcssblk")));
    }

    /// <summary>Loads segments that were defined as one block device.</summary>
    /// <param name="list">Their names, joined by colons.</param>
    public MachineBuilder LoadDcss(string list)
    {
        ArgumentException.ThrowIfNullOrEmpty(list);
        return AddStep(table => Load(table, list, table.NextName("dcssblk")));
    }

    /// <summary>Defines a saved segment in z/VM without loading it.</summary>
    public MachineBuilder DefineDcss(string name, string size, DcssType type, ulong? start = null, string? alignment = null)
    {
        var bytes = ByteSize.Parse(size);
        var multiple = alignment is null ? SegmentAlignment : (ulong)ByteSize.Parse(alignment);
        CheckSegmentName(name);
        if (type == DcssType.MixedExclusive)
        {
            throw new ArgumentException("A mixed segment is defined by its page ranges: use DefineDcss(name, ranges).", nameof(type));
        }

        if (multiple == 0 || !ulong.IsPow2(multiple))
        {
            throw new ArgumentException($"The alignment {alignment} is not a power of two.", nameof(alignment));
        }

        return AddStep(table => Define(table, name, [new DcssRange(start ?? FindSegmentStart(table, (ulong)bytes, multiple), (ulong)bytes, type)]));
    }

    /// <summary>Defines a saved segment of several page ranges in z/VM without loading it.</summary>
    public MachineBuilder DefineDcss(string name, params DcssRange[] ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        CheckSegmentName(name);
        if (ranges.Length == 0)
        {
            throw new ArgumentException($"The segment {name} has no page range.", nameof(ranges));
        }

        return AddStep(table => Define(table, name, ranges));
    }

    private static void CheckSegmentName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > 8 || name.AsSpan().ContainsAny(": \n\0"))
        {
            throw new ArgumentException($"'{name}' is not the name of a saved segment: it has 1 to 8 characters, no blank and no colon.", nameof(name));
        }
    }

    private static void Define(DeviceTable table, string name, DcssRange[] ranges)
    {
        if (table.Segments is not { } segments)
        {
            // Nothing to define without z/VM; loading it will say so.
            return;
        }

        var upper = name.ToUpperInvariant();
        if (segments.FindDefinition(upper) is not null)
        {
            throw new InvalidOperationException($"The saved segment {upper} is defined already: give the other one another name.");
        }

        foreach (var range in ranges)
        {
            if (range.Length == 0 || range.Start % (ulong)table.PageSize != 0 || range.Length % (ulong)table.PageSize != 0 || range.Type == DcssType.MixedExclusive)
            {
                throw new InvalidOperationException($"The saved segment {upper} must consist of whole pages of {table.PageSize} bytes, each range of one of the seven types.");
            }
        }

        segments.Define(new SegmentDefinition(table.HostJournal, upper, ranges));
    }

    private static ulong FindSegmentStart(DeviceTable table, ulong bytes, ulong multiple)
    {
        var from = (table.Memory.LastRamPfn + 1) << table.PageShift;
        foreach (var definition in table.Segments?.Definitions ?? [])
        {
            from = Math.Max(from, definition.End);
        }

        // Below 2 MiB the multiple says how badly aligned the segment shall be.
        return table.Memory.FindGap(from, bytes + multiple, SegmentAlignment) + (multiple < SegmentAlignment ? multiple : 0)
            is var start && start % multiple == 0 ? start : table.Memory.FindGap(from, bytes, multiple);
    }

    private static void Load(DeviceTable table, string list, string device)
    {
        if (DriverPresence.OfDcssBlock(table) is { } absent)
        {
            table.Refuse(device, absent);
            return;
        }

        var result = DcssBlockDriver.Add(table, list);
        if (!result.IsOk)
        {
            table.Refuse(device, result.Verdict.Reason ?? new Reason("dcssblk_add_store", result.Verdict.ToString()));
        }
    }
}
