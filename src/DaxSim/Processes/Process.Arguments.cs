using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Processes;

// Command line and environment, which others read out of a process's own memory.
public sealed partial class Process
{
    /// <summary>prctl(PR_SET_MM, PR_SET_MM_ARG_START and PR_SET_MM_ARG_END): says where the command line lies, as programs do that move it.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="end">The address behind the last.</param>
    /// <returns>Ok; EINVAL where the end lies before the start; EFAULT where nothing is mapped at or above them.</returns>
    public Verdict PlaceArguments(ulong start, ulong end)
    {
        using var call = Call("prctl(PR_SET_MM)", start);
        return call.Of(Place(start, end, environment: false));
    }

    /// <summary>prctl(PR_SET_MM, PR_SET_MM_ENV_START and PR_SET_MM_ENV_END).</summary>
    /// <inheritdoc cref="PlaceArguments"/>
    public Verdict PlaceEnvironment(ulong start, ulong end)
    {
        using var call = Call("prctl(PR_SET_MM)", start);
        return call.Of(Place(start, end, environment: true));
    }

    /// <summary>/proc/pid/cmdline: the argument strings, read out of the process's memory by get_user_pages, of anonymous memory only from 4.17 on. Empty where nothing can be read.</summary>
    public byte[] ReadCommandLine() => ReadOwn(Space.ArgumentsStart, Space.ArgumentsEnd);

    /// <summary>/proc/pid/environ: the same for the environment strings.</summary>
    public byte[] ReadEnvironment() => ReadOwn(Space.EnvironmentStart, Space.EnvironmentEnd);

    private byte[] ReadOwn(ulong start, ulong end)
    {
        var bytes = new byte[end - start];
        return bytes[..Math.Max(0, Mm.AccessRemote(Space, null, start, bytes, write: false, force: false, out _, GupFlags.Anon))];
    }

    private Verdict Place(ulong start, ulong end, bool environment)
    {
        if (end < start)
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("validate_prctl_map_addr", "The end lies before the start."));
        }

        if (Space.FindAbove(start) is null || Space.FindAbove(end) is null)
        {
            return Verdict.Fail(Errno.EFAULT, Mm.Because("prctl_set_mm", "Nothing is mapped there."));
        }

        if (environment)
        {
            Space.SetEnvironment(start, end);
        }
        else
        {
            Space.SetArguments(start, end);
        }

        return Verdict.Ok;
    }
}
