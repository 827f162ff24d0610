using DaxSim.AddressSpaces;
using DaxSim.Cells;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>Explanations name functions that the asked kernel has. The ranges are those of the kernel's source, as far as it was read; see the changes of the history.</summary>
public sealed class FunctionNameTests
{
    /// <summary>Function, first release, last release (null: still there).</summary>
    private static readonly (string Name, string From, string? To)[] Ranges =
    [
        ("xip_file_fault", "3.10", "3.19"),
        ("do_dax_fault", "4.0", "4.0"),
        ("__dax_fault", "4.1", "4.7"),
        ("dax_fault", "4.0", "4.9"),
        ("dax_iomap_fault", "4.9", null),
        ("dax_iomap_pte_fault", "4.11", null),
        ("dax_iomap_rw", "4.8", null),
        ("dax_insert_entry", "4.15", null),
        ("dax_disassociate_entry", "4.17", null),
        ("dax_layout_busy_page", "4.17", null),
        ("dax_finish_sync_fault", "4.15", null),
        ("dax_direct_access", "4.12", null),
        ("dax_supported", "4.17", "5.16"),
        ("fs_dax_get_by_bdev", "4.12", null),
        ("bdev_direct_access", "4.0", "4.11"),
        ("bdev_dax_supported", "4.7", "5.16"),
        ("memremap_pages", "5.3", null),
        ("memunmap_pages", "5.3", null),
        ("devm_memremap_pages", "4.3", null),
        ("try_grab_page", "5.6", "6.5"),
        ("try_grab_compound_head", "5.6", "5.17"),
        ("pin_user_pages", "5.6", null),
        ("revoke_devmem", "5.8", "5.11"),
        ("get_xip_mem", "3.10", "3.19"),
        ("gup_must_unshare", "5.19", null),
        ("internal_get_user_pages_fast", "5.6", "6.9"),
        ("gup_fast_fallback", "6.10", null),
        ("lockless_pages_from_mm", "5.6", "6.9"),
        ("check_and_migrate_cma_pages", "5.1", "5.11"),
        ("check_and_migrate_movable_pages", "5.12", null),
        ("migration_entry_wait", "3.10", null),
        ("pmd_migration_entry_wait", "4.14", null),
    ];

    public static TheoryData<string> Kernels() => [.. KernelVersion.Releases.Select(r => r.ToString())];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Cells_of_every_kernel_name_functions_that_it_has(string kernel)
    {
        var version = KernelVersion.Parse(kernel);
        var wrong = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var architecture in new[] { Architecture.X8664, Architecture.S390X })
        {
            var policy = KernelPolicy.Mainline(version, architecture);
            var devices = architecture == Architecture.S390X ? new[] { "dcssblk:EW/ext4,shared,wr" } : ["pmem:fsdax/ext4,shared,wr", "devdax,shared,wr", "pmem:raw/ext4,shared,cold", "anon,private,wr"];
            foreach (var mapping in devices)
            {
                foreach (var operation in CellOperation.All)
                {
                    var answer = CellMachine.Ask(policy, CellMapping.Parse(mapping), operation);
                    foreach (var name in answer.Explanation.Steps.Select(s => s.Function).Append(answer.Verdict.Reason?.Function))
                    {
                        if (Ranges.FirstOrDefault(r => r.Name == name) is { Name: not null } range && (version < KernelVersion.Parse(range.From) || (range.To is { } to && version.Mainline > KernelVersion.Parse(to))))
                        {
                            wrong.Add($"{architecture} {mapping} {operation}: {name}, which existed {range.From}..{range.To}");
                        }
                    }
                }
            }
        }

        wrong.Should().BeEmpty();
    }
}
