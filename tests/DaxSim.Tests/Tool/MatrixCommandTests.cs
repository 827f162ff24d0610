using System.Text.Json;
using DaxSim.Policy;
using DaxSim.Tests.House;

namespace DaxSim.Tests.Tool;

public class MatrixCommandTests
{
    private static readonly JsonElement Whole = Daxsim.Run("matrix", "--json").Json;

    [Fact]
    public void It_has_every_release_as_a_column()
    {
        Whole.GetProperty("kernels").EnumerateArray().Select(k => k.GetString()).Should().Equal(KernelVersion.Releases.Select(r => r.ToString()));
        Whole.GetProperty("rows").EnumerateArray().Should().OnlyContain(r => r.GetProperty("cells").GetArrayLength() == KernelVersion.Releases.Count);
    }

    [Fact]
    public void It_has_every_device_and_every_filesystem_as_rows()
    {
        var rows = Whole.GetProperty("rows").EnumerateArray().ToList();

        rows.Select(r => r.GetProperty("device").GetString()).Distinct().Should().Equal(DeviceSpec.Catalogue.Select(d => d.ToString()));
        rows.Select(r => r.GetProperty("fs").GetString()).Distinct().Should().BeEquivalentTo("ext2", "ext4", "xfs", "erofs", "virtiofs");
    }

    [Fact]
    public void No_cell_is_unknown()
    {
        Whole.GetProperty("rows").EnumerateArray().SelectMany(r => r.GetProperty("cells").EnumerateArray())
            .Should().OnlyContain(c => c.GetProperty("result").GetString() != "unknown");
    }

    [Fact]
    public void Its_cells_are_what_admit_answers()
    {
        var rows = Whole.GetProperty("rows").EnumerateArray().ToList();
        for (var i = 0; i < 200; i++)
        {
            var row = rows[i * 31 % rows.Count];
            var cell = row.GetProperty("cells")[i * 17 % KernelVersion.Releases.Count];
            string kernel = cell.GetProperty("kernel").GetString()!, device = row.GetProperty("device").GetString()!, fs = row.GetProperty("fs").GetString()!;
            var admit = Daxsim.Run("admit", "--kernel", kernel, "--device", device, "--fs", fs, "--json").Json;
            var result = cell.GetProperty("result").GetString() is "absent" ? "errno" : cell.GetProperty("result").GetString();
            admit.GetProperty("result").GetString().Should().Be(result, $"that is the cell of {device} {fs} {kernel}");
            admit.GetProperty("errno").GetString().Should().Be(cell.GetProperty("errno").GetString());
        }
    }

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(200)]
    public void No_line_is_wider_than_the_terminal(int width)
    {
        var lines = Daxsim.RunOn(new ToolConsoleShape(Width: width), "matrix").Lines;

        lines.Should().OnlyContain(l => l.Length <= width);
        lines.Count(l => l.StartsWith("pmem:raw  x86_64", StringComparison.Ordinal)).Should().Be(width switch { 40 => 3, 60 or 80 => 2, _ => 1 }, "kernels that do not fit go into further blocks");
    }

    [Fact]
    public void Every_cell_has_a_symbol_and_the_legend_explains_it()
    {
        var run = Daxsim.Run("matrix", "--kernel", "3.10..7.3", "--device", "pmem:raw", "--fs", "ext4");

        run.Lines.Should().Contain("■ mounted with DAX").And.Contain("□ mounted, but without DAX").And.Contain("× the mount fails");
        run.Lines.Single(l => l.StartsWith("  ext4 ", StringComparison.Ordinal))["  ext4".Length..].Replace(" ", "", StringComparison.Ordinal)
            .Should().HaveLength(KernelVersion.Releases.Count).And.MatchRegex("^[■□×·]+$");
    }

    [Fact]
    public void Few_kernels_get_words()
    {
        Daxsim.Run("matrix", "--kernel", "4.14,4.16,5.0", "--device", "pmem:raw", "--fs", "ext4").Lines
            .Should().Contain(l => l.StartsWith("  ext4      ■ dax        □ no dax     × EINVAL", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_colour_there_is_no_escape_sequence()
    {
        Daxsim.RunOn(new ToolConsoleShape(Width: 80), "matrix", "--kernel", "4.14..4.18").Out.Should().NotContain("\u001b");
    }

    [Fact]
    public void With_colour_there_is_colour_and_the_same_text()
    {
        string[] args = ["matrix", "--kernel", "4.14..4.18"];

        var coloured = Daxsim.RunOn(new ToolConsoleShape(Width: 80, Colour: true), args).Out;

        coloured.Should().Contain("\u001b[");
        System.Text.RegularExpressions.Regex.Replace(coloured, "\u001b\\[[0-9;]*m", "").Should().Be(Daxsim.RunOn(new ToolConsoleShape(Width: 80), args).Out);
    }

    [Fact]
    public void A_terminal_without_Unicode_gets_ASCII()
    {
        foreach (var command in (string[][])[["matrix"], ["history"], ["why", "--kernel", "4.16", "--device", "pmem:raw", "--fs", "ext4"], ["admit", "--kernel", "4.16", "--device", "pmem:raw", "--fs", "ext4"]])
        {
            Daxsim.RunOn(new ToolConsoleShape(Unicode: false), command).Out.Should().MatchRegex(@"\A[\x00-\x7f]*\z");
        }
    }

    [Theory]
    [InlineData("config-5.10.0-46-cloud-amd64.gz", "5.10.262")]
    [InlineData("config-6.1.0-56-cloud-amd64.gz", "6.1.")]
    public void A_distribution_configuration_drives_it(string file, string kernel)
    {
        var json = Daxsim.Run("matrix", "--config", Path.Combine(SourceTree.Root, "tests", "DaxSim.Tests", "Data", file), "--json").Json;

        json.GetProperty("kernels").EnumerateArray().Should().ContainSingle().Which.GetString().Should().StartWith(kernel);
        Cell(json, "pmem:fsdax", "ext4").Should().Be("dax");
        Cell(json, "pmem:raw", "ext4").Should().Be("errno");
        Cell(json, "dcssblk:EW", "ext4").Should().Be("absent", "the configuration is one of x86_64");
    }

    [Fact]
    public void A_configuration_without_FS_DAX_has_no_DAX_at_all()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "# Automatically generated file; DO NOT EDIT.\n# Linux/x86 6.1.0 Kernel Configuration\n#\nCONFIG_X86_64=y\nCONFIG_64BIT=y\nCONFIG_EXT4_FS=y\nCONFIG_XFS_FS=y\nCONFIG_BLK_DEV_PMEM=m\nCONFIG_LIBNVDIMM=m\nCONFIG_ZONE_DEVICE=y\n# CONFIG_FS_DAX is not set\n");

            var json = Daxsim.Run("matrix", "--config", path, "--json").Json;

            json.GetProperty("rows").EnumerateArray().SelectMany(r => r.GetProperty("cells").EnumerateArray()).Should().OnlyContain(c => c.GetProperty("result").GetString() != "dax");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_revert_shows_in_the_kernels_that_have_the_commit()
    {
        var cells = Daxsim.Run("matrix", "--kernel", "4.15..4.17", "--device", "pmem:raw", "--fs", "ext4", "--revert", "569d0365f571", "--json").Json
            .GetProperty("rows")[0].GetProperty("cells").EnumerateArray().Select(c => c.GetProperty("result").GetString());

        cells.Should().Equal("dax", "dax", "dax");
    }

    private static string? Cell(JsonElement matrix, string device, string fs)
        => matrix.GetProperty("rows").EnumerateArray().Single(r => r.GetProperty("device").GetString() == device && r.GetProperty("fs").GetString() == fs)
            .GetProperty("cells")[0].GetProperty("result").GetString();
}
