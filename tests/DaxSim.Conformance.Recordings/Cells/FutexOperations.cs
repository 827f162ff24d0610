using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>Futexes: a private key is an address, a shared one needs the page.</summary>
internal static class FutexOperations
{
    private const uint NeverThere = 0x12345678;
    private const int TryLockPi = 8;

    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("futex_wake_shared", static c => c.Main(c.Process.Futex(c.P(0), FutexWake, 1))),
        ("futex_wake_private", static c => c.Main(c.Process.Futex(c.P(0), FutexWake | FutexPrivate, 1))),
        ("futex_wait_wrong_shared", static c => c.Main(c.Process.Futex(c.P(0), FutexWait, NeverThere))),
        ("futex_wait_wrong_private", static c => c.Main(c.Process.Futex(c.P(0), FutexWait | FutexPrivate, NeverThere))),
        ("futex_lock_pi", static c => c.Main(c.Process.Futex(c.P(0), TryLockPi, 0))),
        ("futex_wake_op", WakeOp),
        ("futex_cross", Cross),
    ];

    private static void WakeOp(Cell c)
    {
        c.Main(c.Process.FutexWakeOp(c.P(0), c.P(1), 0x777));
        c.Load("after", c.P(1));
    }

    /// <summary>A child waits with the value it sees, the parent wakes one; a child that nobody wakes times out.</summary>
    private static void Cross(Cell c)
    {
        c.Load("value", c.P(0));
        uint value = 0;
        for (var i = 3; i >= 0; i--)
        {
            var part = c.Process.Load(c.P(0) + (ulong)i);
            value = (value << 8) | (part.IsOk ? part.Value : 0u);
        }

        var child = c.Fork();
        var waiting = child.StartFutexWait(c.P(0), value);
        var woken = c.Process.Futex(c.P(0), FutexWake, 1);
        c.Main(woken);
        c.Call("child_wait", waiting.Kind != VerdictKind.Blocked ? waiting : woken is { IsOk: true, Value: 1 } ? Verdict.Ok : Verdict.Fail(Errno.ETIMEDOUT));
        child.Exit();
    }
}
