using System.Text.Json;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Scenarios.Files;
using DaxSim.Scenarios.Import;
using DaxSim.Tests.Tool;

namespace DaxSim.Tests.Scenarios;

/// <summary>What the doctor says of hosts. Whether the mounts succeed is what the tests of admission check against the recordings; here it is the words.</summary>
public class DoctorTests
{
    [Theory]
    [InlineData("server-fsdax", DaxHealth.Works, "")]
    [InlineData("virtio-pmem-guest", DaxHealth.Works, "")]
    [InlineData("volume-over-two-namespaces", DaxHealth.Works, "")]
    [InlineData("execute-in-place", DaxHealth.Works, "")]
    [InlineData("blocks-of-1k", DaxHealth.WithoutDax, "asked for DAX, but the filesystem has 1 KiB blocks and the pages of this kernel are 4 KiB")]
    [InlineData("power-with-64k-pages", DaxHealth.MountFails, "asked for DAX, but the filesystem has 4 KiB blocks and the pages of this kernel are 64 KiB")]
    [InlineData("raw-namespace", DaxHealth.MountFails, "the namespace of pmem0 is in raw mode: it has no struct pages, which this kernel wants for DAX")]
    [InlineData("sector-namespace", DaxHealth.WithoutDax, "the namespace of pmem0s is in sector mode: its blocks go through a translation table and cannot be mapped")]
    [InlineData("partition-out-of-step", DaxHealth.WithoutDax, "the partition pmem0p1 begins at sector 63, in the middle of a page")]
    [InlineData("volume-with-a-disk-in-it", DaxHealth.MountFails, "sda is an ordinary disk: it is not memory, and DAX needs memory")]
    [InlineData("encrypted-pmem", DaxHealth.MountFails, "secret is an ordinary disk: it is not memory, and DAX needs memory")]
    [InlineData("loop-file", DaxHealth.MountFails, "loop0 is a loop device: it is not memory, and DAX needs memory")]
    [InlineData("reflink", DaxHealth.MountFails, "the filesystem has the feature reflink, which this kernel does not combine with DAX")]
    [InlineData("kernel-without-fs-dax", DaxHealth.MountFails, "this kernel is built without CONFIG_FS_DAX")]
    [InlineData("nobody-asked", DaxHealth.NotAsked, "nobody asked for DAX")]
    [InlineData("enterprise-linux-7", DaxHealth.Absent, "")]
    public void The_mount_of_a_host_is_judged_and_the_cause_named(string host, DaxHealth health, string problem)
    {
        var report = Doctor.Examine(HostImportTests.Import(host).Machine, null, []);

        var finding = report.Findings[0];
        finding.Health.Should().Be(health);
        (finding.Advice.Count == 0 ? [""] : finding.Advice.Select(a => a.Problem)).Should().Contain(problem);
    }

    [Fact]
    public void On_the_kernel_where_dcssblk_has_no_DAX_the_kernel_itself_is_the_cause_and_the_others_are_named()
    {
        // 653d7825c149 (6.15) removed FS_DAX_LIMITED before dcssblk could do without; 6.17 has it again (dax-support 2.4).
        var finding = Doctor.Examine(HostImportTests.Import("linux-on-z-new-kernel").Machine, null, [.. KernelVersion.Releases]).Findings[1];

        finding.Health.Should().Be(DaxHealth.MountFails);
        finding.Errno.Should().Be(Errno.EINVAL);
        finding.Reason!.DecidedBy.Should().Be("653d7825c149");
        finding.Advice.Should().BeEmpty("nothing that an administrator can change helps");
        finding.Kernels.Where(k => k.Health == DaxHealth.Works).Select(k => $"{k.First}..{k.Last}").Should().Equal("4.0..4.6", "4.11..6.14", "6.17..7.3");
    }

    [Fact]
    public void What_is_advised_works()
    {
        foreach (var host in (string[])["blocks-of-1k", "raw-namespace"])
        {
            var machine = HostImportTests.Import(host).Machine;
            var cured = machine with
            {
                Devices = [.. machine.Devices.Select(d => d with { Spec = DeviceSpec.Parse("pmem:fsdax,size=1G") })],
                Mounts = [.. machine.Mounts.Select(m => m with { BlockSize = null })],
            };
            Doctor.Examine(cured, null, []).Findings.Should().OnlyContain(f => f.Health == DaxHealth.Works);
        }
    }

    [Fact]
    public void Two_things_in_the_way_are_both_named()
    {
        var machine = MachineFile.Parse("""
            machine:
              kernel: "6.1"
              devices:
                - {device: "pmem:raw,size=1G", name: pmem0}
              mounts:
                - {device: /dev/pmem0, path: /mnt, type: ext4, options: dax, block-size: 1024}
            """);
        Doctor.Examine(machine, null, []).Findings[0].Advice.Select(a => a.Problem).Should().Equal(
            "asked for DAX, but the filesystem has 1 KiB blocks and the pages of this kernel are 4 KiB",
            "the namespace of pmem0 is in raw mode: it has no struct pages, which this kernel wants for DAX");
    }

    [Theory]
    [InlineData("blocks-of-1k", 1)]
    [InlineData("server-fsdax", 0)]
    [InlineData("nobody-asked", 0)]
    [InlineData("refused-riscv", 2)]
    public void The_exit_code_says_whether_somebody_lacks_the_DAX_asked_for(string host, int code)
        => Daxsim.Run("doctor", HostPath(host)).ExitCode.Should().Be(code);

    [Fact]
    public void The_JSON_has_findings_with_advice_and_kernels()
    {
        using var json = JsonDocument.Parse(Daxsim.Run("doctor", HostPath("blocks-of-1k"), "--json", "--kernels", "4.15,4.19,5.0").Out);
        var finding = json.RootElement.GetProperty("findings")[0];
        finding.GetProperty("health").GetString().Should().Be("without-dax");
        finding.GetProperty("ill").GetBoolean().Should().BeTrue();
        finding.GetProperty("advice")[0].GetProperty("problem").GetString().Should().Contain("1 KiB blocks");
        finding.GetProperty("kernels").EnumerateArray().Select(k => $"{k.GetProperty("first").GetString()} {k.GetProperty("health").GetString()} {k.GetProperty("errno").GetString()}")
            .Should().Equal("4.15 mount-fails EINVAL", "4.19 without-dax ", "5.0 mount-fails EINVAL");
    }

    [Fact]
    public void An_imported_file_can_be_examined()
    {
        var file = Path.Combine(Path.GetTempPath(), $"daxsim-{Guid.NewGuid():N}.yaml");
        Daxsim.Run("import", HostPath("raw-namespace"), "-o", file).ExitCode.Should().Be(0);
        var said = Daxsim.Run("doctor", file, "--kernel", "4.14", "--kernels", "4.14");
        said.ExitCode.Should().Be(0);
        said.Out.Should().Contain("/srv/cache: /dev/pmem0, ext4, -o dax").And.Contain("has DAX");
    }

    [Fact]
    public void A_host_whose_kernel_nobody_names_needs_one()
    {
        var said = Daxsim.Run("doctor", Path.Combine(HostPath("raw-namespace"), "ndctl.json"));
        said.ExitCode.Should().Be(2);
        said.Error.Should().Be("daxsim: No file says which kernel the host runs: give --kernel VERSION, or add the output of uname -a.\n");
    }

    [Fact]
    public void The_JSON_of_an_import_has_the_machine_file_and_what_it_was_made_of()
    {
        using var json = JsonDocument.Parse(Daxsim.Run("import", HostPath("linux-on-z-with-dcss"), "--json").Out);
        json.RootElement.GetProperty("kernel").GetString().Should().Be("4.14");
        json.RootElement.GetProperty("arch").GetString().Should().Be("s390x");
        json.RootElement.GetProperty("files").GetArrayLength().Should().Be(4);
        MachineFile.Parse(json.RootElement.GetProperty("machine").GetString()!).Devices.Should().HaveCount(4);
    }

    private static string HostPath(string host) => Path.Combine(AppContext.BaseDirectory, "Data", "hosts", host);
}
