using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>get_user_pages into an array of the caller's own: counted like every other reference.</summary>
public class UserPageArrayTests
{
    [Theory]
    [InlineData("4.14", false)]
    [InlineData("6.1", false)]
    [InlineData("6.1", true)]
    [InlineData("7.2", true)]
    public void Pages_in_an_array_are_audited_survive_a_snapshot_and_are_given_back(string kernel, bool pin)
    {
        var scene = Scene.X86(kernel);
        var process = scene.Machine.Spawn("driver");
        var memory = process.Mmap(0, 4 * Scene.Page, Scene.ReadWrite, MapFlags.Private).Value;
        var pfns = new ulong[4];
        var before = scene.Machine.Snapshot();

        var taken = pin ? process.PinUserPagesFast(memory, pfns, GupFlags.Write) : process.GetUserPagesFast(memory, pfns, GupFlags.Write);

        taken.Value.Should().Be(4);
        pfns.Should().OnlyHaveUniqueItems();
        scene.Check();
        scene.Machine.Clone().Audit().Should().BeEmpty();
        Give(pfns);
        scene.Check();
        this.Invoking(_ => Give(pfns)).Should().Throw<InvalidOperationException>().WithMessage("*released once*");
        scene.Check();
        scene.Machine.Restore(before);
        scene.Check();

        void Give(ulong[] pages)
        {
            if (pin)
            {
                process.UnpinUserPages(pages, dirty: true);
            }
            else
            {
                process.ReleaseUserPages(pages, dirty: true);
            }
        }
    }

    [Fact]
    public void The_longest_prefix_is_taken()
    {
        var scene = Scene.X86("6.1");
        var process = scene.Machine.Spawn("driver");
        var memory = process.Mmap(0, 2 * Scene.Page, Scene.ReadWrite, MapFlags.Private).Value;
        var pfns = new ulong[4];

        process.GetUserPagesFast(memory, pfns, GupFlags.Write).Value.Should().Be(2);
        scene.Check();
        process.ReleaseUserPages(pfns.AsSpan(0, 2));
        process.GetUserPagesFast(memory + (2 * Scene.Page), pfns).Errno.Should().Be(Errno.EFAULT);
        scene.Check();
    }
}
