namespace DaxSim.Policy;

// How the users of get_user_pages hold pages, and how held pages fare.
public sealed partial record KernelPolicy
{
    /// <summary>What fork does with a pinned page of hugetlb memory.</summary>
    public HugeTlbEarlyCopyRule HugeTlbEarlyCopy { get => (HugeTlbEarlyCopyRule)Get(PolicyProperty.HugeTlbEarlyCopy); init => Set(PolicyProperty.HugeTlbEarlyCopy, (int)value); }

    /// <summary>What a forced write to a shared area without VM_WRITE does besides failing.</summary>
    public SharedForceRule SharedForce { get => (SharedForceRule)Get(PolicyProperty.SharedForce); init => Set(PolicyProperty.SharedForce, (int)value); }

    /// <summary>How much generic_access_phys maps for a request.</summary>
    public GenericAccessRule GenericAccess { get => (GenericAccessRule)Get(PolicyProperty.GenericAccess); init => Set(PolicyProperty.GenericAccess, (int)value); }

    /// <summary>How ib_umem_get takes the memory of an RDMA region.</summary>
    public RdmaMemoryRule RdmaMemory { get => (RdmaMemoryRule)Get(PolicyProperty.RdmaMemory); init => Set(PolicyProperty.RdmaMemory, (int)value); }

    /// <summary>How V4L2 takes the memory of a user buffer.</summary>
    public VideoBufferRule VideoBuffer { get => (VideoBufferRule)Get(PolicyProperty.VideoBuffer); init => Set(PolicyProperty.VideoBuffer, (int)value); }

    /// <summary>How AF_XDP takes the memory of a packet buffer (umem).</summary>
    public XdpMemoryRule XdpMemory { get => (XdpMemoryRule)Get(PolicyProperty.XdpMemory); init => Set(PolicyProperty.XdpMemory, (int)value); }

    /// <summary>How vfio's type 1 driver takes memory for a device.</summary>
    public VfioMemoryRule VfioMemory { get => (VfioMemoryRule)Get(PolicyProperty.VfioMemory); init => Set(PolicyProperty.VfioMemory, (int)value); }

    /// <summary>How vfio finds the frame of device memory that has no struct page.</summary>
    public VfioDeviceFrameRule VfioDeviceFrame { get => (VfioDeviceFrameRule)Get(PolicyProperty.VfioDeviceFrame); init => Set(PolicyProperty.VfioDeviceFrame, (int)value); }

    /// <summary>How KVM finds the frame of device memory behind a guest's address.</summary>
    public KvmDeviceFrameRule KvmDeviceFrame { get => (KvmDeviceFrameRule)Get(PolicyProperty.KvmDeviceFrame); init => Set(PolicyProperty.KvmDeviceFrame, (int)value); }

    /// <summary>Whether the file of a running program is kept from writers, and a file with writers from being run.</summary>
    public RunningTextRule RunningText { get => (RunningTextRule)Get(PolicyProperty.RunningText); init => Set(PolicyProperty.RunningText, (int)value); }

    /// <summary>How much of a script's first line execve looks at.</summary>
    public ScriptLineRule ScriptLine { get => (ScriptLineRule)Get(PolicyProperty.ScriptLine); init => Set(PolicyProperty.ScriptLine, (int)value); }

    /// <summary>Which files can have uprobes.</summary>
    public UprobeFileRule UprobeFile { get => (UprobeFileRule)Get(PolicyProperty.UprobeFile); init => Set(PolicyProperty.UprobeFile, (int)value); }

    /// <summary>What becomes of a poisoned page of memory files (shmem).</summary>
    public ShmemFailureRule ShmemFailure { get => (ShmemFailureRule)Get(PolicyProperty.ShmemFailure); init => Set(PolicyProperty.ShmemFailure, (int)value); }

    private static string? DescribePins(PolicyProperty property, int value) => property switch
    {
        PolicyProperty.HugeTlbEarlyCopy => ((HugeTlbEarlyCopyRule)value).ToString(),
        PolicyProperty.SharedForce => ((SharedForceRule)value).ToString(),
        PolicyProperty.GenericAccess => ((GenericAccessRule)value).ToString(),
        PolicyProperty.RdmaMemory => ((RdmaMemoryRule)value).ToString(),
        PolicyProperty.VideoBuffer => ((VideoBufferRule)value).ToString(),
        PolicyProperty.XdpMemory => ((XdpMemoryRule)value).ToString(),
        PolicyProperty.VfioMemory => ((VfioMemoryRule)value).ToString(),
        PolicyProperty.VfioDeviceFrame => ((VfioDeviceFrameRule)value).ToString(),
        PolicyProperty.KvmDeviceFrame => ((KvmDeviceFrameRule)value).ToString(),
        PolicyProperty.RunningText => ((RunningTextRule)value).ToString(),
        PolicyProperty.ScriptLine => ((ScriptLineRule)value).ToString(),
        PolicyProperty.UprobeFile => ((UprobeFileRule)value).ToString(),
        PolicyProperty.ShmemFailure => ((ShmemFailureRule)value).ToString(),
        _ => null,
    };
}
