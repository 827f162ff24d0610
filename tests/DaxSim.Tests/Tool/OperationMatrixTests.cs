using DaxSim.Cells;
using DaxSim.Policy;

namespace DaxSim.Tests.Tool;

/// <summary>The matrix of operations, and why a cell of it is as it is.</summary>
public class OperationMatrixTests
{
    [Fact]
    public void It_has_mappings_as_rows_and_operations_as_columns()
    {
        var json = Run("matrix --operations --kernel 4.14 --json").Json;

        json.GetProperty("operations").EnumerateArray().Select(o => o.GetString()).Should().Equal("load", "store", "exec", "fork", "fork-child-load", "fork-child-store", "gup-read", "gup-write", "gup-fast-read", "gup-fast-write", "pin-read", "pin-write", "longterm-read", "longterm-write");
        json.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("mapping").GetString()).Should().Equal(CellMapping.Catalogue.Select(m => m.ToString()));
    }

    [Fact]
    public void It_has_operations_as_rows_and_kernels_as_columns_for_one_mapping()
    {
        var json = Run("matrix --mapping dcssblk:EW/ext4,shared,wr --json").Json;

        json.GetProperty("kernels").GetArrayLength().Should().Be(KernelVersion.Releases.Count);
        json.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("op").GetString()).Should().Equal(CellOperation.All.Select(o => o.Name));
    }

    [Theory]
    [InlineData("3.10")]
    [InlineData("4.14")]
    [InlineData("5.10")]
    [InlineData("6.17")]
    public void Its_cells_are_what_cell_answers(string kernel)
    {
        foreach (var row in Run($"matrix --operations --kernel {kernel} --json").Json.GetProperty("rows").EnumerateArray())
        {
            foreach (var cell in row.GetProperty("cells").EnumerateArray().Where((_, i) => i % 4 == 1))
            {
                var one = Run($"cell --kernel {kernel} --mapping {row.GetProperty("mapping").GetString()} --op {cell.GetProperty("op").GetString()} --json").Json;
                foreach (var field in (string[])["outcome", "errno", "signal", "failedStep", "decidedBy"])
                {
                    one.GetProperty(field).GetString().Should().Be(cell.GetProperty(field).GetString());
                }
            }
        }
    }

    [Fact]
    public void Few_kernels_get_words()
    {
        Run("matrix --mapping dcssblk:EW/ext4,shared,wr --kernel 4.14,4.19,6.12 --op gup-read").Lines
            .Should().Contain(l => l.TrimEnd() == "  gup-read  F EFAULT     f EFAULT     e EEXIST")
            .And.Contain("f EFAULT, and the kernel reports a bad page map");
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public void No_line_is_wider_than_the_terminal(int width)
    {
        Daxsim.RunOn(new ToolConsoleShape(Width: width), "matrix", "--operations", "--kernel", "4.14").Lines.Should().OnlyContain(l => l.Length <= width);
        Daxsim.RunOn(new ToolConsoleShape(Width: width), "matrix", "--mapping", "dcssblk:EW/ext4,shared,wr").Lines.Should().OnlyContain(l => l.Length <= width);
    }

    [Fact]
    public void A_terminal_without_Unicode_gets_ASCII()
    {
        foreach (var line in (string[])["matrix --operations --kernel 5.10", "matrix --mapping pmem:raw/ext4,shared,wr", "why --kernel 5.10 --mapping anon --op load", "cell --kernel 5.10 --mapping anon --op load"])
        {
            Daxsim.RunOn(new ToolConsoleShape(Unicode: false), line.Split(' ')).Out.Should().MatchRegex(@"\A[\x00-\x7f]*\z");
        }
    }

    [Fact]
    public void Colour_only_repeats_what_the_text_says()
    {
        string[] args = ["matrix", "--operations", "--kernel", "5.10"];

        var coloured = Daxsim.RunOn(new ToolConsoleShape(Colour: true), args).Out;

        coloured.Should().Contain("\u001b[");
        System.Text.RegularExpressions.Regex.Replace(coloured, "\u001b\\[[0-9;]*m", "").Should().Be(Daxsim.Run(args).Out);
    }

    [Theory]
    [InlineData("--operations is for one kernel, not for 2", "matrix --operations --kernel 4.14,4.16")]
    [InlineData("Say which kernel", "matrix --operations")]
    [InlineData("--op needs --operations or --mapping", "matrix --kernel 4.14 --op load")]
    [InlineData("'lod' is no operation. Did you mean 'load'?", "matrix --operations --kernel 4.14 --op lod")]
    [InlineData("leave out --operations, --device and --fs", "matrix --mapping anon --device brd")]
    [InlineData("--options is for mounts", "matrix --operations --kernel 4.14 --options ro")]
    [InlineData("--device describes a mount", "why --kernel 4.14 --mapping anon --op load --device brd")]
    [InlineData("Say which operation", "why --kernel 4.14 --mapping anon")]
    [InlineData("Say which mapping", "why --kernel 4.14 --op load")]
    public void Bad_input_is_answered_with_one_line(string because, string line) => Run(line).ShouldBeRefused(because);

    [Fact]
    public void Why_leads_to_bit_function_and_commit()
    {
        var text = Run("why --kernel 6.12 --arch s390x --mapping dcssblk:EW/ext4,shared,wr --op gup-read").Out.ReplaceLineEndings(" ");

        text.Should().Contain("The bit that decides is special");
        text.Should().Contain("follow_pfn_pte decided: The entry is special");
        text.Should().Contain("\"mm: fix invalid page pointer returned with FOLL_PIN gups\" (5.18)");
        text.Should().Contain("4.19 to 5.17 EFAULT + bad page map; 5.18 to 6.14 EEXIST + bad page map;");
    }

    [Fact]
    public void Why_as_JSON_has_the_answer_the_prose_and_the_kernels()
    {
        var json = Run("why --kernel 4.19 --arch s390x --mapping dcssblk:EW/ext4,shared,wr --op fork --json").Json;

        json.GetProperty("answer").GetProperty("decidedBy").GetString().Should().Be("e1fb4a086495");
        json.GetProperty("without").GetProperty("outcome").GetString().Should().Be("ok");
        json.GetProperty("prose").GetArrayLength().Should().BeGreaterThan(3);
        json.GetProperty("kernels").EnumerateArray().Last().GetProperty("to").GetString().Should().Be(KernelVersion.Newest.ToString());
    }

    [Fact]
    public void Why_tells_when_a_cell_is_not_about_DAX_at_all()
    {
        Run("why --kernel 4.16 --arch x86_64 --mapping pmem:raw/ext4,shared,wr --op odirect-read").Out.ReplaceLineEndings(" ")
            .Should().Contain("mounted, but without DAX").And.Contain("569d0365f571").And.Contain("Without that commit the same kernel would answer: EFAULT.");
    }

    [Fact]
    public void A_proposal_can_be_picked_and_is_called_one()
    {
        var admit = Run("admit --kernel 4.14 --device dcssblk:EW --fs ext4 --pick proposed-read-only-dax").Out;
        admit.Should().Contain("EOPNOTSUPP").And.Contain("(proposed, Mail");
        Run("admit --kernel 4.14 --device dcssblk:SR --fs ext4 --pick proposed-read-only-dax --expect dax").ExitCode.Should().Be(0);
        Run("why --kernel 4.14 --device dcssblk:SR --fs ext4 --pick proposed-read-only-dax").Out.ReplaceLineEndings(" ").Should().Contain("No kernel does that");
        KernelPolicy.Mainline("7.3", Architecture.S390X).Has(KernelHistory.Proposals[0]).Should().BeFalse();
    }

    private static Daxsim Run(string line) => CellCommandTests.Run(line);
}
