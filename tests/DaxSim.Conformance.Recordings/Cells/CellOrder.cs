namespace DaxSim.Conformance.Cells;

/// <summary>
/// What one recorded cell finds of the ones before it. Files are made anew for each, but of the device-dax device only pages 0 to 3 are
/// filled again: behind them lies what the first cell that writes every page has left there, fault_count_write of the first mapping.
/// </summary>
internal static class CellOrder
{
    private const string FirstDeviceMapping = "devdax_shared";

    /// <summary>The operations that the recorder runs before fault_count_write, as far as they look behind page 3.</summary>
    private static readonly HashSet<string> Earlier = new(StringComparer.Ordinal) { "odirect_read_past_end", "fault_count_read", "fault_count_write" };

    /// <summary>True when every page of the device begins with the byte that fault_count_write stores.</summary>
    internal static bool IsAfterDeviceWasWritten(string mapping, string operation) => mapping != FirstDeviceMapping || !Earlier.Contains(operation);
}
