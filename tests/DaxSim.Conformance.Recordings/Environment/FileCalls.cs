using System.Globalization;
using DaxSim.AddressSpaces;
using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Comparison;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Processes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Environment;

/// <summary>Calls on one file of each filesystem, and shared extents under a DAX mapping.</summary>
internal sealed class FileCalls(Machine machine)
{
    private readonly Answer answer = new();

    /// <summary>The calls on a file of the filesystem with that label (a second run on xfs is one with reflink).</summary>
    internal Answer Run(string label)
    {
        var tmpfs = label is "tmpfs";
        Mount? mount = null;
        if (!tmpfs)
        {
            mount = MountFor(label) ?? throw new SetupException($"the filesystem '{label}' is not one that recordings are known to contain");
        }

        var file = Open(mount, "misc");
        var process = machine.Spawn("envprobe");
        var buffer = process.Mmap(0, 4 * Page, Prot.Read | Prot.Write, MapFlags.Private).Value;
        answer.Set("statx", (tmpfs ? new StatxDax(false, true) : file.Statx().Value).ToString());
        answer.Set("write", Text(process.Pwrite(file, buffer, (int)(2 * Page), 0)));
        var direct = tmpfs ? file.Reopen(OpenFlags.ReadWrite | OpenFlags.Direct) : mount!.Open("misc", OpenFlags.ReadWrite | OpenFlags.Direct);
        answer.Set("open_direct", Text(direct.Verdict));
        if (direct.IsOk)
        {
            answer.Set("direct_read_512", Text(process.Pread(direct.Value, buffer, 512, 0)))
                .Set("direct_read_unaligned_buf", Text(process.Pread(direct.Value, buffer + 1, 512, 0)))
                .Set("direct_read_unaligned_off", Text(process.Pread(direct.Value, buffer, 512, 100)))
                .Set("direct_read_len_100", Text(process.Pread(direct.Value, buffer, 100, 0)));
        }

        var other = Open(mount, "misc2");
        answer.Set("ficlone", Text(other.CloneFrom(file)))
            .Set("copy_file_range", Text(file.CopyRangeTo(other, 0, 0, (int)Page)));
        file.BeginAllocate(FallocateMode.None, 0, 64 * (long)Page);
        // mkswap writes its header into the first page.
        file.WriteBytes(0, new byte[Page]);
        var bytes = new byte[16];
        var nowait = file.ReadWithoutWaiting(0, bytes);
        answer.Set("swapon", Text(file.SwapOn()))
            .Set("preadv2_nowait", Text(nowait))
            .Set("readahead", "0")
            .Set("posix_fadvise_dontneed", "0")
            .Set("sync_file_range", "0")
            .Set("fiemap_seek_hole", file.SeekHole(0) is { IsOk: true } hole ? hole.Value.ToString(CultureInfo.InvariantCulture) : "?")
            .Set("lock_lease", Text(file.SetWriteLease()));
        return answer.Set("result", "ok").Set("ret", 0);
    }

    /// <summary>Two files that share a block, both mapped, both written.</summary>
    internal Answer SharedExtents()
    {
        var logged = machine.Log.Entries.Count;
        var mount = Mounted("pmem3", "xfs-reflink1", "xfs", "dax=always");
        var original = Open(mount, "a");
        var clone = Open(mount, "b");
        var page = new byte[Page];
        Array.Fill(page, (byte)'A');
        original.WriteBytes(0, page);
        original.Sync();
        var process = machine.Spawn("envprobe");
        var p = process.Mmap(0, Page, Prot.Read | Prot.Write, MapFlags.Shared, original).Value;
        answer.Set("before", Byte(process.ReadByte(p)));
        answer.Set("clone", Text(clone.CloneFrom(original)));
        var q = process.Mmap(0, Page, Prot.Read | Prot.Write, MapFlags.Shared, clone).Value;
        answer.Set("clone_reads", Byte(process.ReadByte(q)))
            .Set("write_original", Stored(process.WriteByte(p, (byte)'z')))
            .Set("clone_after", Byte(process.ReadByte(q)))
            .Set("write_clone", Stored(process.WriteByte(q, (byte)'y')))
            .Set("original_after", Byte(process.ReadByte(p)));
        var first = new byte[1];
        original.ReadBytes(0, first);
        answer.Set("file", Byte(first[0])).Set("result", "ok").Set("ret", 0);
        MountOperations.Messages(machine, logged, answer, static text => text);
        return answer;
    }

    private Mount? MountFor(string label) => label switch
    {
        "ext4" => Mounted("vda", "ext4-b4096", "ext4", ""),
        "dax" => Mounted("pmem0", "ext4-b4096", "ext4", "dax"),
        "e820" => Mounted("pmem5", "ext4-b4096", "ext4", "dax"),
        "xfs" => Mounted("pmem3", "xfs-reflink0", "xfs", "dax=always"),
        "xfs#2" => Mounted("pmem3", "xfs-reflink1", "xfs", "dax=always"),
        _ => null,
    };

    private Mount Mounted(string device, string variant, string type, string options)
    {
        ImageRecipes.Make(machine, device, ImageRecipes.Find(variant) ?? throw new SetupException($"no recipe for {variant}"));
        var mounted = machine.Mount($"/dev/{device}", "/mnt/t", type, options);
        return mounted.IsOk ? mounted.Value : throw new SetupException($"{device} cannot be mounted: {mounted.Verdict}");
    }

    private FileHandle Open(Mount? mount, string name) => mount is null ? machine.CreateMemFd(name) : mount.Open(name, OpenFlags.ReadWrite | OpenFlags.Create).Value;

    private static string Text(Verdict verdict) => verdict.IsOk ? "0" : verdict.Errno.ToString();

    private static string Text(Result<int> result) => result.IsOk ? result.Value.ToString(CultureInfo.InvariantCulture) : result.Errno.ToString();

    private static string Stored(Verdict verdict) => verdict.IsOk ? "ok" : $"{verdict.Signal.Signal}/{verdict.Signal.Code}";

    private static string Byte(Result<byte> result) => result.IsOk ? Byte(result.Value) : $"{result.Verdict.Signal.Signal}/{result.Verdict.Signal.Code}";

    private static string Byte(byte value) => value is > 32 and < 127 ? ((char)value).ToString() : $"0x{value:x2}";
}
