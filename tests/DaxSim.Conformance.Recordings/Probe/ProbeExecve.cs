using DaxSim.Conformance.Adapter;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Probe;

/// <summary>A program stored on the filesystem is executed by execve: what its file, page table and core show.</summary>
internal static class ProbeExecve
{
    private const string Name = "xrun";

    internal static IEnumerable<(string Name, ProbeOperation Operation)> All =>
    [
        ("exec_open_running_for_write", OpenForWriting),
        ("exec_singlestep", SingleStep),
        ("exec_text_pagemap", Pagemap),
        ("exec_coredump_text", Core),
    ];

    /// <summary>The names of the programs that are on a read-only mount before the recorder starts, with their contents.</summary>
    internal static IReadOnlyList<(string Name, byte[] Contents)> Stored { get; } = [(Name, Contents(bigEndian: true))];

    /// <summary>A program that does nothing.</summary>
    internal static byte[] Contents(bool bigEndian) => bigEndian ? ElfImage.Build(true, [0x07, 0x00], [0x07, 0x00]) : ElfImage.Build(false, [0x90], [0x90]);

    private static string Path(ProbeRun r) => r.Setting.FilePath[..(r.Setting.FilePath.LastIndexOf('/') + 1)] + Name;

    /// <summary>execve of the stored program in a child.</summary>
    private static ISimulatedProcess Execute(ProbeRun r)
    {
        if (!r.Setting.ReadOnlyMount)
        {
            var file = r.Machine.Open(Path(r), create: true);
            r.Note(file.Write(Contents(r.Setting.BigEndian), 0).Verdict);
            r.Note(file.Sync());
            file.CloseAsExecutable();
        }

        var program = r.Machine.Spawn("xprobe");
        r.Note(program.Execve(r.Machine.Open(Path(r), write: false), "xprobe", []));
        r.Note(program.Execute(ElfImage.Entry));
        return program;
    }

    private static void OpenForWriting(ProbeRun r)
    {
        Execute(r);
        var opened = r.Machine.TryOpen(Path(r));
        if (opened.IsOk)
        {
            r.Ok("open O_RDWR succeeded");
        }
        else
        {
            r.Fail(opened.Verdict, "open O_RDWR of running text");
        }
    }

    private static void SingleStep(ProbeRun r)
    {
        if (r.Setting.BigEndian)
        {
            r.Answer.SetUnknown("the recorder's emulator ends single-stepping with an illegal instruction of its own, on every filesystem");
            throw new ProbeEnd();
        }

        const int Steps = 200;
        var program = Execute(r);
        var done = 0;
        while (done < Steps && program.Execute(ElfImage.Entry + (ulong)done).IsOk)
        {
            done++;
        }

        r.Ok($"steps={done} status=0x{(done == Steps ? 0x57f : 0xb7f):x} getregs=0");
    }

    private static void Pagemap(ProbeRun r)
    {
        var program = Execute(r);
        r.Load(program, ElfImage.Data);
        r.Store(program, ElfImage.Data, (char)6);
        r.Ok($"text: {Entry(r, program, ElfImage.Entry)}; written data page: {Entry(r, program, ElfImage.Data)}");
    }

    private static string Entry(ProbeRun r, ISimulatedProcess program, ulong address)
    {
        var result = program.Pagemap(address);
        r.Note(result.Verdict);
        var e = result.Value;
        return $"present={Bit(e.Present)} file={Bit(e.FileOrShared)} NOPAGE={(e.Flags is { } flags ? Bit(flags.NoPage) : -1)}";
    }

    private static int Bit(bool value) => value ? 1 : 0;

    private static void Core(ProbeRun r)
    {
        var program = Execute(r);
        var dumped = program.DumpCore(ElfImage.TextAddress, 0x1ff);
        r.Note(dumped.Verdict);
        if (dumped.Value is not { } segment)
        {
            r.Fail(Outcomes.Errno.ENOENT, "text not in core");
            return;
        }

        var at = (int)ElfImage.EntryInFile;
        var text = segment.FirstBytes.Length >= at + 8 ? segment.FirstBytes.AsSpan(at, 8) : [];
        var same = text.SequenceEqual(Contents(r.Setting.BigEndian).AsSpan(at, 8));
        r.Ok($"text segment in core: filesz={segment.FileSize} memsz={segment.MemorySize} bytes={text.Length} same_as_real_text={(same ? "yes" : "no")}");
    }
}
