using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Old;
using DaxSim.Conformance.Probe;
using DaxSim.Conformance.Reading;
using DaxSim.FileSystems;

namespace DaxSim.Conformance.S390;

/// <summary>The machines on which the recorder operated on mappings: one segment mounted on /m, ordinary filesystems on virtio disks.</summary>
internal static class MappingCases
{
    /// <summary>The machine of a case such as <c>ew-ext4</c>.</summary>
    internal static ProbeMachine Mounted(KernelRelease release, string name, BootTaint taint)
    {
        var machine = OracleMachine.Segments(release, underZvm: true, static m => m.Disk("64M", "vda").Disk("64M", "vdb").Disk("320M", "vdc").Disk("64M", "vdd"));
        var mounts = new Dictionary<string, Mount>(StringComparer.Ordinal);
        OldCases.Mount(machine, mounts, "vdb", "ext4", "/mnt/d", "ext4", "");
        OldCases.Mount(machine, mounts, "vdc", "xfs", "/mnt/x", "xfs", "");
        var readOnly = name.StartsWith("sr-", StringComparison.Ordinal);
        if (name == "plain-ext4")
        {
            OldCases.Mount(machine, mounts, "vdd", "ext4", "/m", "ext4", "");
        }
        else if (MountCases.Find(name) is { } place)
        {
            MountSegment(machine, mounts, name, place.Segment, place.Variant, readOnly);
        }

        return new ProbeMachine(new SimulatedMachine(machine, mounts), new ProbeCase("/m/f", 0, readOnly, "/dev/vda", BigEndian: true)) { Taint = taint };
    }

    private static void MountSegment(Machine machine, Dictionary<string, Mount> mounts, string name, string segment, string variant, bool readOnly)
    {
        if (machine.Dcss.Add(segment) is { IsOk: false } refused)
        {
            throw new SetupException($"{segment} cannot be loaded: {refused.Verdict}");
        }

        var type = variant == "real-ext2" ? "ext2" : variant.Split('-')[0];
        var recipe = ImageRecipes.Find(variant)!;
        machine.SetReadOnly("dcssblk0", false);
        ImageRecipes.Make(machine, "dcssblk0", recipe, type == "xfs" ? ["sectsize=4096"] : []);
        if (readOnly)
        {
            FillBefore(machine, type);
            machine.SetReadOnly("dcssblk0", true);
        }

        var mounted = machine.Mount("/dev/dcssblk0", "/m", type, name.StartsWith("nodax", StringComparison.Ordinal) ? "" : readOnly ? "ro,dax" : "dax");
        mounts["/m"] = mounted.IsOk ? mounted.Value : throw new SetupException($"{segment} cannot be mounted: {mounted.Verdict} {mounted.Verdict.Reason}");
    }

    /// <summary>The file that a read-only mount shows was written through another segment over the same memory.</summary>
    private static void FillBefore(Machine machine, string type)
    {
        var mount = machine.Mount("/dev/dcssblk0", "/fill", type, "").Value;
        var file = mount.Open("f", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        for (var page = 0; page < ProbeRun.Pages; page++)
        {
            file.WriteBytes(page * (long)LinuxNumbers.Page, [.. Enumerable.Repeat((byte)('a' + page), (int)LinuxNumbers.Page)]);
        }

        file.Sync();
        file.Close();
        foreach (var (name, contents) in ProbePrograms.Stored.Select(static n => (n, ProbePrograms.Contents(bigEndian: true))).Concat(ProbeExecve.Stored))
        {
            var program = mount.Open(name, OpenFlags.ReadWrite | OpenFlags.Create).Value;
            program.WriteBytes(0, contents);
            program.SetExecutable();
            program.Sync();
            program.Close();
        }

        machine.Unmount("/fill");
    }
}
