using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace DaxSim.Outcomes;

/// <summary>What the library tells an observer: an <see cref="ActivitySource"/> and a <see cref="Meter"/>, both named <see cref="Name"/>.</summary>
/// <remarks>
/// <para>
/// Activities are called after the operation, for example <c>mount</c>, <c>fork</c>, <c>pin_user_pages</c>. Their tags: <c>daxsim.kernel</c>,
/// <c>daxsim.architecture</c>, <c>daxsim.process</c> (the process id), <c>daxsim.address</c>, <c>daxsim.outcome</c> (as <see cref="Verdict.ToString"/>
/// shows it), <c>daxsim.because</c> and <c>daxsim.commit</c>. The status is an error unless the outcome is Ok. Lines of the simulated dmesg
/// that an operation printed are its events, named <c>dmesg</c>.
/// </para>
/// <para>
/// Counters: <c>daxsim.operations</c> (tags <c>operation</c>, <c>outcome</c>, <c>kernel</c>), <c>daxsim.faults</c> (tags <c>mapping</c>,
/// <c>access</c>, <c>outcome</c>; one for each fault that the kernel handles by itself, whoever caused it), <c>daxsim.user_pages</c> (pages taken
/// by get_user_pages and pin_user_pages, tag <c>kind</c>) and <c>daxsim.log.lines</c> (tags <c>subsystem</c>, <c>level</c>).
/// </para>
/// <para>What is merely explained is not observed. Where nobody listens, nothing is allocated.</para>
/// </remarks>
public static class Telemetry
{
    /// <summary>The name of the activity source and of the meter: that of the package.</summary>
    public const string Name = "DaxSim";

    private static readonly string? Version = typeof(Telemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
    private static readonly Meter Meter = new(Name, Version);

    internal static ActivitySource Source { get; } = new(Name, Version);

    internal static Counter<long> Operations { get; } = Meter.CreateCounter<long>("daxsim.operations", "{operation}", "Operations by outcome.");

    internal static Counter<long> Faults { get; } = Meter.CreateCounter<long>("daxsim.faults", "{fault}", "Page faults by mapping, access and outcome.");

    internal static Counter<long> UserPages { get; } = Meter.CreateCounter<long>("daxsim.user_pages", "{page}", "Pages taken by get_user_pages (get) and pin_user_pages (pin).");

    internal static Counter<long> LogLines { get; } = Meter.CreateCounter<long>("daxsim.log.lines", "{line}", "Lines of the simulated dmesg.");

    /// <summary>True when anybody listens to the calls of processes: a look at three fields.</summary>
    internal static bool IsObserved => Source.HasListeners() || Operations.Enabled || UserPages.Enabled;

    internal static void Printed(KernelLogEntry entry)
    {
        if (LogLines.Enabled)
        {
            LogLines.Add(1, new KeyValuePair<string, object?>("subsystem", entry.Subsystem.ToString()), new("level", entry.Level.ToString()));
        }

        if (Source.HasListeners() && Activity.Current is { IsAllDataRequested: true } activity && activity.Source == Source)
        {
            activity.AddEvent(new ActivityEvent("dmesg", tags: new() { { "text", entry.Text }, { "level", entry.Level.ToString() }, { "subsystem", entry.Subsystem.ToString() } }));
        }
    }
}
