using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>mprotect (mm/mprotect.c).</summary>
internal sealed partial class MemoryManager
{
    internal Verdict Mprotect(AddressSpace space, ulong address, ulong length, Prot prot)
    {
        space.Lock.MustBeFree("mprotect");
        if ((address & (PageSize - 1)) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, Because("do_mprotect_pkey", "The address is not a multiple of the page size."));
        }

        if (length == 0)
        {
            return Verdict.Ok;
        }

        var end = address + RoundUp(length);
        if (end <= address)
        {
            return Verdict.Fail(Errno.ENOMEM, Because("do_mprotect_pkey", "The range wraps around."));
        }

        var at = address;
        while (at < end)
        {
            var area = space.Find(at);
            if (area is null)
            {
                return Verdict.Fail(Errno.ENOMEM, Because("do_mprotect_pkey", $"Nothing is mapped at 0x{at:x}."));
            }

            var flags = (area.Flags & ~(VmFlags.Read | VmFlags.Write | VmFlags.Exec)) | (VmFlags)((int)prot & 7);
            if ((flags & VmFlags.Write) != 0 && !area.Has(VmFlags.Account | VmFlags.Write | VmFlags.HugeTlb | VmFlags.Shared | VmFlags.NoReserve))
            {
                // Copies on write will need memory of their own.
                flags |= VmFlags.Account;
            }

            // VM_MAYx lies four bits above VM_x.
            if (((uint)flags & ~((uint)flags >> 4) & 7) != 0)
            {
                return Verdict.Fail(Errno.EACCES, Because("do_mprotect_pkey", "The mapping may never get that permission."));
            }

            if (area.Has(VmFlags.Sealed))
            {
                return Verdict.Fail(Errno.EPERM, Because("can_modify_vma", "The area is sealed."));
            }

            var stop = Math.Min(end, area.End);
            if (area.Has(VmFlags.HugeTlb) && (((at | stop) & (PmdSize - 1)) != 0))
            {
                return Verdict.Fail(Errno.EINVAL, Because("hugetlb_vm_op_split", "A hugetlb area can only be cut between huge pages."));
            }

            if (flags != area.Flags)
            {
                if (SplitAt(space, Math.Max(at, area.Start), stop) is { IsOk: false } refused)
                {
                    return refused;
                }

                area = space.Find(at)!;
                area.SetFlags(flags);
                var merged = MergeNeighbours(space, area);
                ChangeProtection(space, merged, at, stop);
            }

            at = stop;
        }

        return Verdict.Ok;
    }

    /// <summary>change_protection: gives the entries of a range the access that the area now has.</summary>
    private void ChangeProtection(AddressSpace space, Vma area, ulong start, ulong end)
    {
        SplitPmdsAt(space, area, start, end);
        var change = new ProtectionChange(this, area);
        space.PageTable.Ptes.Transform(PageOf(start), PageOf(end), ref change);
        if (!space.PageTable.Pmds.IsEmpty)
        {
            var huge = new ProtectionChange(this, area, space.PageTable.PmdOrder);
            space.PageTable.Pmds.Transform((start + PmdSize - 1) >> PmdShift, end >> PmdShift, ref huge);
        }
    }

    private readonly struct ProtectionChange(MemoryManager mm, Vma area, int order = 0) : IExtentTransform<Pte>
    {
        public Pte Apply(ulong start, ulong end, Pte value)
        {
            if (!value.IsPresent)
            {
                // A page on the move never comes back writable: judging that is left to the next store.
                return value.Has(PteFlags.Migration) ? value.Without(PteFlags.Write) : value;
            }

            var flags = value.Without(PteFlags.ProtNone | PteFlags.Write).With(mm.AreaBits(area));
            if (!area.Has(VmFlags.Write) || (value.Has(PteFlags.UffdWp) && area.IsUserfaultProtected))
            {
                return flags;
            }

            if (area.IsShared)
            {
                // Either nobody wants to hear of the first store, or it was heard of: the entry is dirty.
                return mm.NewEntriesAreWritable(area) || (value.Has(PteFlags.Dirty) && mm.IsKnownDirty(area, value)) ? flags.With(PteFlags.Write) : flags;
            }

            if (mm.Policy.MprotectWritable == MprotectWritableRule.ExclusivePagesAtOnce && !value.IsSpecial && mm.IsKnownDirty(area, value))
            {
                // Every page of a run with equal entries is asked; a run of anonymous pages is short.
                for (var page = start; page < end; page++)
                {
                    var pfn = value.Pfn(page) << order;
                    if (!mm.Memory.HasStructPage(pfn) || !mm.Memory.PageOf(pfn).IsAnon || !mm.Memory.PageOf(pfn).Has(PageFlags.AnonExclusive))
                    {
                        return flags;
                    }
                }

                return flags.With(PteFlags.Write);
            }

            return flags;
        }
    }
}
