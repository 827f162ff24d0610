using DaxSim.AddressSpaces;
using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Comparison;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Processes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Environment;

/// <summary>The argument checks of mmap on device-dax, /dev/mem and a block device, and plain calls on /dev/mem.</summary>
internal sealed class DeviceChecks(Machine machine)
{
    private const ulong TwoMegabytes = 2UL << 20;
    private const ulong At = 0x200_0000_0000;
    private const string Memory = "/dev/mem";
    private const int ValidateSync = MapSharedValidate | MapSync;

    private static readonly Dictionary<string, Check> Checks = new(StringComparer.Ordinal)
    {
        ["devdax/shared_rw"] = new(null, true, ReadWrite, MapShared, TwoMegabytes),
        ["devdax/private_rw"] = new(null, true, ReadWrite, MapPrivate, TwoMegabytes),
        ["devdax/private_ro"] = new(null, false, ProtRead, MapPrivate, TwoMegabytes),
        ["devdax/rdonly_fd_write"] = new(null, false, ReadWrite, MapShared, TwoMegabytes),
        ["devdax/sync"] = new(null, true, ReadWrite, ValidateSync, TwoMegabytes),
        ["devdax/validate"] = new(null, true, ReadWrite, MapSharedValidate, TwoMegabytes),
        ["devdax/len4k"] = new(null, true, ReadWrite, MapShared, Page),
        ["devdax/len4k_at2M"] = new(null, true, ReadWrite, MapShared, Page, 0, At),
        ["devdax/len2M+4k"] = new(null, true, ReadWrite, MapShared, TwoMegabytes + Page, 0, At),
        ["devdax/off4k"] = new(null, true, ReadWrite, MapShared, TwoMegabytes, (long)Page, At),
        ["devdax/addr4k"] = new(null, true, ReadWrite, MapShared, TwoMegabytes, 0, At + Page),
        ["devdax/len4M_at2M"] = new(null, true, ReadWrite, MapShared, 2 * TwoMegabytes, 0, At),
        ["devdax/off_past_end"] = new(null, true, ReadWrite, MapShared, TwoMegabytes, 512L << 20, At),
        ["devdax/last_and_beyond"] = new(null, true, ReadWrite, MapShared, 128UL << 20, 0, At),
        ["devdax/populate"] = new(null, true, ReadWrite, MapShared | MapPopulate, TwoMegabytes, 0, At),
        ["devdax/prot_none"] = new(null, true, ProtNone, MapShared, TwoMegabytes, 0, At),
        ["devdax/exec"] = new(null, true, ReadWrite | ProtExec, MapShared, TwoMegabytes, 0, At),
        ["devdax/validate_fixed_noreplace"] = new(null, true, ReadWrite, MapSharedValidate | MapFixedNoReplace, TwoMegabytes, 0, At),
        ["devdax/shared_fixed_noreplace"] = new(null, true, ReadWrite, MapShared | MapFixedNoReplace, TwoMegabytes, 0, At),
        ["pmemblk/fsdax/shared"] = new("/dev/pmem2", true, ReadWrite, MapShared, Page),
        ["pmemblk/fsdax/sync"] = new("/dev/pmem2", true, ReadWrite, ValidateSync, Page),
        ["devmem/reserved_shared"] = new(Memory, true, ReadWrite, MapShared, Page, 0x3000_0000),
        ["devmem/reserved_private"] = new(Memory, true, ReadWrite, MapPrivate, Page, 0x3000_0000),
        ["devmem/reserved_sync"] = new(Memory, true, ReadWrite, ValidateSync, Page, 0x3000_0000),
        ["devmem/reserved_osync"] = new(Memory, true, ReadWrite, MapShared, Page, 0x3000_0000),
        ["devmem/reserved_populate"] = new(Memory, true, ReadWrite, MapShared | MapPopulate, Page, 0x3000_0000),
        ["devmem/ram"] = new(Memory, true, ReadWrite, MapShared, Page, 0x1000_0000),
        ["devmem/ram_ro"] = new(Memory, false, ProtRead, MapShared, Page, 0x1000_0000),
        ["devmem/first_page"] = new(Memory, false, ProtRead, MapShared, Page, 0),
        ["devmem/bios"] = new(Memory, false, ProtRead, MapShared, Page, 0xf_0000),
        ["devmem/e820_pmem"] = new(Memory, true, ReadWrite, MapShared, Page, 0x2000_0000),
        ["devmem/nfit_pmem"] = new(Memory, true, ReadWrite, MapShared, Page, 0x1_0000_0000),
        ["devmem/reserved_into_ram"] = new(Memory, true, ReadWrite, MapShared, 2 * Page, 0x3800_0000 - (long)Page),
        ["devmem/past_phys_limit"] = new(Memory, true, ReadWrite, MapShared, Page, 1L << 52),
        ["devmem/hole_above"] = new(Memory, true, ReadWrite, MapShared, Page, 0x8_0000_0000),
    };

    /// <summary>The answer to a case below <c>env/</c>; null for one that is not replayed.</summary>
    internal Answer? Run(string name) => name switch
    {
        "devdax/fd" => Calls($"/dev/{machine.Devices.First(d => d.Driver == "device_dax").Name}", "chr"),
        "pmemblk/fd" => Calls("/dev/pmem2", "blk"),
        "devmem/read_reserved" => Transfer(0x3000_0000, write: false),
        "devmem/write_reserved" => Transfer(0x3000_0000, write: true),
        "devmem/read_ram" => Transfer(0x1000_0000, write: false),
        _ => Checks.TryGetValue(name, out var check) ? Map(check) : null,
    };

    /// <summary>Plain calls on a device's descriptor.</summary>
    private Answer Calls(string device, string type)
    {
        var answer = new Answer();
        var opened = machine.OpenDevice(device);
        if (!opened.IsOk)
        {
            answer.Note(opened.Verdict);
            return answer.Set("result", "errno").Set("errno", opened.Errno.ToString());
        }

        var process = machine.Spawn("envprobe");
        var buffer = process.Mmap(0, Page, Prot.Read | Prot.Write, MapFlags.Private).Value;
        var file = opened.Value;
        answer.Set("type", type)
            .Set("read", Text(process.Pread(file, buffer, 16, 0)))
            .Set("pread", Text(process.Pread(file, buffer, 16, 0)))
            .Set("pwrite", Text(process.Pwrite(file, buffer, 16, 0)))
            .Set("ftruncate", Text(file.Truncate(0)))
            .Set("fallocate_punch", Text(file.PunchHole(0, (long)Page)))
            .Set("fsync", Text(file.Sync()))
            .Set("open_direct", Text(machine.OpenDevice(device, OpenFlags.ReadWrite | OpenFlags.Direct).Verdict));
        return answer.Set("result", "ok").Set("ret", 0);
    }

    /// <summary>16 bytes of /dev/mem by read(2) or write(2).</summary>
    private Answer Transfer(long position, bool write)
    {
        var answer = new Answer();
        var process = machine.Spawn("envprobe");
        var buffer = process.Mmap(0, Page, Prot.Read | Prot.Write, MapFlags.Private).Value;
        var file = machine.OpenDevMem();
        var moved = write ? process.Pwrite(file, buffer, 16, position) : process.Pread(file, buffer, 16, position);
        answer.Note(moved.Verdict);
        return moved.IsOk ? answer.Set("result", "ok").Set("ret", moved.Value) : answer.Set("result", "errno").Set("errno", moved.Errno.ToString());
    }

    private static string Text(Verdict verdict) => verdict.IsOk ? "0" : verdict.Errno.ToString();

    private static string Text(Result<int> result) => result.IsOk ? result.Value.ToString(System.Globalization.CultureInfo.InvariantCulture) : result.Errno.ToString();

    private Answer Map(Check check)
    {
        var answer = new Answer();
        var log = machine.Log.Entries.Count;
        var device = check.Path ?? $"/dev/{machine.Devices.First(d => d.Driver == "device_dax").Name}";
        var flags = check.Writable ? OpenFlags.ReadWrite : OpenFlags.ReadOnly;
        var opened = device == Memory ? new Result<FileHandle>(machine.OpenDevMem(flags)) : machine.OpenDevice(device, flags);
        if (!opened.IsOk)
        {
            answer.Note(opened.Verdict);
            return answer.Set("step", "open").Set("result", "errno").Set("errno", opened.Errno.ToString());
        }

        var process = machine.Spawn("envprobe");
        var mapped = process.Mmap(check.At, check.Length, (Prot)check.Prot, (MapFlags)(check.Flags | (check.At != 0 ? MapFixed : 0)), opened.Value, check.Offset);
        answer.Note(mapped.Verdict);
        if (mapped.IsOk)
        {
            var loaded = process.ReadByte(mapped.Value);
            answer.Note(loaded.Verdict);
            answer.Set("touch", loaded.IsOk ? "ok" : $"{loaded.Verdict.Signal.Signal}/{loaded.Verdict.Signal.Code}");
            answer.Set("result", "ok").Set("ret", 0);
        }
        else
        {
            answer.Set("result", "errno").Set("errno", mapped.Errno.ToString());
        }

        // The device had another number on the recorded machine.
        MountOperations.Messages(machine, log, answer, text => text.Replace(device[5..], OraclePaths.DeviceDax[5..], StringComparison.Ordinal));
        return answer;
    }

    /// <summary>One mmap. A null path is the device-dax device; address 0 lets the kernel choose.</summary>
    private sealed record Check(string? Path, bool Writable, int Prot, int Flags, ulong Length, long Offset = 0, ulong At = 0);
}
