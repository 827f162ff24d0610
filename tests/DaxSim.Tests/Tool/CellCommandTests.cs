using System.Text.Json;
using DaxSim.Cells;
using DaxSim.Policy;

namespace DaxSim.Tests.Tool;

public class CellCommandTests
{
    public static TheoryData<string> Operations => [.. CellOperation.All.Select(o => o.Name)];

    [Theory]
    [MemberData(nameof(Operations))]
    public void Every_operation_is_answered_and_explained(string operation)
    {
        foreach (var mapping in (string[])["dcssblk:EW/ext4,shared,wr", "pmem:fsdax/xfs,private,rd", "anon,private,wr", "anon,shared,cold", "shmem,private,wr", "pagecache,shared,rd", "hugetlb,private,wr", "devmem,shared,wr", "devdax,shared,wr", "virtiofs:nowindow/virtiofs,shared,wr"])
        {
            var json = Run($"cell --kernel 6.12 --mapping {mapping} --op {operation} --json").Json;

            json.GetProperty("op").GetString().Should().Be(operation);
            json.GetProperty("outcome").GetString().Should().BeOneOf("ok", "errno", "signal");
            json.GetProperty("because").GetString().Should().NotBeNullOrEmpty();
            json.GetProperty("function").GetString().Should().NotBeNullOrEmpty();
            (json.GetProperty("errno").ValueKind == JsonValueKind.String).Should().Be(json.GetProperty("outcome").GetString() == "errno");
            (json.GetProperty("signal").ValueKind == JsonValueKind.String).Should().Be(json.GetProperty("outcome").GetString() == "signal");
        }
    }

    [Fact]
    public void The_answer_has_the_fields_of_the_question()
    {
        var json = Run("cell --kernel 6.12 --arch s390x --mapping dcssblk:EW/ext4,shared,wr --op gup-read --json").Json;

        json.GetProperty("kernel").GetString().Should().Be("6.12");
        json.GetProperty("arch").GetString().Should().Be("s390x");
        json.GetProperty("mapping").GetString().Should().Be("dcssblk:EW/ext4,shared,wr");
        json.GetProperty("outcome").GetString().Should().Be("errno");
        json.GetProperty("errno").GetString().Should().Be("EEXIST");
        json.GetProperty("log")[0].GetString().Should().StartWith("BUG: Bad page map in process cell");
        json.GetProperty("property").GetString().Should().Be("GupWithoutStructPage");
        json.GetProperty("decidedByTitle").GetString().Should().Be("mm: fix invalid page pointer returned with FOLL_PIN gups");
        json.GetProperty("before").GetProperty("entry").EnumerateArray().Select(e => e.GetString()).Should().Contain("special").And.Contain("write");
        json.GetProperty("before").GetProperty("structPage").GetBoolean().Should().BeFalse();
        json.GetProperty("tests").GetArrayLength().Should().BePositive();
    }

    [Fact]
    public void What_is_as_old_as_3_10_was_decided_by_nobody()
    {
        var json = Run("cell --kernel 4.14 --arch s390x --mapping dcssblk:EW/ext4,shared,wr --op gup-read --json").Json;

        json.GetProperty("errno").GetString().Should().Be("EFAULT");
        json.GetProperty("decidedBy").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public void A_read_reference_on_5_8_breaks_the_copy_on_write_and_says_which_commit_does_that()
    {
        // gup-fork 10.4, 6.5 case B.
        var json = Run("cell --kernel 5.8 --arch s390x --mapping dcssblk:EW/ext4,private,rd --op gup-read --json").Json;

        json.GetProperty("outcome").GetString().Should().Be("ok");
        json.GetProperty("decidedBy").GetString().Should().Be("17839856fd58");
        json.GetProperty("after").GetProperty("kind").GetString().Should().Be("anonymous");
    }

    [Fact]
    public void Sharing_and_state_may_be_left_out()
    {
        Run("cell --kernel 6.1 --mapping anon --op load --json").Json.GetProperty("mapping").GetString().Should().Be("anon,private,cold");
        Run("cell --kernel 6.1 --mapping pmem:fsdax/ext4 --op load --json").Json.GetProperty("mapping").GetString().Should().Be("pmem:fsdax/ext4,shared,cold");
        Run("cell --kernel 6.1 --mapping devdax:align=4K,shared --op load --json").Json.GetProperty("mapping").GetString().Should().Be("devdax:align=4K,shared,cold");
        Run("cell --kernel 6.1 --mapping partition:start=2048s,on=pmem:fsdax/ext4,private,wr --op load --json").Json.GetProperty("outcome").GetString().Should().Be("ok");
    }

    [Fact]
    public void The_text_shows_page_tests_dmesg_and_commit()
    {
        var text = Run("cell --kernel 6.12 --arch s390x --mapping dcssblk:EW/ext4,shared,wr --op odirect-write").Lines;

        text.Should().Contain("EEXIST: the call fails; the kernel reports a bad page map and is tainted");
        text.Should().Contain(l => l.StartsWith("  before      PTE present write dirty young special; pfn ", StringComparison.Ordinal));
        text.Should().Contain("Tests, in the kernel's order").And.Contain("dmesg").And.Contain("Decided by");
    }

    [Fact]
    public void Expectations_make_the_exit_code()
    {
        const string question = "cell --kernel 4.14 --mapping pmem:raw/ext4,shared,wr --op odirect-read";

        Run($"{question} --expect EFAULT").ExitCode.Should().Be(0);
        Run($"{question} --expect errno").ExitCode.Should().Be(0);
        Run($"{question} --expect ok").ExitCode.Should().Be(1);
        Run($"{question} --expect maybe").ShouldBeRefused("'maybe' is no outcome");
    }

    [Fact]
    public void A_revert_is_asked_of_the_cell()
    {
        Run("cell --kernel 4.16 --mapping pmem:raw/ext4,shared,wr --op odirect-write --json").Json.GetProperty("dax").GetBoolean().Should().BeFalse();
        var json = Run("cell --kernel 4.16 --mapping pmem:raw/ext4,shared,wr --op odirect-write --revert 569d0365f571 --json").Json;
        json.GetProperty("dax").GetBoolean().Should().BeTrue();
        json.GetProperty("errno").GetString().Should().Be("EFAULT");
    }

    [Theory]
    [InlineData("Say which mapping: --mapping SPEC", "cell --kernel 4.14 --op load")]
    [InlineData("Say which operation: --op OP", "cell --kernel 4.14 --mapping anon")]
    [InlineData("Say which kernel: --kernel VERSION", "cell --mapping anon --op load")]
    [InlineData("for one kernel, not for 3", "cell --kernel 4.14..4.16 --mapping anon --op load")]
    [InlineData("'gup-reed' is no operation. Did you mean 'gup-read'?", "cell --kernel 4.14 --mapping anon --op gup-reed")]
    [InlineData("'annon' is no mapping", "cell --kernel 4.14 --mapping annon,private,wr --op load")]
    [InlineData("Did you mean 'anon'?", "cell --kernel 4.14 --mapping annon,private,wr --op load")]
    [InlineData("'sharde' in 'anon,sharde,wr' is neither shared nor private", "cell --kernel 4.14 --mapping anon,sharde,wr --op load")]
    [InlineData("Did you mean 'shared'?", "cell --kernel 4.14 --mapping anon,sharde,wr --op load")]
    [InlineData("says the sharing twice", "cell --kernel 4.14 --mapping anon,shared,private --op load")]
    [InlineData("says the state twice", "cell --kernel 4.14 --mapping anon,rd,rd --op load")]
    [InlineData("'' in 'anon,' is neither", "cell --kernel 4.14 --mapping anon, --op load")]
    [InlineData("names no filesystem: write pmem:raw/ext4,shared,wr", "cell --kernel 4.14 --mapping pmem:raw,shared,wr --op load")]
    [InlineData("'pmen' is not a device", "cell --kernel 4.14 --mapping pmen:raw/ext4,shared,wr --op load")]
    [InlineData("'ext5' is not a modelled filesystem", "cell --kernel 4.14 --mapping pmem:raw/ext5,shared,wr --op load")]
    [InlineData("virtiofs lies on the device virtiofs only", "cell --kernel 6.1 --mapping virtiofs/ext4,shared,wr --op load")]
    [InlineData("write devdax alone", "cell --kernel 6.1 --mapping devdax/ext4,shared,wr --op load")]
    [InlineData("shmem takes no settings", "cell --kernel 6.1 --mapping shmem:1M,shared,wr --op load")]
    [InlineData("is not a unit", "cell --kernel 6.1 --mapping pmem:raw,size=64Q/ext4,shared,wr --op load")]
    [InlineData("overlaps 0-1fffffff : System RAM", "cell --kernel 6.1 --mapping pmem:fsdax,at=256M/ext4,shared,wr --op load")]
    [InlineData("'--maping' is no option of 'daxsim cell'. Did you mean '--mapping'?", "cell --kernel 4.14 --maping anon --op load")]
    [InlineData("does not have 569d0365f571", "cell --kernel 4.14 --arch x86_64 --mapping anon --op load --revert 569d0365f571")]
    public void Bad_input_is_answered_with_one_line(string because, string line) => Run(line).ShouldBeRefused(because);

    [Fact]
    public void What_is_not_modelled_is_unknown()
    {
        var json = Run("cell --kernel 6.12 --mapping virtiofs/virtiofs,shared,wr --op load --json").Json;

        json.GetProperty("outcome").GetString().Should().Be("unknown");
        json.GetProperty("failedStep").GetString().Should().Be("mmap");
    }

    [Fact]
    public void Help_lists_every_operation()
    {
        Run("cell --help").Out.Should().ContainAll(CellOperation.All.Select(o => $"  {o.Name} "));
    }

    internal static Daxsim Run(string line) => Daxsim.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
