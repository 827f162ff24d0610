namespace DaxSim.Policy;

/// <summary>What ext4 makes of its dax options, and what it prints.</summary>
internal static class Ext4Changes
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("ext4-dax-introduced", "4.0", "ext4: add DAX functionality", (PolicyProperty.Ext4DaxOption, (int)Ext4DaxOption.Flag))
        {
            Commit = "923ae0ff9250",
            Effect = "ext4 knows dax; a wrong block size, a device without the operation or data=journal fails the mount with EINVAL.",
            Evidence = Evidence.CommitMessage,
            Source = "dax-support 2.1",
        },
        new("ext4-encrypt", "4.1", "[ext4 encryption]", (PolicyProperty.Ext4EncryptFeature, (int)Ext4EncryptFeature.Known))
        {
            Effect = "Filesystems with the encrypt feature can be mounted.",
            Evidence = Evidence.Unconfirmed,
            Source = "general knowledge",
        },
        new("ext4-nojournal-options", "4.4", "ext4: do not allow journal_opts for fs w/o journal", (PolicyProperty.Ext4NoJournalOptions, (int)Ext4NoJournalOptions.Nothing))
        {
            Commit = "1e381f60dad9",
            Effect = "On a filesystem without journal /proc/mounts lists default options as if they had been given.",
            Evidence = Evidence.Recorded,
            Source = "s390 recordings 4.19; message of 50b29d8f033a",
        },
        new("ext4-sdax-regular-only", "4.5", "[ext4 S_DAX only on regular files]", (PolicyProperty.Ext4InodeDax, (int)Ext4InodeDax.RegularFile))
        {
            Effect = "Only regular files of a DAX mount use DAX.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.1, per-inode table (bracketed 4.4..4.5)",
        },
        new("ext4-sdax-410", "4.10", "[ext4 S_DAX excludes journalled, inline and encrypted inodes]", (PolicyProperty.Ext4InodeDax, (int)Ext4InodeDax.PlainData))
        {
            Effect = "An inode with data journalling, inline data or encryption does not use DAX.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.1, per-inode table",
        },
        new("ext4-inline-data-dax", "4.15", "ext4: prevent data corruption with inline data + DAX", (PolicyProperty.Ext4InlineDataDax, (int)Ext4InlineDataDax.Fails))
        {
            Commit = "559db4c6d784",
            Backports = [KernelVersion.Parse("4.14.3")],
            Effect = "dax on a filesystem with inline_data fails with EINVAL.",
            Evidence = Evidence.CommitMessage,
            Source = "dax-support 2.1",
        },
        new("ext4-journal-dax", "4.15", "ext4: prevent data corruption with journaling + DAX", (PolicyProperty.Ext4JournalFlagUnderDax, (int)Ext4JournalFlagUnderDax.Refused))
        {
            Commit = "e9072d859df3",
            Backports = [KernelVersion.Parse("4.14.3")],
            Effect = "Switching the data journalling of a DAX file is EOPNOTSUPP.",
            Evidence = Evidence.Unconfirmed,
            Source = "distribution changelog 4.14.3",
        },
        new("ext4-dax-fallback", "4.16", "ext4: auto disable dax instead of failing mount", (PolicyProperty.Ext4UnsupportedDax, (int)Ext4UnsupportedDax.TurnsOff), (PolicyProperty.Ext4InlineDataDax, (int)Ext4InlineDataDax.TurnsOff))
        {
            Commit = "24f3478d664b",
            Effect = "dax on an unsupported device or with inline_data mounts without DAX instead of failing.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.1; old recordings 4.16, 4.19",
        },
        new("ext4-data-mode-shown", "4.17", "[ext4 does not show the data mode if it is the default]", (PolicyProperty.Ext4DataModeShown, (int)Ext4DataModeShown.UnlessDefault))
        {
            Effect = "/proc/mounts lists data= only when it is not the default.",
            Evidence = Evidence.Recorded,
            Source = "old recordings, between 4.16.13 and 4.19",
        },
        new("ext4-dax-fail-again", "5.0", "ext4: hard fail dax mount on unsupported devices", (PolicyProperty.Ext4UnsupportedDax, (int)Ext4UnsupportedDax.FailsInvalid), (PolicyProperty.Ext4InlineDataDax, (int)Ext4InlineDataDax.Fails))
        {
            Commit = "361d24d40657",
            Effect = "dax on an unsupported device or with inline_data fails the mount again, with EINVAL.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.1; recording 5.10",
        },
        new("ext4-nojournal-options-fix", "5.2", "ext4: fix ext4_show_options for file systems w/o journal", (PolicyProperty.Ext4NoJournalOptions, (int)Ext4NoJournalOptions.Defaults))
        {
            Commit = "50b29d8f033a",
            Backports = [KernelVersion.Parse("4.4.181"), KernelVersion.Parse("4.9.178"), KernelVersion.Parse("4.14.121"), KernelVersion.Parse("4.19.45"), KernelVersion.Parse("5.0.18"), KernelVersion.Parse("5.1.4")],
            Effect = "/proc/mounts compares with the defaults on filesystems without journal too.",
            Evidence = Evidence.CommitMessage,
            Source = "message of 50b29d8f033a; stable review mails of May and June 2019; s390 recording 6.1",
        },
        new("ext4-verity", "5.4", "[ext4 fs-verity]", (PolicyProperty.Ext4VerityFeature, (int)Ext4VerityFeature.Known))
        {
            Effect = "Filesystems with the verity feature can be mounted read-write.",
            Evidence = Evidence.Recorded,
            Source = "general knowledge; recording 5.10 mounts it",
        },
        new("ext4-dioread-nolock-default", "5.6", "ext4: make dioread_nolock the default", (PolicyProperty.Ext4JournalDataWarning, (int)Ext4JournalDataWarning.DioreadNolock))
        {
            Commit = "244adf6426ee",
            Effect = "data=journal also says that it disables dioread_nolock.",
            Evidence = Evidence.CommitMessage,
            Source = "patch of 244adf6426ee",
        },
        new("ext4-sdax-verity", "5.7", "[ext4 S_DAX excludes fs-verity]", (PolicyProperty.Ext4InodeDax, (int)Ext4InodeDax.PlainDataNoVerity))
        {
            Effect = "An inode with fs-verity does not use DAX.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.1, per-inode table",
        },
        new("ext4-remount-dax", "5.8", "ext4: avoid race conditions when remounting with options that change dax", (PolicyProperty.Ext4RemountDax, (int)Ext4RemountDax.Refused))
        {
            Commit = "829b37b8cddb",
            Backports = [KernelVersion.Parse("5.4.59"), KernelVersion.Parse("5.7.14")],
            Effect = "A remount that changes the dax option fails with EINVAL.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.1; recording 5.10",
        },
        new("ext4-dax-tristate", "5.8", "fs/ext4: Make DAX mount option a tri-state", (PolicyProperty.Ext4DaxOption, (int)Ext4DaxOption.Mode), (PolicyProperty.Ext4InodeDax, (int)Ext4InodeDax.Mode), (PolicyProperty.Ext4DaxProbe, (int)Ext4DaxProbe.EveryMount))
        {
            Commit = "9cb20f94afcd",
            Effect = "dax=always, dax=inode and dax=never; the device is tested at every mount.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.1; recording 5.10",
        },
        new("ext4-dax-inode-flag", "5.8", "fs/ext4: Introduce DAX inode flag", (PolicyProperty.Ext4InodeDaxFlag, (int)Ext4InodeDaxFlag.OnDisk))
        {
            Commit = "b383a73f2b83",
            Effect = "A flag of the inode decides under dax=inode; it takes effect when the inode is next read in.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.1; recording 5.10",
        },
        new("ext4-fast-commit-warning", "5.10", "[ext4 fast commits]", (PolicyProperty.Ext4JournalDataWarning, (int)Ext4JournalDataWarning.FastCommit))
        {
            Effect = "data=journal also says that it disables fast_commit.",
            Evidence = Evidence.Recorded,
            Source = "recording 5.10",
        },
        new("ext4-dax-flag-inline", "5.10", "ext4: disallow modifying DAX inode flag if inline_data has been set", (PolicyProperty.Ext4DaxFlagInlineData, (int)Ext4DaxFlagInlineData.Refused))
        {
            Backports = [KernelVersion.Parse("5.9.2")],
            Effect = "Setting the DAX flag of an inode with inline data is EOPNOTSUPP.",
            Evidence = Evidence.Unconfirmed,
            Source = "distribution changelog 5.9.2; dax-support 2.1",
        },
        new("ext4-dax-flag-dirs", "5.13", "ext4: allow the dax flag to be set and cleared on inline directories", (PolicyProperty.Ext4DaxFlagInlineData, (int)Ext4DaxFlagInlineData.RefusedOnFiles))
        {
            Commit = "4811d9929cda",
            Backports = [KernelVersion.Parse("5.10.36")],
            Effect = "Directories with inline data are exempt from that rule.",
            Evidence = Evidence.Unconfirmed,
            Source = "distribution changelog 5.10.36; dax-support 2.1",
        },
        new("ext4-quota-mode", "5.11", "ext4: print quota journalling mode on (re-)mount", (PolicyProperty.Ext4MountMessage, (int)Ext4MountMessage.OptionsAndQuota))
        {
            Commit = "ca9b404ff137",
            Effect = "The mount message ends with the quota mode.",
            Evidence = Evidence.CommitMessage,
            Source = "patch of October 2020, pulled for 5.11; present in 5.14",
        },
        new("ext4-mount-api", "5.17", "[ext4 converted to the new mount API]", (PolicyProperty.Ext4OptionParser, (int)Ext4OptionParser.FsContext), (PolicyProperty.Ext4ExperimentalWarning, (int)Ext4ExperimentalWarning.None), (PolicyProperty.Ext4MountMessage, (int)Ext4MountMessage.Quota))
        {
            Effect = "Options are read before the device is opened, refusals of a remount name no device, and DAX is no longer called experimental.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.1; recording 6.1",
        },
        new("ext4-unmount-message", "6.0", "[ext4 reports when it is unmounted]", (PolicyProperty.Ext4UnmountMessage, (int)Ext4UnmountMessage.Said))
        {
            Effect = "ext4 prints that the filesystem is unmounted.",
            Evidence = Evidence.Unconfirmed,
            Source = "absent in 5.14, present in 6.8",
        },
        new("ext4-mount-uuid", "6.2", "[ext4 reports the UUID at mount]", (PolicyProperty.Ext4MountMessage, (int)Ext4MountMessage.Uuid))
        {
            Effect = "The mount message names the filesystem's UUID.",
            Evidence = Evidence.Unconfirmed,
            Source = "absent in 6.1, present in 6.8",
        },
        new("ext4-mount-access", "6.4", "[ext4 reports r/w or ro at mount]", (PolicyProperty.Ext4MountMessage, (int)Ext4MountMessage.UuidAndAccess))
        {
            Effect = "The mount message says whether the filesystem is writable.",
            Evidence = Evidence.Recorded,
            Source = "absent in 6.1, present in 6.8; s390 recording 7.2",
        },
        new("ext4-dax-new-encrypted", "7.2", "ext4: don't enable DAX on new encrypted files", (PolicyProperty.Ext4NewEncryptedFile, (int)Ext4NewEncryptedFile.NeverDax))
        {
            Backports = [KernelVersion.Parse("6.1.187")],
            Effect = "A new file in an encrypted directory never uses DAX.",
            Evidence = Evidence.Unconfirmed,
            Source = "distribution changelog 6.1.187; the mainline release is bounded by its date only",
        },
        new("ext4-large-blocks", "6.19", "[ext4 block sizes above the page size]", (PolicyProperty.Ext4LargeBlocks, (int)Ext4LargeBlocks.Accepted))
        {
            Effect = "Blocks larger than pages can be mounted.",
            Evidence = Evidence.Unconfirmed,
            Source = "general knowledge",
        },
        new("ext4-data-journal-deprecated", "7.3", "[ext4 deprecates data=journal]", (PolicyProperty.Ext4JournalDataFuture, (int)Ext4JournalDataFuture.Deprecated))
        {
            Effect = "Asking for data=journal prints that the option is deprecated and will be removed.",
            Evidence = Evidence.Recorded,
            Source = "env mounts of 7.2.12 against 7.3.4",
        },
    ];
}
