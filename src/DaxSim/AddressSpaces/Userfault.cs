using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>UFFDIO_REGISTER_MODE_*.</summary>
public enum UserfaultMode
{
    /// <summary>Pages that are missing.</summary>
    Missing = 1,

    /// <summary>Stores to write-protected pages.</summary>
    WriteProtect = 2,

    /// <summary>Pages that are in the page cache but not mapped.</summary>
    Minor = 4,
}

/// <summary>userfaultfd registration, sealing and what little else areas know.</summary>
internal sealed partial class MemoryManager
{
    /// <summary>userfaultfd_register: every area of the range must be able to take part.</summary>
    internal Verdict RegisterUserfault(AddressSpace space, ulong address, ulong length, UserfaultMode mode)
    {
        var areas = space.Overlapping(address, address + length);
        if (areas.Length == 0 || areas.Any(a => !CanUserfault(a, mode)))
        {
            return Verdict.Fail(Errno.EINVAL, Because("userfaultfd_register", "The memory cannot be handled in user space in that mode.", PolicyProperty.Userfault));
        }

        return areas.Any(a => !a.Has(VmFlags.MayWrite))
            ? Verdict.Fail(Errno.EPERM, Because("userfaultfd_register", "The mapping may never be written."))
            : Verdict.Ok;
    }

    /// <summary>do_mseal.</summary>
    internal Verdict Seal(AddressSpace space, ulong address, ulong length)
    {
        var end = address + RoundUp(length);
        for (var at = address; at < end;)
        {
            if (space.Find(at) is not { } area)
            {
                return Verdict.Fail(Errno.ENOMEM, Because("check_mm_seal", "Part of the range is not mapped."));
            }

            at = area.End;
        }

        if (SplitAt(space, address, end) is { IsOk: false } refused)
        {
            return refused;
        }

        foreach (var area in space.Overlapping(address, end))
        {
            area.SetFlags(area.Flags | VmFlags.Sealed);
        }

        return Verdict.Ok;
    }

    /// <summary>pr_warn_once of the deprecated call.</summary>
    internal void WarnDeprecatedRemap(AddressSpace space)
    {
        if (counters.WarnOnce("remap_file_pages"))
        {
            var place = Policy.RemapFilePages == RemapFilePagesRule.EmulatedNamingVm ? "vm" : "mm";
            Log.Print(KernelLogLevel.Warning, Subsystem.Mm, $"mmap: {space.Name} ({space.Id}) uses deprecated remap_file_pages() syscall. See Documentation/{place}/remap_file_pages.rst.");
        }
    }

    /// <summary>vma_can_userfault.</summary>
    private bool CanUserfault(Vma area, UserfaultMode mode)
    {
        var shmem = area.Inode?.Kind == MappingKind.Shmem;
        var huge = area.Has(VmFlags.HugeTlb);
        if (area.Has(VmFlags.Special & ~VmFlags.DontExpand) || (!area.IsAnonymous && !shmem && !huge))
        {
            return false;
        }

        return mode switch
        {
            UserfaultMode.Missing => Policy.Userfault >= UserfaultRule.MissingAnon && (area.IsAnonymous || Policy.Userfault >= UserfaultRule.MissingShared),
            UserfaultMode.WriteProtect => HasUserfaultWriteProtect && Policy.Userfault >= UserfaultRule.WriteProtectAnon && (area.IsAnonymous || Policy.Userfault >= UserfaultRule.WriteProtectShared),
            _ => (shmem || huge) && Policy.Userfault >= UserfaultRule.MinorShared,
        };
    }

    /// <summary>HAVE_ARCH_USERFAULTFD_WP: x86_64 and, later than modelled, arm64.</summary>
    private bool HasUserfaultWriteProtect => Policy.Architecture == Architecture.X8664;
}
