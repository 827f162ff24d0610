namespace DaxSim.Conformance.Adapter;

/// <summary>What mkfs was asked for, by the names that the recordings' cases use.</summary>
internal static class ImageRecipes
{
    /// <summary>The filesystem type that mkfs makes, the block size, and the features.</summary>
    internal sealed record Recipe(string Type, int BlockSize, string[] Features);

    /// <summary>The recipe of a variant such as <c>ext4-b1024</c> or <c>xfs-reflink1</c>; null for one that is not known.</summary>
    internal static Recipe? Find(string variant) => variant switch
    {
        "ext4" or "ext4-b4096" or "ext2" => new("ext4", 4096, []),
        "ext4-b1024" => new("ext4", 1024, []),
        "ext4-b2048" => new("ext4", 2048, []),
        "ext4-encrypt" => new("ext4", 4096, ["encrypt"]),
        "ext4-verity" => new("ext4", 4096, ["verity"]),
        "ext4-bigalloc" => new("ext4", 4096, ["bigalloc"]),
        "ext4-inline_data" => new("ext4", 4096, ["inline_data"]),
        "ext4-noextents" => new("ext4", 4096, ["^extents", "^64bit", "^metadata_csum"]),
        "ext4-nojournal" => new("ext4", 4096, ["^has_journal"]),
        "real-ext2" => new("ext2", 4096, []),
        "xfs" or "xfs-reflink0" => new("xfs", 4096, ["reflink=0", "rmapbt=0"]),
        "xfs-reflink1" => new("xfs", 4096, ["reflink=1", "rmapbt=0"]),
        "xfs-reflink-new" => new("xfs", 4096, ["reflink=1", "rmapbt=0", "inobtcount=1"]),
        "xfs-b1024" => new("xfs", 1024, ["reflink=0", "rmapbt=0"]),
        "xfs-b2048" => new("xfs", 2048, ["reflink=0", "rmapbt=0"]),
        "xfs-rmapbt" => new("xfs", 4096, ["reflink=1", "rmapbt=1"]),
        _ => null,
    };

    /// <summary>Formats a device.</summary>
    internal static void Make(Machine machine, string device, Recipe recipe, params string[] further)
        => machine.Format(device, recipe.Type, recipe.BlockSize, [.. recipe.Features, .. further]);
}
