using DaxSim.Policy;
using DaxSim.Scenarios.Import;

namespace DaxSim.Tests.Scenarios;

/// <summary>
/// Hosts that are real: Debian kernels 5.10.0-46 and 6.1.0-56 under QEMU with NVDIMMs, recorded by the mode `host` of the kernel lab. What their
/// kernel said to each line of fstab, and printed meanwhile, stands in the file `answers`, which no importer reads.
/// </summary>
public class GuestHostTests
{
    public static TheoryData<string> Guests => new("guest-5.10", "guest-6.1");

    [Theory]
    [MemberData(nameof(Guests))]
    public void The_doctor_says_of_each_mount_what_the_kernel_said(string guest)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Data", "hosts", guest);
        var report = Doctor.Examine(MachineImport.Of(HostDump.Read([folder])).Machine, null, [KernelVersion.Parse("7.3")]);

        var answers = Answers(Path.Combine(folder, "answers")).ToList();
        answers.Should().HaveCount(6);
        foreach (var (device, works, printed) in answers)
        {
            var finding = report.Findings.Should().ContainSingle(f => f.Device == device).Subject;
            finding.Health.Should().Be(works ? DaxHealth.Works : DaxHealth.MountFails, $"{device} of {guest} said so");
            finding.Errno.Should().Be(works ? DaxSim.Outcomes.Errno.None : DaxSim.Outcomes.Errno.EINVAL);
            if (!works)
            {
                // The next lines are those of the mount without dax that followed.
                printed.Take(finding.Log.Count + 1).Where(l => !l.Contains("EXPERIMENTAL big timestamp")).Take(finding.Log.Count).Should().Equal(finding.Log, $"{device} of {guest} printed so");
                finding.Advice.Should().NotBeEmpty();
            }
        }

        report.Findings.Should().ContainSingle(f => f.Device == "/dev/dax1.0").Which.Health.Should().Be(DaxHealth.Works);
    }

    private static IEnumerable<(string Device, bool Works, List<string> Printed)> Answers(string file)
    {
        List<string>? printed = null;
        foreach (var line in File.ReadLines(file).Skip(1))
        {
            if (line.StartsWith('/'))
            {
                printed = [];
                yield return (line[..line.IndexOf(' ')], line.Contains(": ok,"), printed);
            }
            else if (line.Trim().Length > 0)
            {
                printed!.Add(line.Trim());
            }
        }
    }
}
