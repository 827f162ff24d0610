using System.Diagnostics;
using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Policy;
using Process = DaxSim.Processes.Process;

namespace DaxSim.Benchmarks;

/// <summary>What being observed costs: nothing, and no byte, while nobody listens.</summary>
[MemoryDiagnoser]
public class TelemetryBenchmarks : IDisposable
{
    private readonly ulong[] pfns = new ulong[1];
    private Process process = null!;
    private ulong memory;
    private ActivityListener? activities;
    private MeterListener? measurements;

    /// <summary>Who listens.</summary>
    [Params("nobody", "meter", "activities and meter")]
    public string Listener { get; set; } = "";

    /// <summary>A page of anonymous memory, and the listeners.</summary>
    [GlobalSetup]
    public void Setup()
    {
        process = Machine.Build(m => m.Kernel("6.1", Architecture.X8664).Ram("512M")).Spawn("observed");
        memory = process.Mmap(0, 4096, Prot.Read | Prot.Write, MapFlags.Private).Value;
        process.WriteByte(memory, 1);
        if (Listener != "nobody")
        {
            measurements = new MeterListener { InstrumentPublished = static (i, l) => l.EnableMeasurementEvents(i) };
            measurements.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
            measurements.Start();
        }

        if (Listener.StartsWith("activities", StringComparison.Ordinal))
        {
            activities = new ActivityListener
            {
                ShouldListenTo = static s => s.Name == Outcomes.Telemetry.Name,
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            };
            ActivitySource.AddActivityListener(activities);
        }
    }

    /// <summary>The listeners go.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        activities?.Dispose();
        measurements?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>pin_user_pages_fast of one present page, and unpin_user_page: the shortest operation there is.</summary>
    [Benchmark]
    public int PinPageAndUnpin()
    {
        var count = process.PinUserPagesFast(memory, pfns, GupFlags.Write).Value;
        process.UnpinUserPages(pfns);
        return count;
    }

    /// <summary>A fault on a fresh page of anonymous memory, and its unmapping.</summary>
    [Benchmark]
    public void AnonymousFault()
    {
        process.Madvise(memory, 4096, Advice.DontNeed);
        process.WriteByte(memory, 1);
    }
}
