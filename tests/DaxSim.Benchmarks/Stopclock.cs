using System.Diagnostics;

namespace DaxSim.Benchmarks;

/// <summary>What one operation costs: the best of many short slices, which other programs on the machine disturb least, and the bytes it allocates.</summary>
internal readonly record struct Cost(double Nanoseconds, long Bytes);

/// <summary>Times an operation in slices of about a tenth of a millisecond, shorter than the time a scheduler gives a thread at once.</summary>
internal static class Stopclock
{
    private const double SliceNanoseconds = 100_000;
    private const int Slices = 1000;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(800);

    /// <summary>Measures an operation that leaves things as they were.</summary>
    /// <param name="operation">The operation.</param>
    internal static Cost Measure(Action operation) => Measure(operation, static () => { }, batches: true);

    /// <summary>Measures an operation after each run of which something is put right that does not count.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="undo">What puts things right.</param>
    internal static Cost Measure(Action operation, Action undo) => Measure(operation, undo, batches: false);

    private static Cost Measure(Action operation, Action undo, bool batches)
    {
        var runs = 0;
        for (var start = Stopwatch.GetTimestamp(); runs < 60 || Stopwatch.GetElapsedTime(start) < WarmUp; runs++)
        {
            operation();
            undo();
        }

        var count = batches ? Math.Max(1, (int)(SliceNanoseconds / Slice(operation, undo, 1).Nanoseconds)) : 1;
        var best = new Cost(double.MaxValue, long.MaxValue);
        var begin = Stopwatch.GetTimestamp();
        for (var i = 0; i < Slices && Stopwatch.GetElapsedTime(begin) < Budget; i++)
        {
            var cost = Slice(operation, undo, count);
            best = new Cost(Math.Min(best.Nanoseconds, cost.Nanoseconds), Math.Min(best.Bytes, cost.Bytes));
        }

        return best;
    }

    private static Cost Slice(Action operation, Action undo, int count)
    {
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            operation();
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        undo();
        return new Cost(elapsed.TotalNanoseconds / count, bytes / count);
    }
}
