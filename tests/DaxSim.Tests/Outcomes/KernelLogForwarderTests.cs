using DaxSim.Outcomes;
using DaxSim.Policy;
using Microsoft.Extensions.Logging;

namespace DaxSim.Tests.Outcomes;

/// <summary>The simulated dmesg on loggers.</summary>
public class KernelLogForwarderTests
{
    [Fact]
    public void Every_line_reaches_the_logger_of_its_subsystem()
    {
        using var heard = new Listener();
        var machine = Machine.Build(m => m.Kernel("4.9", Architecture.X8664).Disk("64M").Logging(heard));
        machine.Mount("sda", "/mnt", "ext4", "dax").Errno.Should().Be(Errno.EOPNOTSUPP);
        heard.Lines.Should().Equal(
            ("DaxSim.FileSystem", LogLevel.Warning, 14, "EXT4-fs (sda): DAX enabled. Warning: EXPERIMENTAL, use at your own risk"),
            ("DaxSim.Dax", LogLevel.Error, 13, "VFS (sda): error: device does not support dax"));
    }

    [Fact]
    public void What_is_merely_explained_is_not_heard()
    {
        using var heard = new Listener();
        var machine = Machine.Build(m => m.Kernel("4.9", Architecture.X8664).Disk("64M").Logging(heard));
        machine.TryAdmit("sda", "ext4", options: "dax");
        heard.Lines.Should().BeEmpty();
    }

    [Theory]
    [InlineData(KernelLogLevel.Emergency, LogLevel.Critical, 10)]
    [InlineData(KernelLogLevel.Alert, LogLevel.Critical, 11)]
    [InlineData(KernelLogLevel.Critical, LogLevel.Critical, 12)]
    [InlineData(KernelLogLevel.Error, LogLevel.Error, 13)]
    [InlineData(KernelLogLevel.Warning, LogLevel.Warning, 14)]
    [InlineData(KernelLogLevel.Notice, LogLevel.Information, 15)]
    [InlineData(KernelLogLevel.Info, LogLevel.Information, 16)]
    [InlineData(KernelLogLevel.Debug, LogLevel.Debug, 17)]
    public void Levels_are_mapped_and_event_ids_are_stable(KernelLogLevel level, LogLevel mapped, int id)
    {
        using var heard = new Listener();
        var forwarder = new KernelLogForwarder(heard);
        foreach (var subsystem in Enum.GetValues<Subsystem>())
        {
            forwarder.Forward(new KernelLogEntry(level, subsystem, "text"));
        }

        heard.Lines.Should().Equal(Enum.GetValues<Subsystem>().Select(s => ($"DaxSim.{s}", mapped, id, "text")));
    }

    private sealed class Listener : ILoggerFactory
    {
        public List<(string Category, LogLevel Level, int Id, string Text)> Lines { get; } = [];

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => new Ear(this, categoryName);

        public void Dispose()
        {
        }

        private sealed class Ear(Listener listener, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull
                => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
                => listener.Lines.Add((category, logLevel, eventId.Id, formatter(state, exception)));
        }
    }
}
