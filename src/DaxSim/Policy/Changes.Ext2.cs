namespace DaxSim.Policy;

/// <summary>What ext2 makes of xip and dax.</summary>
internal static class Ext2Changes
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("ext2-dax-introduced", "4.0", "[ext2 uses DAX instead of XIP]", (PolicyProperty.Ext2DaxOption, (int)Ext2DaxOption.Flag))
        {
            Effect = "ext2 knows dax, and xip as an old name for it; an unsupported device or block size fails the mount instead of dropping the option.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.2",
        },
        new("ext2-dax-warning", "4.4", "ext2, ext4: warn when mounting with dax enabled", (PolicyProperty.Ext2DaxWarning, (int)Ext2DaxWarning.Experimental), (PolicyProperty.Ext4ExperimentalWarning, (int)Ext4ExperimentalWarning.AtParsing))
        {
            Commit = "ef83b6e8f40b",
            Effect = "ext2 and ext4 print that DAX is experimental when they read the option.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.1, 2.2; old recordings 4.14",
        },
        new("ext2-dax-fallback", "4.16", "ext2: auto disable dax instead of failing mount", (PolicyProperty.Ext2UnsupportedDax, (int)Ext2UnsupportedDax.TurnsOff))
        {
            Effect = "ext2 with dax on an unsupported device mounts without DAX instead of failing.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.2; old recordings 4.16, 4.19",
        },
        new("ext2-option-word", "4.16", "[ext2 reads its options into a structure of their own]", (PolicyProperty.Ext2MountOptionWord, (int)Ext2MountOptionWord.Uninitialised))
        {
            Effect = "The option word starts uninitialised, so that /proc/mounts lists options that nobody gave.",
            Evidence = Evidence.Recorded,
            Source = "old recordings 4.16.13, surprise 7",
        },
        new("ext2-option-word-cleared", "4.17", "[ext2 clears the option word]", (PolicyProperty.Ext2MountOptionWord, (int)Ext2MountOptionWord.Cleared))
        {
            Effect = "The option word starts at zero again.",
            Evidence = Evidence.Recorded,
            Source = "old recordings, between 4.16.13 and 4.19",
        },
        new("ext2-mount-api", "6.15", "[ext2 converted to the new mount API]", (PolicyProperty.Ext2OptionParser, (int)Ext2OptionParser.FsContext))
        {
            Effect = "Unknown options are named in the log.",
            Evidence = Evidence.Mail,
            Source = "linux-ext4, February 2025",
        },
        new("ext2-deprecation", "6.16", "ext2: Deprecate DAX", (PolicyProperty.Ext2DaxWarning, (int)Ext2DaxWarning.Deprecated))
        {
            Effect = "ext2 prints that its DAX support will be removed.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.2 (6.15.4 lacks it, 6.17 has it); queued for 6.16 in May 2025",
        },
        new("ext2-dax-removed", "7.2", "[ext2 DAX removed]", (PolicyProperty.Ext2DaxOption, (int)Ext2DaxOption.Removed))
        {
            Effect = "ext2 ignores dax and xip with a warning; the mount succeeds.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.2",
        },
    ];
}
