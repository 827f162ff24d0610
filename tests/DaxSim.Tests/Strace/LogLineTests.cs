using System.Globalization;
using System.Text;
using DaxSim.Scenarios.Strace;

namespace DaxSim.Tests.Strace;

/// <summary>Lines as strace writes them: the formats are those of strace(1), versions 4.8 to 6.11, and were recorded with 6.1 (Data/strace/formats).</summary>
public class LogLineTests
{
    [Theory]
    [InlineData("read(3, \"x\", 1) = 1", "Call", 0, "read")]
    [InlineData("1234 read(3, \"x\", 1) = 1", "Call", 1234, "read")]
    [InlineData("32286 brk(NULL)                         = 0x556c4093e000", "Call", 32286, "brk")]
    [InlineData("[pid 25209] brk(NULL)                   = 0x55ccb2e28000", "Call", 25209, "brk")]
    [InlineData("[pid   209] brk(NULL) = 0", "Call", 209, "brk")]
    [InlineData("[pid 25209<cat>] brk(NULL) = 0", "Call", 25209, "brk")]
    [InlineData("25219<a b> 18:44:14 brk(NULL) = 0", "Call", 25219, "brk")]
    [InlineData("18:44:14 brk(NULL) = 0", "Call", 0, "brk")]
    [InlineData("18:44:14.262989 brk(NULL) = 0", "Call", 0, "brk")]
    [InlineData("1795373054.194656 brk(NULL) = 0", "Call", 0, "brk")]
    [InlineData("25154 1795373054.194656 brk(NULL) = 0 <0.000013>", "Call", 25154, "brk")]
    [InlineData("     0.000359 brk(NULL) = 0", "Call", 0, "brk")]
    [InlineData("     0.003738 [  12] [00007f4b3d5ffc47] brk(NULL) = 0x5619f5494000", "Call", 0, "brk")]
    [InlineData("25223 18:44:14.985693 (+     0.000727) brk(NULL) = 0x564b4c376000", "Call", 25223, "brk")]
    [InlineData("[????????????????] brk(NULL) = 0", "Call", 0, "brk")]
    [InlineData("12 syscall_0x1ff(0x1, 0x2) = -1 ENOSYS (Function not implemented)", "Call", 12, "syscall_0x1ff")]
    [InlineData("12 ????( <unfinished ...>", "Unfinished", 12, "????")]
    [InlineData("32289 read(0, 0x55ee6c028b60, 0x1000 <unfinished ...>", "Unfinished", 32289, "read")]
    [InlineData("vfork(strace: Process 25209 attached", "Unfinished", 0, "vfork")]
    [InlineData("clone(Process 25209 attached", "Unfinished", 0, "clone")]
    [InlineData("32286 <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 32287", "Resumed", 32286, "wait4")]
    [InlineData("NULL, 8)                                = 0", "Resumed", 0, "")]
    [InlineData("[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 32287", "Resumed", 0, "")]
    [InlineData("32286 <... clone resumed> child_tidptr=0x7f) = 32287", "Resumed", 32286, "clone")]
    [InlineData(") = 32287", "Resumed", 0, "")]
    [InlineData("7 --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---", "Signal", 7, "SIGSEGV")]
    [InlineData("--- SIGCHLD (Child exited) @ 0 (0) ---", "Signal", 0, "SIGCHLD")]
    [InlineData("--- stopped by SIGTSTP ---", "Signal", 0, "stopped")]
    [InlineData("7 +++ exited with 0 +++", "Exit", 7, "+++ exited with 0 +++")]
    [InlineData("+++ killed by SIGSEGV (core dumped) +++", "Exit", 0, "+++ killed by SIGSEGV (core dumped) +++")]
    [InlineData("7 +++ superseded by execve in pid 9 +++", "Exit", 7, "+++ superseded by execve in pid 9 +++")]
    [InlineData(" > /usr/lib/libc.so.6(read+0x10) [0x10e1b4]", "Frame", 0, "")]
    [InlineData("", "Other", 0, "")]
    [InlineData("strace: Process 25209 attached", "Other", 0, "")]
    [InlineData("strace: [ Process PID=12 runs in 32 bit mode. ]", "Other", 0, "")]
    [InlineData("% time     seconds  usecs/call     calls    errors syscall", "Other", 0, "")]
    [InlineData("------ ----------- ----------- --------- --------- ----------------", "Other", 0, "")]
    [InlineData("32286 exit_group(0 <detached ...>", "Other", 32286, "exit_group")]
    [InlineData("hello world", "Garbage", 0, "")]
    [InlineData("12", "Other", 12, "")]
    [InlineData("<... ", "Garbage", 0, "")]
    [InlineData("99999999999999999999 read(0) = 0", "Garbage", 0, "")]
    public void A_line_is_cut_into_process_and_call(string line, string kind, int pid, string name)
    {
        var record = LogLineParser.Parse(Encoding.UTF8.GetBytes(line));

        (record.Kind.ToString(), record.Pid, Encoding.UTF8.GetString(record.Name)).Should().Be((kind, pid, name));
    }

    [Theory]
    [InlineData("18:44:14.5 brk(NULL) = 0", "67454.5")]
    [InlineData("1795373054.25 brk(NULL) = 0", "1795373054.25")]
    [InlineData("     0.000359 brk(NULL) = 0", "NaN")]
    [InlineData("brk(NULL) = 0", "NaN")]
    public void Absolute_times_put_files_in_order_and_relative_ones_do_not(string line, string seconds)
    {
        LogLineParser.Parse(Encoding.UTF8.GetBytes(line)).Time.Should().Be(double.Parse(seconds, CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("3</etc/hostname>, \"a,b)\\\"c\", 10) = 1", "3</etc/hostname>|\"a,b)\\\"c\"|10")]
    [InlineData("NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f", "NULL|8192|PROT_READ|PROT_WRITE|MAP_PRIVATE|MAP_ANONYMOUS|-1|0")]
    [InlineData("[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 1", "[{WIFEXITED(s) && WEXITSTATUS(s) == 0}]|0|NULL")]
    [InlineData("\"/usr/bin/bash\", [\"bash\", \"-c\"], 0x7ffc /* 47 vars, a) b */) = 0", "\"/usr/bin/bash\"|[\"bash\", \"-c\"]|0x7ffc /* 47 vars, a) b */")]
    [InlineData("3<TCP:[127.0.0.1:80->127.0.0.1:81]>, 1) = 0", "3<TCP:[127.0.0.1:80->127.0.0.1:81]>|1")]
    [InlineData("1</dev/null<char 1:3>>, 1) = 0", "1</dev/null<char 1:3>>|1")]
    [InlineData("1<<CAP_KILL|1<<3, 2) = 0", "1<<CAP_KILL|1<<3|2")]
    [InlineData("\"abc\"..., 3) = 0", "\"abc\"...|3")]
    [InlineData("0x80000 /* O_RDONLY|O_CLOEXEC */) = 3", "0x80000 /* O_RDONLY|O_CLOEXEC */")]
    [InlineData("{flags=CLONE_VM} => {parent_tid=[5]}, 88) = 5", "{flags=CLONE_VM} => {parent_tid=[5]}|88")]
    [InlineData("<... resuming interrupted clock_nanosleep ...>) = 0", "<... resuming interrupted clock_nanosleep ...>")]
    [InlineData(") = 5", "")]
    public void Arguments_end_at_the_commas_that_stand_outside(string rest, string expected)
    {
        LogArguments.TrySplit(Encoding.UTF8.GetBytes(rest), out var arguments).Should().BeTrue();

        var words = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            words.Add(Encoding.UTF8.GetString(arguments[i]));
        }

        string.Join('|', words).Should().Be(expected);
    }

    [Theory]
    [InlineData("\"abc")]
    [InlineData("3, [1, 2")]
    [InlineData("")]
    [InlineData("1 /* never closed")]
    public void Arguments_without_their_end_are_noticed(string rest)
    {
        LogArguments.TrySplit(Encoding.UTF8.GetBytes(rest), out _).Should().BeFalse();
    }

    [Theory]
    [InlineData(" = 0", true, 0UL, "", "")]
    [InlineData("                = 0x7f6cb1b66000", true, 0x7f6cb1b66000UL, "", "")]
    [InlineData(" = 3</usr/lib/libc.so.6>", true, 3UL, "", "/usr/lib/libc.so.6")]
    [InlineData(" = 3</usr/lib/libc.so.6> <0.000021>", true, 3UL, "", "/usr/lib/libc.so.6")]
    [InlineData(" = 3<UNIX-STREAM:[1->2]>", true, 3UL, "", "UNIX-STREAM:[1->2]")]
    [InlineData(" = -1 ENOENT (No such file or directory)", true, ulong.MaxValue, "ENOENT", "")]
    [InlineData(" = -1 ENOSYS (Function not implemented) (INJECTED)", true, ulong.MaxValue, "ENOSYS", "")]
    [InlineData(" = -1 (errno 512)", true, ulong.MaxValue, "EUNKNOWN", "")]
    [InlineData(" = ?", false, 0UL, "", "")]
    [InlineData(" = ? ERESTARTSYS (To be restarted if SA_RESTART is set)", false, 0UL, "", "")]
    [InlineData(" = 1 (in [3])", true, 1UL, "", "")]
    [InlineData(" = 0x8002 (flags O_RDWR|O_LARGEFILE)", true, 0x8002UL, "", "")]
    [InlineData(" = 32288 <0.000146>", true, 32288UL, "", "")]
    public void A_result_is_a_value_an_error_or_unknown(string after, bool known, ulong value, string errno, string target)
    {
        LogResult.TryRead(Encoding.UTF8.GetBytes(after), out var result).Should().BeTrue();

        (result.IsKnown, result.Value, Encoding.UTF8.GetString(result.ErrnoName), Encoding.UTF8.GetString(result.Target)).Should().Be((known, value, errno, target));
    }

    [Theory]
    [InlineData("0x1000", 0x1000UL)]
    [InlineData("4096", 4096UL)]
    [InlineData("0644", 0x1a4UL)]
    [InlineData("NULL", 0UL)]
    [InlineData("-1", ulong.MaxValue)]
    [InlineData("8192*1024", 8388608UL)]
    [InlineData("0x2 /* O_RDWR */", 2UL)]
    public void Numbers_are_read_in_every_spelling(string text, ulong value)
    {
        LogText.TryNumber(Encoding.UTF8.GetBytes(text), out var number).Should().BeTrue();
        number.Should().Be(value);
    }

    [Theory]
    [InlineData("\"/a b\"", "/a b", true)]
    [InlineData("\"\\x41\\102\\n\"", "AB\n", true)]
    [InlineData("\"/usr/b\"...", "/usr/b", false)]
    [InlineData("\"\\\"\"", "\"", true)]
    public void Strings_lose_their_escapes_and_tell_whether_they_were_cut(string text, string value, bool whole)
    {
        LogText.TryString(Encoding.UTF8.GetBytes(text), out var read, out var isWhole).Should().BeTrue();
        (read, isWhole).Should().Be((value, whole));
    }
}
