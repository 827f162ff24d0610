using DaxSim.AddressSpaces;
using DaxSim.Devices;

using DaxSim.FileSystems;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Tests.State;

/// <summary>A machine in which something of everything is going on, for tests of its state as a whole.</summary>
internal static class BusyMachine
{
    internal const ulong Page = 4096;
    internal const Prot ReadWrite = Prot.Read | Prot.Write;

    internal static Machine X86(string kernel)
    {
        var machine = Machine.Build(m => m.Kernel(kernel, Architecture.X8664).Ram("256M").Pmem("64M", PmemMode.FsDax).DeviceDax("64M").Disk("64M", "vda").Brd("16M").HugePages(8));
        machine.Mount("/dev/pmem0", "/dax", "ext4", "dax").IsOk.Should().BeTrue();
        machine.Mount("/dev/vda", "/data", "ext4").IsOk.Should().BeTrue();
        machine.InjectMediaError("/dev/pmem0", 60 << 20);
        Work(machine, machine.Mounts[0], machine.Mounts[1]);
        Map(machine.Spawn("device"), machine.OpenDevice("/dev/dax0.0").Value, 512, MapFlags.Shared);
        return machine;
    }

    internal static Machine S390(string kernel)
    {
        var machine = Machine.Build(m => m.Kernel(kernel, Architecture.S390X).Ram("256M").Disk("64M", "vda").Dcss("SEGMENT", "64M", DcssType.ExclusiveReadWrite));
        machine.Mount("/dev/dcssblk0", "/dax", "ext4", "dax").IsOk.Should().BeTrue();
        machine.Mount("/dev/vda", "/data", "ext4").IsOk.Should().BeTrue();
        Work(machine, machine.Mounts[0], machine.Mounts[1]);
        return machine;
    }

    /// <summary>Makes a file of some pages, each full of another letter.</summary>
    internal static FileHandle File(Mount mount, string name, int pages)
    {
        var file = mount.Open(name, OpenFlags.ReadWrite | OpenFlags.Create).Value;
        var bytes = new byte[Page];
        for (var i = 0; i < pages; i++)
        {
            Array.Fill(bytes, (byte)('A' + i));
            file.WriteBytes(i * (long)Page, bytes).IsOk.Should().BeTrue();
        }

        return file;
    }

    internal static ulong Map(Process process, FileHandle? file, ulong pages, MapFlags flags)
        => process.Mmap(0, pages * Page, ReadWrite, flags, file).Value;

    private static void Work(Machine machine, Mount dax, Mount data)
    {
        var process = machine.Spawn("busy");
        var anonymous = Map(process, null, 64, MapFlags.Private);
        for (var i = 0UL; i < 64; i++)
        {
            // In disorder, so that the page table becomes a flat window.
            process.WriteByte(anonymous + (i * 37 % 64 * Page) + i, (byte)i).IsOk.Should().BeTrue();
        }

        var daxFile = File(dax, "file", 4);
        process.WriteByte(Map(process, daxFile, 4, MapFlags.Shared), 1);
        var copied = Map(process, daxFile, 4, MapFlags.Private);
        process.WriteByte(copied, 2);
        process.ReadByte(copied + Page);
        var cached = Map(process, File(data, "file", 4), 4, MapFlags.Shared);
        process.WriteByte(cached + Page, 3);
        var memory = machine.CreateMemFd("memfd");
        memory.Truncate(2 * (long)Page);
        process.WriteByte(Map(process, memory, 2, MapFlags.Shared), 4);
        var child = process.Fork().Value;
        child.WriteByte(anonymous, 5);
        child.Mlock(anonymous, 4 * Page);
        process.PinUserPages(anonymous + (8 * Page), 2, GupFlags.Write);
        process.GetUserPagesFast(anonymous + (9 * Page), 1);
        var pipe = machine.CreatePipe();
        process.Vmsplice(pipe, anonymous, 100);
        process.CreateRing().RegisterBuffer(anonymous + (16 * Page), (int)Page);
        process.SubmitDirectRead(data.Open("file", OpenFlags.ReadWrite | OpenFlags.Direct).Value, anonymous + (20 * Page), (int)Page, 0);
        process.FutexWait(anonymous + (4 * Page), 0, scope: FutexScope.Private);
        process.GetUserPages(cached, 1, GupFlags.Write);
        dax.Open("file", OpenFlags.ReadWrite).Value.BeginTruncate(0);
        machine.Spawn("gone").Exit();
        machine.Audit().Should().BeEmpty();
    }
}
