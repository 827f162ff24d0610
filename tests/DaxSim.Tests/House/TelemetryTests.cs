using System.Diagnostics;
using System.Diagnostics.Metrics;
using DaxSim.AddressSpaces;
using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using Microsoft.Extensions.Logging;
using Process = DaxSim.Processes.Process;

namespace DaxSim.Tests.House;

/// <summary>Tests that listen to the whole process, and tests that need it silent, run one after the other and beside nothing else.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public class Observation
{
    public const string Name = "observation";
}

/// <summary>What an observer hears, and what it costs when there is none.</summary>
[Collection(Observation.Name)]
public class TelemetryTests
{
    [Fact]
    public void An_operation_is_an_activity_with_its_outcome_and_reason()
    {
        var (shell, text) = DcssText("4.16");
        var heard = Listen(() => shell.GetUserPages(text, 1));

        var activity = heard.Should().ContainSingle().Subject;
        activity.OperationName.Should().Be("get_user_pages");
        activity.Source.Name.Should().Be(Telemetry.Name);
        activity.Status.Should().Be(ActivityStatusCode.Error);
        activity.StatusDescription.Should().Be("EFAULT");
        Tags(activity).Should().Contain("daxsim.kernel", "4.16").And.Contain("daxsim.architecture", "s390x").And.Contain("daxsim.outcome", "EFAULT")
            .And.Contain("daxsim.address", $"0x{text:x}").And.Contain("daxsim.process", shell.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Tags(activity)["daxsim.because"].Should().Contain(":", "the kernel function and a sentence");
    }

    [Fact]
    public void A_change_that_decided_is_named_by_its_commit()
    {
        // 7196040e19ad (5.18): EEXIST where there is no struct page; recorded on s390 6.1.0, against EFAULT on 4.19.0.
        var (shell, text) = DcssText("6.1");
        var heard = Listen(() => shell.PinUserPages(text, 1));
        Tags(heard.Single()).Should().Contain("daxsim.outcome", "EEXIST").And.Contain("daxsim.commit", "7196040e19ad");
    }

    [Fact]
    public void Lines_of_dmesg_are_events_of_the_operation_that_printed_them()
    {
        var machine = Machine.Build(m => m.Kernel("4.9", Architecture.X8664).Disk("64M"));
        var heard = Listen(() => machine.Mount("sda", "/mnt", "ext4", "dax"));
        var mount = heard.Should().ContainSingle().Subject;
        mount.Events.Select(e => (e.Name, e.Tags.First(t => t.Key == "text").Value)).Should().Equal(
            ("dmesg", "EXT4-fs (sda): DAX enabled. Warning: EXPERIMENTAL, use at your own risk"),
            ("dmesg", "VFS (sda): error: device does not support dax"));
    }

    [Fact]
    public void What_is_merely_explained_is_not_observed()
    {
        var (shell, text) = DcssText("4.16", out var machine);
        var heard = Listen(() => machine.Explain(() => shell.GetUserPages(text, 1)));
        heard.Should().BeEmpty();
        Measure(() => machine.Explain(() => shell.GetUserPages(text, 1))).Should().BeEmpty();
    }

    [Fact]
    public void An_operation_that_throws_leaves_no_activity_behind()
    {
        var (shell, _) = DcssText("4.16");
        Listen(() =>
        {
            var inside = Activity.Current;
            FluentActions.Invoking(() => shell.GetUserPages(0, 0)).Should().Throw<ArgumentOutOfRangeException>();
            shell.Exit();
            FluentActions.Invoking(() => shell.GetUserPages(0, 1)).Should().Throw<InvalidOperationException>();
            Activity.Current.Should().BeSameAs(inside);
        });
    }

    [Fact]
    public void Operations_faults_pages_and_log_lines_are_counted()
    {
        var machine = Machine.Build(m => m.Kernel("6.1", Architecture.X8664).Pmem("64M", PmemMode.FsDax).Disk("64M"));
        var file = machine.Mount("pmem0", "/mnt", "ext4", "dax").Value.Open("file", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.Truncate(65536);
        var process = machine.Spawn("test");
        var address = process.Mmap(0, 65536, Prot.Read | Prot.Write, MapFlags.Shared, file).Value;
        var counted = Measure(() =>
        {
            process.WriteByte(address, 1);
            process.WriteByte(address, 2);
            process.PinUserPages(address, 2).Value.Release();
            process.Fork().Value.Exit();
            machine.Mount("sda", "/other", "ext4", "dax");
        });

        counted.Should().Contain("daxsim.faults mapping=FsDax access=write outcome=major", 1L, "only the first store faults, and it gives the page its block")
            .And.Contain("daxsim.operations operation=pin_user_pages outcome=Ok kernel=6.1", 1L)
            .And.Contain("daxsim.user_pages kind=pin", 2L)
            .And.Contain("daxsim.operations operation=fork outcome=Ok kernel=6.1", 1L)
            .And.Contain("daxsim.operations operation=exit outcome=Ok kernel=6.1", 1L)
            .And.Contain("daxsim.operations operation=mount outcome=EINVAL kernel=6.1", 1L)
            .And.Contain("daxsim.log.lines subsystem=FileSystem level=Error", machine.Log.Entries.Count(e => e is { Subsystem: Subsystem.FileSystem, Level: KernelLogLevel.Error }));
        machine.Audit().Should().BeEmpty();
    }

    /// <summary>The bar of issue 5: nothing allocated when unobserved. The array overloads allocate nothing themselves, so every byte would be the observer's.</summary>
    [Fact]
    public void Nothing_is_allocated_when_nobody_listens()
    {
        var machine = Machine.Build(m => m.Kernel("6.1", Architecture.X8664).Pmem("64M", PmemMode.FsDax));
        var process = machine.Spawn("test");
        var address = process.Mmap(0, 4096, Prot.Read | Prot.Write, MapFlags.Private).Value;
        process.WriteByte(address, 1);
        var pfns = new ulong[1];
        AllocationTests.Allocated(() =>
        {
            process.PinUserPagesFast(address, pfns, GupFlags.Write);
            process.UnpinUserPages(pfns);
            process.Mlock(address, 0);
            process.ReadByte(address);
        }).Should().Be(0);
        AllocationTests.Allocated(() => OperationObservation.Begin("fork", machine.Policy, silent: false, 1, 4096).End(Verdict.Ok)).Should().Be(0);
    }

    /// <summary>A line is handed on without building anything when its level is not wanted.</summary>
    [Fact]
    public void An_unwanted_level_costs_the_logger_nothing()
    {
        using var factory = LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Error));
        var forwarder = new KernelLogForwarder(factory);
        var entry = new KernelLogEntry(KernelLogLevel.Info, Subsystem.Mm, "text");
        AllocationTests.Allocated(() => forwarder.Forward(entry)).Should().Be(0);
    }

    private static (Process Shell, ulong Text) DcssText(string kernel) => DcssText(kernel, out _);

    private static (Process Shell, ulong Text) DcssText(string kernel, out Machine machine)
    {
        machine = Machine.Build(m => m.Kernel(kernel, Architecture.S390X).Dcss("USRSEG", "64M", DcssType.SharedReadOnly));
        machine.Format("dcssblk0", "ext2");
        var usr = machine.Mount("dcssblk0", "/usr", "ext2", "ro,dax").Value;
        usr.PlaceFile("ls", new byte[65536]);
        var file = usr.Open("ls").Value;
        var shell = machine.Spawn("sh");
        return (shell, shell.Mmap(0, 65536, Prot.Read | Prot.Exec, MapFlags.Private, file).Value);
    }

    private static Dictionary<string, string> Tags(Activity activity) => activity.TagObjects.ToDictionary(t => t.Key, t => t.Value?.ToString() ?? "");

    private static List<Activity> Listen(Action action)
    {
        var heard = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == "DaxSim",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = heard.Add,
        };
        ActivitySource.AddActivityListener(listener);
        action();
        return heard;
    }

    private static Dictionary<string, long> Measure(Action action)
    {
        var counted = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "DaxSim")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var key = instrument.Name;
            foreach (var tag in tags)
            {
                key += $" {tag.Key}={tag.Value}";
            }

            counted[key] = counted.GetValueOrDefault(key) + value;
        });
        listener.Start();
        action();
        return counted;
    }
}
