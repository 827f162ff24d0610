using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;
using DaxSim.Outcomes;

namespace DaxSim.Conformance.Environment;

/// <summary>A program on each filesystem is executed, and gets a breakpoint at its entry point.</summary>
/// <remarks>
/// The recorder is a static program itself, with other code at the address where the program has its entry point; that code is not
/// known, but it is not the program's, so the fixture fills it with an instruction that does not exist.
/// </remarks>
internal sealed class ProgramCases(ISimulatedMachine machine)
{
    private const string Recorder = "/tmp/envprobe";
    private const int Exited = 42;

    // xor %ebp,%ebp; mov %rdx,%r9; pop %rsi; mov %rsp,%rdx; and nops: where each instruction begins.
    private static readonly byte[] Start = [0x31, 0xed, 0x49, 0x89, 0xd1, 0x5e, 0x48, 0x89, 0xe2, 0x90, 0x90, 0x90];
    private static readonly int[] Instructions = [0, 2, 5, 6, 9, 10, 11];
    private static readonly byte[] Nop = [0x90];
    private static readonly byte[] NotAnInstruction = [0x06];

    /// <summary>Runs the case.</summary>
    internal Answer Run(string kind, string fileSystem)
    {
        machine.Reset();
        var directory = fileSystem == "tmpfs" ? "/tmp" : $"/mnt/{fileSystem}";
        var path = $"{directory}/hello";
        var file = machine.TryOpen(path, create: true);
        var answer = new Answer();
        if (!file.IsOk)
        {
            answer.Note(file.Verdict);
            answer.SetUnknown($"there is no filesystem on {directory}");
            return answer;
        }

        Store(file.Value, ElfImage.Build(bigEndian: false, Nop, Start));
        switch (kind)
        {
            case "exec":
                answer.Set("exit", Run(Execute(path)).Exit);
                break;
            case "exec_fork":
                Forking(path, answer);
                break;
            case "breakpoint":
                Breakpoint(path, answer);
                return answer;
            default:
                Private(path, answer);
                break;
        }

        return answer.Set("result", "ok").Set("ret", 0);
    }

    private static void Store(ISimulatedFile file, byte[] contents)
    {
        file.Truncate(contents.Length);
        file.Write(contents, 0);
        file.Sync();
        file.CloseAsExecutable();
    }

    private ISimulatedProcess Execute(string path)
    {
        var process = machine.Spawn("envprobe");
        var verdict = process.Execve(machine.Open(path, write: false), "hello", []);
        return verdict.IsOk ? process : throw new SetupException($"{path} cannot be executed: {verdict} {verdict.Reason}");
    }

    /// <summary>The recorder, with its own code at the program's address, in use.</summary>
    private ISimulatedProcess Debugger()
    {
        var own = machine.Open(Recorder, create: true);
        Store(own, ElfImage.Build(bigEndian: false, NotAnInstruction, NotAnInstruction));
        var process = Execute(Recorder);
        process.Load(ElfImage.Entry);
        return process;
    }

    /// <summary>Runs from the entry point: the exit code, or the signal and how far the instruction pointer came.</summary>
    private static (int Exit, Signal Signal, int Offset) Run(ISimulatedProcess process)
    {
        foreach (var offset in Instructions)
        {
            var at = ElfImage.Entry + (ulong)offset;
            var fetched = process.Execute(at);
            if (!fetched.IsOk)
            {
                return (-1, fetched.Signal.Signal, offset);
            }

            var opcode = process.Load(at).Value;
            if (opcode == 0xcc)
            {
                return (-1, Signal.SIGTRAP, offset + 1);
            }

            if (opcode != Start[offset])
            {
                return (-1, Signal.SIGILL, offset);
            }
        }

        return (Exited, Signal.None, 0);
    }

    private void Forking(string path, Answer answer)
    {
        var process = Execute(path);
        var child = process.Fork("hello");
        answer.Note(child.Verdict);
        answer.Set("exit", child.IsOk && Run(process).Exit == Exited && Run(child.Value).Exit == Exited ? Exited + 1 : 1);
    }

    private void Breakpoint(string path, Answer answer)
    {
        var debugger = Debugger();
        var program = Execute(path);
        answer.Set("open_for_write_while_running", Text(machine.TryOpen(path).Verdict));
        var word = debugger.Peek(program, ElfImage.Entry);
        answer.Note(word.Verdict);
        answer.Set("peek", Text(word.Verdict)).Set("peek_matches_file", word.IsOk && word.Value[0] == Start[0] ? 1 : 0);
        byte[] planted = word.IsOk ? [0xcc, .. word.Value[1..]] : [0xcc, .. Enumerable.Repeat((byte)0xff, 7)];
        var poked = debugger.Poke(program, ElfImage.Entry, planted);
        answer.Note(poked);
        answer.Set("poke", Text(poked)).Set("file_changed", FirstByte(path) == Start[0] ? 0 : 1);
        if (!poked.IsOk)
        {
            answer.Set("result", "errno").Set("errno", poked.Errno.ToString());
            return;
        }

        var stopped = Run(program);
        answer.Set("stopped_by", stopped.Signal == Signal.None ? "none" : stopped.Signal.ToString());
        debugger.Poke(program, ElfImage.Entry, word.Value);
        answer.Set("rip_after_entry", stopped.Offset);
        var again = debugger.Peek(program, ElfImage.Entry);
        answer.Set("restored", again.IsOk && again.Value.AsSpan().SequenceEqual(word.Value) ? 1 : 0);
        var ended = Run(program);
        if (ended.Signal == Signal.None)
        {
            answer.Set("exit", ended.Exit);
        }
        else
        {
            answer.Set("second_stop", $"{ended.Signal}/").Set("second_rip_after_entry", ended.Offset);
        }

        answer.Set("result", "ok").Set("ret", 0);
    }

    /// <summary>Another process of the same file does not see the breakpoint.</summary>
    private void Private(string path, Answer answer)
    {
        var debugger = Debugger();
        var program = Execute(path);
        var word = debugger.Peek(program, ElfImage.Entry);
        answer.Note(word.Verdict);
        answer.Note(debugger.Poke(program, ElfImage.Entry, [0xcc, .. word.Value[1..]]));
        answer.Set("other_exit", Run(Execute(path)).Exit);
    }

    private int FirstByte(string path) => machine.Open(path, write: false).Read(1, ElfImage.EntryInFile) is { IsOk: true, Value: [var value] } ? value : -1;

    private static string Text(Verdict verdict) => verdict.IsOk ? "0" : verdict.Errno.ToString();
}
