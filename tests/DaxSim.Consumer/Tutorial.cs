using Xunit.Sdk;

namespace DaxSim.Consumer;

/// <summary>The code of docs/guide/tutorial.md.</summary>
public class Tutorial
{
    #region first-test
    [Fact]
    public void A_driver_cannot_take_a_page_that_has_no_struct_page()
    {
        var usr = Machines.DcssUsr("4.16");        // /usr on a shared z/VM segment, ext2 with DAX
        var text = usr.MapAndTouch();              // a private mapping of bin/ls, its first page loaded

        var result = usr.Process.GetUserPages(text, 1);

        result.Should().FailWith(Errno.EFAULT);
    }
    #endregion

    [Fact]
    public void A_failing_test_explains_itself()
    {
        var act = () =>
        {
            #region failing-test
            var usr = Machines.DcssUsr("6.1");
            var text = usr.MapAndTouch();

            var result = usr.Process.GetUserPages(text, 1);

            result.Should().Succeed("bin/ls is mapped and its page was read");
            #endregion
        };

        act.Should().Throw<XunitException>().Which.Message.Should().Be(Expected.Text("failing-test.txt"));
    }

    #region each-release
    public static IEnumerable<object[]> PageLess
        => Kernels.EachRelease(Architecture.S390X).From("4.11").UpTo("6.14").Versions;

    [Theory]
    [MemberData(nameof(PageLess))]
    public void Fork_copies_a_page_less_mapping_on_every_kernel(string kernel)
    {
        var usr = Machines.DcssUsr(kernel);
        var text = usr.MapAndTouch();

        var child = usr.Process.Fork().Should().Succeed().Which;

        child.ReadByte(text).Should().Succeed().Which.Should().Be((byte)'a');
        usr.Machine.Should().BeConsistent();
    }
    #endregion

    #region before-and-after
    public static IEnumerable<object[]> StructPageRequired => Kernels.BeforeAndAfter("569d0365f571").Rows;

    [Theory]
    [MemberData(nameof(StructPageRequired))]
    public void Raw_pmem_lost_DAX_when_struct_pages_became_a_must(KernelPolicy kernel, bool required)
    {
        var pmem = Machines.PmemRaw(kernel);

        pmem.Mount.IsDax.Should().Be(!required);
    }
    #endregion
}
