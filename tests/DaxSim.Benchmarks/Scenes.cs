using DaxSim.AddressSpaces;
using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Benchmarks;

/// <summary>Machines that benchmarks measure.</summary>
internal static class Scenes
{
    /// <summary>The machine of the last populated mapping.</summary>
    internal static Machine? Last { get; private set; }

    internal static Machine DaxMachine(string kind) => Machine.Build(m =>
    {
        if (kind == "6.1 special")
        {
            m.Kernel("6.1", Architecture.S390X).Ram("512M").Dcss("SEGMENT", "1100G", DcssType.ExclusiveReadWrite);
        }
        else
        {
            m.Kernel(kind.Split(' ')[0], Architecture.X8664).Ram("512M").Pmem("1100G", PmemMode.FsDax);
        }
    });

    internal static FileHandle DaxFile(Machine machine, long length)
    {
        var mount = machine.Mount($"/dev/{machine.Devices[0].Name}", "/mnt", "ext4", "dax").Value;
        var file = mount.Open("file", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.BeginAllocate(FallocateMode.None, 0, length);
        return file;
    }

    /// <summary>A process whose private mapping of a DAX file has base page entries throughout and one copied page in the middle.</summary>
    internal static Process PopulatedDax(string kind, string size)
    {
        var machine = DaxMachine(kind);
        Last = machine;
        var length = (ulong)ByteSize.Parse(size);
        var file = DaxFile(machine, (long)length);
        var writer = machine.Spawn("writer");
        var written = writer.Mmap(0, length, Prot.Read | Prot.Write, MapFlags.Shared, file).Value;
        Require(writer.Madvise(written, length, Advice.PopulateWrite).IsOk);
        writer.Exit();
        var process = machine.Spawn("forker");
        var address = process.Mmap(0, length, Prot.Read | Prot.Write, MapFlags.Private, file).Value;
        Require(process.Madvise(address, length, Advice.NoHugePage).IsOk);
        Require(process.Madvise(address, length, Advice.PopulateRead).IsOk);
        Require(process.WriteByte(address + (length / 2), 1).IsOk);
        return process;
    }

    /// <summary>A process that wrote the pages of a mapping in disorder, so that no two neighbours lie side by side in memory.</summary>
    internal static (Machine Machine, Process Process) Diverged(int pages)
    {
        var machine = Machine.Build(m => m.Kernel("6.1", Architecture.X8664).Ram("4G"));
        var process = machine.Spawn("forker");
        var address = process.Mmap(0, (ulong)pages * 4096, Prot.Read | Prot.Write, MapFlags.Private).Value;
        for (var i = 0UL; i < (ulong)pages; i++)
        {
            process.WriteByte(address + (i * 40_503 % (ulong)pages * 4096), (byte)i);
        }

        return (machine, process);
    }

    /// <summary>A machine with a TiB of persistent memory and so many processes, each with all of it mapped and a page of its own.</summary>
    internal static (Machine Machine, Process First, ulong Page) Crowd(int processes)
    {
        var process = PopulatedDax("6.1 devmap", "1T");
        var machine = Last!;
        var page = process.Mmap(0, 4096, Prot.Read | Prot.Write, MapFlags.Private).Value;
        process.WriteByte(page, 1);
        for (var i = 1; i < processes; i++)
        {
            process.Fork().Value.WriteByte(page, 2);
        }

        return (machine, process, page);
    }

    /// <summary>What one unit test does: build, mount, open, map, fault, fork, take a reference, audit.</summary>
    internal static int WholeTest(bool audit = false, bool records = false)
    {
        var machine = Machine.Build(m => m.Kernel("6.1", Architecture.X8664).Ram("512M").Pmem("1G", PmemMode.FsDax).RecordDecisions(records));
        var mount = machine.Mount("/dev/pmem0", "/mnt", "ext4", "dax").Value;
        var file = mount.Open("file", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.Truncate(65536);
        var process = machine.Spawn("test");
        var address = process.Mmap(0, 65536, Prot.Read | Prot.Write, MapFlags.Shared, file).Value;
        process.WriteByte(address, 1);
        process.Fork().Value.ReadByte(address);
        var taken = process.GetUserPagesFast(address, 1);
        Require(taken.Value.Count == 1);
        return audit ? machine.Audit().Count : 0;
    }

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new InvalidOperationException("The scene could not be built.");
        }
    }
}
