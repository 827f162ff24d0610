using System.Globalization;
using DaxSim.AddressSpaces;
using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Benchmarks;

/// <summary>The mission numbers, and how they grow with the size: a table in a minute, on a machine that need not be idle.</summary>
internal static class Slopes
{
    private static readonly string[] DaxKinds = ["6.1 devmap", "6.1 special", "7.2 counted"];

    /// <summary>Prints the table.</summary>
    internal static void Print()
    {
        Console.WriteLine("| operation | size | time | bytes | bar |");
        Console.WriteLine("|---|---|---:|---:|---|");
        foreach (var kind in DaxKinds)
        {
            foreach (var size in (string[])["1G", "32G", "1T"])
            {
                var process = Scenes.PopulatedDax(kind, size);
                Process? child = null;
                Row($"fork of a DAX mapping in three extents, {kind}", size, Stopclock.Measure(() => child = process.Fork().Value, () => child!.Exit()), "1T: 10 us, 4 KiB");
            }
        }

        foreach (var pages in (int[])[4_096, 32_768, 262_144])
        {
            var (machine, process) = Scenes.Diverged(pages);
            Process? child = null;
            Row("fork of pages that each diverged", $"{pages} pages", Stopclock.Measure(() => child = process.Fork().Value, () => child!.Exit()), "262144 pages: 1 ms");
            GC.KeepAlive(machine);
        }

        foreach (var kernel in (string[])["4.14", "6.1", "7.2"])
        {
            Pages(kernel);
        }

        foreach (var processes in (int[])[1, 10, 100])
        {
            var (machine, process, page) = Scenes.Crowd(processes);
            Row("snapshot of a machine with a TiB device", $"{processes} processes", Stopclock.Measure(() => machine.Snapshot()), "100 processes: 20 us");
            var snapshot = machine.Snapshot();
            Row("snapshot, a store that copies a page, and back", $"{processes} processes", Stopclock.Measure(() =>
            {
                machine.Snapshot();
                process.WriteByte(page, 3);
                machine.Restore(snapshot);
            }), "");
        }

        Whole();
    }

    private static void Pages(string kernel)
    {
        const int Batch = 512;
        var pfns = new ulong[1];
        var machine = Machine.Build(m => m.Kernel(kernel, Architecture.X8664).Ram("512M").Pmem("1G", PmemMode.FsDax));
        var file = Scenes.DaxFile(machine, Batch * 4096);
        var dax = machine.Spawn("dax");
        var mapped = dax.Mmap(0, Batch * 4096, Prot.Read | Prot.Write, MapFlags.Shared, file).Value;
        dax.Madvise(mapped, Batch * 4096, Advice.NoHugePage);
        var anonymous = machine.Spawn("anonymous");
        var memory = anonymous.Mmap(0, 4096, Prot.Read | Prot.Write, MapFlags.Private).Value;
        anonymous.WriteByte(memory, 1);
        const int Times = 256;
        var taken = Stopclock.Measure(
            () =>
            {
                for (var i = 0; i < Times; i++)
                {
                    anonymous.GetUserPagesFast(memory, pfns, GupFlags.Write);
                }
            },
            () =>
            {
                for (var i = 0; i < Times; i++)
                {
                    anonymous.ReleaseUserPages(pfns);
                }
            });
        Row($"get_user_pages_fast of a present page, {kernel}", "1 page", new Cost(taken.Nanoseconds / Times, taken.Bytes / Times), "100 ns, 0 bytes");
        Row($"the same and put_page, {kernel}", "1 page", Stopclock.Measure(() =>
        {
            anonymous.GetUserPagesFast(memory, pfns, GupFlags.Write);
            anonymous.ReleaseUserPages(pfns);
        }), "");
        Row($"pin_user_pages_fast and unpin_user_page, {kernel}", "1 page", Stopclock.Measure(() =>
        {
            anonymous.PinUserPagesFast(memory, pfns, GupFlags.Write);
            anonymous.UnpinUserPages(pfns);
        }), "");
        var faults = Stopclock.Measure(
            () =>
            {
                for (var i = 0UL; i < Batch; i++)
                {
                    dax.WriteByte(mapped + (i * 4096), 1);
                }
            },
            () => dax.Madvise(mapped, Batch * 4096, Advice.DontNeed));
        Row($"DAX write fault, {kernel}", "1 page", new Cost(faults.Nanoseconds / Batch, faults.Bytes / Batch), "500 ns");
    }

    private static void Whole()
    {
        var large = KernelPolicy.Mainline("6.1", Architecture.X8664);
        var small = KernelPolicy.Mainline("4.14", Architecture.S390X);
        Row("a machine", "512G RAM, 6T pmem", Stopclock.Measure(() => Machine.Build(m => m.Kernel(large).Ram("512G").Pmem("6T", PmemMode.FsDax))), "64 KiB");
        Row("a machine", "512M RAM, a DCSS", Stopclock.Measure(() => Machine.Build(m => m.Kernel(small).Ram("512M").Dcss("USRSEG", "64M", DcssType.SharedReadOnly))), "16 KiB");
        Row("build, mount, mmap, fault, fork, gup, assert", "1 page", Stopclock.Measure(() => Scenes.WholeTest()), "50 us");
        Row("the same, each call keeping its decisions", "1 page", Stopclock.Measure(() => Scenes.WholeTest(records: true)), "50 us");
    }

    private static void Row(string operation, string size, Cost cost, string bar)
    {
        var time = cost.Nanoseconds switch
        {
            < 1_000 => $"{cost.Nanoseconds.ToString("F1", CultureInfo.InvariantCulture)} ns",
            < 1_000_000 => $"{(cost.Nanoseconds / 1_000).ToString("F2", CultureInfo.InvariantCulture)} us",
            _ => $"{(cost.Nanoseconds / 1_000_000).ToString("F2", CultureInfo.InvariantCulture)} ms",
        };
        Console.WriteLine($"| {operation} | {size} | {time} | {cost.Bytes.ToString("N0", CultureInfo.InvariantCulture)} | {bar} |");
    }
}
