using System.Text;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Processes;

// What execve looks at before it loads a program: who else has the file open, and whether it is a script.
public sealed partial class Process
{
    /// <summary>exec_binprm: how many interpreters may follow each other.</summary>
    private const int MostInterpreters = 5;

    /// <summary>do_open_execat: the permission, and deny_write_access.</summary>
    private Verdict CheckProgram(FileHandle program)
    {
        var inode = program.File.Inode;
        if (!inode.IsExecutable)
        {
            return Verdict.Fail(Errno.EACCES, Mm.Because("do_open_execat", "The file has no execute permission."));
        }

        return Kernel.Policy.RunningText == RunningTextRule.KeptFromWriters && (inode.Writers > 0 || Mm.IsMappedByWriter(inode))
            ? Verdict.Fail(Errno.ETXTBSY, Mm.Because("deny_write_access", "Somebody has the file open for writing.", PolicyProperty.RunningText))
            : Verdict.Ok;
    }

    /// <summary>load_script: as long as the file is a script, its interpreter takes its place and gets its path as an argument.</summary>
    private Verdict FollowScripts(ref FileHandle program, List<byte[]> strings)
    {
        for (var depth = 0; TryReadInterpreter(program, out var interpreter, out var argument, out var broken); depth++)
        {
            if (broken.Kind != VerdictKind.Ok)
            {
                return broken;
            }

            if (depth >= MostInterpreters)
            {
                return Verdict.Fail(Errno.ELOOP, Mm.Because("exec_binprm", $"{MostInterpreters} interpreters are scripts themselves."));
            }

            if (Kernel.FindByPath(interpreter) is not { } inode)
            {
                return Verdict.Fail(Errno.ENOENT, Mm.Because("load_script", $"The interpreter {interpreter} does not exist."));
            }

            // remove_arg_zero: the script's own name is replaced by interpreter, argument and path.
            if (strings.Count > 0)
            {
                strings.RemoveAt(0);
            }

            strings.Insert(0, Text(program.File.Path));
            if (argument.Length > 0)
            {
                strings.Insert(0, Text(argument));
            }

            strings.Insert(0, Text(interpreter));
            program = Kernel.OpenUncounted(inode, interpreter);
            var allowed = CheckProgram(program);
            if (!allowed.IsOk)
            {
                return allowed;
            }
        }

        return Verdict.Ok;
    }

    /// <summary>The first line of a script: "#!", blanks, the interpreter, blanks, one argument with all its blanks.</summary>
    private bool TryReadInterpreter(FileHandle program, out string interpreter, out string argument, out Verdict broken)
    {
        interpreter = argument = "";
        broken = Verdict.Ok;
        var buffer = new byte[Kernel.Policy.ScriptLine == ScriptLineRule.Bytes128Truncated ? 128 : 256];
        var count = Kernel.FileIo.ReadBytes(program.File.Inode, 0, buffer);
        if (count < 2 || buffer[0] != '#' || buffer[1] != '!')
        {
            return false;
        }

        var line = buffer.AsSpan(2, count - 2);
        var end = line.IndexOf((byte)'\n');
        var ended = end >= 0 || count < buffer.Length;
        if (!ended)
        {
            end = line.Length - 1;
        }

        var text = Encoding.UTF8.GetString(end >= 0 ? line[..end] : line).TrimEnd('\0').Trim(' ', '\t');
        var blank = text.IndexOfAny([' ', '\t']);
        interpreter = blank < 0 ? text : text[..blank];
        argument = blank < 0 ? "" : text[blank..].Trim(' ', '\t');
        if (interpreter.Length == 0 || (!ended && blank < 0 && Kernel.Policy.ScriptLine == ScriptLineRule.Bytes256))
        {
            broken = Verdict.Fail(Errno.ENOEXEC, Mm.Because("load_script", interpreter.Length == 0 ? "The line names no interpreter." : "The interpreter's path does not fit into the part of the file that is looked at.", PolicyProperty.ScriptLine));
        }

        return true;
    }

    private static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];
}
