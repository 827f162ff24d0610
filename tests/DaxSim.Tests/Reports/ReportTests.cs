using System.Text.Json;
using System.Text.RegularExpressions;
using DaxSim.Policy;
using DaxSim.Scenarios.Files;
using DaxSim.Scenarios.Reports;
using DaxSim.Tests.House;

namespace DaxSim.Tests.Reports;

/// <summary>The page as text: complete in itself, the same every time, and safe whatever stands in a scenario.</summary>
public class ReportTests
{
    private static readonly Scenario Fork = Scenario.Read(Path.Combine(SourceTree.Root, "docs", "scenarios", "fork-over-page-less-dax.daxsim.yaml"));
    private static readonly Scenario Pin = Scenario.Read(Path.Combine(SourceTree.Root, "docs", "scenarios", "pinned-page-and-fork.daxsim.yaml"));

    [Fact]
    public void The_same_report_is_the_same_text()
        => Page(Fork, Pin).Should().Be(Page(Fork, Pin));

    [Fact]
    public void The_page_needs_no_other_file()
    {
        var page = Page(Fork);

        Regex.Matches(page, @"(src|href)\s*=\s*""(?<to>[^""]*)""").Select(m => m.Groups["to"].Value).Should().OnlyContain(to => to.StartsWith('#'));
        page.Should().NotContain("@import").And.NotContain("url(http").And.Contain("default-src 'none'");
    }

    [Fact]
    public void Kernels_on_which_it_went_the_same_way_are_one_story()
    {
        var story = ScenarioStory.Of(Fork);

        story.Eras.Select(e => e.Kernels).Should().Equal("4.0 to 4.18", "4.19 to 6.14");
    }

    [Fact]
    public void The_child_s_entries_before_and_after_4_19_are_drawn_as_they_are()
    {
        var eras = ScenarioStory.Of(Fork).Eras;
        StoryPage ChildAfterFork(StoryEra era) => era.Moments.First(m => m.Step?.Action == "fork").Tables.Single(t => t.Process == "child").Pages[0];

        ChildAfterFork(eras[0]).View.HasBit("special").Should().BeTrue("copied; recorded on s390x");
        ChildAfterFork(eras[1]).View.Level.Should().Be("none", "0 of 4 entries in the child; recorded on s390x");
        Page(Fork).Should().Contain("Page tables before fork").And.Contain("Page tables after fork").And.Contain("no struct page");
    }

    [Fact]
    public void The_memory_map_shows_where_struct_pages_are()
    {
        var regions = ScenarioStory.Of(Fork).Eras[0].Regions;

        regions.Select(r => (r.Device, r.StructPages)).Should().Equal((null, "from boot, in RAM"), ("dcssblk0", null));
    }

    [Fact]
    public void A_pinned_page_has_its_mark_and_counts_go_over_time()
    {
        var era = ScenarioStory.Of(Pin).Eras[^1];

        era.Moments.Select(m => m.Counts.Single(c => c.Name == "pins").Value).Should().StartWith(new long[] { 0, 0, 0, 0, 0, 0, 1 });
        Page(Pin).Should().Contain(">1 pin<").And.Contain("copy on write").And.Contain("Counts over time");
    }

    [Fact]
    public void What_stands_in_a_scenario_cannot_become_markup()
    {
        const string evil = "<img src=x onerror=alert(1)></script>";
        var scenario = Scenario.Parse($"title: \"{evil}\"\nwhy: \"{evil}\"\nsource: \"{evil}\"\nkernels: \"4.14\"\nmachine: {{}}\nsteps:\n- spawn: a\n  note: \"{evil}\"\n- open: \"/{evil}\"\n  expect: any\n");
        var page = new Report(evil, [new ReportMatrix(evil, evil, ["4.14"], [new ReportRow(evil, evil, [new ReportEra(0, 1, evil, ReportTone.Bad, new ReportExplanation(evil, evil, [evil], [evil], evil))])])], [ScenarioStory.Of(scenario)]).ToHtml();

        page.Should().NotContain("<img");
        Regex.Matches(page, "</script>").Should().HaveCount(2);
        var data = Regex.Match(page, @"id=""explanations"">(?<json>.*?)</script>", RegexOptions.Singleline).Groups["json"].Value;
        JsonDocument.Parse(data).RootElement[0].GetProperty("h").GetString().Should().Be(evil);
    }

    [Fact]
    public void Every_cell_of_a_heat_map_tells_why_and_the_cells_cover_every_kernel()
    {
        var html = Tool.Daxsim.Run("report", "--device", "pmem:raw", "--mapping", "pmem:raw/ext4,shared,wr", "-o", "-").Out;

        var rows = Regex.Matches(html, @"<tr><th scope=""row"">.*?</tr>", RegexOptions.Singleline);
        rows.Should().HaveCountGreaterThan(40);
        rows.Select(r => Regex.Matches(r.Value, @"colspan=""(\d+)""").Sum(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))).Should().OnlyContain(n => n == KernelVersion.Releases.Count);
        var count = JsonDocument.Parse(Regex.Match(html, @"id=""explanations"">(?<json>.*?)</script>", RegexOptions.Singleline).Groups["json"].Value).RootElement.GetArrayLength();
        Regex.Matches(html, @"data-x=""(\d+)""").Select(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).Should().OnlyContain(x => x < count);
    }

    private static string Page(params Scenario[] scenarios) => new Report("t", [], [.. scenarios.Select(s => ScenarioStory.Of(s))]).ToHtml();
}
