using DaxSim.AddressSpaces;
using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim.Conformance.Environment;

/// <summary>mount(2), remount and the DAX flag of inodes, with what the recorder looks at afterwards.</summary>
internal sealed class MountOperations(Machine machine)
{
    private const string MountPoint = "/mnt/t";
    private const int MaximumMessages = 6;
    private readonly Answer answer = new();
    private int logged = machine.Log.Entries.Count;

    /// <summary>mkfs; what the kernel prints meanwhile is not recorded.</summary>
    internal void Format(string device, string variant)
    {
        var recipe = ImageRecipes.Find(variant) ?? throw new SetupException($"the filesystem '{variant}' is not one that recordings are known to contain");
        ImageRecipes.Make(machine, device, recipe);
        logged = machine.Log.Entries.Count;
    }

    /// <summary>Mounts, looks at a new file, unmounts.</summary>
    internal Answer Mount(string device, string type, string options)
    {
        var mounted = machine.Mount($"/dev/{device}", MountPoint, type, options);
        if (mounted.IsOk)
        {
            ShownOption(mounted.Value);
            LookAtNewFile(mounted.Value);
            if (machine.Unmount(MountPoint) is { IsOk: false } busy)
            {
                answer.Set("umount", busy.Errno.ToString());
            }
        }

        return End(mounted.Verdict);
    }

    /// <summary>Mounts with the first options, then mounts again with MS_REMOUNT and the second.</summary>
    internal Answer Remount(Observation observation)
    {
        var type = observation.Text("fs") ?? "ext4";
        var device = type == "xfs" ? "pmem3" : "pmem0";
        Format(device, type);
        var mounted = machine.Mount($"/dev/{device}", MountPoint, type, observation.Text("options") ?? "");
        if (!mounted.IsOk)
        {
            return End(mounted.Verdict);
        }

        var verdict = machine.Remount(MountPoint, observation.Text("remount_options") ?? "");
        ShownOption(machine.Mounts.Single(m => m.Path == MountPoint));
        machine.Unmount(MountPoint);
        return End(verdict);
    }

    /// <summary>FS_XFLAG_DAX on a directory, on a file with data, on an empty file.</summary>
    internal Answer InodeFlag(string variant, Observation observation)
    {
        var type = observation.Text("fs") ?? "ext4";
        var device = type == "xfs" ? "pmem3" : "pmem0";
        Format(device, variant);
        var mounted = machine.Mount($"/dev/{device}", MountPoint, type, observation.Text("options") ?? "");
        if (!mounted.IsOk)
        {
            return End(mounted.Verdict);
        }

        var mount = mounted.Value;
        mount.Mkdir("d");
        Call("set_dir", mount.SetFlag("d", InodeFlags.Dax));
        var inDirectory = Create(mount, "d/new");
        Statx("new_in_flagged_dir", inDirectory.Statx());
        inDirectory.Close();
        var old = Create(mount, "old");
        Statx("old_before", old.Statx());
        Call("set_old_while_open", mount.SetFlag("old", InodeFlags.Dax));
        Statx("old_still_open", old.Statx());
        old.Close();
        machine.DropCaches();
        Statx("old_after_drop", mount.Statx("old"));
        var empty = mount.Open("empty", OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Truncate).Value;
        Call("set_empty", mount.SetFlag("empty", InodeFlags.Dax));
        Statx("empty", mount.Statx("empty"));
        empty.Close();
        machine.Unmount(MountPoint);
        return End(Verdict.Ok);
    }

    private static FileHandle Create(Mount mount, string path)
    {
        var file = mount.Open(path, OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.WriteBytes(0, "x"u8);
        return file;
    }

    /// <summary>The part of the line of /proc/mounts from "dax" to the next comma or blank.</summary>
    private void ShownOption(Mount mount)
    {
        var line = mount.ProcMountsLine;
        var at = line.IndexOf("dax", StringComparison.Ordinal);
        var end = at < 0 ? -1 : line.IndexOfAny([',', ' '], at);
        answer.Set("shown_option", at < 0 ? "" : line[at..end]);
    }

    private void LookAtNewFile(Mount mount)
    {
        var opened = mount.Open("f", OpenFlags.ReadWrite | OpenFlags.Create);
        if (!opened.IsOk)
        {
            answer.Set("create", opened.Errno.ToString());
            return;
        }

        var file = opened.Value;
        Note(file.Truncate(3 * (long)LinuxNumbers.Page));
        file.WriteBytes(0, "data"u8);
        file.Sync();
        Statx("statx", file.Statx());
        var process = machine.Spawn("envprobe");
        var synchronous = process.Mmap(0, LinuxNumbers.Page, Prot.Read | Prot.Write, MapFlags.SharedValidate | MapFlags.Sync, file);
        Call("map_sync", synchronous.Verdict);
        if (synchronous.IsOk)
        {
            process.Munmap(synchronous.Value, LinuxNumbers.Page);
        }

        var shared = process.Mmap(0, LinuxNumbers.Page, Prot.Read | Prot.Write, MapFlags.Shared, file).Value;
        var stored = process.WriteByte(shared, (byte)'q');
        Note(stored);
        answer.Set("mmap_write", stored.IsOk ? "ok" : $"{stored.Signal.Signal}/{stored.Signal.Code}");
        Call("mlock", process.Mlock(shared, LinuxNumbers.Page));
        process.Munmap(shared, LinuxNumbers.Page);
        process.Exit();
        file.Close();
    }

    private void Statx(string field, Result<StatxDax> statx)
    {
        Note(statx.Verdict);
        answer.Set(field, statx.IsOk ? statx.Value.ToString() : statx.Errno.ToString());
    }

    private void Call(string field, Verdict verdict)
    {
        Note(verdict);
        answer.Set(field, verdict.IsOk ? "0" : verdict.Errno.ToString());
    }

    private void Note(Verdict verdict) => answer.Note(verdict);

    private Answer End(Verdict verdict)
    {
        answer.Note(verdict);
        if (verdict.IsOk)
        {
            answer.Set("result", "ok").Set("ret", 0);
        }
        else
        {
            answer.Set("result", "errno").Set("errno", verdict.Errno.ToString());
        }

        Messages(machine, logged, answer, static text => text);
        return answer;
    }

    /// <summary>What the recorder keeps of the kernel log since an entry.</summary>
    internal static void Messages(Machine machine, int since, Answer answer, Func<string, string> rename)
    {
        var kept = machine.Log.Entries.Skip(since).Where(e => e.Level <= KernelLogLevel.Info && KernelMessages.IsKeptByEnvironment(e.Text))
            .Take(MaximumMessages).Select(e => KernelMessages.MaskForEnvironment(rename(e.Text))).ToList();
        if (kept.Count > 0)
        {
            foreach (var once in kept.Where(KernelMessages.IsPrintedOncePerBoot))
            {
                answer.MarkOncePerBoot(once);
            }

            answer.Set("kmsg", FieldValue.OfJson(System.Text.Json.JsonSerializer.Serialize(kept)));
        }
    }
}
