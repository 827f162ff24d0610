using DaxSim.State;

namespace DaxSim.Outcomes;

/// <summary>Levels of printk, with the kernel's numbers.</summary>
public enum KernelLogLevel
{
    /// <summary>KERN_EMERG.</summary>
    Emergency = 0,

    /// <summary>KERN_ALERT.</summary>
    Alert = 1,

    /// <summary>KERN_CRIT.</summary>
    Critical = 2,

    /// <summary>KERN_ERR.</summary>
    Error = 3,

    /// <summary>KERN_WARNING.</summary>
    Warning = 4,

    /// <summary>KERN_NOTICE.</summary>
    Notice = 5,

    /// <summary>KERN_INFO.</summary>
    Info = 6,

    /// <summary>KERN_DEBUG; a pr_debug prints only when dynamic debug enables it.</summary>
    Debug = 7,
}

/// <summary>The parts of the kernel that log; each is a category of its own for an ILogger.</summary>
public enum Subsystem
{
    /// <summary>The page allocator, page tables, faults, fork and get_user_pages.</summary>
    Mm,

    /// <summary>The dax core.</summary>
    Dax,

    /// <summary>Block devices and their drivers.</summary>
    Block,

    /// <summary>Filesystems and mounting.</summary>
    FileSystem,

    /// <summary>Processes and system calls.</summary>
    Process,
}

/// <summary>Taint flags of the kernel (include/linux/panic.h); the letters are those of /proc/sys/kernel/tainted reports.</summary>
[Flags]
public enum Taints
{
    /// <summary>Not tainted.</summary>
    None = 0,

    /// <summary>TAINT_BAD_PAGE, letter B: a bad page map or page was found.</summary>
    BadPage = 1 << 5,

    /// <summary>TAINT_DIE, letter D: the kernel oopsed.</summary>
    Die = 1 << 7,

    /// <summary>TAINT_WARN, letter W: a WARN was printed.</summary>
    Warn = 1 << 9,
}

/// <summary>One line of the simulated dmesg.</summary>
/// <param name="Level">Its printk level.</param>
/// <param name="Subsystem">The part of the kernel that printed it.</param>
/// <param name="Text">The text without time stamp or level.</param>
public sealed record KernelLogEntry(KernelLogLevel Level, Subsystem Subsystem, string Text);

/// <summary>The simulated kernel log (dmesg) and the taint flags.</summary>
public sealed class KernelLog
{
    private readonly StateList<KernelLogEntry> entries;
    private readonly State state;

    internal KernelLog(Journal journal)
    {
        entries = new(journal);
        state = new(journal);
    }

    private KernelLog(StateList<KernelLogEntry> entries, State state)
    {
        this.entries = entries;
        this.state = state;
    }

    /// <summary>Every line printed so far, oldest first, debug lines included only when <see cref="DynamicDebug"/> was on.</summary>
    public IReadOnlyList<KernelLogEntry> Entries => entries;

    /// <summary>The taint flags set so far.</summary>
    public Taints Taints => state.Taints;

    /// <summary>True when pr_debug lines are printed (dyndbg="+p" on the kernel command line). Off by default, as in a real kernel.</summary>
    public bool DynamicDebug { get => state.DynamicDebug; set => state.SetDynamicDebug(value); }

    /// <summary>Called with each line as it is printed, unless <see cref="Silent"/>.</summary>
    internal Action<KernelLogEntry>? Observer { get; set; }

    /// <summary>True while a decision is merely explained: nobody is told of new lines.</summary>
    internal bool Silent { get; set; }

    internal void Print(KernelLogLevel level, Subsystem subsystem, string text)
    {
        if (level == KernelLogLevel.Debug && !DynamicDebug)
        {
            return;
        }

        var entry = new KernelLogEntry(level, subsystem, text);
        entries.Add(entry);
        if (!Silent)
        {
            Observer?.Invoke(entry);
            Telemetry.Printed(entry);
        }
    }

    internal void Taint(Taints taint) => state.Add(taint);

    internal KernelLog CloneInto(CloneContext context)
    {
        var copy = new KernelLog(context.Map(entries), context.Map(state)) { Observer = Observer };
        context.Register(this, copy);
        return copy;
    }

    internal void Describe(StateDigest digest)
    {
        digest.Add(entries);
        digest.Add(state);
    }

    private sealed class State(Journal journal) : Recoverable(journal)
    {
        internal Taints Taints { get; private set; }

        internal bool DynamicDebug { get; private set; }

        internal void Add(Taints taint)
        {
            if ((Taints & taint) != taint)
            {
                Touch();
                Taints |= taint;
            }
        }

        internal void SetDynamicDebug(bool value)
        {
            Touch();
            DynamicDebug = value;
        }

        internal override void Describe(StateDigest digest)
        {
            digest.Add(Taints);
            digest.Add(DynamicDebug);
        }

        private protected override void CopyFrom(Recoverable state)
        {
            var other = (State)state;
            Taints = other.Taints;
            DynamicDebug = other.DynamicDebug;
        }
    }
}
