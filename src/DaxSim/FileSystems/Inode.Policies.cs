using DaxSim.Memory;
using DaxSim.State;

namespace DaxSim.FileSystems;

/// <summary>Memory policies of ranges of a shmem file (struct shared_policy): whoever maps the file shares them.</summary>
internal sealed partial class Inode
{
    // In file order, without overlaps; never changed in place.
    private (ulong First, ulong End, MemoryPolicy Policy)[] policies = [];

    /// <summary>mpol_shared_policy_lookup.</summary>
    internal MemoryPolicy? PolicyAt(ulong index)
    {
        foreach (var (first, end, policy) in policies)
        {
            if (index >= first && index < end)
            {
                return policy;
            }
        }

        return null;
    }

    /// <summary>mpol_set_shared_policy; null takes the range's policy away.</summary>
    internal void SetPolicy(ulong first, ulong end, MemoryPolicy? policy)
    {
        Touch();
        var list = new List<(ulong First, ulong End, MemoryPolicy Policy)>();
        foreach (var old in policies)
        {
            if (old.First < first)
            {
                list.Add((old.First, Math.Min(old.End, first), old.Policy));
            }

            if (old.End > end)
            {
                list.Add((Math.Max(old.First, end), old.End, old.Policy));
            }
        }

        if (policy is not null)
        {
            list.Add((first, end, policy));
        }

        policies = [.. list.OrderBy(p => p.First)];
    }

    /// <summary>Where a new page of the cache comes from: by the file's own policy, or else the running task's.</summary>
    private NodeChoice NodesFor(ulong index) => policies.Length > 0 && PolicyAt(index) is { } policy ? policy.Choose(Memory.LocalNode) : Memory.Choice;

    private void DescribePolicies(StateDigest digest)
    {
        foreach (var (first, end, policy) in policies)
        {
            digest.Add(first);
            digest.Add(end);
            digest.Add(policy.ToString());
        }
    }
}
