namespace DaxSim.Policy;

/// <summary>The kernels that were asked for already, with their usual configuration: a policy never changes, so machines share it.</summary>
/// <remarks>
/// One short chain for each release and architecture, on which its point releases hang. A dictionary would do as well, but code for
/// generic types of the framework over types of this library is compiled anew in each process, and this is on everybody's way.
/// </remarks>
internal static class UsualKernels
{
    private static readonly int Releases = KernelVersion.Newest.ReleaseIndex + 1;
    private static readonly Known?[] Table = new Known?[Releases * Architecture.All.Count];

    internal static KernelPolicy? Find(KernelVersion version, Architecture architecture)
    {
        for (var known = Volatile.Read(ref Table[Place(version, architecture)]); known is not null; known = known.Next)
        {
            if (known.Policy.Version == version)
            {
                return known.Policy;
            }
        }

        return null;
    }

    /// <summary>Keeps a policy for those who ask next. Where another thread was faster, its policy is returned: there is one for each kernel.</summary>
    internal static KernelPolicy Keep(KernelPolicy policy)
    {
        ref var place = ref Table[Place(policy.Version, policy.Architecture)];
        while (true)
        {
            var first = Volatile.Read(ref place);
            if (Find(policy.Version, policy.Architecture) is { } kept)
            {
                return kept;
            }

            if (Interlocked.CompareExchange(ref place, new Known(policy, first), first) == first)
            {
                return policy;
            }
        }
    }

    private static int Place(KernelVersion version, Architecture architecture) => (architecture.Index * Releases) + version.ReleaseIndex;

    private sealed class Known(KernelPolicy policy, Known? next)
    {
        internal KernelPolicy Policy => policy;

        internal Known? Next => next;
    }
}
