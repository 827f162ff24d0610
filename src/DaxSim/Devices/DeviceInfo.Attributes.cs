using DaxSim.Policy;

namespace DaxSim.Devices;

// A disk's directory in sysfs.
public sealed partial class DeviceInfo
{
    private static readonly string[] Original =
    [
        "alignment_offset", "bdi", "capability", "dev", "device", "discard_alignment", "ext_range", "holders", "inflight", "queue", "range", "removable", "ro", "size", "slaves", "stat", "subsystem", "uevent",
    ];

    private readonly KernelPolicy policy;

    /// <summary>
    /// The names in <c>/sys/block/NAME</c>, as <c>ls</c> sorts them: of a whole disk that has a parent device, on a kernel without power management
    /// of devices (CONFIG_PM). There is none that tells whether the disk has DAX; <c>queue/dax</c> does.
    /// </summary>
    public IReadOnlyList<string> SysfsNames
    {
        get
        {
            var names = new List<string>(Original);
            var era = policy.DiskAttributes;
            Add(era >= DiskAttributesRule.WithIntegrity && policy.Config.IsEnabled("BLK_DEV_INTEGRITY"), "integrity");
            Add(era >= DiskAttributesRule.WithHidden, "hidden");
            Add(era >= DiskAttributesRule.WithEvents, "events", "events_async", "events_poll_msecs");
            Add(era >= DiskAttributesRule.WithSequence, "diskseq");
            Add(era >= DiskAttributesRule.WithPartScan, "partscan");
            Add(policy.Config.IsEnabled("BLK_DEV_IO_TRACE"), "trace");
            names.Sort(StringComparer.Ordinal);
            return names;

            void Add(bool present, params ReadOnlySpan<string> more)
            {
                if (present)
                {
                    names.AddRange(more);
                }
            }
        }
    }
}
