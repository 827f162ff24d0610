namespace DaxSim.Policy;

/// <summary>The value of a tristate symbol.</summary>
public enum KconfigValue
{
    /// <summary>n: not built.</summary>
    No,

    /// <summary>m: built as a module, which the model takes as loaded when needed.</summary>
    Module,

    /// <summary>y: built in.</summary>
    Yes,
}

/// <summary>What was built into a kernel: the CONFIG_ symbols that the model asks for.</summary>
/// <remarks>
/// <para>
/// The base is either what a distribution usually chooses (<see cref="Default"/>) or a real file (<see cref="Read(Stream, string)"/>).
/// On it the rules of Kconfig of that release are applied: a symbol exists only in its releases and on its architectures, needs
/// what it depends on, and may be selected by another.
/// </para>
/// <para>A symbol replaced by <see cref="With(string, KconfigValue)"/> has that value even where Kconfig would not allow it: that is a "what if".</para>
/// </remarks>
public sealed class KernelConfig : IEquatable<KernelConfig>
{
    private readonly Dictionary<string, KconfigValue>? file;
    private readonly (string Symbol, KconfigValue Value)[] replaced;
    private KconfigFacts? facts;

    /// <summary>By the rules' index: 0 for a symbol that nobody asked for yet, else its value and one.</summary>
    private byte[]? computed;

    private KernelConfig(KernelVersion version, Architecture architecture, string? source, Dictionary<string, KconfigValue>? file, (string, KconfigValue)[] replaced)
    {
        Version = version;
        Architecture = architecture;
        Source = source;
        this.file = file;
        this.replaced = replaced;
    }

    /// <summary>The kernel's version: the file's first line says it, unless the configuration was given to another kernel.</summary>
    public KernelVersion Version { get; }

    /// <summary>The kernel's architecture.</summary>
    public Architecture Architecture { get; }

    /// <summary>The name of the file it was read from; null for the usual configuration.</summary>
    public string? Source { get; }

    /// <summary>The symbols that were replaced by <see cref="With(string, KconfigValue)"/>, in alphabetical order.</summary>
    public IReadOnlyList<(string Symbol, KconfigValue Value)> Replaced => replaced;

    /// <summary>Every symbol that decides something in the model, in alphabetical order.</summary>
    public static IReadOnlyList<string> Symbols => KernelConfigRules.Symbols;

    /// <summary>The dependencies between symbols that are themselves changes of the history, so that reverting such a change shows here.</summary>
    internal KconfigFacts Facts => facts ??= KernelPolicy.Mainline(Version, Architecture).KconfigFacts;

    /// <summary>True when the configuration was told these dependencies.</summary>
    internal bool Follows(KconfigFacts known) => facts is { } told && told.Equals(known);

    /// <summary>The usual configuration of a distribution kernel of that version and architecture.</summary>
    public static KernelConfig Default(KernelVersion version, Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        return new(version, architecture, null, null, []);
    }

    /// <summary>What Debian chooses where that differs from <see cref="Default"/>: ext4 serves ext2, and from 7.1 on /proc/pid/mem forces only for tracers.</summary>
    /// <remarks>Source: the configurations in Debian's packages (5.10.0-46, 6.1.0-56, 6.12.107, 7.0.13, 7.1.13, 7.2.12, 7.3.4).</remarks>
    public static KernelConfig Debian(KernelVersion version, Architecture architecture)
    {
        var config = Default(version, architecture).With("EXT2_FS", KconfigValue.No).With("EXT4_USE_FOR_EXT2", KconfigValue.Yes);
        return (version.Major, version.Minor).CompareTo((7, 1)) >= 0 ? config.With("PROC_MEM_FORCE_PTRACE", KconfigValue.Yes) : config;
    }

    /// <summary>Reads the text of a configuration file such as /boot/config-6.1.0.</summary>
    /// <param name="text">The file's text. Its first lines must name the kernel, as every generated file does.</param>
    /// <param name="name">The file's name for messages.</param>
    /// <exception cref="FormatException">The text is no kernel configuration; the message is one line with file, line and reason.</exception>
    public static KernelConfig Parse(string text, string name = "config")
    {
        ArgumentNullException.ThrowIfNull(text);
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));
        return Read(stream, name);
    }

    /// <summary>Reads a configuration file, plain or compressed with gzip (as /proc/config.gz is).</summary>
    /// <param name="stream">The file's bytes. At most 16 MiB are read, unpacked or not.</param>
    /// <param name="name">The file's name for messages.</param>
    /// <exception cref="FormatException">The bytes are no kernel configuration; the message is one line with file, line and reason.</exception>
    public static KernelConfig Read(Stream stream, string name) => KernelConfigReader.Read(stream, name);

    /// <summary>The value of a symbol, with or without <c>CONFIG_</c>. A symbol that neither the file nor the model knows is n.</summary>
    public KconfigValue this[string symbol]
    {
        get
        {
            symbol = Normalize(symbol);
            foreach (var (name, value) in replaced)
            {
                if (name == symbol)
                {
                    return value;
                }
            }

            return KernelConfigRules.TryFind(symbol, out var rule) ? Computed(rule, symbol) : FromFile(symbol) ?? KconfigValue.No;
        }
    }

    /// <summary>What a rule makes of the configuration, computed once: machines ask for the same dozens of symbols when they are built.</summary>
    private KconfigValue Computed(KernelConfigRule rule, string symbol)
    {
        var known = computed ??= new byte[KernelConfigRules.Count];
        if (known[rule.Index] is var before and not 0)
        {
            return (KconfigValue)(before - 1);
        }

        var value = rule.Evaluate(this, FromFile(symbol));
        known[rule.Index] = (byte)(1 + (int)value);
        return value;
    }

    /// <summary>True when the symbol is y or m.</summary>
    public bool IsEnabled(string symbol) => this[symbol] != KconfigValue.No;

    /// <summary>True when the release has such a symbol and it is n here: what it builds is not there although the kernel knows it.</summary>
    internal bool Excludes(string symbol) => !IsEnabled(symbol) && (!KernelConfigRules.TryFind(Normalize(symbol), out var rule) || rule.Exists(Version));

    /// <summary>True when the release has such a symbol.</summary>
    internal bool Knows(string symbol) => KernelConfigRules.TryFind(Normalize(symbol), out var rule) && rule.Exists(Version);

    /// <summary>The same configuration with one symbol replaced.</summary>
    public KernelConfig With(string symbol, KconfigValue value)
    {
        symbol = Normalize(symbol);
        (string, KconfigValue)[] list = [.. replaced.Where(r => r.Symbol != symbol), (symbol, value)];
        Array.Sort(list, (a, b) => string.CompareOrdinal(a.Item1, b.Item1));
        return new(Version, Architecture, Source, file, list);
    }

    /// <summary>The same choices applied to another kernel.</summary>
    /// <exception cref="ArgumentException">The configuration was read from a file of another architecture.</exception>
    public KernelConfig For(KernelVersion version, Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        if (version == Version && architecture == Architecture)
        {
            return this;
        }

        return Source is null || architecture == Architecture
            ? new(version, architecture, Source, file, replaced)
            : throw new ArgumentException($"The configuration {Source} is one of {Architecture} and cannot be used for a kernel of {architecture}.", nameof(architecture));
    }

    /// <inheritdoc/>
    public bool Equals(KernelConfig? other)
        => other is not null && Version == other.Version && Architecture == other.Architecture && replaced.AsSpan().SequenceEqual(other.replaced) && SameFile(file, other.file);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as KernelConfig);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Version, replaced.Length, file?.Count ?? 0);

    /// <summary>For example <c>the usual configuration of 4.14 on s390x with FS_DAX=n</c>.</summary>
    public override string ToString()
    {
        var text = Source is null ? $"the usual configuration of {Version} on {Architecture}" : $"{Source} ({Version}, {Architecture})";
        return replaced.Length == 0 ? text : $"{text} with {string.Join(", ", replaced.Select(r => $"{r.Symbol}={Letter(r.Value)}"))}";
    }

    internal KernelConfig With(KconfigFacts known) => new(Version, Architecture, Source, file, replaced) { facts = known };

    internal static KernelConfig OfFile(KernelVersion version, Architecture architecture, string name, Dictionary<string, KconfigValue> symbols) => new(version, architecture, name, symbols, []);

    internal static char Letter(KconfigValue value) => value switch { KconfigValue.Yes => 'y', KconfigValue.Module => 'm', _ => 'n' };

    /// <summary>What the file says of a symbol; null when there is no file. A file names every symbol that is on, so one it lacks is n.</summary>
    private KconfigValue? FromFile(string symbol) => file is null ? null : file.GetValueOrDefault(symbol, KconfigValue.No);

    private static bool SameFile(Dictionary<string, KconfigValue>? a, Dictionary<string, KconfigValue>? b)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }

        if (a is null || b is null || a.Count != b.Count)
        {
            return false;
        }

        foreach (var (symbol, value) in a)
        {
            if (!b.TryGetValue(symbol, out var other) || other != value)
            {
                return false;
            }
        }

        return true;
    }

    private static string Normalize(string symbol)
    {
        ArgumentException.ThrowIfNullOrEmpty(symbol);
        return symbol.StartsWith("CONFIG_", StringComparison.Ordinal) ? symbol[7..] : symbol;
    }
}

/// <summary>The rules of Kconfig that changed with a commit of the history.</summary>
/// <param name="FsDaxDependency">What FS_DAX needs.</param>
/// <param name="FsDaxLimited">Who selects FS_DAX_LIMITED.</param>
/// <param name="ZoneDevice">Whether the architecture can have ZONE_DEVICE.</param>
internal readonly record struct KconfigFacts(FsDaxDependency FsDaxDependency, FsDaxLimitedSelection FsDaxLimited, ZoneDeviceSupport ZoneDevice)
{
    /// <inheritdoc/>
    public bool Equals(KconfigFacts other) => FsDaxDependency == other.FsDaxDependency && FsDaxLimited == other.FsDaxLimited && ZoneDevice == other.ZoneDevice;

    /// <inheritdoc/>
    public override int GetHashCode() => ((((int)FsDaxDependency * 31) + (int)FsDaxLimited) * 31) + (int)ZoneDevice;
}
