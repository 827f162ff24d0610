namespace DaxSim.State;

/// <summary>
/// The undo and redo log of one machine. Every piece of mutable state is a <see cref="Recoverable"/> that saves itself
/// here once per snapshot interval, before its first change. Taking a snapshot is O(1); going to a snapshot costs what
/// differs between here and there.
/// </summary>
/// <remarks>
/// The versions form a tree in which every version points towards the current one and holds the states that differ
/// (the rerooting of persistent arrays, after Baker). Object identity is kept: a handle that exists in both versions
/// stays valid across a restore.
/// </remarks>
internal sealed class Journal
{
    private WeakReference<Version>? latest;

    /// <summary>Changes whenever objects have to be saved again before their next change.</summary>
    internal int Stamp { get; private set; } = 1;

    /// <summary>True while some snapshot taken after the last restore may still be wanted.</summary>
    private bool TryGetOpenVersion(out Version version)
    {
        version = null!;
        return latest is not null && latest.TryGetTarget(out version!);
    }

    /// <summary>Marks the present state. The result must be kept alive by whoever wants to return to it.</summary>
    internal Version Mark()
    {
        if (TryGetOpenVersion(out var open) && open.Delta.Count == 0)
        {
            return open;
        }

        var version = new Version();
        if (TryGetOpenVersion(out var previous))
        {
            previous.TowardsCurrent = version;
        }

        latest = new WeakReference<Version>(version);
        Stamp++;
        return version;
    }

    /// <summary>Saves the object's present state for the newest snapshot; called before its first change after it.</summary>
    internal void Save(Recoverable item)
    {
        if (TryGetOpenVersion(out var version))
        {
            version.Delta.Add((item, item.CaptureState()));
        }

        item.Stamp = Stamp;
    }

    /// <summary>Brings every recoverable object of the machine back to the state it had at <paramref name="target"/>.</summary>
    internal void Return(Version target)
    {
        var path = new List<Version>();
        for (var v = target; v is not null; v = v.TowardsCurrent)
        {
            path.Add(v);
        }

        // The last of the path is the newest snapshot; its delta leads from the present state back to it.
        Version? reached = null;
        for (var i = path.Count - 1; i >= 0; i--)
        {
            var version = path[i];
            var inverse = new List<(Recoverable, Recoverable)>(version.Delta.Count);
            foreach (var (item, state) in version.Delta)
            {
                inverse.Add((item, item.CaptureState()));
                item.RestoreState(state);
            }

            version.Delta.Clear();
            if (reached is not null)
            {
                reached.Delta.AddRange(inverse);
                reached.TowardsCurrent = version;
            }

            version.TowardsCurrent = null;
            reached = version;
        }

        latest = new WeakReference<Version>(target);
        Stamp++;
    }

    /// <summary>One marked state of the machine.</summary>
    internal sealed class Version
    {
        internal List<(Recoverable Item, Recoverable State)> Delta { get; } = [];

        internal Version? TowardsCurrent { get; set; }
    }
}
