using DaxSim.FileSystems;
using DaxSim.Policy;
using DaxSim.Scenarios.Files;

namespace DaxSim.Tests.Scenarios;

/// <summary>The machine apart from what happens on it: read, built, written, read back.</summary>
public class MachineFileTests
{
    private const string Box = """
        machine:
          kernel: "6.1"
          arch: x86_64
          config:
            FS_DAX: y
          ram: 1G
          memory:
            - {kind: mmio, start: 3G, size: 16M, name: "0000:00:02.0"}
          hugepages: 8
          thp: always
          devices:
            - {device: "pmem:fsdax,size=1G", name: pmem1}
            - pmem:raw
            - disk
            - {partition: {on: pmem1, start: 63s}}
            - {dm-linear: {on: [pmem1, sda]}, name: mapper/data}
          mounts:
            - device: /dev/pmem1
              path: /mnt/data
              type: ext4
              options: dax=always
              block-size: 4096
              features: ["^has_journal"]
              files:
                - {path: bin/ls, size: 8192, content: a}

        """;

    [Fact]
    public void What_is_written_is_read_back_the_same()
    {
        var written = MachineFile.Parse(Box).Write();

        MachineFile.Parse(written).Write().Should().Be(written);
        written.Should().Be(Box.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void The_machine_has_the_devices_by_their_names_and_the_files()
    {
        var file = MachineFile.Parse(Box);
        var machine = file.Build();

        var mount = MachineFile.Mount(machine, file.Mounts[0]).Value;

        machine.Devices.Select(d => d.Name).Should().Equal("pmem1", "pmem0", "sda", "pmem1p1", "mapper/data");
        machine.Policy.Version.Should().Be(KernelVersion.Parse("6.1"));
        mount.IsDax.Should().BeTrue();
        mount.Open("bin/ls").Value.Size.Should().Be(8192);
        var first = new byte[1];
        mount.Open("bin/ls", OpenFlags.ReadOnly).Value.ReadBytes(8191, first);
        first[0].Should().Be((byte)'a');
    }

    [Fact]
    public void The_comment_stands_at_the_head()
        => new MachineFile { Kernel = KernelVersion.Parse("4.14") }.Write("Imported.\n\nFrom here.").Should().Be("# Imported.\n#\n# From here.\nmachine:\n  kernel: \"4.14\"\n");

    [Fact]
    public void A_machine_of_nothing_can_be_written_and_read()
        => MachineFile.Parse(new MachineFile().Write()).ChosenArchitecture.Should().Be(Architecture.X8664);

    [Fact]
    public void The_architecture_follows_from_the_first_device()
        => MachineFile.Parse("machine: {kernel: \"4.14\", devices: [\"dcssblk:SR\"]}").ChosenArchitecture.Should().Be(Architecture.S390X);

    [Fact]
    public void A_commit_is_taken_out_where_the_kernel_has_it()
    {
        var file = MachineFile.Parse("machine: {revert: 569d0365f571, devices: [\"pmem:raw\"]}");

        file.PolicyOf(KernelVersion.Parse("4.16")).Has(KernelHistory.Find("569d0365f571")).Should().BeFalse();
        file.PolicyOf(KernelVersion.Parse("4.14")).Version.Should().Be(KernelVersion.Parse("4.14"));
    }

    [Theory]
    [InlineData("machine:\n  kernal: \"4.14\"\n", "m.yaml:2:3: machine has no 'kernal'. Did you mean 'kernel'? It takes *")]
    [InlineData("machine:\n  kernel: \"4.21\"\n", "m.yaml:2:11: kernel: Kernel 4.21 is not modelled*")]
    [InlineData("machine:\n  arch: s390\n", "m.yaml:2:9: arch: 's390' is not a modelled architecture*")]
    [InlineData("machine:\n  devices:\n    - dcsblk:SR\n", "m.yaml:3:7: device: 'dcsblk' is not a device*Did you mean 'dcssblk'?")]
    [InlineData("machine:\n  devices:\n    - {device: axonram, name: ax}\n", "m.yaml:3:31: The driver of axonram names its devices itself*")]
    [InlineData("machine:\n  devices:\n    - {name: ax}\n", "m.yaml:3:7: A device is one of *")]
    [InlineData("machine:\n  mounts:\n    - {device: /dev/sda, path: mnt, type: ext4}\n", "m.yaml:3:32: path: 'mnt' is not absolute*")]
    [InlineData("machine:\n  mounts:\n    - {device: /dev/sda, path: /mnt, type: etx4}\n", "m.yaml:3:44: type: 'etx4' is none of *Did you mean 'ext4'?")]
    [InlineData("machine:\n  ram: lots\n", "m.yaml:2:8: ram: *")]
    [InlineData("machine:\n  config:\n    FS_DAX: yes\n", "m.yaml:3:13: FS_DAX: 'yes' is none of y, m, n.*")]
    [InlineData("machine:\n  revert: 1234567\n", "m.yaml:2:11: revert: *")]
    [InlineData("machine:\n  ram: 1G\n  ram: 2G\n", "m.yaml:3:3: 'ram' stands here twice.")]
    [InlineData("machine:\n  ram: [1G\n", "m.yaml:*")]
    [InlineData("", "m.yaml:1:1: The file is empty.")]
    [InlineData("machine: &a {ram: 1G}\n", "m.yaml:1:10: Anchors (&name) are not read: leave them out.")]
    [InlineData("machine: *a\n", "m.yaml:1:10: Aliases (*name) are not read: write the value again.")]
    [InlineData("machine: !!map {ram: 1G}\n", "m.yaml:1:10: Tags (!name) are not read: leave them out.")]
    [InlineData("machine: {}\n---\nmachine: {}\n", "m.yaml:2:1: A file holds one document*")]
    public void A_mistake_is_told_with_its_place(string text, string message)
    {
        var reading = () => MachineFile.Parse(text, "m.yaml");

        reading.Should().Throw<FormatException>().WithMessage(message);
    }
}
