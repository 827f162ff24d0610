namespace DaxSim.Policy;

/// <summary>One change of the kernel's behaviour: what happened, when, on which architectures, and how that is known.</summary>
public sealed class KernelChange
{
    private readonly IReadOnlyList<KernelVersion>? backports;

    /// <summary>A change that gives behaviours new values. They are data, because every process folds all of them before its first answer.</summary>
    internal KernelChange(string key, string since, string title, params (PolicyProperty Property, int Value)[] behaviours)
    {
        Key = key;
        Title = title;
        Since = KernelVersion.Parse(since);
        Behaviours = behaviours;
    }

    /// <summary>A short name, unique in the history, for example <c>require-struct-page</c>.</summary>
    public string Key { get; }

    /// <summary>The commit's id (12 hex digits), or null where it is not known.</summary>
    public string? Commit { get; internal init; }

    /// <summary>The commit's title, or own words in brackets where the commit is not known.</summary>
    public string Title { get; }

    /// <summary>What behaves differently, in one sentence.</summary>
    public required string Effect { get; init; }

    /// <summary>The first mainline release that has the change.</summary>
    public KernelVersion Since { get; }

    /// <summary>The first point release of each older series that got the change, oldest series first.</summary>
    public IReadOnlyList<KernelVersion> Backports
    {
        get => backports ?? [];
        internal init => backports = value;
    }

    /// <summary>The architectures it concerns; empty means all.</summary>
    public IReadOnlyList<Architecture> Architectures { get; internal init => field = value is Architecture[] array ? Array.AsReadOnly(array) : value; } = [];

    /// <summary>How well it is founded.</summary>
    public required Evidence Evidence { get; init; }

    /// <summary>Where it was read or recorded.</summary>
    public required string Source { get; init; }

    /// <summary>True when the change was only proposed: no kernel has it.</summary>
    public bool IsProposal { get; internal init; }

    /// <summary>The behaviours that it gives new values.</summary>
    internal (PolicyProperty Property, int Value)[] Behaviours { get; }

    /// <summary>What a kernel must be like for the change to have an effect on it; null for every kernel.</summary>
    internal Func<KernelPolicy, bool>? Condition { get; init; }

    /// <summary>The position in the history; set once when the history is built.</summary>
    internal int Index { get; set; }

    /// <summary>True when the change concerns that architecture.</summary>
    public bool Concerns(Architecture architecture) => Architectures.Count == 0 || Architectures.Contains(architecture);

    /// <summary>True when a kernel of that version and architecture has the change, as a release or as a back-port.</summary>
    public bool IsIn(KernelVersion version, Architecture architecture)
    {
        if (IsProposal || !Concerns(architecture))
        {
            return false;
        }

        if (version.Mainline >= Since)
        {
            return true;
        }

        for (var i = 0; backports is not null && i < backports.Count; i++)
        {
            var backport = backports[i];
            if (backport.Mainline == version.Mainline && version >= backport)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>For example <c>569d0365f571 dax: require 'struct page' by default for filesystem dax (4.16)</c>.</summary>
    public override string ToString() => $"{Commit ?? Key} {Title} ({(IsProposal ? "proposed" : Since.ToString())})";
}
