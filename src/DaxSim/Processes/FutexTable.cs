using DaxSim.State;

namespace DaxSim.Processes;

/// <summary>Who waits on which futex, in order of arrival.</summary>
internal sealed class FutexTable
{
    private readonly StateList<Waiter> waiters;

    internal FutexTable(Journal journal) => waiters = new(journal);

    private FutexTable(StateList<Waiter> waiters) => this.waiters = waiters;

    internal FutexTable CloneInto(CloneContext context) => new(context.Map(waiters));

    internal void Describe(StateDigest digest) => digest.Add(waiters);

    internal void Wait(FutexKey key, int process) => waiters.Add(new Waiter(key, process));

    internal int Wake(FutexKey key, int count)
    {
        var woken = 0;
        for (var i = 0; i < waiters.Count && woken < count;)
        {
            if (waiters[i].Key == key)
            {
                waiters.RemoveAt(i);
                woken++;
            }
            else
            {
                i++;
            }
        }

        return woken;
    }

    internal bool IsWaiting(int process) => waiters.Any(w => w.Process == process);

    internal void Forget(int process)
    {
        for (var i = waiters.Count - 1; i >= 0; i--)
        {
            if (waiters[i].Process == process)
            {
                waiters.RemoveAt(i);
            }
        }
    }

    private readonly record struct Waiter(FutexKey Key, int Process);
}
