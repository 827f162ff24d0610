namespace DaxSim.Conformance.Adapter;

/// <summary>The block devices of the recorded x86_64 machine, by the labels of the cases.</summary>
internal static class OracleDevices
{
    /// <summary>The device's name; null for a label that is not known.</summary>
    internal static string? Find(string label, string variant) => label switch
    {
        "fsdax" => variant.StartsWith("xfs", StringComparison.Ordinal) ? "pmem3" : "pmem0",
        "raw" => "pmem2",
        "sector" => "pmem4s",
        "e820raw" => "pmem5",
        "virtio" => "vda",
        "loop_on_dax" => "loop0",
        _ => null,
    };
}
