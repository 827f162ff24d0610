using DaxSim.AddressSpaces;
using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>A machine for a scenario, whose audit runs after every step.</summary>
internal sealed class Scene
{
    internal const ulong Page = 4096;
    internal const ulong Huge = 2UL << 20;
    internal const Prot ReadWrite = Prot.Read | Prot.Write;
    private const long DevMemStart = 128 << 20;

    private readonly Dictionary<Backing, Mount> mounts = [];
    private int files;

    private Scene(Machine machine) => Machine = machine;

    internal Machine Machine { get; }

    internal MemoryManager Mm => Machine.MemoryManager;

    /// <summary>How many "Bad page map" reports the kernel has printed.</summary>
    internal int BadPageMaps => Machine.Log.Entries.Count(e => e.Text.StartsWith("BUG: Bad page map", StringComparison.Ordinal));

    internal static Scene X86(string kernel, Action<MachineBuilder>? more = null, bool nodes = false)
        => new(Machine.Build(m =>
        {
            m.Kernel(kernel, Architecture.X8664);
            _ = nodes ? m.Node("128M").Node("128M") : m.Ram("256M");
            m.Reserve("1M", "128M").Disk("64M", "vda").HugePages(16);
            more?.Invoke(m);
        }));

    internal static Scene S390(string kernel) => new(Machine.Build(m => m.Kernel(kernel, Architecture.S390X).Ram("256M").Disk("64M", "vda").Dcss("SEGMENT", "64M", DcssType.ExclusiveReadWrite)));

    /// <summary>The machine that has such a mapping: s390x for page-less memory on kernels where x86_64 has none.</summary>
    internal static Scene For(string kernel, Backing backing, bool s390 = false)
        => s390 ? S390(kernel) : backing switch
        {
            Backing.FsDax => X86(kernel, m => m.Pmem("64M", PmemMode.FsDax)),
            Backing.PageLess => X86(kernel, m => m.Pmem("64M")),
            Backing.DeviceDax => X86(kernel, m => m.DeviceDax("64M")),
            Backing.RamDisk => X86(kernel, m => m.Brd("64M")),
            _ => X86(kernel),
        };

    internal void Check() => Machine.Audit().Should().BeEmpty();

    internal T Step<T>(Func<T> step)
    {
        var result = step();
        Check();
        return result;
    }

    internal Actor Spawn(string name = "process") => new(this, Step(() => Machine.Spawn(name)));

    /// <summary>A new file of some pages; page i is full of 'A' + i (nothing is written for a sparse one).</summary>
    internal FileHandle File(Backing backing, int pages = 4, bool sparse = false, bool xfs = false)
    {
        FileHandle file;
        switch (backing)
        {
            case Backing.Shmem:
                file = Machine.CreateMemFd("memfd");
                break;
            case Backing.DevMem:
                return Machine.OpenDevMem();
            case Backing.DeviceDax:
                return Machine.OpenDevice("/dev/dax0.0").Value;
            default:
                file = MountOf(backing, xfs).Open($"file{++files}", OpenFlags.ReadWrite | OpenFlags.Create).Value;
                break;
        }

        file.Truncate(pages * (long)Page).IsOk.Should().BeTrue();
        var bytes = new byte[Page];
        for (var i = 0; i < pages && !sparse; i++)
        {
            Array.Fill(bytes, (byte)('A' + i));
            file.WriteBytes(i * (long)Page, bytes).IsOk.Should().BeTrue();
        }

        file.Sync();
        Check();
        return file;
    }

    /// <summary>The position in the file of a mapping of this backing.</summary>
    internal static long Start(Backing backing) => backing == Backing.DevMem ? DevMemStart : 0;

    private Mount MountOf(Backing backing, bool xfs)
    {
        if (!mounts.TryGetValue(backing, out var mount))
        {
            var device = backing == Backing.PageCache ? "vda" : Machine.Devices.Last(d => d.Name != "vda" && !d.Name.StartsWith("dax", StringComparison.Ordinal)).Name;
            var old = backing != Backing.PageCache && Machine.Policy.Version < KernelVersion.Parse("4.0");
            var type = old ? "ext2" : xfs ? "xfs" : "ext4";
            Machine.Format($"/dev/{device}", type, 4096, xfs ? ["reflink=0"] : []);
            var mounted = Machine.Mount($"/dev/{device}", $"/mnt{mounts.Count}", type, backing == Backing.PageCache ? "" : old ? "xip" : "dax");
            mounted.IsOk.Should().BeTrue("{0}: {1}", mounted.Verdict, mounted.Verdict.Reason);
            mount = mounted.Value;
            mounts[backing] = mount;
            if (backing != Backing.PageCache)
            {
                mount.IsDax.Should().BeTrue("{0}", mount.DaxReason);
            }
        }

        return mount;
    }
}
