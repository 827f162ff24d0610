using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>One block, two files, both mapped with DAX. Source: the reflink case of the modern recordings (6.1 and 7.2).</summary>
public class SharedExtentTests
{
    private const string Inserted = "fs/dax.c dax_insert_entry";
    private const string Forgotten = "fs/dax.c dax_disassociate_entry";

    private static (Machine Machine, Process Process, ulong Original, ulong Clone) Cloned(string kernel)
    {
        var machine = Machine.Build(m => m.Kernel(kernel, Architecture.X8664).Ram("256M").Device("pmem:fsdax"));
        machine.Format("/dev/pmem0", "xfs", 4096, ["reflink=1"]);
        var mount = machine.Mount("/dev/pmem0", "/mnt", "xfs", "dax=always").Value;
        var original = mount.Open("a", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        var clone = mount.Open("b", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        original.WriteBytes(0, [.. Enumerable.Repeat((byte)'A', 4096)]);
        original.Sync();
        var process = machine.Spawn("test");
        var p = process.Mmap(0, 4096, Prot.Read | Prot.Write, MapFlags.Shared, original).Value;
        process.ReadByte(p).Value.Should().Be((byte)'A');
        clone.CloneFrom(original).Should().Be(Verdict.Ok);
        var q = process.Mmap(0, 4096, Prot.Read | Prot.Write, MapFlags.Shared, clone).Value;
        machine.Audit().Should().BeEmpty();
        return (machine, process, p, q);
    }

    private static IEnumerable<string> Warnings(Machine machine) => machine.Log.Entries.Select(e => e.Text).Where(t => t.StartsWith("WARNING", StringComparison.Ordinal));

    [Theory]
    [InlineData("6.0")]
    [InlineData("6.1")]
    public void Before_6_2_a_page_that_two_files_map_warns_when_the_second_maps_it_and_when_the_first_leaves_it(string kernel)
    {
        var (machine, process, original, clone) = Cloned(kernel);

        process.ReadByte(clone).Value.Should().Be((byte)'A');
        Warnings(machine).Should().ContainSingle(t => t.Contains(Inserted, StringComparison.Ordinal));
        process.WriteByte(original, (byte)'z').IsOk.Should().BeTrue();

        Warnings(machine).Should().HaveCount(2).And.Contain(t => t.Contains(Forgotten, StringComparison.Ordinal));
        machine.Log.Taints.Should().HaveFlag(Taints.Warn);
        machine.Audit().Should().BeEmpty();
    }

    [Theory]
    [InlineData("6.2")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void Since_6_2_the_page_counts_its_files_and_nothing_warns(string kernel)
    {
        var (machine, process, original, clone) = Cloned(kernel);

        process.ReadByte(clone).Value.Should().Be((byte)'A');
        process.WriteByte(original, (byte)'z').IsOk.Should().BeTrue();

        Warnings(machine).Should().BeEmpty();
        machine.Audit().Should().BeEmpty();
    }

    [Theory]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void A_store_to_one_file_is_not_seen_in_the_other(string kernel)
    {
        var (machine, process, original, clone) = Cloned(kernel);
        process.ReadByte(clone).Value.Should().Be((byte)'A');

        process.WriteByte(original, (byte)'z').IsOk.Should().BeTrue();
        process.ReadByte(clone).Value.Should().Be((byte)'A');
        process.WriteByte(clone, (byte)'y').IsOk.Should().BeTrue();

        process.ReadByte(original).Value.Should().Be((byte)'z');
        machine.Audit().Should().BeEmpty();
    }
}
