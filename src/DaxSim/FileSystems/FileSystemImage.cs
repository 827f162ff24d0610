using DaxSim.Devices;
using DaxSim.State;

namespace DaxSim.FileSystems;

/// <summary>A filesystem as it lies on a device, whether mounted or not: what mkfs chose, and its tree.</summary>
internal sealed class FileSystemImage : Recoverable
{
    private readonly string[] features;
    private BlockDevice? device;

    internal FileSystemImage(Journal journal, BlockDevice? device, string type, int blockSize, int sectorSize, string[] features, string uuid)
        : base(journal)
    {
        this.device = device;
        Type = type;
        BlockSize = blockSize;
        SectorSize = sectorSize;
        this.features = features;
        Uuid = uuid;
        if (device is not null && (device.Frames is not null || device.DaxDevice is not null))
        {
            Volume = new DeviceVolume(journal, device, device.Table.PageShift, hasJournal: type == "xfs" || features.Contains("has_journal"));
        }
    }

    /// <summary>Where it lies; null for virtiofs, which has no block device.</summary>
    internal BlockDevice? Device => device;

    /// <summary>What mkfs made: ext2, ext4, xfs, erofs or virtiofs.</summary>
    internal string Type { get; }

    internal int BlockSize { get; }

    /// <summary>The sector size xfs was made for.</summary>
    internal int SectorSize { get; }

    internal IReadOnlyList<string> Features => features;

    internal string Uuid { get; }

    /// <summary>The device's memory as files get it; null for a device that does not lie in memory.</summary>
    internal DeviceVolume? Volume { get; private set; }

    /// <summary>The root directory, made right after the image itself.</summary>
    internal Inode Root { get; private set; } = null!;

    /// <summary>The mounted instance (superblock), or null.</summary>
    internal FileSystemInstance? Instance { get; private set; }

    internal bool Has(string feature) => Array.IndexOf(features, feature) >= 0;

    internal void SetRoot(Inode root) => Root = root;

    internal void SetInstance(FileSystemInstance? instance)
    {
        Touch();
        Instance = instance;
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(device);
        digest.Add(Type);
        digest.Add(BlockSize);
        digest.Add(SectorSize);
        digest.Add(string.Join(',', features));
        digest.Add(Uuid);
        digest.Add(Volume);
        digest.Add(Root);
        digest.Add(Instance);
    }

    private protected override void CopyFrom(Recoverable state) => Instance = ((FileSystemImage)state).Instance;

    private protected override void Remap(CloneContext context)
    {
        device = context.MapOrNull(device);
        Volume = context.MapOrNull(Volume);
        Root = context.Map(Root);
        Instance = context.MapOrNull(Instance);
    }
}
