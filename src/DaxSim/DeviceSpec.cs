using System.Diagnostics.CodeAnalysis;
using DaxSim.Policy;

namespace DaxSim;

/// <summary>
/// A device in words, as the command line and scenario files write it: <c>dcssblk:SR</c>, <c>pmem:fsdax,map=dev</c>,
/// <c>partition:start=63s,on=pmem:fsdax</c>. Immutable; <see cref="MachineBuilder.Device(DeviceSpec)"/> adds it to a machine.
/// </summary>
/// <remarks>
/// <para>The form is <c>KIND[:MODE][,SETTING]…</c>; a setting is a word or <c>name=value</c>. <c>on=</c> comes last and names the
/// device beneath, or several joined with <c>+</c>. Reading is strict: an unknown word, a value out of range or a setting given twice
/// is refused with the choices there are.</para>
/// <para><see cref="ToString"/> writes the canonical form: settings in a fixed order, defaults left out.</para>
/// </remarks>
public sealed class DeviceSpec : IEquatable<DeviceSpec>
{
    private readonly string text;
    private readonly Dictionary<string, string> settings;

    internal DeviceSpec(DeviceGrammar grammar, string? mode, Dictionary<string, string> settings, IReadOnlyList<DeviceSpec> on)
    {
        Grammar = grammar;
        Mode = mode;
        this.settings = settings;
        On = [.. on];
        text = grammar.Write(this);
    }

    /// <summary>The driver.</summary>
    public DeviceKind Kind => Grammar.Kind;

    /// <summary>The mode after the colon (<c>SR</c>, <c>raw</c>, <c>fsdax</c>, <c>btt</c>), or null for a driver without modes.</summary>
    public string? Mode { get; }

    /// <summary>The devices beneath a partition or a device-mapper table; empty for all others.</summary>
    public IReadOnlyList<DeviceSpec> On { get; }

    /// <summary>The size in bytes: what the text says, or the usual size of such a device. 0 for one whose size follows from those beneath.</summary>
    public long SizeBytes => Size("size") ?? Grammar.UsualSize;

    /// <summary>The architecture on which this device is usually met.</summary>
    public Architecture UsualArchitecture => On.Count > 0 ? On[0].UsualArchitecture : Grammar.UsualArchitecture;

    internal DeviceGrammar Grammar { get; }

    /// <summary>Every kind of device worth comparing, in the order of the documentation: the rows of the matrix.</summary>
    public static IReadOnlyList<DeviceSpec> Catalogue => DeviceGrammar.Catalogue;

    /// <summary>Reads a device.</summary>
    /// <param name="text">For example <c>dcssblk:EW,align=1M</c>.</param>
    /// <exception cref="FormatException">The text describes no device; the message says why and what there is instead.</exception>
    public static DeviceSpec Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryRead(text, out var spec, out var problem) ? spec : throw new FormatException(problem);
    }

    /// <summary>Reads a device without throwing; on failure <paramref name="problem"/> is one line that says what is wrong.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out DeviceSpec? spec, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        return DeviceGrammar.TryRead(text, depth: 0, out spec, out problem);
    }

    /// <summary>True when the word stands among the settings, for example <c>pagemap</c> or <c>exclusive</c>.</summary>
    public bool Has(string word) => settings.TryGetValue(word, out var value) && value.Length == 0;

    /// <summary>The value of a setting, or null when the text does not give it.</summary>
    public string? Setting(string name) => settings.GetValueOrDefault(name);

    /// <inheritdoc/>
    public bool Equals(DeviceSpec? other) => other is not null && text == other.text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DeviceSpec);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(text, StringComparison.Ordinal);

    /// <summary>The canonical text; <see cref="Parse"/> reads it back.</summary>
    public override string ToString() => text;

    internal long? Size(string name) => Setting(name) is { } value ? ByteSize.Parse(value) : null;

    /// <summary>A length or position that may be given in sectors, in sectors.</summary>
    internal ulong? Sectors(string name) => Setting(name) is { } value ? DeviceGrammar.ReadSectors(value) : null;
}
