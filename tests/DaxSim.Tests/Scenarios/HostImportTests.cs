using System.Formats.Tar;
using System.IO.Compression;
using DaxSim.Policy;
using DaxSim.Scenarios.Files;
using DaxSim.Scenarios.Import;

namespace DaxSim.Tests.Scenarios;

/// <summary>
/// Hosts of many shapes, in the forms that the programs print: proc(5) and Documentation/admin-guide for /proc/iomem and /proc/mounts,
/// ndctl-list(1), daxctl-list(1), lsblk(8), blkid(8), xfs_info(8), dumpe2fs(8).
/// </summary>
public class HostImportTests
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Data", "hosts");

    [Theory]
    [InlineData("laptop-without-pmem", "6.1.76 x86_64", "nvme0n1=disk:size=512G; nvme0n1+2048s; nvme0n1+1050624s", "/dev/nvme0n1p2 / ext4")]
    [InlineData("server-fsdax", "5.14 x86_64", "pmem0=pmem:fsdax,size=8G,at=9G,map=dev; sda=disk; sda+2048s", "/dev/sda1 / xfs; /dev/pmem0 /mnt/pmem xfs dax=always ^reflink 4096")]
    [InlineData("blocks-of-1k", "4.19 x86_64", "pmem1=pmem:fsdax,size=258M", "/dev/pmem1 /data ext4 dax 1024")]
    [InlineData("raw-namespace", "6.8 x86_64", "pmem0=pmem:raw,size=4G", "/dev/pmem0 /srv/cache ext4 dax")]
    [InlineData("sector-namespace", "5.10 x86_64", "pmem0s=pmem:btt,size=32740M", "/dev/pmem0s /db xfs dax")]
    [InlineData("character-devices", "6.12.9 x86_64", "dax0.0=devdax:size=16G,align=2M; kmem:size=8G", "")]
    [InlineData("memmap-on-the-command-line", "4.14.74 x86_64", "pmem0=e820:size=1G", "/dev/pmem0 /mnt ext4 dax")]
    [InlineData("virtio-pmem-guest", "5.15 x86_64", "pmem0=virtio-pmem:size=4G", "/dev/pmem0 /images ext4 ro,dax=always")]
    [InlineData("linux-on-z-with-dcss", "4.14 s390x", "dcssblk:SR,name=USRSEG,size=64M,at=512M; dcssblk:EW,name=HOMESEG,size=8M,at=576M; dasda=disk:size=7044M,sector=4096; dasda+192s", "/dev/dasda1 / ext4; /dev/dcssblk0 /usr ext2 ro,dax")]
    [InlineData("linux-on-z-new-kernel", "6.15 s390x", "dcssblk:SR,size=64M; dcssblk:SR,size=64M", "/dev/dcssblk0 /opt/shared ext4 ro,dax; /dev/dcssblk1 /opt/more ext4 ro,dax")]
    [InlineData("partition-out-of-step", "4.19.300 x86_64", "pmem0=pmem:fsdax,size=4098M; pmem0+63s", "/dev/pmem0p1 /data ext4 dax")]
    [InlineData("volume-over-two-namespaces", "5.4 x86_64", "pmem0=pmem:fsdax,size=4G; pmem1=pmem:fsdax,size=4G; vgpmem-lvdata=linear pmem0+pmem1", "/dev/vgpmem-lvdata /data ext4 dax")]
    [InlineData("volume-with-a-disk-in-it", "6.6.30 x86_64", "pmem0=pmem:fsdax,size=4G; sda=disk:size=5G; vg-lv=linear pmem0+sda", "/dev/vg-lv /data ext4 dax=always")]
    [InlineData("encrypted-pmem", "6.1.90 x86_64", "pmem0=pmem:fsdax,size=4G,map=dev; secret=disk:size=4014M", "/dev/secret /secret ext4 dax")]
    [InlineData("kernel-without-fs-dax", "6.1 x86_64", "pmem0=pmem:fsdax,size=4G", "/dev/pmem0 /data ext4 dax")]
    [InlineData("virtiofs-guest", "6.1.76 x86_64", "myfs=virtiofs", "myfs / virtiofs dax=always")]
    [InlineData("arm-server", "5.10.209 arm64", "pmem0=pmem:fsdax,size=32G", "/dev/pmem0 /scratch xfs dax")]
    [InlineData("power-with-64k-pages", "5.14 ppc64le", "pmem0=pmem:fsdax,size=16386M", "/dev/pmem0 /hana ext4 dax=always 4096")]
    [InlineData("enterprise-linux-7", "3.10 x86_64", "centos-root=disk; pmem0=pmem:fsdax", "/dev/centos-root / xfs; /dev/pmem0 /pmem xfs dax")]
    [InlineData("old-ndctl", "4.9.337 x86_64", "pmem2=pmem:fsdax,size=4G; dax3.0=devdax:size=4098M", "/dev/pmem2 /opt ext4 dax")]
    [InlineData("ram-disk", "4.14.300 x86_64", "ram0=brd:size=64M", "/dev/ram0 /mnt/ramdisk ext4 dax")]
    [InlineData("execute-in-place", "3.12.74 s390x", "dcssblk:EW", "/dev/dcssblk0 /usr ext2 ro,xip")]
    [InlineData("loop-file", "6.6.1 x86_64", "loop0=loop", "/dev/loop0 /mnt/img ext4 dax")]
    [InlineData("reflink", "5.10.200 x86_64", "pmem0=pmem:fsdax,size=4G", "/dev/pmem0 /data xfs dax reflink 4096")]
    [InlineData("guest-5.10", "5.10 x86_64", "pmem0=pmem:fsdax,size=128M,at=4G; dax1.0=devdax:size=128M,align=2M; pmem2=pmem:raw,size=128M,at=4352M; pmem3=pmem:fsdax,size=512M,at=4480M; pmem4s=pmem:btt,size=128M,at=4992M; pmem5=e820:size=128M; vda=disk:size=256M", "/dev/vda /flat ext4 dax; /dev/pmem0 /data ext4 dax=always 4096; /dev/pmem2 /raw ext4 dax 4096; /dev/pmem5 /small ext4 dax 1024; /dev/pmem4s /db ext4 dax; /dev/pmem3 /pool xfs dax reflink 4096")]
    [InlineData("nobody-asked", "6.1.76 x86_64", "pmem0=pmem:fsdax,size=4G,map=dev; pmem0.1=pmem:raw,size=2G", "/dev/pmem0 /my data ext4")]
    public void A_host_becomes_a_machine(string host, string kernel, string devices, string mounts)
    {
        var machine = Import(host).Machine;

        $"{machine.Kernel} {machine.ChosenArchitecture}".Should().Be(kernel);
        string.Join("; ", machine.Devices.Select(Show)).Should().Be(devices);
        string.Join("; ", machine.Mounts.Select(Show)).Should().Be(mounts);
    }

    public static TheoryData<string> Hosts => new(Directory.EnumerateDirectories(Folder).Select(d => Path.GetFileName(d)!).Where(n => !n.StartsWith("refused-", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Hosts))]
    public void What_is_written_can_be_read_and_built(string host)
    {
        var text = Import(host).Write();
        var read = MachineFile.Parse(text);

        read.Write().Should().Be(text[text.IndexOf("machine:", StringComparison.Ordinal)..]);
        read.Build().Audit().Should().BeEmpty();
    }

    [Theory]
    [InlineData("iomem-of-a-user", "iomem: every address is 0, as the kernel shows them to users other than root: read /proc/iomem as root.")]
    [InlineData("iomem-cut", "iomem:2: '00001000-0009f' is no line of /proc/iomem*")]
    [InlineData("ndctl-cut", "ndctl.json:4: it is no JSON*")]
    [InlineData("ndctl-mode", "ndctl.json: namespace0.0 is in mode 'turbo': the modes are fsdax, raw, sector and devdax.")]
    [InlineData("ndctl-size", "ndctl.json: size is '99999999999999999999 EiB', which is no size.")]
    [InlineData("riscv", "uname: a kernel of riscv64 is not modelled*")]
    [InlineData("kernel-2-6", "uname:1: Kernel 2.6.32 is not modelled*")]
    [InlineData("kernel-from-the-future", "uname:1: Kernel 9.0 is not modelled*")]
    [InlineData("mounts-cut", "mounts:2: '/dev/pm' is no line of /proc/mounts*")]
    [InlineData("two-architectures", "config: it is a configuration of x86_64, but the host runs s390x.")]
    [InlineData("lsblk-of-something-else", "lsblk.json: it has no \"blockdevices\"*")]
    [InlineData("lsblk-deep", "lsblk.json:1: it is no JSON*depth of 32*")]
    [InlineData("config-of-nothing", "config:1: 'hello' is neither CONFIG_NAME=value nor a comment.")]
    [InlineData("only-other-files", ": no file of a host is in it*")]
    public void A_dump_that_cannot_be_used_is_refused_with_the_reason(string host, string reason)
    {
        var folder = Path.Combine(Folder, $"refused-{host}");
        FluentActions.Invoking(() => HostDump.Read([folder])).Should().Throw<FormatException>()
            .WithMessage($"{folder}{(reason[0] == ':' ? "" : Path.DirectorySeparatorChar)}{reason}").Which.Message.Should().NotContain("\n");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_archive_is_as_good_as_the_directory(bool compressed)
    {
        var archive = Pack("server-fsdax", compressed);

        var fromArchive = MachineImport.Of(HostDump.Read([Save(archive)])).Machine.Write();

        fromArchive.Should().Be(Import("server-fsdax").Machine.Write());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_archive_cut_in_the_middle_is_refused(bool compressed)
    {
        var archive = Pack("server-fsdax", compressed);
        foreach (var length in compressed ? [200, archive.Length / 2, archive.Length - 10] : (int[])[512, 1024, archive.Length / 2])
        {
            FluentActions.Invoking(() => HostDump.Read([Save(archive[..length])])).Should().Throw<FormatException>().Which.Message.Should().NotContain("\n");
        }
    }

    /// <summary>Where there are named pipes, one by the name of a dump would block whoever opens it for reading.</summary>
    [Fact]
    public void A_pipe_in_the_directory_is_passed_over()
    {
        var folder = Directory.CreateTempSubdirectory("daxsim-pipe-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "uname"), "Linux h 6.1.5 x86_64\n");
            if (!OperatingSystem.IsWindows())
            {
                using var made = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(folder, "iomem")]);
                made.WaitForExit();
            }

            HostDump.Read([folder]).Files.Should().ContainSingle().Which.Kind.Should().Be(HostFileKind.KernelName);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Links_and_paths_out_of_the_archive_lead_nowhere()
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "mounts") { LinkName = "/proc/mounts" });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "iomem") { LinkName = "/proc/iomem" });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "../../../../uname") { DataStream = new MemoryStream("6.1.5\n"u8.ToArray()) });
        }

        var dump = HostDump.Read([Save(bytes.ToArray())]);

        dump.Files.Should().ContainSingle().Which.Kind.Should().Be(HostFileKind.KernelName);
        dump.Kernel.Should().Be(KernelVersion.Parse("6.1.5"));
    }

    [Fact]
    public void A_file_that_unpacks_to_far_more_than_it_is_is_refused()
    {
        using var bytes = new MemoryStream();
        using (var zip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(zip, TarEntryFormat.Pax))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "proc/iomem") { DataStream = new MemoryStream(new byte[20 << 20]) });
        }

        FluentActions.Invoking(() => HostDump.Read([Save(bytes.ToArray())])).Should().Throw<FormatException>().WithMessage("*proc/iomem: it is larger than 16 MiB*");
    }

    [Fact]
    public void A_file_by_another_name_is_known_by_what_is_in_it()
    {
        var file = Save("00001000-0fffffff : System RAM\n"u8.ToArray());
        HostDump.Read([file]).Memory.Should().ContainSingle().Which.Should().Be(new IomemRange(0x1000, 0xffff000, "System RAM", 0));
    }

    [Theory]
    [InlineData("6.1.0-18-amd64", "6.1", "x86_64")]
    [InlineData("Linux h 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64 GNU/Linux", "6.1.76", "x86_64")]
    [InlineData("Linux version 5.15.0-119-generic (buildd@lcy02) (gcc) #129-Ubuntu SMP", "5.15", "")]
    [InlineData("5.3.18-150300.59.161-default", "5.3.18", "")]
    [InlineData("4.18.0-553.el8_10.x86_64", "4.18", "x86_64")]
    [InlineData("4.4.0-210.aarch64", "4.4", "arm64")]
    [InlineData("6.12-rc3", "6.12", "")]
    public void The_names_of_kernels_are_understood(string name, string version, string architecture)
    {
        var dump = HostDump.Read([Save(System.Text.Encoding.UTF8.GetBytes(name))]);
        dump.Kernel.ToString().Should().Be(version);
        (dump.Architecture?.Name ?? "").Should().Be(architecture);
    }

    internal static MachineImport Import(string host) => MachineImport.Of(HostDump.Read([Path.Combine(Folder, host)]));

    private static string Show(MachineDevice device)
        => device switch
        {
            { Stacked: { Kind: StackKind.Partition } partition } => $"{partition.On[0]}+{partition.Start / 512}s",
            { Stacked: { } table } => $"{device.Name}={table.Kind.ToString().ToLowerInvariant()} {string.Join('+', table.On)}",
            { Name: { } name } => $"{name}={device.Spec}",
            _ => $"{device.Spec}",
        };

    private static string Show(MachineMount mount)
        => string.Join(' ', new[] { mount.Device, mount.Path, mount.Type, mount.Options, string.Join(',', mount.Features), mount.BlockSize?.ToString(System.Globalization.CultureInfo.InvariantCulture) }.Where(t => !string.IsNullOrEmpty(t)));

    private static byte[] Pack(string host, bool compressed)
    {
        using var bytes = new MemoryStream();
        if (compressed)
        {
            using var zip = new GZipStream(bytes, CompressionLevel.Optimal, leaveOpen: true);
            TarFile.CreateFromDirectory(Path.Combine(Folder, host), zip, includeBaseDirectory: true);
        }
        else
        {
            TarFile.CreateFromDirectory(Path.Combine(Folder, host), bytes, includeBaseDirectory: true);
        }

        return bytes.ToArray();
    }

    private static string Save(byte[] bytes)
    {
        var file = Path.Combine(Path.GetTempPath(), $"daxsim-{Guid.NewGuid():N}");
        File.WriteAllBytes(file, bytes);
        return file;
    }
}
