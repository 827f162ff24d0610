using System.Text.Json;
using DaxSim.Scenarios.Files;
using DaxSim.Tests.House;

namespace DaxSim.Tests.Scenarios;

/// <summary>The JSON Schema that editors use says the same as the reader.</summary>
public class SchemaTests
{
    private static readonly MiniSchema Schema = new(JsonDocument.Parse(ScenarioSchema.Text).RootElement);

    private static string File => Path.Combine(SourceTree.Root, "src", "DaxSim.Scenarios", "daxsim.schema.json");

    public static TheoryData<string> Names => LibraryTests.Names;

    [Fact]
    public void The_file_in_the_package_is_what_the_reader_goes_by()
    {
        if (Environment.GetEnvironmentVariable("DAXSIM_UPDATE_DOCS") == "1")
        {
            System.IO.File.WriteAllText(File, ScenarioSchema.Text);
        }

        System.IO.File.ReadAllText(File).ReplaceLineEndings("\n").Should().Be(ScenarioSchema.Text, "run these tests once with DAXSIM_UPDATE_DOCS=1");
        JsonDocument.Parse(ScenarioSchema.Text).RootElement.GetProperty("$schema").GetString().Should().Be("https://json-schema.org/draft/2020-12/schema");
    }

    [Fact]
    public void The_checker_of_these_tests_knows_every_keyword() => Schema.UnknownKeywords().Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_scenario_of_the_library_is_valid(string name)
        => Schema.Check(YamlReader.ReadFile(Path.Combine(SourceTree.Root, "docs", "scenarios", name), name)).Should().BeNull();

    [Theory]
    [InlineData("machine: {kernal: \"4.14\"}")]
    [InlineData("machine: {kernel: \"4.99\"}")]
    [InlineData("machine: {arch: s390}")]
    [InlineData("machine: {thp: often}")]
    [InlineData("machine: {config: {FS_DAX: yes}}")]
    [InlineData("machine: {mounts: [{device: a, path: b, type: ext4}]}")]
    [InlineData("machine: {mounts: [{device: a, path: /b, type: btrfs}]}")]
    [InlineData("machine: {devices: [{name: a}]}")]
    [InlineData("machine: {memory: [{kind: rom, start: 0, size: 1M}]}")]
    [InlineData("machine: {}\nsteps: [{mmmap: {}}]")]
    [InlineData("machine: {}\nsteps: [{load: a, store: {at: a, value: b}}]")]
    [InlineData("machine: {}\nsteps: [{note: nothing}]")]
    [InlineData("machine: {}\nsteps: [{store: {at: a}}]")]
    [InlineData("machine: {}\nsteps: [{mmap: {flags: sharred}}]")]
    [InlineData("machine: {}\nsteps: [{load: a, expect: EFUALT}]")]
    [InlineData("machine: {}\nsteps: [{load: a, expect: {\"4.x\": ok}}]")]
    [InlineData("machine: {}\nsteps: [{load: a, expect: {}}]")]
    [InlineData("machine: {}\nextra: 1")]
    [InlineData("title: no machine")]
    public void What_the_reader_refuses_by_form_the_schema_refuses_too(string text)
    {
        var reading = () => Scenario.Parse(text.StartsWith("title", StringComparison.Ordinal) ? text : $"title: t\nkernels: \"4.14\"\n{text}{(text.Contains("steps", StringComparison.Ordinal) ? "" : "\nsteps: []")}");

        reading.Should().Throw<FormatException>();
        Schema.Check(YamlReader.Read(text, "f.yaml")).Should().NotBeNull();
    }
}
