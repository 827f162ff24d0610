using CsCheck;
using DaxSim.Policy;

namespace DaxSim.Tests.House;

/// <summary>The history as data, and the algebra of taking commits out and putting them in.</summary>
public class KernelHistoryTests
{
    private static readonly Gen<KernelPolicy> SomeKernel =
        from version in Gen.Int[0, KernelVersion.Releases.Count - 1]
        from architecture in Gen.Int[0, Architecture.All.Count - 1]
        select KernelPolicy.Mainline(KernelVersion.Releases[version], Architecture.All[architecture]);

    private static readonly Gen<KernelChange> SomeChange = Gen.Int[0, KernelHistory.Changes.Count - 1].Select(i => KernelHistory.Changes[i]);

    public static TheoryData<string> Keys => [.. KernelHistory.Changes.Select(c => c.Key)];

    [Fact]
    public void It_knows_well_over_a_hundred_changes()
    {
        KernelHistory.Changes.Should().HaveCountGreaterThan(100);
    }

    [Fact]
    public void It_is_in_release_order()
    {
        KernelHistory.Changes.Should().BeInAscendingOrder(c => c.Since);
    }

    [Fact]
    public void Keys_are_unique()
    {
        KernelHistory.Changes.Should().OnlyHaveUniqueItems(c => c.Key);
    }

    [Fact]
    public void A_commit_is_one_change_so_that_it_can_be_reverted_whole()
    {
        KernelHistory.Changes.Where(c => c.Commit is not null).Should().OnlyHaveUniqueItems(c => c.Commit);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_change_is_told_completely(string key)
    {
        var change = KernelHistory.Find(key);

        change.Key.Should().MatchRegex("^[a-z0-9][a-z0-9.-]*$");
        change.Commit?.Should().MatchRegex("^[0-9a-f]{12}$");
        change.Title.Should().NotBeNullOrWhiteSpace();
        change.Effect.Should().EndWith(".").And.HaveLength(change.Effect.Trim().Length);
        change.Source.Should().NotBeNullOrWhiteSpace();
        change.Backports.Should().BeInAscendingOrder().And.NotContain(b => b.IsMainline || b > change.Since);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_change_alters_a_behaviour_of_its_first_release(string key)
    {
        var change = KernelHistory.Find(key);

        Architecture.All.Where(change.Concerns)
            .SelectMany(a => Altered(KernelPolicy.Mainline(change.Since, a), change))
            .Should().NotBeEmpty();
    }

    [Fact]
    public void Reverting_and_picking_the_same_commit_changes_nothing()
    {
        Gen.Select(SomeKernel, SomeChange).Check(both =>
        {
            var (kernel, change) = both;
            if (kernel.Has(change))
            {
                kernel.Revert(change.Key).Pick(change.Key).Should().Be(kernel);
            }
            else if (change.Concerns(kernel.Architecture))
            {
                kernel.Pick(change.Key).Revert(change.Key).Should().Be(kernel);
            }
        }, cases: 100, steps: 1000);
    }

    [Fact]
    public void Reverts_and_picks_commute()
    {
        Gen.Select(SomeKernel, SomeChange, SomeChange).Check(all =>
        {
            var (kernel, one, other) = all;
            if (one == other || !one.Concerns(kernel.Architecture) || !other.Concerns(kernel.Architecture))
            {
                return;
            }

            Toggle(Toggle(kernel, one), other).Should().Be(Toggle(Toggle(kernel, other), one));
        }, cases: 100, steps: 1000);
    }

    [Fact]
    public void A_reverted_commit_sets_no_property()
    {
        Gen.Select(SomeKernel, SomeChange).Check(both =>
        {
            var (kernel, change) = both;
            if (kernel.Has(change))
            {
                var without = kernel.Revert(change.Key);
                AllProperties().Should().NotContain(p => without.SetBy(p) == change);
            }
        }, cases: 100, steps: 1000);
    }

    [Fact]
    public void Reverting_everything_gives_the_oldest_kernel()
    {
        SomeKernel.Check(kernel =>
        {
            var bare = KernelHistory.Changes.Where(kernel.Has).Reverse().Aggregate(kernel, (policy, change) => policy.Revert(change.Key));
            var oldest = KernelHistory.Changes.Where(c => c.IsIn(KernelVersion.Oldest, kernel.Architecture))
                .Aggregate(KernelPolicy.Mainline(KernelVersion.Oldest, kernel.Architecture), (policy, change) => policy.Revert(change.Key));
            bare.DifferencesTo(oldest).Should().BeEmpty();
        }, cases: 20, steps: 10000);
    }

    [Fact]
    public void A_release_without_what_came_with_it_behaves_like_the_release_before()
    {
        foreach (var architecture in Architecture.All)
        {
            for (var i = 1; i < KernelVersion.Releases.Count; i++)
            {
                var release = KernelPolicy.Mainline(KernelVersion.Releases[i], architecture);
                var before = KernelPolicy.Mainline(KernelVersion.Releases[i - 1], architecture);
                var without = KernelHistory.Changes.Where(c => c.Since == release.Version && c.Concerns(architecture))
                    .Aggregate(release, (policy, change) => policy.Revert(change.Key));
                without.DifferencesTo(before).Should().BeEmpty($"{release} without its own changes is {before}");
            }
        }
    }

    [Fact]
    public void Replacing_a_behaviour_is_remembered_as_what_if()
    {
        var kernel = KernelPolicy.Mainline("4.14", Architecture.X8664);

        var changed = kernel with { DevmapPte = DevmapPteSupport.None };

        changed.IsWhatIf(PolicyProperty.DevmapPte).Should().BeTrue();
        changed.SetBy(PolicyProperty.DevmapPte).Should().BeNull();
        kernel.IsWhatIf(PolicyProperty.DevmapPte).Should().BeFalse("a policy is immutable");
    }

    [Fact]
    public void There_is_room_for_every_behaviour()
    {
        AllProperties().Select(p => (int)p).Max().Should().BeLessThan(KernelPolicy.PropertyRoom, "a policy keeps a value for each");
    }

    [Fact]
    public void A_version_that_was_never_set_is_no_kernel()
    {
        var asked = () => KernelPolicy.Mainline(default(KernelVersion), Architecture.X8664);

        asked.Should().Throw<ArgumentException>().WithMessage("*KernelVersion.Parse*");
    }

    [Fact]
    public void Everybody_who_asks_for_a_kernel_gets_the_same_policy()
    {
        KernelPolicy.Mainline("6.1.55", Architecture.Arm64).Should().BeSameAs(KernelPolicy.Mainline("6.1.55", Architecture.Arm64));
        KernelPolicy.Mainline("6.1.55", Architecture.Arm64).Should().NotBeSameAs(KernelPolicy.Mainline("6.1.56", Architecture.Arm64));
        KernelPolicy.Mainline("6.1.55", Architecture.Arm64).Version.Should().Be(KernelVersion.Parse("6.1.55"));
    }

    [Fact]
    public void Releases_are_numbered_in_order()
    {
        for (var i = 0; i < KernelVersion.Releases.Count; i++)
        {
            KernelVersion.Releases[i].ReleaseIndex.Should().Be(i);
        }
    }

    private static KernelPolicy Toggle(KernelPolicy kernel, KernelChange change) => kernel.Has(change) ? kernel.Revert(change.Key) : kernel.Pick(change.Key);

    private static IReadOnlyList<PolicyProperty> Altered(KernelPolicy kernel, KernelChange change) => kernel.DifferencesTo(kernel.Revert(change.Key));

    private static IEnumerable<PolicyProperty> AllProperties() => Enum.GetValues<PolicyProperty>();
}
