using DaxSim.Outcomes;

namespace DaxSim.Processes;

// Signal frames.
public sealed partial class Process
{
    /// <summary>sigaltstack(2) and a caught signal (SA_ONSTACK): the kernel stores the signal frame at the upper end of that stack, by copy_to_user.</summary>
    /// <param name="stack">The alternate stack's lowest address.</param>
    /// <param name="length">Its bytes.</param>
    /// <returns>Ok; ENOMEM when it is too small; SIGSEGV when the frame cannot be stored.</returns>
    public Verdict DeliverSignalOnStack(ulong stack, ulong length)
    {
        using var call = Call("signal delivery", stack);
        return call.Of(DoDeliverSignalOnStack(stack, length));
    }

    private Verdict DoDeliverSignalOnStack(ulong stack, ulong length)
    {
        const int SmallestStack = 2048;
        if (length < SmallestStack)
        {
            return Verdict.Fail(Errno.ENOMEM, Mm.Because("do_sigaltstack", $"An alternate stack needs MINSIGSTKSZ ({SmallestStack}) bytes."));
        }

        // The size differs by processor; every one is smaller than a page.
        var frame = new byte[1024];
        var at = (stack + length - (ulong)frame.Length) & ~15UL;
        return Mm.CopyToUser(Space, at, frame) == 0
            ? Verdict.Ok
            : Verdict.Raise(new SignalInfo(Signal.SIGSEGV, SiCode.None, at), Mm.Because("setup_rt_frame", "The frame cannot be stored on the alternate stack."));
    }
}
