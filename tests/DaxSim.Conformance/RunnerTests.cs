using System.Text.Json;
using DaxSim.Conformance.Runner;

namespace DaxSim.Conformance.Tests;

public sealed class RunnerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("daxsim-runner").FullName;
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        output.Dispose();
        error.Dispose();
    }

    [Theory]
    [InlineData("no recording is named.")]
    [InlineData("unknown option '--frob'.", "--frob")]
    [InlineData("--kernel needs a value.", "x", "--kernel")]
    [InlineData("Kernel 9.9 is not modelled*", "x", "--kernel", "9.9")]
    [InlineData("'all' is not a number of differences.", "x", "--limit", "all")]
    public void BadUsageIsOneLineAndStatus2(string message, params string[] args)
    {
        ConformanceRunner.Run(args, output, error).Should().Be(2);
        error.ToString().TrimEnd().Should().Match($"{message}*Try --help.").And.NotContain("\n");
    }

    [Fact]
    public void AMissingFileIsStatus2()
    {
        ConformanceRunner.Run([Path.Combine(folder, "6.1.jsonl")], output, error).Should().Be(2);
        error.ToString().Should().Contain("there is no such file.");
    }

    [Fact]
    public void AnUnknownOperationCountsAsUnknown()
    {
        var path = Write("6.1.jsonl", """{"case":"anon/cold/frobnicate","mapping":"anon","state":"cold","op":"frobnicate","result":"ok"}""");

        ConformanceRunner.Run([path, "--json"], output, error).Should().Be(0);

        using var json = JsonDocument.Parse(output.ToString());
        json.RootElement[0].GetProperty("unknown").GetInt64().Should().Be(1);
        error.ToString().TrimEnd().Should().Be($"{path}:1: the operation 'frobnicate' is not known; such lines count as unknown.");
    }

    [Fact]
    public void JsonHasOneObjectPerFileWithTheAgreedFields()
    {
        var path = Write("6.1.jsonl", """{"case":"anon_private/cold/read","mapping":"anon_private","state":"cold","op":"read","result":"ok","value":"0x00"}""");

        ConformanceRunner.Run([path, path, "--json"], output, error);

        using var json = JsonDocument.Parse(output.ToString());
        json.RootElement.GetArrayLength().Should().Be(2);
        json.RootElement[1].EnumerateObject().Select(p => p.Name).Should().Contain(
            ["file", "kernel", "observations", "agree", "differ", "unknown", "core", "periphery", "programs", "programsAgree", "differences"]);
        json.RootElement[1].GetProperty("core").EnumerateObject().Select(p => p.Name).Should().Equal("observations", "agree", "differ", "unknown");
    }

    [Fact]
    public void AFileNameThatIsNoReleaseNeedsKernel()
    {
        var path = Write("mine.jsonl", """{"case":"anon_private/cold/read","mapping":"anon_private","state":"cold","op":"read","result":"ok","value":"0x00"}""");

        ConformanceRunner.Run([path], output, error).Should().Be(2);
        error.ToString().Should().Contain("--kernel");
        ConformanceRunner.Run([path, "--kernel", "6.1"], output, error).Should().NotBe(2);
        ConformanceRunner.Run([path, "--kernel", "6.1.0-56-cloud-amd64"], output, error).Should().NotBe(2);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text + "\n");
        return path;
    }
}
