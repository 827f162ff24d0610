using DaxSim.Tests.House;

namespace DaxSim.Tests.Tool;

public sealed class ReportCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("daxsim-report-").FullName;

    private static string Scenarios => Path.Combine(SourceTree.Root, "docs", "scenarios");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_file_is_written_and_named()
    {
        var run = Daxsim.Run("report", $"{Scenarios}/basic-copy-on-write.daxsim.yaml", "--no-matrix", "-o", $"{folder}/r.html");

        run.ExitCode.Should().Be(0);
        run.Out.Should().StartWith($"{folder}/r.html: 0 heat maps, 1 scenario, ");
        File.ReadAllText($"{folder}/r.html").Should().StartWith("<!doctype html>").And.Contain("After fork each side writes its own copy");
    }

    [Fact]
    public void The_json_tells_what_the_page_holds()
    {
        var json = Daxsim.Run("report", $"{Scenarios}/gup-of-page-less-memory.daxsim.yaml", "--device", "pmem:raw", "--mapping", "anon,private,wr", "-o", $"{folder}/r.html", "--json").Json;

        json.GetProperty("bytes").GetInt64().Should().Be(new FileInfo($"{folder}/r.html").Length);
        json.GetProperty("matrices").GetArrayLength().Should().Be(2);
        json.GetProperty("scenarios")[0].GetProperty("passed").GetBoolean().Should().BeTrue();
    }

    [Fact]
    public void All_scenarios_fit_on_one_page()
    {
        var run = Daxsim.Run("report", Scenarios, "--no-matrix", "--kernels", "4.14,4.19,6.1", "-o", $"{folder}/r.html");

        run.ExitCode.Should().Be(0, run.Error);
        new FileInfo($"{folder}/r.html").Length.Should().BeLessThan(8 << 20);
    }

    [Fact]
    public void Commits_that_are_taken_out_are_out_in_the_scenarios_too()
    {
        var run = Daxsim.Run("report", $"{Scenarios}/pinned-page-and-fork.daxsim.yaml", "--no-matrix", "--kernels", "5.9", "--revert", "70e806e4e645", "-o", $"{folder}/r.html");

        run.ExitCode.Should().Be(0, run.Error);
        File.ReadAllText($"{folder}/r.html").Should().Contain("Kernels without 70e806e4e645.").And.Contain("not as expected").And.Contain("expected returns P, got returns b");
    }

    [Fact]
    public void Bad_input_is_one_line()
    {
        Daxsim.Run("report", "--no-matrix").ShouldBeRefused("Nothing is left to draw");
        Daxsim.Run("report", "-o", folder).ShouldBeRefused("is a directory");
        Daxsim.Run("report", "--no-matrix", $"{Scenarios}/basic-copy-on-write.daxsim.yaml", "-o", $"{folder}/none/r.html").ShouldBeRefused("cannot be written");
        Daxsim.Run("report", $"{folder}/none.daxsim.yaml").ShouldBeRefused("does not exist");
        Daxsim.Run("report", "-o", "-", "--json").ShouldBeRefused("cannot both go to standard output");
        Daxsim.Run("report", "--mapping", "nonsense").ShouldBeRefused("nonsense");
    }
}
