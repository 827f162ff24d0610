namespace DaxSim.Scenarios.Strace;

/// <summary>
/// Runs recorded programs on simulated machines in which some of their directories lie on other devices, and says what would have
/// gone differently.
/// </summary>
/// <remarks>
/// The logs are read once, whatever the number of kernels. Reading and simulating run at the same time; memory does not grow with the
/// length of the logs. After a call that fails in the simulation but not in the log, the log is followed all the same, as if the program
/// had gone on.
/// </remarks>
public static class StraceWhatIf
{
    /// <summary>Answers a question.</summary>
    /// <param name="question">Logs, places and kernels.</param>
    /// <exception cref="ArgumentException">Two places are the same, or there are no kernels, logs or places.</exception>
    /// <exception cref="InvalidOperationException">The devices do not fit together in one machine; the message says why.</exception>
    public static StraceReport Run(StraceQuestion question) => Run(question, atEnd: null);

    /// <summary>Answers a question and shows each machine when its log is over.</summary>
    internal static StraceReport Run(StraceQuestion question, Action<Machine>? atEnd)
    {
        ArgumentNullException.ThrowIfNull(question);
        Check(question);
        var names = question.Logs.Select(static l => l.Name).ToList();
        var machines = question.Kernels.Select(k => new LogMachine(k, question.Places, names, question.MostFindings)).ToArray();
        using var running = new Pipeline(machines);
        var follower = new LogFollower(names, question.Places, running.First);
        running.Serve(follower);
        var reader = new LogReader(question.Logs, follower, question.Progress);
        reader.Run();
        running.Wait();
        foreach (var machine in machines)
        {
            atEnd?.Invoke(machine.Machine);
        }

        return new StraceReport(
            [.. machines.Select(static m => m.Finish())],
            follower.Undecided.Items,
            reader.Problems,
            reader.ProblemCount,
            reader.Lines,
            follower.Calls,
            follower.ProcessCount,
            reader.Bytes,
            question.Logs.Count);
    }

    private static void Check(StraceQuestion question)
    {
        if (question.Logs.Count == 0 || question.Kernels.Count == 0)
        {
            throw new ArgumentException("A question needs at least one log and one kernel.", nameof(question));
        }

        var twice = question.Places.GroupBy(static p => p.Path, StringComparer.Ordinal).FirstOrDefault(static g => g.Count() > 1);
        if (twice is not null)
        {
            throw new ArgumentException($"{twice.Key} is placed twice: give each path one device.", nameof(question));
        }
    }

    /// <summary>Two batches: while the machines work on one, the other is filled.</summary>
    private sealed class Pipeline(LogMachine[] machines) : IDisposable
    {
        private readonly StepBatch[] batches = [new(), new()];
        private Task working = Task.CompletedTask;
        private LogFollower? follower;
        private int current;

        internal StepBatch First => batches[0];

        internal void Serve(LogFollower served)
        {
            follower = served;
            served.Full = Hand;
        }

        internal void Wait() => working.GetAwaiter().GetResult();

        public void Dispose()
        {
            if (!working.IsCompleted)
            {
                ((IAsyncResult)working).AsyncWaitHandle.WaitOne();
            }
        }

        private void Hand(StepBatch batch)
        {
            Wait();
            working = Task.Run(() => Work(batch));
            current = 1 - current;
            var next = batches[current];
            next.Count = 0;
            follower!.Continue(next);
        }

        private void Work(StepBatch batch)
        {
            if (machines.Length == 1)
            {
                machines[0].Run(batch);
            }
            else
            {
                Parallel.ForEach(machines, machine => machine.Run(batch));
            }
        }
    }
}
