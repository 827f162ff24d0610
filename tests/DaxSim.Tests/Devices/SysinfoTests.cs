using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.Devices;

/// <summary>/proc/sysinfo of an s390x machine, and what follows from its last lines.</summary>
public class SysinfoTests
{
    private static readonly SystemProcessors One = new(Total: 1, Configured: 1, Standby: 0, Reserved: 0);

    [Theory]
    [InlineData("4.19")]
    [InlineData("6.1.176")]
    [InlineData("7.2")]
    public void The_emulator_describes_itself_as_recorded(string kernel)
    {
        // s390 recordings of 4.19.0, 6.1.0-50 and 7.2.13, notzvm/sysinfo_cpi; the recorder keeps 399 bytes.
        Build(kernel, Emulator("KVM/Linux")).ReadSysinfo().Value[..399].Should().Be(
            """
            Manufacturer:         QEMU            
            Type:                 8561
            Model:                QEMU            
            Sequence Code:        QEMU            
            Plant:                QEMU
            Model Capacity:       QEMU             00000000

            CPUs Total:           1
            CPUs Configured:      1
            CPUs Standby:         0
            CPUs Reserved:        0
            Capability:           1144716329

            LPAR Number:          0
            LPAR Characteristics: Ded
            """);
    }

    [Fact]
    public void A_guest_of_z_VM_reads_of_its_partition_and_of_its_virtual_machine()
    {
        // Labels, order and widths: stsi_2_2_2 and stsi_3_2_2, arch/s390/kernel/sysinfo.c.
        var information = Emulator("z/VM    6.4.0") with
        {
            Partition = new LogicalPartition { Name = "A1", Number = 7, Characteristics = PartitionCharacteristics.Shared | PartitionCharacteristics.Limited, Adjustment = 250, Processors = new(4, 3, 1, 0), Shared = 4 },
        };

        Build("4.16", information).ReadSysinfo().Value.Should().EndWith(
            """

            LPAR Number:          7
            LPAR Characteristics: Shared Limited 
            LPAR Name:            A1      
            LPAR Adjustment:      250
            LPAR CPUs Total:      4
            LPAR CPUs Configured: 3
            LPAR CPUs Standby:    1
            LPAR CPUs Reserved:   0
            LPAR CPUs Dedicated:  0
            LPAR CPUs Shared:     4

            VM00 Name:            LINUX01 
            VM00 Control Program: z/VM    6.4.0   
            VM00 Adjustment:      0
            VM00 CPUs Total:      1
            VM00 CPUs Configured: 1
            VM00 CPUs Standby:    0
            VM00 CPUs Reserved:   0

            """);
    }

    [Fact]
    public void A_second_processor_has_an_adjustment_and_a_model_may_follow_its_capacity()
    {
        // stsi_1_1_1 and stsi_1_2_2.
        var text = Build("6.1.176", Emulator("KVM/Linux") with { Model = "LT1", Adjustments = [61440] }).ReadSysinfo().Value;

        text.Should().Contain("Model:                QEMU             LT1             \n");
        text.Should().Contain("Capability:           1144716329\nAdjustment 02-way:    61440\n\nLPAR Number:");
    }

    [Theory]
    [InlineData("KVM/Linux", Errno.ENOSYS)]
    [InlineData("z/VM    6.4.0", Errno.None)]
    public void The_control_program_decides_whether_saved_segments_can_be_loaded(string program, Errno expected)
    {
        // s390 recordings, notzvm/add and add: "extmem: DCSS DAXEW cannot be loaded or queried without z/VM".
        var machine = Build("6.1.176", Emulator(program), m => m.DefineDcss("DAXEW", "64M", DcssType.ExclusiveReadWrite));

        machine.Dcss.Add("DAXEW").Errno.Should().Be(expected);
        machine.Audit().Should().BeEmpty();
    }

    [Fact]
    public void Other_architectures_have_no_such_file_and_nobody_guesses_what_was_not_described()
    {
        Machine.Build(m => m.Kernel("6.1", Architecture.X8664)).ReadSysinfo().Errno.Should().Be(Errno.ENOENT);
        Machine.Build(m => m.Kernel("6.1.176", Architecture.S390X)).ReadSysinfo().Verdict.Kind.Should().Be(VerdictKind.Unknown);
    }

    [Fact]
    public void A_description_survives_a_clone_and_tells_machines_apart()
    {
        var machine = Build("6.1.176", Emulator("KVM/Linux"));

        machine.Clone().ReadSysinfo().Value.Should().Be(machine.ReadSysinfo().Value);
        machine.Clone().Fingerprint().Should().Be(machine.Fingerprint());
        Build("6.1.176", Emulator("KVM/Linux") with { Plant = "02" }).Fingerprint().Should().NotBe(machine.Fingerprint());
    }

    [Fact]
    public void A_description_that_contradicts_itself_is_refused_with_what_to_do()
    {
        Refusal(m => m.Kernel("6.1.176", Architecture.S390X).SystemInformation(Emulator("KVM/Linux")).ZVm(true)).Should().Be("The machine was described as no guest of z/VM: change its SystemInformation, or leave ZVm out.");
        Refusal(m => m.Kernel("6.1.176", Architecture.S390X).SystemInformation(Emulator("Xen"))).Should().StartWith("The control program 'Xen' is not known: z/VM and KVM/Linux are.");
        Refusal(m => m.Kernel("6.1.176", Architecture.S390X).SystemInformation(Emulator("z/VM") with { Partition = null })).Should().StartWith("A virtual machine runs in a logical partition: describe the partition too.");
        Refusal(m => m.Kernel("6.1", Architecture.X8664).SystemInformation(Emulator("z/VM"))).Should().Be("A machine of x86_64 has no STSI to describe it; s390x has.");
    }

    private static string Refusal(Action<MachineBuilder> configure) => ((Action)(() => Machine.Build(configure))).Should().Throw<Exception>().Which.Message;

    private static Machine Build(string kernel, SystemInformation information, Action<MachineBuilder>? more = null) => Machine.Build(m =>
    {
        m.Kernel(kernel, Architecture.S390X).SystemInformation(information);
        more?.Invoke(m);
    });

    private static SystemInformation Emulator(string controlProgram) => new()
    {
        Manufacturer = "QEMU",
        Type = "8561",
        ModelCapacity = "QEMU",
        SequenceCode = "QEMU",
        Plant = "QEMU",
        Processors = One,
        Capability = 1144716329,
        Partition = new LogicalPartition { Name = "QEMU", Characteristics = PartitionCharacteristics.Dedicated, Processors = One },
        VirtualMachines = [new VirtualMachine { Name = "LINUX01", ControlProgram = controlProgram, Processors = One }],
    };
}
