using DaxSim.Policy;

namespace DaxSim.Tests.Tool;

public class HistoryCommandTests
{
    [Fact]
    public void It_lists_every_change()
    {
        var run = Daxsim.Run("history");

        run.ExitCode.Should().Be(0);
        run.Error.Should().BeEmpty();
        run.Out.Should().EndWith($"{KernelHistory.Changes.Count} changes\n");
        KernelHistory.Changes.Should().OnlyContain(c => run.Out.Contains(c.Key, StringComparison.Ordinal));
    }

    [Fact]
    public void It_shows_what_a_commit_alters()
    {
        Daxsim.Run("history", "--grep", "569d0365f571").Out
            .Should().Contain("dax: require 'struct page' by default for filesystem dax")
            .And.Contain("AdmissionPfnTest: ");
    }

    [Fact]
    public void A_range_of_kernels_includes_back_ports()
    {
        var changes = Daxsim.Run("history", "--kernel", "4.14.1..4.14.300", "--json").Json.EnumerateArray().ToList();

        changes.Should().NotBeEmpty().And.OnlyContain(c => c.GetProperty("backports").EnumerateArray().Any(b => b.GetString()!.StartsWith("4.14.", StringComparison.Ordinal)));
    }

    [Fact]
    public void One_kernel_shows_what_came_with_it()
    {
        Daxsim.Run("history", "--kernel", "4.16", "--json").Json.EnumerateArray()
            .Should().NotBeEmpty().And.OnlyContain(c => c.GetProperty("since").GetString() == "4.16" || c.GetProperty("backports").EnumerateArray().Any(b => b.GetString() == "4.16"));
    }

    [Fact]
    public void An_architecture_leaves_out_what_concerns_others()
    {
        Daxsim.Run("history", "--arch", "x86_64", "--json").Json.EnumerateArray()
            .Should().OnlyContain(c => c.GetProperty("architectures").GetArrayLength() == 0 || c.GetProperty("architectures").EnumerateArray().Any(a => a.GetString() == "x86_64"));
    }

    [Fact]
    public void A_property_selects_the_changes_that_alter_it()
    {
        Daxsim.Run("history", "--property", "devmappte", "--json").Json.EnumerateArray()
            .Should().NotBeEmpty().And.OnlyContain(c => c.GetProperty("alters").EnumerateArray().Any(a => a.GetProperty("property").GetString() == "DevmapPte"));
    }

    [Fact]
    public void Evidence_selects_what_is_founded_so()
    {
        Daxsim.Run("history", "--evidence", "recorded", "--json").Json.EnumerateArray()
            .Should().NotBeEmpty().And.OnlyContain(c => c.GetProperty("evidence").GetString() == "Recorded");
    }

    [Fact]
    public void Nothing_found_is_an_answer()
    {
        var run = Daxsim.Run("history", "--grep", "there is no such text");

        run.ExitCode.Should().Be(0);
        run.Out.Should().Be("0 changes\n");
    }

    [Fact]
    public void No_line_is_wider_than_the_terminal()
    {
        Daxsim.RunOn(new ToolConsoleShape(Width: 60), "history").Lines.Should().OnlyContain(l => l.Length <= 60);
    }
}
