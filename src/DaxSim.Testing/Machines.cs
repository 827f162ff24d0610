using DaxSim.FileSystems;
using DaxSim.Policy;

namespace DaxSim.Testing;

/// <summary>
/// Ready machines: a kernel, a device, a filesystem mounted with DAX where the kernel can, a file of four pages and a process.
/// </summary>
/// <remarks>
/// <para>Each takes the kernel as a version (<c>"4.16"</c>, on the architecture where that device is met) or as a <see cref="KernelPolicy"/>,
/// with which commits can be reverted or behaviours replaced.</para>
/// <para>Whether the file uses DAX then is the kernel's decision: <c>ready.Mount.IsDax</c>. A kernel that cannot drive the device or refuses the mount
/// makes the method throw, with the kernel's reason; <see cref="KernelSet.ThatMountWithDax"/> chooses the kernels that do not.</para>
/// <para>The file's page n is filled with the n-th letter, beginning with <c>a</c>.</para>
/// </remarks>
public static partial class Machines
{
    private const int FilePages = 4;

    private static byte[]? letters;

    private static readonly DeviceSpec SharedSegment = DeviceSpec.Parse("dcssblk:SR,name=USRSEG");
    private static readonly DeviceSpec ExclusiveSegment = DeviceSpec.Parse("dcssblk:EW,name=DATASEG");
    private static readonly DeviceSpec FsDaxPmem = DeviceSpec.Parse("pmem:fsdax");
    private static readonly DeviceSpec RawPmem = DeviceSpec.Parse("pmem:raw");
    private static readonly DeviceSpec CellBank = DeviceSpec.Parse("axonram");
    private static readonly DeviceSpec RamDisk = DeviceSpec.Parse("brd");
    private static readonly DeviceSpec GuestPmem = DeviceSpec.Parse("virtio-pmem");
    private static readonly DeviceSpec OrdinaryDisk = DeviceSpec.Parse("disk");

    /// <summary>s390x under z/VM with the saved segment USRSEG, shared and read-only, as /dev/dcssblk0: ext2 on /usr, <c>ro,dax</c> (<c>ro,xip</c> before 4.0); the file is bin/ls. Memory without struct pages.</summary>
    /// <param name="kernel">For example <c>4.16</c>.</param>
    /// <exception cref="InvalidOperationException">The kernel refuses the mount; the message tells why.</exception>
    public static MountedMachine DcssUsr(string kernel) => DcssUsr(KernelPolicy.Mainline(kernel, Architecture.S390X));

    /// <inheritdoc cref="DcssUsr(string)"/>
    /// <param name="kernel">A kernel of s390x.</param>
    public static MountedMachine DcssUsr(KernelPolicy kernel) => OnDevice(kernel, SharedSegment, "ext2", "/usr", "bin/ls");

    /// <summary>s390x under z/VM with the saved segment DATASEG, exclusive and writable: ext2 on /data, with DAX. Memory without struct pages.</summary>
    /// <param name="kernel">For example <c>4.16</c>.</param>
    /// <exception cref="InvalidOperationException">The kernel refuses the mount; the message tells why.</exception>
    public static MountedMachine DcssData(string kernel) => DcssData(KernelPolicy.Mainline(kernel, Architecture.S390X));

    /// <inheritdoc cref="DcssData(string)"/>
    /// <param name="kernel">A kernel of s390x.</param>
    public static MountedMachine DcssData(KernelPolicy kernel) => OnDevice(kernel, ExclusiveSegment, "ext2", "/data", "data");

    /// <summary>x86_64 with a namespace of persistent memory in fsdax mode, which has struct pages: ext4 on /mnt with DAX. From 4.2 on.</summary>
    /// <param name="kernel">For example <c>6.1</c>.</param>
    /// <param name="fileSystem">ext2, ext4 or xfs.</param>
    /// <exception cref="InvalidOperationException">The kernel has no such driver or refuses the mount; the message tells why.</exception>
    public static MountedMachine Pmem(string kernel, string fileSystem = "ext4") => Pmem(KernelPolicy.Mainline(kernel, Architecture.X8664), fileSystem);

    /// <inheritdoc cref="Pmem(string, string)"/>
    /// <param name="kernel">A kernel of x86_64, ppc64le or arm64.</param>
    /// <param name="fileSystem">ext2, ext4 or xfs.</param>
    public static MountedMachine Pmem(KernelPolicy kernel, string fileSystem = "ext4") => OnDevice(kernel, FsDaxPmem, fileSystem, "/mnt", "data");

    /// <summary>x86_64 with a namespace of persistent memory in raw mode, which has no struct pages: ext4 on /mnt. Kernels from 4.16 on mount it without DAX.</summary>
    /// <param name="kernel">For example <c>4.9</c>.</param>
    /// <param name="fileSystem">ext2, ext4 or xfs.</param>
    /// <exception cref="InvalidOperationException">The kernel has no such driver or refuses the mount; the message tells why.</exception>
    public static MountedMachine PmemRaw(string kernel, string fileSystem = "ext4") => PmemRaw(KernelPolicy.Mainline(kernel, Architecture.X8664), fileSystem);

    /// <inheritdoc cref="PmemRaw(string, string)"/>
    /// <param name="kernel">A kernel of x86_64, ppc64le or arm64.</param>
    /// <param name="fileSystem">ext2, ext4 or xfs.</param>
    public static MountedMachine PmemRaw(KernelPolicy kernel, string fileSystem = "ext4") => OnDevice(kernel, RawPmem, fileSystem, "/mnt", "data");

    /// <summary>x86_64 guest with persistent memory that the host lends (virtio-pmem), which has struct pages: ext4 on /mnt with DAX. From 5.3 on.</summary>
    /// <param name="kernel">For example <c>6.1</c>.</param>
    /// <param name="fileSystem">ext2, ext4 or xfs.</param>
    /// <exception cref="InvalidOperationException">The kernel has no such driver or refuses the mount; the message tells why.</exception>
    public static MountedMachine VirtioPmem(string kernel, string fileSystem = "ext4") => VirtioPmem(KernelPolicy.Mainline(kernel, Architecture.X8664), fileSystem);

    /// <inheritdoc cref="VirtioPmem(string, string)"/>
    /// <param name="kernel">A kernel of x86_64 or arm64.</param>
    /// <param name="fileSystem">ext2, ext4 or xfs.</param>
    public static MountedMachine VirtioPmem(KernelPolicy kernel, string fileSystem = "ext4") => OnDevice(kernel, GuestPmem, fileSystem, "/mnt", "data");

    /// <summary>A Cell blade (64-bit powerpc, pages of 64 KiB) with a memory bank as /dev/axonram0: ext2 on /mnt. Memory without struct pages. Up to 4.15: the driver was removed in 4.16.</summary>
    /// <param name="kernel">For example <c>4.14</c>.</param>
    /// <exception cref="InvalidOperationException">The kernel has no such driver or refuses the mount; the message tells why.</exception>
    public static MountedMachine AxonRam(string kernel) => AxonRam(KernelPolicy.Mainline(kernel, Architecture.Ppc64Cell));

    /// <inheritdoc cref="AxonRam(string)"/>
    /// <param name="kernel">A kernel of the Cell blades.</param>
    public static MountedMachine AxonRam(KernelPolicy kernel) => OnDevice(kernel, CellBank, "ext2", "/mnt", "data");

    /// <summary>x86_64 with a RAM disk of ordinary pages as /dev/ram0: ext4 on /mnt. The driver offered DAX up to 4.14.</summary>
    /// <param name="kernel">For example <c>4.9</c>.</param>
    /// <param name="fileSystem">ext2, ext4 or xfs.</param>
    /// <exception cref="InvalidOperationException">The kernel refuses the mount; the message tells why.</exception>
    public static MountedMachine Brd(string kernel, string fileSystem = "ext4") => Brd(KernelPolicy.Mainline(kernel, Architecture.X8664), fileSystem);

    /// <inheritdoc cref="Brd(string, string)"/>
    /// <param name="kernel">The kernel.</param>
    /// <param name="fileSystem">ext2, ext4 or xfs.</param>
    public static MountedMachine Brd(KernelPolicy kernel, string fileSystem = "ext4") => OnDevice(kernel, RamDisk, fileSystem, "/mnt", "data");

    /// <summary>x86_64 with ext4 on an ordinary disk: the page cache, to compare with.</summary>
    /// <param name="kernel">For example <c>6.1</c>.</param>
    public static MountedMachine PageCache(string kernel) => PageCache(KernelPolicy.Mainline(kernel, Architecture.X8664));

    /// <inheritdoc cref="PageCache(string)"/>
    /// <param name="kernel">The kernel.</param>
    public static MountedMachine PageCache(KernelPolicy kernel) => OnDevice(kernel, OrdinaryDisk, "ext4", "/mnt", "data");

    /// <summary>A machine with a device in words and a filesystem on it, mounted on /mnt as an administrator would ask for DAX.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="device">See <see cref="DeviceSpec"/>, for example <c>partition:start=63s,on=pmem:fsdax</c>.</param>
    /// <param name="fileSystem">ext2, ext4, xfs or erofs.</param>
    /// <exception cref="FormatException">The text describes no device.</exception>
    /// <exception cref="InvalidOperationException">The kernel has no such driver or refuses the mount; the message tells why.</exception>
    public static MountedMachine Mounted(KernelPolicy kernel, string device, string fileSystem) => OnDevice(kernel, DeviceSpec.Parse(device), fileSystem, "/mnt", "data");

    private static MountedMachine OnDevice(KernelPolicy kernel, DeviceSpec spec, string fileSystem, string path, string fileName)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(fileSystem);
        var machine = Machine.Build(m => m.Kernel(kernel).Device(spec).RecordDecisions());
        if (machine.Refusals.Count > 0)
        {
            throw new InvalidOperationException($"Kernel {kernel} cannot drive {spec}: {machine.Refusals[^1].Reason}");
        }

        var device = $"/dev/{machine.Devices[^1].Name}";
        machine.Format(device, fileSystem);
        var options = spec.Kind == DeviceKind.Disk ? "" : machine.UsualDaxOptions(device, fileSystem);
        var mounted = machine.Mount(device, path, fileSystem, options);
        if (!mounted.IsOk)
        {
            throw new InvalidOperationException($"mount -t {fileSystem} -o {options} {device} {path} fails.\n{Explanation.Report(mounted.Verdict)}");
        }

        var mount = mounted.Value;
        mount.PlaceFile(fileName, Letters(kernel.Architecture.PageSize));
        return new MountedMachine(machine, mount, mount.Open(fileName, mount.IsReadOnly ? OpenFlags.ReadOnly : OpenFlags.ReadWrite).Value);
    }

    /// <summary>What the file of a ready machine contains; only read, so all machines with pages of one size share it.</summary>
    private static byte[] Letters(int pageSize)
    {
        if (letters is { } made && made.Length == FilePages * pageSize)
        {
            return made;
        }

        var bytes = new byte[FilePages * pageSize];
        for (var page = 0; page < FilePages; page++)
        {
            bytes.AsSpan(page * pageSize, pageSize).Fill((byte)('a' + page));
        }

        letters = bytes;
        return bytes;
    }
}
