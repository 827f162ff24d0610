using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Testing;

namespace DaxSim.Tests.Processes;

/// <summary>What no program can do to a kernel, but a test to the library: refused with an exception that says what to do.</summary>
public sealed class MisuseTests : IDisposable
{
    private const string OtherMachine = "*belongs to another machine. Handles belong to one machine*";

    private readonly MountedMachine here = Machines.Pmem("6.1");
    private readonly MountedMachine there = Machines.Pmem("6.1");

    /// <summary>Whatever was refused, no record of a call is left open: the next call would add to it, and fork page by page.</summary>
    public void Dispose()
    {
        here.Machine.Trace.Should().BeNull();
        there.Machine.Trace.Should().BeNull();
    }

    [Fact]
    public void A_file_of_another_machine_is_refused_wherever_files_go()
    {
        var (process, file) = (here.Process, there.File);
        Action[] acts =
        [
            () => process.Mmap(0, 4096, Prot.Read, MapFlags.Shared, file),
            () => process.Pread(file, 0x1000, 1, 0),
            () => process.SubmitDirectRead(file, 0x1000, 512, 0),
            () => process.Execve(file, "x"),
            () => process.CreateRing().ReadFixed(file, 0x1000, 1, 0),
            () => here.File.CopyRangeTo(file, 0, 0, 1),
            () => here.File.CloneFrom(file),
        ];

        acts.Should().AllSatisfy(act => act.Should().Throw<ArgumentException>().WithMessage(OtherMachine));
    }

    [Fact]
    public void A_pipe_of_another_machine_is_refused()
    {
        var pipe = there.Machine.CreatePipe();
        Action[] acts = [() => here.Process.Vmsplice(pipe, 0x1000, 1), () => here.Process.ReadFromPipe(pipe, 0x1000, 1), () => here.File.SpliceTo(pipe, 0, 1)];

        acts.Should().AllSatisfy(act => act.Should().Throw<ArgumentException>().WithMessage(OtherMachine));
    }

    [Fact]
    public void A_process_of_another_machine_is_refused()
    {
        Action[] acts =
        [
            () => here.Process.ProcessVmReadv(there.Process, 0x1000, new byte[1]),
            () => here.Process.PtracePeek(there.Process, 0x1000),
            () => here.Machine.Explain(there.Process, 0x1000, () => Verdict.Ok),
        ];

        acts.Should().AllSatisfy(act => act.Should().Throw<ArgumentException>().WithMessage("The process sh[1] runs on another machine.*"));
    }

    [Fact]
    public void A_snapshot_of_another_machine_is_refused()
    {
        here.Machine.Invoking(m => m.Restore(there.Machine.Snapshot())).Should().Throw<ArgumentException>().WithMessage("*another machine*");
    }

    [Fact]
    public void A_pfn_of_another_machine_cannot_be_released()
    {
        var pfns = new ulong[1];
        var address = there.MapAndTouch(MapFlags.Shared, write: true);
        there.Process.PinUserPages(address, pfns).Should().Succeed().Which.Should().Be(1);

        here.Process.Invoking(p => p.UnpinUserPages(pfns)).Should().Throw<InvalidOperationException>().WithMessage("*is not pinned by anybody*on the machine that it was taken on.");
        here.Machine.Should().BeConsistent();
    }

    [Fact]
    public void A_process_that_exited_cannot_call()
    {
        var child = here.Fork();
        child.Exit();
        Action[] acts = [() => child.Fork(), () => child.ReadByte(0x1000), () => child.View(0x1000), () => child.GetUserPages(0x1000, 1), () => child.Exit()];

        acts.Should().AllSatisfy(act => act.Should().Throw<InvalidOperationException>().WithMessage("Process 2 (sh) has *exited*"));
    }

    [Fact]
    public void A_process_of_an_abandoned_future_cannot_call()
    {
        var before = here.Machine.Snapshot();
        var child = here.Fork();
        here.Machine.Restore(before);

        child.Invoking(c => c.ReadByte(0x1000)).Should().Throw<InvalidOperationException>().WithMessage("*started after the snapshot that was restored*");
    }

    [Fact]
    public void A_pin_is_released_once()
    {
        var address = here.MapAndTouch(MapFlags.Shared, write: true);
        var pages = here.Process.PinUserPages(address, 1).Value;
        pages.Release();

        pages.Invoking(p => p.Release()).Should().Throw<InvalidOperationException>().WithMessage("*released before*");
        pages.Invoking(p => p.Write(0, 0, [1])).Should().Throw<InvalidOperationException>().WithMessage("*released before*");
        here.Machine.Should().BeConsistent();
    }

    [Fact]
    public void Pins_are_given_back_at_the_end_of_using()
    {
        var address = here.MapAndTouch(MapFlags.Shared, write: true);
        using (var pages = here.Process.PinUserPages(address, 1).Value)
        {
            here.Process.View(address).Should().BePinned();
            pages.ArePinned.Should().BeTrue();
        }

        here.Process.View(address).Should().HaveReferences(1);
        using var released = here.Process.PinUserPages(address, 1).Value;
        released.Release(dirty: true);
    }

    [Fact]
    public void Pages_taken_into_an_array_are_released_as_often_as_they_were_taken()
    {
        var address = here.MapAndTouch(MapFlags.Shared, write: true);
        var pfns = new ulong[2];

        here.Process.GetUserPages(address, pfns.AsSpan(0, 1)).Should().Succeed();
        here.Process.GetUserPagesFast(address, pfns.AsSpan(1, 1)).Should().Succeed();
        pfns[0].Should().Be(pfns[1]);
        here.Process.ReleaseUserPages(pfns);

        here.Process.Invoking(p => p.ReleaseUserPages(pfns.AsSpan(0, 1))).Should().Throw<InvalidOperationException>().WithMessage("*is not referenced by anybody*");
        here.Process.Invoking(p => p.GetUserPages(address, [])).Should().Throw<ArgumentException>().WithMessage("Give room for at least one page.*");
        here.Machine.Should().BeConsistent();
    }

    [Fact]
    public void A_closed_file_cannot_be_used()
    {
        here.File.Close();
        Action[] acts = [() => here.Process.Mmap(0, 4096, Prot.Read, MapFlags.Shared, here.File), () => here.Process.Pread(here.File, 0x1000, 1, 0), () => here.File.Close()];

        acts.Should().AllSatisfy(act => act.Should().Throw<InvalidOperationException>().WithMessage("*closed before: open it again*"));
    }

    [Fact]
    public void A_filesystem_that_was_unmounted_has_no_files()
    {
        here.File.Close();
        here.Machine.Unmount("/mnt").Should().Succeed();

        here.Mount.Invoking(m => m.Open("data")).Should().Throw<InvalidOperationException>().WithMessage("/mnt was unmounted: *");
    }

    [Fact]
    public void A_value_that_is_not_there_cannot_be_had()
    {
        var failed = here.Process.ReadByte(0x10);

        failed.Invoking(f => f.Value).Should().Throw<InvalidOperationException>().WithMessage("There is no value: the outcome is SIGSEGV/SEGV_MAPERR at 0x10*Test IsOk first.*decided by do_user_addr_fault: Nothing is mapped at 0x10.*");
        FluentActions.Invoking(() => new Result<int>(Verdict.Ok)).Should().Throw<ArgumentException>().WithMessage("A success has a value*");
    }
}
