using DaxSim.AddressSpaces;

namespace DaxSim.Scenarios.Strace;

/// <summary>
/// Processes that a debugger looks into although the log does not show them: strace cannot trace what is traced already. What they
/// run is taken from what the debugger does, and said to be taken so.
/// </summary>
internal sealed partial class LogFollower
{
    /// <summary>The process whose memory is asked for; null when nothing is known about its memory at that address.</summary>
    private LogProcess? TargetOf(int pid, ulong address)
    {
        if (!processes.TryGetValue(pid, out var target))
        {
            if (HasPlacedProgram())
            {
                Unknown($"Process {pid} was there before the log begins, so what is mapped in it is not known.", WholeMaps);
            }

            return null;
        }

        if (target.IsSeen || target.HasMaps || (target.Space.Find(address) is not null && !target.Borrows))
        {
            return target;
        }

        if (!target.IsGuessed)
        {
            GuessProgram(target);
        }
        else if (!target.HasLoader && LoaderOf() is { } loader)
        {
            AddLoader(target, loader);
        }

        if (!target.IsGuessed)
        {
            return null;
        }

        if (target.Space.Find(address) is null && HasPlacedProgram() && !IsProgramElsewhere(target, address))
        {
            Unknown($"Which files are mapped elsewhere in process {pid} is not in the log; what the debugger reads there was not followed.", WholeMaps);
        }

        return target;
    }

    /// <summary>The program itself, when it does not lie on a placed device.</summary>
    private static bool IsProgramElsewhere(LogProcess target, ulong address)
        => target.Space.Program is null && address is >= 0x40_0000 and < ProgramBase + (1UL << 30);

    private bool HasPlacedProgram()
    {
        foreach (var known in files)
        {
            if (known.Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The program named last on the debugger's command line, if the debugger opened it, where the kernel puts it without randomization.</summary>
    private void GuessProgram(LogProcess target)
    {
        var program = ProgramOf(process);
        if (!target.IsNotRandomized)
        {
            if (HasPlacedProgram())
            {
                Unknown($"What process {target.Pid} runs, and where it is mapped, is not in the log.", WholeMaps);
            }

            return;
        }

        target.IsGuessed = true;
        var now = process;
        process = target;
        if (!GiveOwnSpace(target))
        {
            Forget(target.Space);
        }

        Start(target.Space, program?.Path, isNew: true);
        process = now;
        if (program is not null)
        {
            target.Images.Add(new GuessedImage(ProgramBase, ProgramBase + RoundUp((ulong)Math.Max(1, program.Size))));
            Unknown($"The memory of process {target.Pid} is not in the log; it was taken to run {program.Path} at 0x{ProgramBase:x}, where a kernel without address randomization (personality) puts it.", WholeMaps);
        }

        if (LoaderOf() is { } loader)
        {
            AddLoader(target, loader);
        }
    }

    /// <summary>Ends the sharing of a vfork whose execve the log does not show. Returns false when the process had a space of its own.</summary>
    private bool GiveOwnSpace(LogProcess target)
    {
        target.Borrows = false;
        if (target.Space.Users <= 1)
        {
            return false;
        }

        target.Space.Users--;
        target.Space = new LogSpace(nextSpace++);
        return true;
    }

    /// <summary>The dynamic linker is the first thing mapped, at the top of the mapping area.</summary>
    private void AddLoader(LogProcess target, LogFile loader)
    {
        var now = process;
        process = target;
        MapLoader(target, loader);
        process = now;
        target.HasLoader = true;
        Unknown($"The memory of process {target.Pid} is not in the log; it was taken to have {loader.Path} right below 0x{TopOfLoader:x}, where a kernel without address randomization (personality) puts it.", WholeMaps);
    }

    private LogFile? ProgramOf(LogProcess debugger)
    {
        for (var i = debugger.Arguments.Count - 1; i > 0; i--)
        {
            var word = debugger.Arguments[i];
            if (word.Length > 0 && word[0] != '-' && LogPaths.Resolve(debugger.Directory.Value, word) is { } path)
            {
                foreach (var known in files)
                {
                    if (known.TryGetValue(path, out var file) && file.Size > 0)
                    {
                        return file;
                    }
                }
            }
        }

        return null;
    }

    /// <summary>The dynamic linker that the debugger read.</summary>
    private LogFile? LoaderOf()
    {
        foreach (var known in files)
        {
            foreach (var (path, file) in known)
            {
                var name = path[(path.LastIndexOf('/') + 1)..];
                if (file.Size > 0 && name.Contains(".so", StringComparison.Ordinal) && (name.StartsWith("ld-", StringComparison.Ordinal) || name.StartsWith("ld64", StringComparison.Ordinal) || name.StartsWith("ld.so", StringComparison.Ordinal)))
                {
                    return file;
                }
            }
        }

        return null;
    }

    private void MapLoader(LogProcess target, LogFile loader)
    {
        var length = RoundUp((ulong)loader.Size);
        var start = TopOfLoader - length;
        MapPlaced(new LogArea(start, start + length, Prot.Read | Prot.Exec, loader, 0, false));
        EmitAccess(start, 1, Prot.Exec);
        target.Images.Add(new GuessedImage(start, start + length));
    }

    /// <summary>mmap_base of x86_64 without randomization and with the usual stack limit.</summary>
    private const ulong TopOfLoader = 0x7fff_f7ff_f000;
}

/// <summary>A program image whose place was guessed: up to which page it is text becomes known by and by.</summary>
internal sealed class GuessedImage(ulong start, ulong end)
{
    internal ulong Start { get; } = start;

    internal ulong End { get; } = end;

    /// <summary>The end of the highest page that is known to be text; what lies below is text or constants.</summary>
    internal ulong TextEnd { get; set; } = start + 4096;
}
