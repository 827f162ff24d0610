namespace DaxSim.Policy;

public sealed partial record KernelPolicy
{
    /// <summary>What ext2 makes of -o xip and -o dax.</summary>
    public Ext2DaxOption Ext2DaxOption { get => (Ext2DaxOption)Get(PolicyProperty.Ext2DaxOption); init => Set(PolicyProperty.Ext2DaxOption, (int)value); }

    /// <summary>What an ext2 mount with dax does on a device or block size that cannot do it.</summary>
    public Ext2UnsupportedDax Ext2UnsupportedDax { get => (Ext2UnsupportedDax)Get(PolicyProperty.Ext2UnsupportedDax); init => Set(PolicyProperty.Ext2UnsupportedDax, (int)value); }

    /// <summary>What ext2 says when it reads the dax option.</summary>
    public Ext2DaxWarning Ext2DaxWarning { get => (Ext2DaxWarning)Get(PolicyProperty.Ext2DaxWarning); init => Set(PolicyProperty.Ext2DaxWarning, (int)value); }

    /// <summary>What the ext2 mount option word holds before the options are read.</summary>
    public Ext2MountOptionWord Ext2MountOptionWord { get => (Ext2MountOptionWord)Get(PolicyProperty.Ext2MountOptionWord); init => Set(PolicyProperty.Ext2MountOptionWord, (int)value); }

    /// <summary>How ext2 reads its options.</summary>
    public Ext2OptionParser Ext2OptionParser { get => (Ext2OptionParser)Get(PolicyProperty.Ext2OptionParser); init => Set(PolicyProperty.Ext2OptionParser, (int)value); }

    /// <summary>Which dax options ext4 knows.</summary>
    public Ext4DaxOption Ext4DaxOption { get => (Ext4DaxOption)Get(PolicyProperty.Ext4DaxOption); init => Set(PolicyProperty.Ext4DaxOption, (int)value); }

    /// <summary>What an ext4 mount with dax does on a device or block size that cannot do it.</summary>
    public Ext4UnsupportedDax Ext4UnsupportedDax { get => (Ext4UnsupportedDax)Get(PolicyProperty.Ext4UnsupportedDax); init => Set(PolicyProperty.Ext4UnsupportedDax, (int)value); }

    /// <summary>What an ext4 mount with dax does on a filesystem with the inline_data feature.</summary>
    public Ext4InlineDataDax Ext4InlineDataDax { get => (Ext4InlineDataDax)Get(PolicyProperty.Ext4InlineDataDax); init => Set(PolicyProperty.Ext4InlineDataDax, (int)value); }

    /// <summary>When ext4 asks whether the device can do DAX.</summary>
    public Ext4DaxProbe Ext4DaxProbe { get => (Ext4DaxProbe)Get(PolicyProperty.Ext4DaxProbe); init => Set(PolicyProperty.Ext4DaxProbe, (int)value); }

    /// <summary>Whether ext4 calls DAX experimental.</summary>
    public Ext4ExperimentalWarning Ext4ExperimentalWarning { get => (Ext4ExperimentalWarning)Get(PolicyProperty.Ext4ExperimentalWarning); init => Set(PolicyProperty.Ext4ExperimentalWarning, (int)value); }

    /// <summary>What an ext4 remount does that changes the dax option.</summary>
    public Ext4RemountDax Ext4RemountDax { get => (Ext4RemountDax)Get(PolicyProperty.Ext4RemountDax); init => Set(PolicyProperty.Ext4RemountDax, (int)value); }

    /// <summary>How ext4 reads its options.</summary>
    public Ext4OptionParser Ext4OptionParser { get => (Ext4OptionParser)Get(PolicyProperty.Ext4OptionParser); init => Set(PolicyProperty.Ext4OptionParser, (int)value); }

    /// <summary>Which inodes of an ext4 filesystem use DAX.</summary>
    public Ext4InodeDax Ext4InodeDax { get => (Ext4InodeDax)Get(PolicyProperty.Ext4InodeDax); init => Set(PolicyProperty.Ext4InodeDax, (int)value); }

    /// <summary>Whether ext4 keeps a DAX flag for each inode.</summary>
    public Ext4InodeDaxFlag Ext4InodeDaxFlag { get => (Ext4InodeDaxFlag)Get(PolicyProperty.Ext4InodeDaxFlag); init => Set(PolicyProperty.Ext4InodeDaxFlag, (int)value); }

    /// <summary>What ext4 reports after a successful mount.</summary>
    public Ext4MountMessage Ext4MountMessage { get => (Ext4MountMessage)Get(PolicyProperty.Ext4MountMessage); init => Set(PolicyProperty.Ext4MountMessage, (int)value); }

    /// <summary>Whether /proc/mounts shows the data mode of ext4.</summary>
    public Ext4DataModeShown Ext4DataModeShown { get => (Ext4DataModeShown)Get(PolicyProperty.Ext4DataModeShown); init => Set(PolicyProperty.Ext4DataModeShown, (int)value); }

    /// <summary>What /proc/mounts compares the options of an ext4 filesystem without journal with.</summary>
    public Ext4NoJournalOptions Ext4NoJournalOptions { get => (Ext4NoJournalOptions)Get(PolicyProperty.Ext4NoJournalOptions); init => Set(PolicyProperty.Ext4NoJournalOptions, (int)value); }

    /// <summary>Whether ext4 says that data=journal will go.</summary>
    public Ext4JournalDataFuture Ext4JournalDataFuture { get => (Ext4JournalDataFuture)Get(PolicyProperty.Ext4JournalDataFuture); init => Set(PolicyProperty.Ext4JournalDataFuture, (int)value); }

    /// <summary>What ext4 says that data=journal disables.</summary>
    public Ext4JournalDataWarning Ext4JournalDataWarning { get => (Ext4JournalDataWarning)Get(PolicyProperty.Ext4JournalDataWarning); init => Set(PolicyProperty.Ext4JournalDataWarning, (int)value); }

    /// <summary>What ext4 reports when it is unmounted.</summary>
    public Ext4UnmountMessage Ext4UnmountMessage { get => (Ext4UnmountMessage)Get(PolicyProperty.Ext4UnmountMessage); init => Set(PolicyProperty.Ext4UnmountMessage, (int)value); }

    /// <summary>Whether ext4 mounts blocks larger than pages.</summary>
    public Ext4LargeBlocks Ext4LargeBlocks { get => (Ext4LargeBlocks)Get(PolicyProperty.Ext4LargeBlocks); init => Set(PolicyProperty.Ext4LargeBlocks, (int)value); }

    /// <summary>Whether ext4 knows the verity feature.</summary>
    public Ext4VerityFeature Ext4VerityFeature { get => (Ext4VerityFeature)Get(PolicyProperty.Ext4VerityFeature); init => Set(PolicyProperty.Ext4VerityFeature, (int)value); }

    /// <summary>Whether ext4 knows the encrypt feature.</summary>
    public Ext4EncryptFeature Ext4EncryptFeature { get => (Ext4EncryptFeature)Get(PolicyProperty.Ext4EncryptFeature); init => Set(PolicyProperty.Ext4EncryptFeature, (int)value); }

    /// <summary>Which dax options xfs knows.</summary>
    public XfsDaxOption XfsDaxOption { get => (XfsDaxOption)Get(PolicyProperty.XfsDaxOption); init => Set(PolicyProperty.XfsDaxOption, (int)value); }

    /// <summary>How xfs tests whether DAX is possible.</summary>
    public XfsDaxTests XfsDaxTests { get => (XfsDaxTests)Get(PolicyProperty.XfsDaxTests); init => Set(PolicyProperty.XfsDaxTests, (int)value); }

    /// <summary>What an xfs mount with dax does on a filesystem with reflink.</summary>
    public XfsReflinkDax XfsReflinkDax { get => (XfsReflinkDax)Get(PolicyProperty.XfsReflinkDax); init => Set(PolicyProperty.XfsReflinkDax, (int)value); }

    /// <summary>When xfs calls DAX experimental.</summary>
    public XfsExperimentalWarning XfsExperimentalWarning { get => (XfsExperimentalWarning)Get(PolicyProperty.XfsExperimentalWarning); init => Set(PolicyProperty.XfsExperimentalWarning, (int)value); }

    /// <summary>Which inodes of an xfs filesystem use DAX.</summary>
    public XfsInodeDax XfsInodeDax { get => (XfsInodeDax)Get(PolicyProperty.XfsInodeDax); init => Set(PolicyProperty.XfsInodeDax, (int)value); }

    /// <summary>What setting FS_XFLAG_DAX does in xfs.</summary>
    public XfsDaxFlagIoctl XfsDaxFlagIoctl { get => (XfsDaxFlagIoctl)Get(PolicyProperty.XfsDaxFlagIoctl); init => Set(PolicyProperty.XfsDaxFlagIoctl, (int)value); }

    /// <summary>What xfs reports when it mounts.</summary>
    public XfsMountMessage XfsMountMessage { get => (XfsMountMessage)Get(PolicyProperty.XfsMountMessage); init => Set(PolicyProperty.XfsMountMessage, (int)value); }

    /// <summary>Which of its defaults xfs lists in /proc/mounts.</summary>
    public XfsShownDefaults XfsShownDefaults { get => (XfsShownDefaults)Get(PolicyProperty.XfsShownDefaults); init => Set(PolicyProperty.XfsShownDefaults, (int)value); }

    /// <summary>How xfs reads its options.</summary>
    public XfsOptionParser XfsOptionParser { get => (XfsOptionParser)Get(PolicyProperty.XfsOptionParser); init => Set(PolicyProperty.XfsOptionParser, (int)value); }

    /// <summary>Whether xfs knows the inobtcount feature.</summary>
    public XfsInodeCountFeature XfsInodeCountFeature { get => (XfsInodeCountFeature)Get(PolicyProperty.XfsInodeCountFeature); init => Set(PolicyProperty.XfsInodeCountFeature, (int)value); }

    /// <summary>Whether xfs mounts blocks larger than pages.</summary>
    public XfsLargeBlocks XfsLargeBlocks { get => (XfsLargeBlocks)Get(PolicyProperty.XfsLargeBlocks); init => Set(PolicyProperty.XfsLargeBlocks, (int)value); }

    /// <summary>What the reflink and dedupe calls do with DAX files.</summary>
    public ReflinkWithDax ReflinkWithDax { get => (ReflinkWithDax)Get(PolicyProperty.ReflinkWithDax); init => Set(PolicyProperty.ReflinkWithDax, (int)value); }

    /// <summary>Whether erofs knows dax, dax=always and dax=never.</summary>
    public ErofsDax ErofsDax { get => (ErofsDax)Get(PolicyProperty.ErofsDax); init => Set(PolicyProperty.ErofsDax, (int)value); }

    /// <summary>How erofs reports that it turned DAX off.</summary>
    public ErofsDaxMessages ErofsDaxMessages { get => (ErofsDaxMessages)Get(PolicyProperty.ErofsDaxMessages); init => Set(PolicyProperty.ErofsDaxMessages, (int)value); }

    /// <summary>Whether erofs knows page cache sharing between filesystems, which excludes DAX.</summary>
    public ErofsInodeShare ErofsInodeShare { get => (ErofsInodeShare)Get(PolicyProperty.ErofsInodeShare); init => Set(PolicyProperty.ErofsInodeShare, (int)value); }

    /// <summary>Which dax options virtiofs knows.</summary>
    public VirtioFsDax VirtioFsDax { get => (VirtioFsDax)Get(PolicyProperty.VirtioFsDax); init => Set(PolicyProperty.VirtioFsDax, (int)value); }

    /// <summary>What a virtiofs mount that demands dax does when the device has no DAX window.</summary>
    public VirtioFsWithoutWindow VirtioFsWithoutWindow { get => (VirtioFsWithoutWindow)Get(PolicyProperty.VirtioFsWithoutWindow); init => Set(PolicyProperty.VirtioFsWithoutWindow, (int)value); }

    /// <summary>What mmap with MAP_SYNC asks for.</summary>
    public MapSyncRule MapSyncRule { get => (MapSyncRule)Get(PolicyProperty.MapSyncRule); init => Set(PolicyProperty.MapSyncRule, (int)value); }

    /// <summary>What statx tells of DAX.</summary>
    public StatxDaxAttribute StatxDaxAttribute { get => (StatxDaxAttribute)Get(PolicyProperty.StatxDaxAttribute); init => Set(PolicyProperty.StatxDaxAttribute, (int)value); }

    /// <summary>What a read-write mount of a read-only device says, for filesystems that use the common mount context.</summary>
    public ReadOnlyDeviceMessage ReadOnlyDeviceMessage { get => (ReadOnlyDeviceMessage)Get(PolicyProperty.ReadOnlyDeviceMessage); init => Set(PolicyProperty.ReadOnlyDeviceMessage, (int)value); }

    /// <summary>What happens to a cached inode whose DAX flag was changed.</summary>
    public FlaggedInodeCaching FlaggedInodeCaching { get => (FlaggedInodeCaching)Get(PolicyProperty.FlaggedInodeCaching); init => Set(PolicyProperty.FlaggedInodeCaching, (int)value); }

    /// <summary>What setting the DAX flag of ext4 does on an inode with inline data.</summary>
    public Ext4DaxFlagInlineData Ext4DaxFlagInlineData { get => (Ext4DaxFlagInlineData)Get(PolicyProperty.Ext4DaxFlagInlineData); init => Set(PolicyProperty.Ext4DaxFlagInlineData, (int)value); }

    /// <summary>What switching the data journalling of a file does under dax.</summary>
    public Ext4JournalFlagUnderDax Ext4JournalFlagUnderDax { get => (Ext4JournalFlagUnderDax)Get(PolicyProperty.Ext4JournalFlagUnderDax); init => Set(PolicyProperty.Ext4JournalFlagUnderDax, (int)value); }

    /// <summary>Whether a new file in an encrypted directory uses DAX until it is read in again.</summary>
    public Ext4NewEncryptedFile Ext4NewEncryptedFile { get => (Ext4NewEncryptedFile)Get(PolicyProperty.Ext4NewEncryptedFile); init => Set(PolicyProperty.Ext4NewEncryptedFile, (int)value); }

    /// <summary>Whether setting FS_XFLAG_DAX asks the device.</summary>
    public XfsDaxFlagDevice XfsDaxFlagDevice { get => (XfsDaxFlagDevice)Get(PolicyProperty.XfsDaxFlagDevice); init => Set(PolicyProperty.XfsDaxFlagDevice, (int)value); }

    /// <summary>Whether chunk-based files of erofs use DAX.</summary>
    public ErofsChunkFiles ErofsChunkFiles { get => (ErofsChunkFiles)Get(PolicyProperty.ErofsChunkFiles); init => Set(PolicyProperty.ErofsChunkFiles, (int)value); }

    private static string? DescribeFileSystems(PolicyProperty property, int value) => property switch
    {
        PolicyProperty.Ext2DaxOption => ((Ext2DaxOption)value).ToString(),
        PolicyProperty.Ext2UnsupportedDax => ((Ext2UnsupportedDax)value).ToString(),
        PolicyProperty.Ext2DaxWarning => ((Ext2DaxWarning)value).ToString(),
        PolicyProperty.Ext2MountOptionWord => ((Ext2MountOptionWord)value).ToString(),
        PolicyProperty.Ext2OptionParser => ((Ext2OptionParser)value).ToString(),
        PolicyProperty.Ext4DaxOption => ((Ext4DaxOption)value).ToString(),
        PolicyProperty.Ext4UnsupportedDax => ((Ext4UnsupportedDax)value).ToString(),
        PolicyProperty.Ext4InlineDataDax => ((Ext4InlineDataDax)value).ToString(),
        PolicyProperty.Ext4DaxProbe => ((Ext4DaxProbe)value).ToString(),
        PolicyProperty.Ext4ExperimentalWarning => ((Ext4ExperimentalWarning)value).ToString(),
        PolicyProperty.Ext4RemountDax => ((Ext4RemountDax)value).ToString(),
        PolicyProperty.Ext4OptionParser => ((Ext4OptionParser)value).ToString(),
        PolicyProperty.Ext4InodeDax => ((Ext4InodeDax)value).ToString(),
        PolicyProperty.Ext4InodeDaxFlag => ((Ext4InodeDaxFlag)value).ToString(),
        PolicyProperty.Ext4MountMessage => ((Ext4MountMessage)value).ToString(),
        PolicyProperty.Ext4DataModeShown => ((Ext4DataModeShown)value).ToString(),
        PolicyProperty.Ext4NoJournalOptions => ((Ext4NoJournalOptions)value).ToString(),
        PolicyProperty.Ext4JournalDataFuture => ((Ext4JournalDataFuture)value).ToString(),
        PolicyProperty.Ext4JournalDataWarning => ((Ext4JournalDataWarning)value).ToString(),
        PolicyProperty.Ext4UnmountMessage => ((Ext4UnmountMessage)value).ToString(),
        PolicyProperty.Ext4LargeBlocks => ((Ext4LargeBlocks)value).ToString(),
        PolicyProperty.Ext4VerityFeature => ((Ext4VerityFeature)value).ToString(),
        PolicyProperty.Ext4EncryptFeature => ((Ext4EncryptFeature)value).ToString(),
        PolicyProperty.XfsDaxOption => ((XfsDaxOption)value).ToString(),
        PolicyProperty.XfsDaxTests => ((XfsDaxTests)value).ToString(),
        PolicyProperty.XfsReflinkDax => ((XfsReflinkDax)value).ToString(),
        PolicyProperty.XfsExperimentalWarning => ((XfsExperimentalWarning)value).ToString(),
        PolicyProperty.XfsInodeDax => ((XfsInodeDax)value).ToString(),
        PolicyProperty.XfsDaxFlagIoctl => ((XfsDaxFlagIoctl)value).ToString(),
        PolicyProperty.XfsMountMessage => ((XfsMountMessage)value).ToString(),
        PolicyProperty.XfsShownDefaults => ((XfsShownDefaults)value).ToString(),
        PolicyProperty.XfsOptionParser => ((XfsOptionParser)value).ToString(),
        PolicyProperty.XfsInodeCountFeature => ((XfsInodeCountFeature)value).ToString(),
        PolicyProperty.XfsLargeBlocks => ((XfsLargeBlocks)value).ToString(),
        PolicyProperty.ReflinkWithDax => ((ReflinkWithDax)value).ToString(),
        PolicyProperty.ErofsDax => ((ErofsDax)value).ToString(),
        PolicyProperty.ErofsDaxMessages => ((ErofsDaxMessages)value).ToString(),
        PolicyProperty.ErofsInodeShare => ((ErofsInodeShare)value).ToString(),
        PolicyProperty.VirtioFsDax => ((VirtioFsDax)value).ToString(),
        PolicyProperty.VirtioFsWithoutWindow => ((VirtioFsWithoutWindow)value).ToString(),
        PolicyProperty.MapSyncRule => ((MapSyncRule)value).ToString(),
        PolicyProperty.StatxDaxAttribute => ((StatxDaxAttribute)value).ToString(),
        PolicyProperty.ReadOnlyDeviceMessage => ((ReadOnlyDeviceMessage)value).ToString(),
        PolicyProperty.FlaggedInodeCaching => ((FlaggedInodeCaching)value).ToString(),
        PolicyProperty.Ext4DaxFlagInlineData => ((Ext4DaxFlagInlineData)value).ToString(),
        PolicyProperty.Ext4JournalFlagUnderDax => ((Ext4JournalFlagUnderDax)value).ToString(),
        PolicyProperty.Ext4NewEncryptedFile => ((Ext4NewEncryptedFile)value).ToString(),
        PolicyProperty.XfsDaxFlagDevice => ((XfsDaxFlagDevice)value).ToString(),
        PolicyProperty.ErofsChunkFiles => ((ErofsChunkFiles)value).ToString(),
        _ => null,
    };
}
