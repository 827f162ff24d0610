namespace DaxSim.Conformance.Probe;

/// <summary>Makes the calls of one operation of the old and s390 recordings.</summary>
internal delegate void ProbeOperation(ProbeRun run);

/// <summary>Every operation on mappings of the old and s390 recordings, by name without the state.</summary>
internal static class ProbeOperations
{
    private static readonly Dictionary<string, ProbeOperation> ByName = Collect();

    /// <summary>The operation of that name, or null when the replay does not make it.</summary>
    internal static ProbeOperation? Find(string name) => ByName.GetValueOrDefault(name);

    private static Dictionary<string, ProbeOperation> Collect()
    {
        IEnumerable<(string Name, ProbeOperation Operation)>[] families =
        [
            ProbeTouch.All, ProbeFork.All, ProbeDirectIo.All, ProbeCopies.All, ProbeRemote.All, ProbePipesAndFutexes.All, ProbeAddressSpace.All, ProbeIntrospection.All, ProbePrograms.All, ProbeExecve.All,
        ];
        return families.SelectMany(f => f).ToDictionary(o => o.Name, o => o.Operation, StringComparer.Ordinal);
    }
}
