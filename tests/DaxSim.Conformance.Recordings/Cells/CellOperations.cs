namespace DaxSim.Conformance.Cells;

/// <summary>Makes the calls of one recorded operation and fills the cell's answer.</summary>
internal delegate void CellOperation(Cell cell);

/// <summary>Every operation on mappings, by its name in the recordings. One file per family adds its own.</summary>
internal static class CellOperations
{
    private static readonly Dictionary<string, CellOperation> ByName = Collect();

    /// <summary>The operation of that name, or null when the replay does not make it.</summary>
    internal static CellOperation? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The names that have an operation.</summary>
    internal static IReadOnlyCollection<string> Names => ByName.Keys;

    private static Dictionary<string, CellOperation> Collect()
    {
        IEnumerable<(string Name, CellOperation Operation)>[] families =
        [
            TouchOperations.All, ForkOperations.All, CopyOperations.All, DirectIoOperations.All, RemoteOperations.All, PipeOperations.All, FutexOperations.All,
            PopulateOperations.All, AdviceOperations.All, AddressSpaceOperations.All, RingOperations.All, NumaOperations.All, IntrospectionOperations.All,
            FileSizeOperations.All, InFlightOperations.All, ScanOperations.All, DebuggerOperations.All, NodeOperations.All,
        ];
        return families.SelectMany(f => f).ToDictionary(o => o.Name, o => o.Operation, StringComparer.Ordinal);
    }
}
