using System.Diagnostics;
using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;
using DaxSim.Testing;
using Process = DaxSim.Processes.Process;

namespace DaxSim.Consumer;

/// <summary>The code of docs/guide/howto.md.</summary>
public class HowTo
{
    #region page-less
    // The code under test: takes the page where that is possible, and copies where it is not.
    private static byte Fetch(Process process, ulong address)
    {
        var pages = process.GetUserPages(address, 1);
        if (!pages.IsOk)
        {
            return process.ReadByte(address).Value;
        }

        var bytes = new byte[1];
        pages.Value.Read(index: 0, offset: 0, bytes);
        pages.Value.Release();
        return bytes[0];
    }

    public static IEnumerable<object[]> PageLess
        => Kernels.EachRelease(Architecture.S390X).From("4.11").UpTo("6.14").Versions;

    [Theory]
    [MemberData(nameof(PageLess))]
    public void The_byte_arrives_though_its_memory_has_no_struct_page(string kernel)
    {
        var usr = Machines.DcssUsr(kernel);
        var text = usr.MapAndTouch();
        usr.Process.View(text).HasStructPage.Should().BeFalse("that is what this test is about");

        Fetch(usr.Process, text).Should().Be((byte)'a');

        usr.Machine.Should().BeConsistent();
    }
    #endregion

    #region compare
    [Fact]
    public void The_errno_for_memory_without_struct_page_changed_in_5_18()
    {
        var kernels = Kernels.BeforeAndAfter("7196040e19ad", Architecture.S390X);

        Take(kernels.Before).Should().FailWith(Errno.EFAULT);
        Take(kernels.After).Should().FailWith(Errno.EEXIST).And.DecidedBy("7196040e19ad");

        kernels.Before.DifferencesTo(kernels.After).Should().Contain(PolicyProperty.GupWithoutStructPage);
    }

    private static Result<UserPages> Take(KernelPolicy kernel)
    {
        var usr = Machines.DcssUsr(kernel);
        return usr.Process.GetUserPages(usr.MapAndTouch(), 1);
    }
    #endregion

    #region revert
    [Fact]
    public void Without_the_commit_4_16_would_still_use_DAX_on_raw_pmem()
    {
        var real = KernelPolicy.Mainline("4.16", Architecture.X8664);
        var whatIf = real.Revert("569d0365f571");

        Machines.PmemRaw(real).Mount.IsDax.Should().BeFalse();
        Machines.PmemRaw(whatIf).Mount.IsDax.Should().BeTrue();
    }

    [Fact]
    public void With_the_proposal_of_2017_a_read_only_segment_would_keep_DAX_without_FS_DAX_LIMITED()
    {
        var kernels = Kernels.WithAndWithout("proposed-read-only-dax", "5.0", Architecture.X8664);

        kernels.After.DifferencesTo(kernels.Before).Should().Equal(PolicyProperty.AdmissionPfnTest);
    }
    #endregion

    #region media-error
    [Fact]
    public void A_load_from_a_bad_block_is_a_SIGBUS()
    {
        var pmem = Machines.Pmem("6.1");
        var address = pmem.Map(MapFlags.Shared);                          // mapped, not touched yet
        var size = pmem.Machine.FindDevice(pmem.Device)!.SizeBytes;
        pmem.Machine.InjectMediaError(pmem.Device, offset: 0, size);      // everything, wherever the file lies

        pmem.Process.ReadByte(address).Should().RaiseSignal(Signal.SIGBUS, SiCode.BUS_ADRERR);
        pmem.Process.GetUserPages(address, 1).Should().FailWith(Errno.EFAULT);
    }
    #endregion

    #region pins
    [Fact]
    public void A_pinned_buffer_stays_with_the_parent_across_fork()
    {
        var memory = Machines.Anonymous("6.1");
        var buffer = memory.MapAndTouch(write: true);
        var pins = memory.Process.PinUserPages(buffer, 1, GupFlags.Write).Should().Succeed().Which;
        memory.Process.View(buffer).Should().BePinned().And.HaveReferences(1 + 1024);   // the entry's and the bias of a pin

        var child = memory.Fork();
        memory.Process.WriteByte(buffer, 42).Should().Succeed();

        memory.Process.View(buffer).Should().BePinned("the child got the copy");
        child.ReadByte(buffer).Should().Succeed().Which.Should().Be(1);
        pins.Release();
        memory.Process.View(buffer).Pins.Should().Be(0);
        memory.Machine.Should().BeConsistent();
    }
    #endregion

    #region observe
    [Fact]
    public void An_operation_can_be_watched()
    {
        var heard = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (heard)
                {
                    heard.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var test = new Activity("my test").Start();

        var usr = Machines.DcssUsr("4.16");
        usr.Process.GetUserPages(usr.MapAndTouch(), 1);

        lock (heard)
        {
            heard.Where(a => a.TraceId == test.TraceId).Select(a => $"{a.OperationName}: {a.GetTagItem("daxsim.outcome")}")
                .Should().Equal("build: Ok", "mount: Ok", "mmap: Ok", "get_user_pages: EFAULT");
        }
    }
    #endregion
}
