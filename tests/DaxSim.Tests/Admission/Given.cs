using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.Admission;

/// <summary>Machines of the scenarios: one device each, on a kernel.</summary>
internal static class Given
{
    internal static Machine Dcss(string kernel, DcssType type = DcssType.ExclusiveReadWrite, string? alignment = null)
        => Machine.Build(m => m.Kernel(kernel, Architecture.S390X).Dcss("SEGMENT", "64M", type, alignment: alignment));

    /// <summary>pmem in raw mode of an ordinary region: no struct pages.</summary>
    internal static Machine RawPmem(string kernel) => X86(kernel, m => m.Pmem("256M"));

    /// <summary>pmem in fsdax mode: struct pages in RAM.</summary>
    internal static Machine Pmem(string kernel) => X86(kernel, m => m.Pmem("256M", PmemMode.FsDax));

    internal static Machine Brd(string kernel) => X86(kernel, m => m.Brd("256M"));

    internal static Machine Disk(string kernel) => X86(kernel, m => m.Disk("256M"));

    /// <summary>A partition of an fsdax namespace.</summary>
    internal static Machine PmemPartition(string kernel, ulong startSector, ulong? sectors = null)
        => X86(kernel, m => m.Pmem("256M", PmemMode.FsDax).Partition("pmem0", startSector, sectors));

    internal static Machine DiskPartition(string kernel, ulong startSector) => X86(kernel, m => m.Disk("256M").Partition("sda", startSector));

    internal static Machine X86(string kernel, Action<MachineBuilder> devices)
        => Machine.Build(m => devices(m.Kernel(kernel, Architecture.X8664)));

    /// <summary>The same with a changed configuration.</summary>
    internal static Machine X86(string kernel, string symbol, KconfigValue value, Action<MachineBuilder> devices)
    {
        var version = KernelVersion.Parse(kernel);
        var config = KernelConfig.Default(version, Architecture.X8664).With(symbol, value);
        return Machine.Build(m => devices(m.Kernel(KernelPolicy.Mainline(version, Architecture.X8664, config))));
    }

    /// <summary>Turns dynamic debug on, so that pr_debug lines are seen.</summary>
    internal static Machine Verbose(this Machine machine)
    {
        machine.Log.DynamicDebug = true;
        return machine;
    }

    internal static KernelLogEntry Line(KernelLogLevel level, string text, Subsystem subsystem = Subsystem.FileSystem) => new(level, subsystem, text);

    internal static void ShouldSay(this AdmissionReport report, KernelLogLevel level, string text, Subsystem subsystem = Subsystem.FileSystem)
        => report.Log.Should().ContainEquivalentOf(Line(level, text, subsystem));

    internal static void ShouldFailWith(this AdmissionReport report, Errno errno)
    {
        report.Result.Should().Be("errno");
        report.Errno.Should().Be(errno);
    }

    internal static void ShouldBeDax(this AdmissionReport report) => report.Result.Should().Be("dax", "{0}", report.Reason);

    internal static void ShouldMountWithoutDax(this AdmissionReport report) => report.Result.Should().Be("no-dax", "{0}", report.Reason);
}
