using DaxSim.Conformance.Adapter;
using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>Makes a cell's mapping and brings it into its state.</summary>
internal static class CellConstruction
{
    private const long DeviceMemoryStart = 0x3000_0000;
    private const ulong Window = 0x7100_0000_0000;
    private static readonly byte[][] FilePages = [.. "ABCD".Select(Full)];
    private static readonly byte[] OtherPage = Full('E');

    /// <summary>Makes the mapping; on failure the outcome and the step are the cell's answer.</summary>
    internal static bool Construct(Cell cell, int extraFlags = 0)
    {
        var opened = Open(cell, out var offset, out var step);
        if (!opened.IsOk)
        {
            cell.Main(opened);
            cell.Step(step);
            return false;
        }

        if (cell.Mapping.Kind == MappingKind.Special)
        {
            return true;
        }

        var mapped = cell.Process.Mmap(Cell.Base, cell.Mapping.Length, cell.Mapping.Prot, cell.Mapping.Flags | MapFixed | extraFlags, cell.Descriptor, offset);
        if (!mapped.IsOk)
        {
            cell.Main(mapped.Verdict);
            cell.Step("mmap");
            return false;
        }

        return true;
    }

    /// <summary>Reads or writes pages 0 to 3, or does nothing.</summary>
    internal static void SetState(Cell cell)
    {
        for (var page = 0; page < 4 && (ulong)page * Page < cell.Length; page++)
        {
            if (cell.State == "rd")
            {
                cell.Note(cell.Process.Load(cell.P(page)).Verdict);
            }
            else if (cell.State == "wr")
            {
                for (ulong at = 0; at < Page; at += 64)
                {
                    var verdict = cell.Process.Store(cell.P(page) + at, (byte)('a' + page));
                    cell.Note(verdict);
                    if (!verdict.IsOk)
                    {
                        break;
                    }
                }
            }
        }
    }

    private static Verdict Open(Cell cell, out long offset, out string step)
    {
        offset = 0;
        step = "open";
        switch (cell.Mapping.Kind)
        {
            case MappingKind.File:
                return OpenFile(cell);
            case MappingKind.MemoryFile or MappingKind.Secret:
                return OpenMemoryFile(cell, ref step);
            case MappingKind.DeviceMemory:
                offset = DeviceMemoryStart;
                return OpenDevice(cell, "/dev/mem", DeviceMemoryStart, 4 * Page);
            case MappingKind.DeviceDax:
                return OpenDevice(cell, OraclePaths.DeviceDax, 0, cell.Mapping.IsHuge ? cell.Mapping.Length : 2UL << 20);
            case MappingKind.PciBar:
                return OpenDevice(cell, OraclePaths.PciBar, 0, 4 * Page);
            case MappingKind.Special:
                return FindSpecial(cell);
            default:
                return Verdict.Ok;
        }
    }

    private static Verdict OpenFile(Cell cell)
    {
        var created = cell.Machine.TryOpen(cell.Path, create: true);
        if (!created.IsOk)
        {
            return created.Verdict;
        }

        var file = created.Value;
        cell.Descriptor = file;
        if (cell.Mapping.Sparse)
        {
            cell.Note(file.Truncate((long)cell.Length));
        }
        else
        {
            if (cell.Mapping.IsHuge)
            {
                cell.Note(file.Allocate(0, 0, (long)cell.Length));
            }

            Fill(cell, file);
        }

        if (!cell.Mapping.Writable)
        {
            file.Close();
            var reopened = cell.Machine.TryOpen(cell.Path, write: false);
            cell.Descriptor = reopened.IsOk ? reopened.Value : null;
            return reopened.Verdict;
        }

        return Verdict.Ok;
    }

    private static Verdict OpenMemoryFile(Cell cell, ref string step)
    {
        var secret = cell.Mapping.Kind == MappingKind.Secret;
        var created = secret ? cell.Machine.CreateSecretFile() : cell.Machine.CreateMemoryFile("cell");
        cell.Note(created.Verdict);
        if (!created.IsOk)
        {
            return created.Verdict;
        }

        cell.Descriptor = created.Value;
        step = "ftruncate";
        var sized = created.Value.Truncate((long)cell.Length);
        if (sized.IsOk && !secret)
        {
            Fill(cell, created.Value);
        }

        return sized;
    }

    private static void Fill(Cell cell, ISimulatedFile file)
    {
        for (var page = 0; (ulong)page * Page < cell.Length; page++)
        {
            cell.Note(file.Write(page < 4 ? FilePages[page] : OtherPage, page * (long)Page).Verdict);
        }
    }

    /// <summary>Fills the device's first pages through a mapping of its own, then opens it.</summary>
    private static Verdict OpenDevice(Cell cell, string path, long offset, ulong length)
    {
        var filler = cell.Machine.TryOpen(path);
        cell.Note(filler.Verdict);
        if (filler.IsOk && cell.Agent.Mmap(Window, length, ReadWrite, MapShared | MapFixed, filler.Value, offset).IsOk)
        {
            for (var page = 0; page < 4; page++)
            {
                cell.Note(cell.Agent.StoreRange(Window + ((ulong)page * Page), FilePages[page]));
            }

            if (cell.Mapping.Kind == MappingKind.DeviceDax && CellOrder.IsAfterDeviceWasWritten(cell.Mapping.Name, cell.Operation))
            {
                for (var at = 4 * Page; at < length; at += Page)
                {
                    cell.Note(cell.Agent.Store(Window + at, (byte)'f'));
                }
            }

            cell.Agent.Munmap(Window, length);
            filler.Value.Close();
        }

        var opened = cell.Machine.TryOpen(path, write: cell.Mapping.Writable);
        cell.Descriptor = opened.IsOk ? opened.Value : null;
        return opened.Verdict;
    }

    private static Verdict FindSpecial(Cell cell)
    {
        if (cell.Process.FindArea(cell.Mapping.Place).Value is not { } area)
        {
            return Verdict.Fail(Errno.ENOENT);
        }

        cell.Address = area.Start;
        cell.Length = area.Length;
        return Verdict.Ok;
    }

    private static byte[] Full(char value)
    {
        var page = new byte[Page];
        Array.Fill(page, (byte)value);
        return page;
    }
}
