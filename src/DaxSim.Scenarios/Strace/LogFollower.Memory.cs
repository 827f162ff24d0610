using DaxSim.AddressSpaces;

namespace DaxSim.Scenarios.Strace;

/// <summary>Mappings.</summary>
internal sealed partial class LogFollower
{
    /// <summary>The top of the simulated user space, and of x86_64's.</summary>
    private const ulong TopOfMemory = 0x7fff_ffff_f000;

    /// <summary>User addresses have 48 bits at most on the architectures whose logs are read.</summary>
    private const ulong LargestAddress = 1UL << 48;

    private void FollowMemory(LogCall call, in LogArguments arguments, in LogResult result)
    {
        switch (call)
        {
            case LogCall.Mmap:
                FollowMmap(arguments, result);
                return;
            case LogCall.Shmat:
                if (result.IsOk && TryRange(result.Value, 4096, out var attached, out _))
                {
                    // How long the segment is, shmget said; a page stands for it.
                    MapElsewhere(attached, 4096, Prot.Read | Prot.Write, shared: true);
                }

                return;
            case LogCall.Brk:
                FollowBreak(result);
                return;
            case LogCall.Mlockall or LogCall.Munlockall:
                if (result.IsOk && process.Space.HasPlaced)
                {
                    var all = Begin(call == LogCall.Mlockall ? StepKind.LockAll : StepKind.UnlockAll, in result);
                    all.Flags = (int)LogFlags.Read(arguments[0], [("MCL_CURRENT", 1), ("MCL_FUTURE", 2)]);
                    Emit(all);
                }

                return;
        }

        if (!LogText.TryNumber(arguments[0], out var number) || !LogText.TryNumber(arguments[1], out var size) && call != LogCall.Shmdt)
        {
            return;
        }

        if (!result.IsOk || !TryRange(number, call == LogCall.Shmdt ? 4096 : size, out var address, out var length))
        {
            return;
        }

        switch (call)
        {
            case LogCall.Munmap or LogCall.Shmdt:
                UnmapRange(address, length, in result);
                break;
            case LogCall.Mprotect or LogCall.PkeyMprotect:
                FollowProtect(address, length, LogFlags.Protection(arguments[2]), in result);
                break;
            case LogCall.Mremap:
                FollowRemap(address, length, arguments, in result);
                break;
            case LogCall.Madvise:
                if (LogFlags.Advice(arguments[2]) is { } advice && process.Space.TouchesPlaced(address, length))
                {
                    EmitRange(StepKind.Advise, address, length, (int)advice, in result);
                }

                break;
            case LogCall.Mlock or LogCall.Mlock2 or LogCall.Munlock when process.Space.TouchesPlaced(address, length):
                EmitRange(call == LogCall.Munlock ? StepKind.Unlock : StepKind.Lock, address, length, call == LogCall.Mlock2 ? 1 : 0, in result);
                break;
            case LogCall.Msync:
                if (process.Space.TouchesPlaced(address, length))
                {
                    EmitRange(StepKind.MemorySync, address, length, (int)LogFlags.Read(arguments[2], [("MS_ASYNC", 1), ("MS_INVALIDATE", 2), ("MS_SYNC", 4)]), in result);
                }

                break;
        }
    }

    private void FollowMmap(in LogArguments arguments, in LogResult result)
    {
        var description = default(LogDescription);
        if (!LogText.TryNumber(arguments[1], out var length) || length == 0)
        {
            return;
        }

        var protection = LogFlags.Protection(arguments[2]);
        var flags = LogFlags.Mapping(arguments[3]);
        var offset = 0UL;
        if ((flags & MapFlags.Anonymous) == 0)
        {
            description = Find(arguments[4], out _);
            LogText.TryNumber(arguments[5], out offset);
        }

        var file = description is { Target: LogTarget.Placed } ? description.File : null;
        if (!result.IsOk)
        {
            // What the recorded kernel refused is asked again where a placed file is concerned.
            if (file is not null && result.IsKnown && result.Errno != Outcomes.Errno.None && TryRange(0x1000, length, out _, out var asked))
            {
                EmitMap(0, asked, protection, flags & ~MapFlags.Fixed, description!, (long)offset, in result);
            }

            return;
        }

        if (!TryRange(result.Value, length, out var address, out length) || (address & 0xfff) != 0)
        {
            Unknown("The mapping's address or length is none that a 64-bit process can have; it is not followed.", "look at the log: it may be damaged");
            return;
        }

        if (process.Space.Areas.Count >= LogSpace.Most)
        {
            Unknown("The process has more mappings than a kernel allows; those beyond are not followed.", "look at the log: it may be damaged");
            return;
        }

        if (file is null)
        {
            MapElsewhere(address, length, protection, (flags & MapFlags.Shared) != 0 && description is null);
            return;
        }

        EmitMap(address, length, protection, flags | MapFlags.Fixed, description!, (long)offset, in result);
        var shared = (flags & MapFlags.Shared) != 0;
        process.Space.Map(new LogArea(address, address + RoundUp(length), protection, file, (long)offset, shared));

        // A mapping is made to be used, at its beginning at least: executed, or written if that reaches the file, or read.
        if (protection != Prot.None)
        {
            EmitAccess(address, 1, (protection & Prot.Exec) != 0 ? Prot.Exec : shared && (protection & Prot.Write) != 0 ? Prot.Write : Prot.Read);
        }
    }

    private void EmitMap(ulong address, ulong length, Prot protection, MapFlags flags, LogDescription description, long offset, in LogResult result)
    {
        var file = description.File!;
        if (file.Size < 0)
        {
            // No one told the size, so it is such that what is mapped can be used.
            GrowTo(file, offset + (long)length);
        }

        var step = Begin(StepKind.Map, in result);
        step.Address = address;
        step.Length = length;
        step.Protection = protection;
        step.Flags = (int)flags;
        step.Offset = offset;
        step.Description = description;
        step.File = file;
        Emit(step);
    }

    /// <summary>A mapping of a placed file that is known without its mmap.</summary>
    private void MapPlaced(LogArea area)
    {
        var file = area.File!;
        if (file.Size <= area.Offset)
        {
            // No one told the size, so it is such that what is mapped can be used.
            GrowTo(file, area.Offset + (long)(area.End - area.Start));
        }

        var description = Describe(file.Path, area.IsShared && (area.Protection & Prot.Write) != 0 ? 2 : 0);
        var open = Implied(StepKind.Open);
        open.Description = description;
        open.File = file;
        open.Length = (ulong)Math.Max(0, file.Size);
        Emit(open);
        EmitMap(area.Start, area.End - area.Start, area.Protection, MapFlags.Fixed | (area.IsShared ? MapFlags.Shared : MapFlags.Private), description, area.Offset, new LogResult { IsKnown = true });
        process.Space.Map(area);
        var close = Implied(StepKind.Close);
        close.Description = description;
        Emit(close);
        file.Users--;
    }

    /// <summary>Memory that has nothing to do with a placed device.</summary>
    private void MapElsewhere(ulong address, ulong length, Prot protection, bool shared)
    {
        var step = Implied(StepKind.Map);
        step.Address = address;
        step.Length = length;
        step.Protection = protection;
        step.Flags = (int)(MapFlags.Fixed | MapFlags.Anonymous | MapFlags.NoReserve | (shared ? MapFlags.Shared : MapFlags.Private));
        Emit(step);
        process.Space.Map(new LogArea(address, address + RoundUp(length), protection, null, 0, shared));
    }

    private void FollowBreak(in LogResult result)
    {
        if (!result.IsOk || !TryRange(result.Value, 1, out var end, out _) || end < 4096)
        {
            return;
        }

        var space = process.Space;
        if (space.BreakStart == 0)
        {
            space.BreakStart = space.Break = end;
        }
        else if (end > space.Break && end - space.Break <= 1UL << 40)
        {
            var from = RoundUp(space.Break);
            if (RoundUp(end) > from)
            {
                MapElsewhere(from, RoundUp(end) - from, Prot.Read | Prot.Write, shared: false);
            }
        }
        else if (end < space.Break && end >= space.BreakStart && RoundUp(space.Break) > RoundUp(end))
        {
            UnmapRange(RoundUp(end), RoundUp(space.Break) - RoundUp(end), in result);
        }

        space.Break = Math.Max(end, space.BreakStart);
    }

    private void UnmapRange(ulong address, ulong length, in LogResult result)
    {
        length = RoundUp(length);
        if (!process.Space.Overlaps(address, length))
        {
            return;
        }

        var step = process.Space.TouchesPlaced(address, length) ? Begin(StepKind.Unmap, in result) : Implied(StepKind.Unmap);
        step.Address = address;
        step.Length = length;
        var held = FilesIn(address, length);
        process.Space.Unmap(address, address + length);
        Emit(step);
        foreach (var file in held)
        {
            Release(file);
        }
    }

    private List<LogFile> FilesIn(ulong address, ulong length)
    {
        var list = new List<LogFile>();
        var space = process.Space;
        for (var i = space.IndexOf(address); space.PlacedAreas > 0 && i < space.Areas.Count && space.Areas[i].Start < address + length; i++)
        {
            if (space.Areas[i].File is { } file)
            {
                list.Add(file);
            }
        }

        return list;
    }

    private void FollowProtect(ulong address, ulong length, Prot protection, in LogResult result)
    {
        length = RoundUp(length);
        if (!process.Space.TryClip(ref address, ref length))
        {
            return;
        }

        var placed = process.Space.TouchesPlaced(address, length);
        if (placed && protection == Prot.Read && process.Space.Find(address) is { IsShared: false, File: not null } area && (area.Protection & Prot.Write) != 0)
        {
            // The dynamic linker makes its relocations read-only once they are written (RELRO).
            EmitAccess(address, length, Prot.Write);
        }

        var step = placed ? Begin(StepKind.Protect, in result) : Implied(StepKind.Protect);
        step.Address = address;
        step.Length = length;
        step.Protection = protection;
        Emit(step);
        process.Space.Protect(address, address + length, protection);
    }

    private void FollowRemap(ulong address, ulong oldLength, in LogArguments arguments, in LogResult result)
    {
        if (!LogText.TryNumber(arguments[2], out var size) || !TryRange(result.Value, Math.Max(size, 1), out var to, out var newLength) || process.Space.Find(address) is not { } area)
        {
            return;
        }

        var flags = LogFlags.Mremap(arguments[3]);
        var end = address + RoundUp(Math.Max(oldLength, 1));
        var kept = area.Offset + (long)(address - area.Start);
        var step = area.File is not null ? Begin(StepKind.Remap, in result) : Implied(StepKind.Remap);
        step.Address = address;
        step.Length = oldLength;
        step.Address2 = to;
        step.Length2 = newLength;
        step.Flags = (int)(to == address ? flags & ~MremapFlags.Fixed : flags | MremapFlags.MayMove | MremapFlags.Fixed);
        step.File = area.File;
        if (area.File is { } file && file.Size >= 0 && area.File.Size < kept)
        {
            GrowTo(file, kept + (long)newLength);
        }

        Emit(step);
        if (to != address || RoundUp(newLength) < end - address)
        {
            if ((flags & MremapFlags.DontUnmap) == 0 && oldLength > 0)
            {
                process.Space.Unmap(to == address ? address + RoundUp(newLength) : address, end);
            }
        }

        process.Space.Map(area with { Start = to, End = to + RoundUp(newLength), Offset = kept });
    }

    private void EmitRange(StepKind kind, ulong address, ulong length, int flags, in LogResult result)
    {
        if (!process.Space.TryClip(ref address, ref length))
        {
            return;
        }

        var step = Begin(kind, in result);
        step.Address = address & ~0xfffUL;
        step.Length = length + (address & 0xfff);
        step.Flags = flags;
        Emit(step);
    }

    private void EmitAccess(ulong address, ulong length, Prot how, string? what = null)
    {
        var step = Implied(StepKind.Access);
        step.Call = what ?? callName;
        step.Address = address;
        step.Length = length;
        step.Protection = how;
        step.File = process.Space.Find(address)?.File;
        Emit(step);
    }

    /// <summary>
    /// What goes out of a buffer was put there before. In a shared mapping that reaches the file; a private one may hold what the file
    /// held, and is left as it is.
    /// </summary>
    private void Filled(LogSpace space, IoVec[] buffers)
    {
        foreach (var buffer in buffers)
        {
            if (space.Find(buffer.Address) is { File: { } file, IsShared: true } area && (area.Protection & Prot.Write) != 0)
            {
                var step = Implied(StepKind.Access);
                step.Space = space.Id;
                step.Address = buffer.Address;
                step.Length = Math.Min((ulong)buffer.Length, area.End - buffer.Address);
                step.Protection = Prot.Write;
                step.File = file;
                Emit(step);
            }
        }
    }

    /// <summary>-i: the instruction that made the call was executed, so its page was.</summary>
    private void ExecutedAt(ulong instruction)
    {
        if (instruction != 0 && process.Space.PlacedAreas > 0 && TryRange(instruction, 1, out var address, out _) && process.Space.Find(address) is { File: not null } area && (area.Protection & Prot.Exec) != 0)
        {
            EmitAccess(address, 1, Prot.Exec, "(execution)");
        }
    }

    /// <summary>A frame of -k: <c>/usr/lib/libc.so.6(read+0x10) [0x10e1b4]</c>, the offset in the file being in brackets.</summary>
    private void Frame(ReadOnlySpan<byte> frame)
    {
        var paren = frame.LastIndexOf((byte)'(');
        var open = frame.LastIndexOf("[0x"u8);
        if (process is null || process.Space.PlacedAreas == 0 || paren <= 0 || open < 0 || frame[^1] != ']' || !LogText.TryHex(frame[(open + 3)..^1], out var at) || PathIn(frame[..paren]) is not { } path)
        {
            return;
        }

        foreach (var area in process.Space.Areas)
        {
            if (area.File is { } file && file.Path == path && (area.Protection & Prot.Exec) != 0 && (long)at >= area.Offset && at - (ulong)area.Offset < area.End - area.Start)
            {
                EmitAccess(area.Start + (at - (ulong)area.Offset), 1, Prot.Exec, "(execution)");
                return;
            }
        }
    }

    /// <summary>
    /// An address range as the simulated machine has it: what lies in the upper half of a 48-bit address space (arm64) is folded into the
    /// lower one.
    /// </summary>
    private static bool TryRange(ulong number, ulong size, out ulong address, out ulong length)
    {
        address = number >= TopOfMemory && number < LargestAddress ? number & 0x7fff_ffff_ffff : number;
        length = size;
        return size > 0 && address < TopOfMemory && size <= TopOfMemory - address;
    }

    private static ulong RoundUp(ulong length) => (length + 4095) & ~4095UL;
}
