using Microsoft.Extensions.Logging;

namespace DaxSim.Outcomes;

/// <summary>Hands every line of the simulated dmesg on to an <see cref="ILoggerFactory"/>: one category per <see cref="Subsystem"/>, such as <c>DaxSim.Mm</c>.</summary>
/// <remarks>Event ids are 10 plus the printk level and never change. Several printk levels share one <see cref="LogLevel"/>; the id tells them apart.</remarks>
internal sealed partial class KernelLogForwarder
{
    private readonly ILogger[] loggers;

    internal KernelLogForwarder(ILoggerFactory factory)
    {
        // In the order of the enumeration.
        loggers =
        [
            factory.CreateLogger("DaxSim.Mm"),
            factory.CreateLogger("DaxSim.Dax"),
            factory.CreateLogger("DaxSim.Block"),
            factory.CreateLogger("DaxSim.FileSystem"),
            factory.CreateLogger("DaxSim.Process"),
        ];
    }

    internal void Forward(KernelLogEntry entry)
    {
        var logger = loggers[(int)entry.Subsystem];
        switch (entry.Level)
        {
            case KernelLogLevel.Emergency:
                Emergency(logger, entry.Text);
                break;
            case KernelLogLevel.Alert:
                Alert(logger, entry.Text);
                break;
            case KernelLogLevel.Critical:
                Critical(logger, entry.Text);
                break;
            case KernelLogLevel.Error:
                Error(logger, entry.Text);
                break;
            case KernelLogLevel.Warning:
                Warning(logger, entry.Text);
                break;
            case KernelLogLevel.Notice:
                Notice(logger, entry.Text);
                break;
            case KernelLogLevel.Info:
                Info(logger, entry.Text);
                break;
            default:
                Debug(logger, entry.Text);
                break;
        }
    }

    [LoggerMessage(EventId = 10, EventName = "KernEmerg", Level = LogLevel.Critical, Message = "{Text}")]
    private static partial void Emergency(ILogger logger, string text);

    [LoggerMessage(EventId = 11, EventName = "KernAlert", Level = LogLevel.Critical, Message = "{Text}")]
    private static partial void Alert(ILogger logger, string text);

    [LoggerMessage(EventId = 12, EventName = "KernCrit", Level = LogLevel.Critical, Message = "{Text}")]
    private static partial void Critical(ILogger logger, string text);

    [LoggerMessage(EventId = 13, EventName = "KernErr", Level = LogLevel.Error, Message = "{Text}")]
    private static partial void Error(ILogger logger, string text);

    [LoggerMessage(EventId = 14, EventName = "KernWarning", Level = LogLevel.Warning, Message = "{Text}")]
    private static partial void Warning(ILogger logger, string text);

    [LoggerMessage(EventId = 15, EventName = "KernNotice", Level = LogLevel.Information, Message = "{Text}")]
    private static partial void Notice(ILogger logger, string text);

    [LoggerMessage(EventId = 16, EventName = "KernInfo", Level = LogLevel.Information, Message = "{Text}")]
    private static partial void Info(ILogger logger, string text);

    [LoggerMessage(EventId = 17, EventName = "KernDebug", Level = LogLevel.Debug, Message = "{Text}")]
    private static partial void Debug(ILogger logger, string text);
}
