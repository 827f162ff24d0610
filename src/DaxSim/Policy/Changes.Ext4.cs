namespace DaxSim.Policy;

/// <summary>What ext4 makes of its dax options, and what it prints.</summary>
internal static class Ext4Changes
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("ext4-dax-introduced", "4.0", "ext4: add DAX functionality", p => p with { Ext4DaxOption = Ext4DaxOption.Flag })
        {
            Commit = "923ae0ff9250",
            Effect = "ext4 knows dax; a wrong block size, a device without the operation or data=journal fails the mount with EINVAL.",
            Evidence = Evidence.CommitMessage,
            Source = "dax-support 2.1",
        },
        new("ext4-encrypt", "4.1", "[ext4 encryption]", p => p with { Ext4EncryptFeature = Ext4EncryptFeature.Known })
        {
            Effect = "Filesystems with the encrypt feature can be mounted.",
            Evidence = Evidence.Unconfirmed,
            Source = "general knowledge",
        },
        new("ext4-nojournal-options", "4.4", "ext4: do not allow journal_opts for fs w/o journal", p => p with { Ext4NoJournalOptions = Ext4NoJournalOptions.Nothing })
        {
            Commit = "1e381f60dad9",
            Effect = "On a filesystem without journal /proc/mounts lists default options as if they had been given.",
            Evidence = Evidence.Recorded,
            Source = "s390 recordings 4.19; message of 50b29d8f033a",
        },
        new("ext4-sdax-regular-only", "4.5", "[ext4 S_DAX only on regular files]", p => p with { Ext4InodeDax = Ext4InodeDax.RegularFile })
        {
            Effect = "Only regular files of a DAX mount use DAX.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.1, per-inode table (bracketed 4.4..4.5)",
        },
        new("ext4-sdax-410", "4.10", "[ext4 S_DAX excludes journalled, inline and encrypted inodes]", p => p with { Ext4InodeDax = Ext4InodeDax.PlainData })
        {
            Effect = "An inode with data journalling, inline data or encryption does not use DAX.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.1, per-inode table",
        },
        new("ext4-inline-data-dax", "4.15", "ext4: prevent data corruption with inline data + DAX", p => p with { Ext4InlineDataDax = Ext4InlineDataDax.Fails })
        {
            Commit = "559db4c6d784",
            Backports = [KernelVersion.Parse("4.14.3")],
            Effect = "dax on a filesystem with inline_data fails with EINVAL.",
            Evidence = Evidence.CommitMessage,
            Source = "dax-support 2.1",
        },
        new("ext4-journal-dax", "4.15", "ext4: prevent data corruption with journaling + DAX", p => p with { Ext4JournalFlagUnderDax = Ext4JournalFlagUnderDax.Refused })
        {
            Commit = "e9072d859df3",
            Backports = [KernelVersion.Parse("4.14.3")],
            Effect = "Switching the data journalling of a DAX file is EOPNOTSUPP.",
            Evidence = Evidence.Unconfirmed,
            Source = "distribution changelog 4.14.3",
        },
        new("ext4-dax-fallback", "4.16", "ext4: auto disable dax instead of failing mount", p => p with
        {
            Ext4UnsupportedDax = Ext4UnsupportedDax.TurnsOff,
            Ext4InlineDataDax = Ext4InlineDataDax.TurnsOff,
        })
        {
            Commit = "24f3478d664b",
            Effect = "dax on an unsupported device or with inline_data mounts without DAX instead of failing.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.1; old recordings 4.16, 4.19",
        },
        new("ext4-data-mode-shown", "4.17", "[ext4 does not show the data mode if it is the default]", p => p with { Ext4DataModeShown = Ext4DataModeShown.UnlessDefault })
        {
            Effect = "/proc/mounts lists data= only when it is not the default.",
            Evidence = Evidence.Recorded,
            Source = "old recordings, between 4.16.13 and 4.19",
        },
        new("ext4-dax-fail-again", "5.0", "ext4: hard fail dax mount on unsupported devices", p => p with
        {
            Ext4UnsupportedDax = Ext4UnsupportedDax.FailsInvalid,
            Ext4InlineDataDax = Ext4InlineDataDax.Fails,
        })
        {
            Commit = "361d24d40657",
            Effect = "dax on an unsupported device or with inline_data fails the mount again, with EINVAL.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.1; recording 5.10",
        },
        new("ext4-nojournal-options-fix", "5.2", "ext4: fix ext4_show_options for file systems w/o journal", p => p with { Ext4NoJournalOptions = Ext4NoJournalOptions.Defaults })
        {
            Commit = "50b29d8f033a",
            Backports = [KernelVersion.Parse("4.4.181"), KernelVersion.Parse("4.9.178"), KernelVersion.Parse("4.14.121"), KernelVersion.Parse("4.19.45"), KernelVersion.Parse("5.0.18"), KernelVersion.Parse("5.1.4")],
            Effect = "/proc/mounts compares with the defaults on filesystems without journal too.",
            Evidence = Evidence.CommitMessage,
            Source = "message of 50b29d8f033a; stable review mails of May and June 2019; s390 recording 6.1",
        },
        new("ext4-verity", "5.4", "[ext4 fs-verity]", p => p with { Ext4VerityFeature = Ext4VerityFeature.Known })
        {
            Effect = "Filesystems with the verity feature can be mounted read-write.",
            Evidence = Evidence.Recorded,
            Source = "general knowledge; recording 5.10 mounts it",
        },
        new("ext4-dioread-nolock-default", "5.6", "ext4: make dioread_nolock the default", p => p with { Ext4JournalDataWarning = Ext4JournalDataWarning.DioreadNolock })
        {
            Commit = "244adf6426ee",
            Effect = "data=journal also says that it disables dioread_nolock.",
            Evidence = Evidence.CommitMessage,
            Source = "patch of 244adf6426ee",
        },
        new("ext4-sdax-verity", "5.7", "[ext4 S_DAX excludes fs-verity]", p => p with { Ext4InodeDax = Ext4InodeDax.PlainDataNoVerity })
        {
            Effect = "An inode with fs-verity does not use DAX.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.1, per-inode table",
        },
        new("ext4-remount-dax", "5.8", "ext4: avoid race conditions when remounting with options that change dax", p => p with { Ext4RemountDax = Ext4RemountDax.Refused })
        {
            Commit = "829b37b8cddb",
            Backports = [KernelVersion.Parse("5.4.59"), KernelVersion.Parse("5.7.14")],
            Effect = "A remount that changes the dax option fails with EINVAL.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.1; recording 5.10",
        },
        new("ext4-dax-tristate", "5.8", "fs/ext4: Make DAX mount option a tri-state", p => p with
        {
            Ext4DaxOption = Ext4DaxOption.Mode,
            Ext4InodeDax = Ext4InodeDax.Mode,
            Ext4DaxProbe = Ext4DaxProbe.EveryMount,
        })
        {
            Commit = "9cb20f94afcd",
            Effect = "dax=always, dax=inode and dax=never; the device is tested at every mount.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.1; recording 5.10",
        },
        new("ext4-dax-inode-flag", "5.8", "fs/ext4: Introduce DAX inode flag", p => p with { Ext4InodeDaxFlag = Ext4InodeDaxFlag.OnDisk })
        {
            Commit = "b383a73f2b83",
            Effect = "A flag of the inode decides under dax=inode; it takes effect when the inode is next read in.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.1; recording 5.10",
        },
        new("ext4-fast-commit-warning", "5.10", "[ext4 fast commits]", p => p with { Ext4JournalDataWarning = Ext4JournalDataWarning.FastCommit })
        {
            Effect = "data=journal also says that it disables fast_commit.",
            Evidence = Evidence.Recorded,
            Source = "recording 5.10",
        },
        new("ext4-dax-flag-inline", "5.10", "ext4: disallow modifying DAX inode flag if inline_data has been set", p => p with { Ext4DaxFlagInlineData = Ext4DaxFlagInlineData.Refused })
        {
            Backports = [KernelVersion.Parse("5.9.2")],
            Effect = "Setting the DAX flag of an inode with inline data is EOPNOTSUPP.",
            Evidence = Evidence.Unconfirmed,
            Source = "distribution changelog 5.9.2; dax-support 2.1",
        },
        new("ext4-dax-flag-dirs", "5.13", "ext4: allow the dax flag to be set and cleared on inline directories", p => p with { Ext4DaxFlagInlineData = Ext4DaxFlagInlineData.RefusedOnFiles })
        {
            Commit = "4811d9929cda",
            Backports = [KernelVersion.Parse("5.10.36")],
            Effect = "Directories with inline data are exempt from that rule.",
            Evidence = Evidence.Unconfirmed,
            Source = "distribution changelog 5.10.36; dax-support 2.1",
        },
        new("ext4-quota-mode", "5.11", "ext4: print quota journalling mode on (re-)mount", p => p with { Ext4MountMessage = Ext4MountMessage.OptionsAndQuota })
        {
            Commit = "ca9b404ff137",
            Effect = "The mount message ends with the quota mode.",
            Evidence = Evidence.CommitMessage,
            Source = "patch of October 2020, pulled for 5.11; present in 5.14",
        },
        new("ext4-mount-api", "5.17", "[ext4 converted to the new mount API]", p => p with
        {
            Ext4OptionParser = Ext4OptionParser.FsContext,
            Ext4ExperimentalWarning = Ext4ExperimentalWarning.None,
            Ext4MountMessage = Ext4MountMessage.Quota,
        })
        {
            Effect = "Options are read before the device is opened, refusals of a remount name no device, and DAX is no longer called experimental.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.1; recording 6.1",
        },
        new("ext4-unmount-message", "6.0", "[ext4 reports when it is unmounted]", p => p with { Ext4UnmountMessage = Ext4UnmountMessage.Said })
        {
            Effect = "ext4 prints that the filesystem is unmounted.",
            Evidence = Evidence.Unconfirmed,
            Source = "absent in 5.14, present in 6.8",
        },
        new("ext4-mount-uuid", "6.2", "[ext4 reports the UUID at mount]", p => p with { Ext4MountMessage = Ext4MountMessage.Uuid })
        {
            Effect = "The mount message names the filesystem's UUID.",
            Evidence = Evidence.Unconfirmed,
            Source = "absent in 6.1, present in 6.8",
        },
        new("ext4-mount-access", "6.4", "[ext4 reports r/w or ro at mount]", p => p with { Ext4MountMessage = Ext4MountMessage.UuidAndAccess })
        {
            Effect = "The mount message says whether the filesystem is writable.",
            Evidence = Evidence.Recorded,
            Source = "absent in 6.1, present in 6.8; s390 recording 7.2",
        },
        new("ext4-dax-new-encrypted", "7.2", "ext4: don't enable DAX on new encrypted files", p => p with { Ext4NewEncryptedFile = Ext4NewEncryptedFile.NeverDax })
        {
            Backports = [KernelVersion.Parse("6.1.187")],
            Effect = "A new file in an encrypted directory never uses DAX.",
            Evidence = Evidence.Unconfirmed,
            Source = "distribution changelog 6.1.187; the mainline release is bounded by its date only",
        },
        new("ext4-large-blocks", "6.19", "[ext4 block sizes above the page size]", p => p with { Ext4LargeBlocks = Ext4LargeBlocks.Accepted })
        {
            Effect = "Blocks larger than pages can be mounted.",
            Evidence = Evidence.Unconfirmed,
            Source = "general knowledge",
        },
        new("ext4-data-journal-deprecated", "7.3", "[ext4 deprecates data=journal]", p => p with { Ext4JournalDataFuture = Ext4JournalDataFuture.Deprecated })
        {
            Effect = "Asking for data=journal prints that the option is deprecated and will be removed.",
            Evidence = Evidence.Recorded,
            Source = "env mounts of 7.2.12 against 7.3.4",
        },
    ];
}
