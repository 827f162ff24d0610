using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Testing;

namespace DaxSim.Tests.Testing;

/// <summary>Theories over kernels. Dates of the commits are those of the history.</summary>
public class KernelsTests
{
    public static IEnumerable<object[]> PageLessUsr => Kernels.EachRelease(Architecture.S390X).From("4.11").UpTo("6.14").ThatMountWithDax("dcssblk:SR", "ext2").Versions;

    [Theory]
    [MemberData(nameof(PageLessUsr))]
    public void Versions_are_rows_for_a_theory(string kernel)
    {
        // No kernel of these gives a page that does not exist: recorded on s390x for GET of a shared mapping; EFAULT until 5.17, EEXIST since 7196040e19ad.
        var usr = Machines.DcssUsr(kernel);
        var result = usr.Process.GetUserPages(usr.MapAndTouch(MapFlags.Shared), 1);
        result.Should().FailWith(usr.Kernel.Has(KernelHistory.Find("7196040e19ad")) ? Errno.EEXIST : Errno.EFAULT);
    }

    [Fact]
    public void Each_release_is_there_once()
    {
        Kernels.EachRelease(Architecture.X8664).Select(k => k.Version).Should().Equal(KernelVersion.Releases);
    }

    [Fact]
    public void Eras_begin_where_a_behaviour_changes()
    {
        // 09854ba94c6a (5.9) and 6c287605fd56 (5.19) changed when an anonymous page is reused.
        Kernels.EachEra(Architecture.X8664, PolicyProperty.AnonReuse).Select(k => k.Version.ToString()).Should().Equal("3.10", "5.9", "5.19");
        Kernels.EachEraBoundary(Architecture.X8664, PolicyProperty.AnonReuse).Select(k => k.Version.ToString()).Should().Equal("5.8", "5.9", "5.18", "5.19");
    }

    [Fact]
    public void The_eras_of_all_behaviours_differ_from_their_neighbours()
    {
        var eras = Kernels.EachEra(Architecture.S390X);

        eras.Zip(eras.Skip(1)).Should().OnlyContain(p => p.First.DifferencesTo(p.Second).Count > 0);
        eras.Count.Should().BeGreaterThan(10).And.BeLessThan(KernelVersion.Releases.Count);
    }

    [Fact]
    public void Before_and_after_a_commit_are_neighbouring_releases()
    {
        var pair = Kernels.BeforeAndAfter("569d0365f571");

        pair.Rows.Should().BeEquivalentTo(new object[][] { [KernelPolicy.Mainline("4.15", Architecture.X8664), false], [KernelPolicy.Mainline("4.16", Architecture.X8664), true] });
        pair.Before.Has(pair.Change).Should().BeFalse();
        pair.ToString().Should().Be("4.15 x86_64 and 4.16 x86_64: 569d0365f571 dax: require 'struct page' by default for filesystem dax (4.16)");
    }

    [Fact]
    public void With_and_without_a_commit_is_one_release()
    {
        var pair = Kernels.WithAndWithout("569d0365f571", "4.16");

        Machines.PmemRaw(pair.Before).Mount.IsDax.Should().BeTrue();
        Machines.PmemRaw(pair.After).Mount.IsDax.Should().BeFalse();
        Kernels.WithAndWithout("569d0365f571", "4.15").After.Picked.Should().Equal(pair.Change);
    }

    [Fact]
    public void Filters_narrow_a_set()
    {
        var releases = Kernels.EachRelease(Architecture.X8664);

        releases.With("569d0365f571")[0].Version.ToString().Should().Be("4.16");
        releases.Without("569d0365f571")[^1].Version.ToString().Should().Be("4.15");
        releases.From("5.0").UpTo("5.1").Policies.Should().HaveCount(2);
        releases.Where(k => k.Has(KernelHistory.Find("569d0365f571"))).Should().Equal(releases.With("569d0365f571"));
    }

    [Fact]
    public void What_cannot_be_asked_is_refused()
    {
        var unknown = () => Kernels.BeforeAndAfter("0000000");
        var elsewhere = () => Kernels.BeforeAndAfter("3565fce3a659", Architecture.S390X);

        unknown.Should().Throw<ArgumentException>().WithMessage("*no commit or key*");
        elsewhere.Should().Throw<ArgumentException>().WithMessage("*concerns*");
    }
}
