using System.Collections;
using System.Reflection;
using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Processes;
using DaxSim.State;

namespace DaxSim.Tests.State;

/// <summary>Machine.Clone: an equal machine that shares nothing that can change.</summary>
public class CloneTests
{
    public static TheoryData<string, bool> Kernels => new()
    {
        { "4.9", false }, { "4.14", false }, { "4.19", false }, { "5.10", false }, { "5.15", false }, { "6.1", false }, { "6.12", false }, { "7.2", false },
        { "4.16", true }, { "6.1", true }, { "7.2", true },
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_clone_equals_its_original_and_is_consistent(string kernel, bool s390)
    {
        var machine = Build(kernel, s390);

        var clone = machine.Clone();

        clone.Fingerprint().Should().Be(machine.Fingerprint());
        clone.Audit().Should().BeEmpty();
        machine.Audit().Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_clone_shares_no_changeable_object_with_its_original(string kernel, bool s390)
    {
        var machine = Build(kernel, s390);
        var clone = machine.Clone();
        var originals = Reach(machine);

        var shared = Reach(clone).Where(r => originals.ContainsKey(r.Key)).Select(r => r.Value);

        shared.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_clone_and_its_original_go_their_own_ways(string kernel, bool s390)
    {
        var machine = Build(kernel, s390);
        var before = machine.Fingerprint();
        var clone = machine.Clone();

        foreach (var process in clone.Processes)
        {
            process.Fork().IsOk.Should().BeTrue();
            process.Exit();
        }

        clone.Mounts[0].Open("new", OpenFlags.ReadWrite | OpenFlags.Create).Value.WriteBytes(0, [1, 2, 3]);
        clone.Audit().Should().BeEmpty();
        clone.Fingerprint().Should().NotBe(before);
        machine.Fingerprint().Should().Be(before);
        machine.Audit().Should().BeEmpty();

        // And the other way round.
        var diverged = clone.Fingerprint();
        machine.FindProcess(1)!.Exit();
        clone.Fingerprint().Should().Be(diverged);
        machine.Audit().Should().BeEmpty();
    }

    [Fact]
    public void The_same_steps_lead_clone_and_original_to_the_same_state()
    {
        var machine = BusyMachine.X86("6.1");
        var clone = machine.Clone();

        Step(machine);
        Step(clone);

        clone.Fingerprint().Should().Be(machine.Fingerprint());

        static void Step(Machine machine)
        {
            var process = machine.FindProcess(1)!;
            var address = BusyMachine.Map(process, machine.Mounts[0].Open("file", OpenFlags.ReadWrite).Value, 4, MapFlags.Shared);
            process.WriteByte(address + 17, 99);
            process.Fork().Value.PinUserPages(address, 1);
        }
    }

    [Fact]
    public void Handles_of_a_clone_are_found_by_their_ids_and_order()
    {
        var machine = BusyMachine.X86("6.1");
        var memory = machine.CreateMemFd("unmapped");
        memory.WriteBytes(0, [1, 2, 3]);
        var clone = machine.Clone();

        clone.Processes.Select(p => (p.Id, p.Name)).Should().Equal(machine.Processes.Select(p => (p.Id, p.Name)));
        clone.FindProcess(99).Should().BeNull();
        var bytes = new byte[3];
        clone.FindFile(memory.Id)!.ReadBytes(0, bytes).Should().Be(3);
        bytes.Should().Equal(1, 2, 3);
        clone.FindFile(9999).Should().BeNull();
        clone.HeldPages.Select(p => p.Pfns).Should().BeEquivalentTo(machine.HeldPages.Select(p => p.Pfns), o => o.WithStrictOrdering());
        clone.Pipes.Should().ContainSingle().Which.BufferCount.Should().Be(1);
        clone.Rings.Should().ContainSingle().Which.HasBuffer.Should().BeTrue();
        clone.Transfers.Should().ContainSingle().Which.IsPending.Should().BeTrue();
    }

    [Fact]
    public void A_transfer_in_flight_ends_on_each_machine_by_itself()
    {
        var machine = BusyMachine.X86("6.1");
        var clone = machine.Clone();

        clone.Transfers[0].Complete().IsOk.Should().BeTrue();

        clone.Transfers.Should().BeEmpty();
        clone.Audit().Should().BeEmpty();
        machine.Transfers[0].IsPending.Should().BeTrue();
        machine.Audit().Should().BeEmpty();
    }

    [Fact]
    public void A_sleeping_truncate_is_woken_on_the_machine_whose_page_is_released()
    {
        var machine = Machine.Build(m => m.Kernel("6.1", DaxSim.Policy.Architecture.X8664).Ram("64M").Pmem("64M", PmemMode.FsDax));
        var file = BusyMachine.File(machine.Mount("/dev/pmem0", "/dax", "ext4", "dax").Value, "file", 2);
        var process = machine.Spawn("pinner");
        process.PinUserPages(BusyMachine.Map(process, file, 2, MapFlags.Shared), 1, GupFlags.Write).IsOk.Should().BeTrue();
        var truncate = file.BeginTruncate(0);
        truncate.IsBlocked.Should().BeTrue();

        var clone = machine.Clone();
        clone.HeldPages[0].Release();

        clone.MemoryManager.Waiters.Should().BeEmpty();
        truncate.IsBlocked.Should().BeTrue();
        machine.MemoryManager.Waiters.Should().ContainSingle();
    }

    [Fact]
    public void A_snapshot_belongs_to_the_machine_it_was_taken_of()
    {
        var machine = BusyMachine.X86("6.1");
        var snapshot = machine.Snapshot();

        machine.Clone().Invoking(c => c.Restore(snapshot)).Should().Throw<ArgumentException>();
    }

    private static Machine Build(string kernel, bool s390) => s390 ? BusyMachine.S390(kernel) : BusyMachine.X86(kernel);

    /// <summary>Every changeable object that can be reached from a machine, with the way to it.</summary>
    private static Dictionary<object, string> Reach(Machine machine)
    {
        var found = new Dictionary<object, string>(ReferenceEqualityComparer.Instance);
        var visited = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var todo = new Stack<(object Item, string Path)>();
        todo.Push((machine, "machine"));
        while (todo.TryPop(out var next))
        {
            var (item, path) = next;
            var type = item.GetType();
            if (type.IsPrimitive || type.IsEnum || item is string or Delegate or Type or IComparer || IsConstant(type) || !visited.Add(item))
            {
                continue;
            }

            if (item is Array array)
            {
                if (!type.GetElementType()!.IsPrimitive)
                {
                    for (var i = 0; i < array.Length; i++)
                    {
                        Push(array.GetValue(i), $"{path}[{i}]");
                    }
                }

                continue;
            }

            if (!type.IsValueType)
            {
                found[item] = $"{path} ({type.Name})";
            }

            for (var level = type; level is not null; level = level.BaseType)
            {
                foreach (var field in level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                {
                    Push(field.GetValue(item), $"{path}.{field.Name}");
                }
            }
        }

        return found;

        void Push(object? item, string path)
        {
            if (item is not null)
            {
                todo.Push((item, path));
            }
        }
    }

    /// <summary>Types whose objects never change and may be shared.</summary>
    private static bool IsConstant(Type type)
        => type.Namespace is "DaxSim.Policy" || typeof(FileSystemDriver).IsAssignableFrom(type)
            || type == typeof(Reason) || type == typeof(KernelLogEntry) || type == typeof(MemoryRegion) || type == typeof(DaxSim.Devices.DeviceRefusal)
            || type == typeof(DaxSim.Devices.DcssRange) || type == typeof(TaskPlacement) || type == typeof(MemoryPolicy) || type == typeof(NodeRange) || type == typeof(SpareTables);
}
