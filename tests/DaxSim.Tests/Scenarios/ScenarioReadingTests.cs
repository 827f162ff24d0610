using System.Diagnostics;
using System.Text;
using DaxSim.Policy;
using DaxSim.Scenarios.Files;

namespace DaxSim.Tests.Scenarios;

/// <summary>Reading is strict, says where the mistake is, and cannot be overrun.</summary>
public class ScenarioReadingTests
{
    private const string Head = "title: t\nkernels: \"4.14\"\nmachine: {}\n";

    [Theory]
    [InlineData("steps:\n- spwan: a", "f.yaml:5:3: 'spwan' is no action. Did you mean 'spawn'? The actions are *")]
    [InlineData("steps:\n- spawn: a\n- load: pg", "f.yaml:6:9: at: no step before this one gives the mapping 'pg'.")]
    [InlineData("steps:\n- spawn: a\n- mmap: {length: 4K}\n  as: page\n- load: pag", "f.yaml:8:9: at: no step before this one gives the mapping 'pag'. Did you mean 'page'? There is page.")]
    [InlineData("steps:\n- mmap: {length: 4K}\n  as: page", "f.yaml:5:3: A process must do mmap: start one before, with a step - spawn: NAME.")]
    [InlineData("steps:\n- spawn: a\n- spawn: b\n- mmap: {length: 4K}", "f.yaml:7:3: Say which process does mmap: in: a or b.")]
    [InlineData("steps:\n- spawn: a\n- mmap: {length: 4K, flags: [shared, shred]}", "f.yaml:6:38: flags: 'shred' is none of *Did you mean 'shared'?")]
    [InlineData("steps:\n- spawn: a\n  exepct: ok", "f.yaml:6:3: A step that does spawn has no 'exepct'. Did you mean 'expect'?*")]
    [InlineData("steps:\n- spawn: a\n- fork: b\n  expect: EFUALT", "f.yaml:7:11: expect: 'EFUALT' is no outcome*Did you mean 'EFAULT'?")]
    [InlineData("steps:\n- spawn: a\n- fork: b\n  expect: {\"4.15..\": ok}", "f.yaml:7:12: expect does not say what kernel 4.14 does, which the scenario runs on: add it, or otherwise.")]
    [InlineData("steps:\n- spawn: a\n- fork: b\n  expect: {\"..4.14\": ok, \"4.14..\": EIO}", "f.yaml:7:26: '..4.14' and '4.14..' both speak of kernel 4.14: let only one of them.")]
    [InlineData("steps:\n- spawn: a\n- fork: b\n  expect: {\"4.15..4.14\": ok}", "f.yaml:7:12: expect: The range '4.15..4.14' is empty*")]
    [InlineData("steps:\n- spawn: a\n- mmap: {length: 4K}\n  as: 4k", "f.yaml:7:7: '4k' is no name*")]
    [InlineData("steps:\n- spawn: a\n- mmap: {length: 4K}\n  as: a", "f.yaml:7:7: 'a' is the name of a process already: choose another.")]
    [InlineData("steps:\n- spawn: a\n- mmap: {length: 4K}\n  as: page\n- store: page", "f.yaml:8:10: store takes a mapping with at, value.")]
    [InlineData("steps:\n- spawn: a\n- mmap: {length: 4K}\n  as: page\n- store: {at: page, value: AB}", "f.yaml:8:28: value: 'AB' is no byte*")]
    [InlineData("steps:\n- spawn: a\n- mmap: {length: 4Q}", "f.yaml:6:18: length: *")]
    [InlineData("steps: {}", "f.yaml:4:8: steps is a list, not a mapping*")]
    [InlineData("steps: []\nstep: []", "f.yaml:5:1: The file has no 'step'. Did you mean 'steps'?*")]
    public void A_mistake_is_told_with_file_line_and_column(string text, string message)
    {
        var reading = () => Scenario.Parse(Head + text, "f.yaml");

        reading.Should().Throw<FormatException>().WithMessage(message).Which.Message.Should().NotContain("\n");
    }

    [Fact]
    public void Deep_nesting_ends_early()
    {
        var reading = () => Scenario.Parse($"title: {new string('[', 500_000)}");

        reading.Should().Throw<FormatException>().WithMessage("*nested more than 24 deep*");
    }

    [Fact]
    public void A_bomb_of_aliases_does_not_go_off()
    {
        var text = new StringBuilder("a: &a [x,x,x,x,x,x,x,x,x]\n");
        for (var c = 'b'; c < 'z'; c++)
        {
            text.Append($"{c}: &{c} [{string.Join(',', Enumerable.Repeat($"*{(char)(c - 1)}", 9))}]\n");
        }

        var reading = () => Scenario.Parse(text.ToString());

        reading.Should().Throw<FormatException>().WithMessage("*Anchors (&name) are not read*");
    }

    [Fact]
    public void A_file_of_more_than_a_mebibyte_is_refused()
    {
        var reading = () => Scenario.Parse($"title: {new string('x', 1 << 20)}");

        reading.Should().Throw<FormatException>().WithMessage("*larger than 1 MiB*");
    }

    [Fact]
    public void Very_many_values_are_refused()
    {
        var reading = () => Scenario.Parse($"title: [{string.Join(',', Enumerable.Repeat("x", 200_000))}]");

        reading.Should().Throw<FormatException>().WithMessage("*more than 100000 values*");
    }

    [Fact]
    public void Whatever_bytes_a_file_holds_the_answer_is_one_line()
    {
        // Every truncation and many single-byte changes of a good file: read, or refused with a FormatException; nothing else.
        var good = Head + "steps:\n- spawn: a\n- mmap: {length: 4K, flags: [shared]}\n  as: page\n- load: page\n  expect: {\"..4.15\": returns 0, otherwise: ok}\n";
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = good.ToCharArray();
            if (i < good.Length)
            {
                bytes = bytes[..i];
            }
            else
            {
                bytes[random.Next(bytes.Length)] = (char)random.Next(1, 127);
                bytes[random.Next(bytes.Length)] = (char)random.Next(1, 127);
            }

            try
            {
                ScenarioRunner.Run(Scenario.Parse(new string(bytes), "f.yaml"));
            }
            catch (FormatException problem)
            {
                problem.Message.Should().NotContain("\n").And.NotBeEmpty();
            }
        }
    }

    [Theory]
    [InlineData("4.14", "4.14", true)]
    [InlineData("4.14", "4.14.74", true)]
    [InlineData("4.14.74", "4.14.74", true)]
    [InlineData("4.14.74", "4.14.75", false)]
    [InlineData("..4.14", "4.14.74", true)]
    [InlineData("..4.14.10", "4.14.11", false)]
    [InlineData("4.14..4.16", "4.13.16", false)]
    [InlineData("4.14, 5.0..", "4.15", false)]
    [InlineData("4.14, 5.0..", "7.3", true)]
    public void A_range_of_kernels_ends_with_the_point_releases_of_its_last(string range, string kernel, bool contained)
        => KernelRange.Parse(range).Contains(KernelVersion.Parse(kernel)).Should().Be(contained);
}
