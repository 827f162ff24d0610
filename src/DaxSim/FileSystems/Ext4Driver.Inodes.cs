using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.FileSystems;

/// <summary>Which inodes of ext4 use DAX, and its DAX flag.</summary>
internal sealed partial class Ext4Driver
{
    private const InodeFlags ExcludeDax = InodeFlags.Verity | InodeFlags.Encrypted | InodeFlags.JournalData | InodeFlags.InlineData;

    /// <summary>ext4_should_use_dax (ext4_should_enable_dax): evaluated when the inode is read in.</summary>
    internal override bool UsesDax(FileSystemInstance instance, Inode inode)
    {
        var always = instance.Mode == DaxMountMode.Always;
        var plain = (inode.Flags & (InodeFlags.JournalData | InodeFlags.InlineData | InodeFlags.Encrypted)) == 0 && instance.DataMode != DataMode.Journal;
        switch (instance.Policy.Ext4InodeDax)
        {
            case Ext4InodeDax.AnyInode:
                return always;
            case Ext4InodeDax.RegularFile:
                return always && !inode.IsDirectory;
            case Ext4InodeDax.PlainData:
                return always && !inode.IsDirectory && plain;
            case Ext4InodeDax.PlainDataNoVerity:
                return always && !inode.IsDirectory && plain && !inode.Has(InodeFlags.Verity);
            default:
                return instance.Mode != DaxMountMode.Never
                    && !inode.IsDirectory
                    && plain
                    && !inode.Has(InodeFlags.Verity)
                    && instance.DeviceIsDax
                    && (always || (inode.Has(InodeFlags.Dax) && instance.Policy.Ext4InodeDaxFlag == Ext4InodeDaxFlag.OnDisk));
        }
    }

    internal override bool NewFileUsesDax(FileSystemInstance instance, Inode inode)
    {
        if (!inode.Has(InodeFlags.Encrypted) || instance.Policy.Ext4NewEncryptedFile == Ext4NewEncryptedFile.NeverDax)
        {
            return UsesDax(instance, inode);
        }

        // S_DAX is decided before the new inode is marked encrypted.
        inode.SetFlag(InodeFlags.Encrypted, false);
        var uses = UsesDax(instance, inode);
        inode.SetFlag(InodeFlags.Encrypted, true);
        return uses;
    }

    internal override InodeFlags Inherited(FileSystemInstance instance, Inode directory)
    {
        var flags = directory.Flags & InodeFlags.Encrypted;
        if (instance.Policy.Ext4InodeDaxFlag == Ext4InodeDaxFlag.OnDisk)
        {
            flags |= directory.Flags & InodeFlags.Dax;
        }

        // A small new file begins inside its inode, unless it is to be a DAX file.
        if (instance.Image.Has("inline_data") && (flags & InodeFlags.Dax) == 0)
        {
            flags |= InodeFlags.InlineData;
        }

        return flags;
    }

    internal override Verdict SetDaxFlag(FileSystemInstance instance, Inode inode, bool on)
    {
        const string Function = "ext4_ioctl_setflags";
        var policy = instance.Policy;
        if (policy.Ext4InodeDaxFlag == Ext4InodeDaxFlag.None)
        {
            return on
                ? Verdict.Fail(Errno.EOPNOTSUPP, instance.Table.Because("ext4_ioctl_fssetxattr", "ext4 of this kernel keeps no DAX flag.", PolicyProperty.Ext4InodeDaxFlag))
                : Verdict.Ok;
        }

        var inlineRefused = policy.Ext4DaxFlagInlineData == Ext4DaxFlagInlineData.Refused || (policy.Ext4DaxFlagInlineData == Ext4DaxFlagInlineData.RefusedOnFiles && !inode.IsDirectory);
        var excluding = inode.Flags & (inlineRefused ? ExcludeDax : ExcludeDax & ~InodeFlags.InlineData);
        if (on && excluding != 0)
        {
            var property = excluding == InodeFlags.InlineData ? PolicyProperty.Ext4DaxFlagInlineData : PolicyProperty.Ext4InodeDaxFlag;
            return Verdict.Fail(Errno.EOPNOTSUPP, instance.Table.Because("dax_compatible", $"The inode is marked {excluding}, which excludes DAX.", property));
        }

        var changes = inode.Has(InodeFlags.Dax) != on;
        inode.SetFlag(InodeFlags.Dax, on);
        if (changes && !inode.IsDirectory && instance.Mode is not (DaxMountMode.Always or DaxMountMode.Never) && policy.FlaggedInodeCaching == FlaggedInodeCaching.DroppedAtLastClose)
        {
            inode.MarkDontCache();
        }

        return Verdict.OkBecause(instance.Table.Because(Function, "The flag is stored; it counts when the inode is next read in.", PolicyProperty.Ext4InodeDaxFlag));
    }

    /// <summary>Setting another flag that excludes DAX: dax_compatible again, and the rule of fs-verity.</summary>
    internal static Verdict SetExcludingFlag(FileSystemInstance instance, Inode inode, InodeFlags flag, bool on)
    {
        var table = instance.Table;
        if (flag == InodeFlags.JournalData && inode.Has(flag) != on && instance.Policy.Ext4JournalFlagUnderDax == Ext4JournalFlagUnderDax.Refused && (inode.IsDax || (instance.Mode == DaxMountMode.Always && instance.Policy.Ext4DaxOption == Ext4DaxOption.Flag)))
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, table.Because("ext4_ioctl_setflags", "Switching data journalling would switch DAX of a file in use.", PolicyProperty.Ext4JournalFlagUnderDax));
        }

        if (!on)
        {
            inode.SetFlag(flag, false);
            return Verdict.Ok;
        }

        if (flag == InodeFlags.Verity)
        {
            if (!instance.Image.Has("verity"))
            {
                return Verdict.Fail(Errno.EOPNOTSUPP, new Reason("ext4_begin_enable_verity", "The filesystem lacks the verity feature."));
            }

            if (inode.IsDax || inode.Has(InodeFlags.Dax))
            {
                return Invalid(table.Because("ext4_begin_enable_verity", "The file uses DAX or is marked for it.", PolicyProperty.Ext4InodeDaxFlag));
            }
        }
        else if (flag == InodeFlags.Encrypted && !instance.Image.Has("encrypt"))
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, new Reason("fscrypt_ioctl_set_policy", "The filesystem lacks the encrypt feature."));
        }
        else if (inode.Has(InodeFlags.Dax) && (flag != InodeFlags.InlineData || !inode.IsDirectory))
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, table.Because("dax_compatible", $"The inode has the DAX flag, which excludes {flag}.", PolicyProperty.Ext4InodeDaxFlag));
        }

        inode.SetFlag(flag, true);
        return Verdict.Ok;
    }
}
