using System.Globalization;
using DaxSim.Outcomes;
using DaxSim.Processes;
using static DaxSim.Scenarios.Files.Field;

namespace DaxSim.Scenarios.Files;

/// <summary>What one process does to the memory of another.</summary>
internal static class RemoteVerbs
{
    private static StepField Target => Name("target", NameKind.Process, "Whose memory.");

    internal static IReadOnlyList<StepVerb> All { get; } =
    [
        new("ptrace-peek", "PTRACE_PEEKDATA of a word, as a debugger reads; returns its first byte in memory.", r =>
        {
            var word = r.Process.PtracePeek(r.Thing<Process>("target"), r.Address());
            return StepOutcome.Of(word, w => MemoryVerbs.Character(BitConverter.GetBytes(w)[0]));
        })
        {
            Fields = [Target, At()], InProcess = true,
        },
        new("ptrace-poke", "PTRACE_POKEDATA of a word, as a debugger plants a breakpoint.", r => new StepOutcome(r.Process.PtracePoke(r.Thing<Process>("target"), r.Address(), BitConverter.ToUInt64([.. Enumerable.Repeat(r.Byte("value"), 8)]))))
        {
            Fields = [Target, At(), Byte("value", "The byte, eight times.")], InProcess = true,
        },
        new("proc-mem-read", "read(2) of /proc/PID/mem; returns the count.", r => StepOutcome.Count(r.Process.ProcMemRead(r.Thing<Process>("target"), r.Address(), new byte[r.Int("length", 8)]))) { Fields = [Target, At(), Size("length", "How many bytes; 8 unless given.")], InProcess = true },
        new("proc-mem-write", "write(2) to /proc/PID/mem; returns the count.", r => StepOutcome.Count(r.Process.ProcMemWrite(r.Thing<Process>("target"), r.Address(), Filled(r)))) { Fields = [Target, At(), Byte("value", "The byte."), Size("length", "How many bytes; 8 unless given.")], InProcess = true },
        new("process-vm-read", "process_vm_readv(2); returns the count.", r => StepOutcome.Count(r.Process.ProcessVmReadv(r.Thing<Process>("target"), r.Address(), new byte[r.Int("length", 8)]))) { Fields = [Target, At(), Size("length", "How many bytes; 8 unless given.")], InProcess = true },
        new("process-vm-write", "process_vm_writev(2); returns the count.", r => StepOutcome.Count(r.Process.ProcessVmWritev(r.Thing<Process>("target"), r.Address(), Filled(r)))) { Fields = [Target, At(), Byte("value", "The byte."), Size("length", "How many bytes; 8 unless given.")], InProcess = true },
        new("cmdline", "What others read in /proc/PID/cmdline of the process; returns how many bytes.", r => new StepOutcome(Verdict.Ok, r.Process.ReadCommandLine().Length.ToString(CultureInfo.InvariantCulture))) { InProcess = true },
    ];

    private static byte[] Filled(StepRun r)
    {
        var bytes = new byte[r.Int("length", 8)];
        Array.Fill(bytes, r.Byte("value"));
        return bytes;
    }
}
