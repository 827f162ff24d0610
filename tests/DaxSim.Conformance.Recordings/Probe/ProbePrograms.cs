using DaxSim.Conformance.Adapter;
using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Probe;

/// <summary>A program stored on the filesystem is executed, and debugged: its text is a private, executable mapping of the file.</summary>
/// <remarks>
/// The recorder executes itself, so the debugger has the same text, from its own root filesystem, at the same address. Only the page with
/// the function that gets the breakpoint is modelled: eight or more instructions that do nothing.
/// </remarks>
internal static class ProbePrograms
{
    private const ulong Text = 0x40_0000;
    private const ulong Function = Text + Page + 64;
    private const long FunctionInFile = (long)Page + 64;
    private const ulong Stack = 0x7f00_0000_0000;
    private const string Debugger = "/tmp/probe";
    private const string CommandLine = "xprobe\0selfbp\0";
    private const int Stopped = 0x137f;
    private static readonly byte[] Replacement = [0x00, 0x01, 0x07, 0x07, 0x07, 0x07, 0x07, 0x07];

    internal static IEnumerable<(string Name, ProbeOperation Operation)> All =>
    [
        ("exec_run", Run),
        ("exec_fork_many", Many),
        ("exec_peektext", Peek),
        ("exec_breakpoint_peek_then_poke", static r => Breakpoint(r, blind: false)),
        ("exec_breakpoint_blind_poke", static r => Breakpoint(r, blind: true)),
        ("exec_breakpoint_proc_mem", BreakpointThroughMemory),
        ("exec_breakpoint_foreign_debugger", ForeignDebugger),
        ("exec_process_vm_readv_text", ReadVm),
        ("exec_cmdline", ReadCommandLine),
    ];

    /// <summary>The names of the programs that are on a read-only mount before the recorder starts.</summary>
    internal static IReadOnlyList<string> Stored { get; } = ["xprobe", "tgt"];

    /// <summary>The first three pages of a program.</summary>
    internal static byte[] Contents(bool bigEndian)
    {
        var bytes = new byte[3 * (int)Page];
        for (var i = 0; i < bytes.Length; i += 2)
        {
            // nopr %r0 of s390, two nop of x86.
            (bytes[i], bytes[i + 1]) = bigEndian ? ((byte)0x07, (byte)0x00) : ((byte)0x90, (byte)0x90);
        }

        return bytes;
    }

    /// <summary>The program, just executed and not yet run, with the debugger beside it.</summary>
    private static ISimulatedProcess Execute(ProbeRun r, string name = "xprobe", bool sameDebugger = true)
    {
        var contents = Contents(r.Setting.BigEndian);
        var path = r.Setting.FilePath[..(r.Setting.FilePath.LastIndexOf('/') + 1)] + name;
        if (!r.Setting.ReadOnlyMount)
        {
            var file = r.Machine.Open(path, create: true);
            r.Note(file.Write(contents, 0).Verdict);
            r.Note(file.Sync());
        }

        if (sameDebugger)
        {
            var own = r.Machine.Open(Debugger, create: true);
            r.Note(own.Truncate(contents.Length));
            r.Note(own.Write(contents, 0).Verdict);
            MapText(r, r.Process, own, contents.Length);
        }

        var program = r.Machine.Spawn("xprobe");
        MapText(r, program, r.Machine.Open(path, write: false), contents.Length);
        return program;
    }

    private static void MapText(ProbeRun r, ISimulatedProcess process, ISimulatedFile file, int length)
        => r.Note(process.Mmap(Text, (ulong)length, ProtRead | ProtExec, MapPrivate | MapFixed, file, 0).Verdict);

    /// <summary>The program goes on to the end of the next call of the function: the wait status that the debugger sees.</summary>
    private static int Continue(ProbeRun r, ISimulatedProcess program, int atEnd)
    {
        var fetched = program.Execute(Function);
        r.Note(fetched);
        if (!fetched.IsOk)
        {
            return 0x7f | ((int)fetched.Signal.Signal << 8);
        }

        var (first, second) = (r.Load(program, Function), r.Load(program, Function + 1));
        if (r.Setting.BigEndian ? first == 0 && second == 1 : first == 0xcc)
        {
            return 0x7f | ((int)Signal.SIGTRAP << 8);
        }

        return first == Contents(r.Setting.BigEndian)[0] ? atEnd : 0x7f | ((int)Signal.SIGILL << 8);
    }

    private static string Stop(int status) => $"stop=0x{status:x} ({(status == (0x7f | ((int)Signal.SIGTRAP << 8)) ? "SIGTRAP: breakpoint hit" : "not hit")})";

    private static int TextByteInFile(ProbeRun r)
    {
        var path = r.Setting.FilePath[..(r.Setting.FilePath.LastIndexOf('/') + 1)] + "xprobe";
        var read = r.Machine.Open(path, write: false).Read(1, FunctionInFile);
        return read is { IsOk: true, Value: [var value] } ? value : -2;
    }

    private static void Run(ProbeRun r)
    {
        var status = Continue(r, Execute(r), atEnd: 0);
        if (status == 0)
        {
            r.Ok("exit=42 (expect 42)");
        }
        else
        {
            r.Partial($"exec'd program died of signal {status >> 8}");
        }
    }

    private static void Many(ProbeRun r)
    {
        var good = 0;
        for (var i = 0; i < 30; i++)
        {
            var program = Execute(r);
            var well = true;
            for (var fork = 0; fork < 5 && well; fork++)
            {
                if (r.Fork(program, "fork") is not { } child)
                {
                    return;
                }

                well = Continue(r, child, atEnd: 0) == 0;
                child.Exit();
            }

            program.Exit();
            r.Note(r.Process.Munmap(Text, 3 * Page));
            good += well ? 1 : 0;
        }

        r.Ok($"good={good}/30 programs, each with 5 forks of its own");
    }

    private static void Peek(ProbeRun r)
    {
        var program = Execute(r);
        var status = r.State == 'r' ? $"status=0x{Continue(r, program, Stopped):x}" : "";
        var word = r.Process.Peek(program, Function);
        r.Note(word.Verdict);
        if (word.IsOk)
        {
            r.Ok($"word={r.Word(word.Value)} {status}".TrimEnd());
        }
        else
        {
            r.Fail(word.Verdict, status);
        }
    }

    private static void Breakpoint(ProbeRun r, bool blind)
    {
        var program = Execute(r);
        var before = TextByteInFile(r);
        if (r.State == 'r')
        {
            Continue(r, program, Stopped);
        }

        byte[] word;
        var peeked = "";
        if (blind)
        {
            word = [.. Enumerable.Range(0, 8).Select(i => r.Load(Function + (ulong)i))];
        }
        else
        {
            var read = r.Process.Peek(program, Function);
            if (!read.IsOk)
            {
                r.Fail(read.Verdict, "peek before poke");
                return;
            }

            word = [.. read.Value];
            peeked = $"peek={r.Word(word)} ";
        }

        (word[0], word[1]) = r.Setting.BigEndian ? ((byte)0, (byte)1) : ((byte)0xcc, word[1]);
        var poked = r.Process.Poke(program, Function, word);
        if (!poked.IsOk)
        {
            r.Fail(poked, $"{peeked}poke");
            return;
        }

        var after = r.Process.Peek(program, Function);
        r.Note(after.Verdict);
        var status = Continue(r, program, r.State == 'r' ? 0 : Stopped);
        r.Ok($"{peeked}peek_after_poke={(after.IsOk ? r.Word(after.Value) : ProbeRun.Name(after.Verdict))} {Stop(status)} file_text_byte {before}->{TextByteInFile(r)}");
    }

    private static void BreakpointThroughMemory(ProbeRun r)
    {
        var program = Execute(r);
        byte[] breakpoint = r.Setting.BigEndian ? [0, 1] : [0xcc];
        var read = r.Process.MemoryRead(program, Function, 1);
        r.Note(read.Verdict);
        var readText = read.IsOk ? $"read=1 byte={read.Value[0]}" : $"read=-1 {ProbeRun.Name(read.Verdict)} byte=0";
        var written = r.Process.MemoryWrite(program, Function, breakpoint);
        if (!written.IsOk || written.Value != breakpoint.Length)
        {
            r.Fail(written.Verdict, read.IsOk ? "read=1 " : $"read=-1 {ProbeRun.Name(read.Verdict)}");
            return;
        }

        var status = Continue(r, program, Stopped);
        r.Ok($"{readText} write={written.Value} {Stop(status)} file_text_byte={TextByteInFile(r)}");
    }

    /// <summary>The debugger has nothing at the program's address and plants a breakpoint blindly; then the program runs other code of that page.</summary>
    private static void ForeignDebugger(ProbeRun r)
    {
        var program = Execute(r, "tgt", sameDebugger: false);
        if (r.State == 'r')
        {
            Continue(r, program, Stopped);
        }

        var before = r.Process.Peek(program, Function);
        r.Note(before.Verdict);
        var poked = r.Process.Poke(program, Function, Replacement);
        if (!poked.IsOk)
        {
            r.Fail(poked, "poke");
            return;
        }

        var behind = r.Process.Peek(program, Function + 8);
        r.Note(behind.Verdict);
        var fetched = program.Execute(Function + 32);
        r.Note(fetched);
        var intact = fetched.IsOk && r.Load(program, Function + 32) == Contents(r.Setting.BigEndian)[0];
        var then = !fetched.IsOk ? $"stopped by {fetched.Signal.Signal}" : intact ? "status 0x700" : "stopped by SIGILL";
        r.Ok($"peek_before={WordOf(r, before)} poke=ok the 8 bytes behind it read back as {WordOf(r, behind)}; program then: {then} (exit code 7 would be right: it only runs other code of that page)");
    }

    private static string WordOf(ProbeRun r, Result<byte[]> word) => word.IsOk ? r.Word(word.Value) : ProbeRun.Name(word.Verdict);

    private static void ReadVm(ProbeRun r)
    {
        var read = r.Process.ProcessVmRead(Execute(r), Function, 8);
        r.Note(read.Verdict);
        if (read.IsOk)
        {
            r.Ok($"n={read.Value.Length}");
        }
        else
        {
            r.Fail(read.Verdict, "");
        }
    }

    /// <summary>/proc/pid/cmdline reads the stack, which is anonymous memory.</summary>
    private static void ReadCommandLine(ProbeRun r)
    {
        var program = Execute(r);
        r.Note(program.Mmap(Stack, Page, ReadWrite, MapPrivate | MapAnonymous | MapFixed, null, 0).Verdict);
        r.Note(program.StoreRange(Stack, System.Text.Encoding.ASCII.GetBytes(CommandLine)));
        var read = r.Process.MemoryRead(program, Stack, CommandLine.Length);
        r.Note(read.Verdict);
        if (read.IsOk)
        {
            r.Ok($"n={read.Value.Length}");
        }
        else
        {
            r.Fail(read.Verdict, "");
        }
    }
}
