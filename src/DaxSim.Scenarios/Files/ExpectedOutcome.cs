using DaxSim.Outcomes;
using DaxSim.Text;

namespace DaxSim.Scenarios.Files;

/// <summary>
/// An outcome in words: <c>ok</c>; <c>returns A</c> and <c>shows special, no struct page</c> for a success with a value; an error name such as <c>EFAULT</c>;
/// a signal such as <c>SIGBUS</c> or <c>SIGBUS/BUS_ADRERR</c>; <c>oops</c>, <c>undefined</c>, <c>blocked</c>, <c>unknown</c>; <c>skipped</c> for a step
/// that could not be tried because an earlier one did not give what it needs; <c>any</c>. Immutable.
/// </summary>
public sealed class ExpectedOutcome
{
    private static readonly string[] Words = ["ok", "oops", "undefined", "blocked", "unknown", "skipped", "any"];
    private static readonly string[] Errnos = [.. Enum.GetNames<Errno>().Where(n => n != nameof(Errno.None))];
    private static readonly string[] Signals = [.. Enum.GetNames<Signal>().Where(n => n != nameof(Signal.None))];
    private static readonly string[] Codes = [.. Enum.GetNames<SiCode>().Where(n => n != nameof(SiCode.None))];

    private readonly string text;
    private readonly string word;
    private readonly string? value;

    private ExpectedOutcome(string text, string word, string? value) => (this.text, this.word, this.value) = (text, word, value);

    /// <summary>The operation succeeds.</summary>
    public static ExpectedOutcome Ok { get; } = new("ok", "ok", null);

    /// <summary>The step cannot be tried.</summary>
    public static ExpectedOutcome Skipped { get; } = new("skipped", "skipped", null);

    /// <summary>Every word that may begin an outcome, for messages and the schema.</summary>
    internal static IReadOnlyList<string> AllWords { get; } = [.. Words, "returns", "shows", .. Errnos, .. Signals];

    /// <summary>Reads an outcome.</summary>
    /// <exception cref="FormatException">The text is none; the message says what there is.</exception>
    public static ExpectedOutcome Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        var blank = trimmed.IndexOf(' ', StringComparison.Ordinal);
        var first = blank < 0 ? trimmed : trimmed[..blank];
        var rest = blank < 0 ? "" : trimmed[(blank + 1)..].Trim();
        if (first is "returns" or "shows")
        {
            return rest.Length > 0 ? new(trimmed, first, rest) : throw new FormatException($"'{first}' needs a value, for example '{(first == "returns" ? "returns A" : "shows special, no struct page")}'.");
        }

        var slash = first.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && Signals.Contains(first[..slash]) && rest.Length == 0)
        {
            var code = first[(slash + 1)..];
            return Codes.Contains(code) ? new(trimmed, first, null) : throw new FormatException($"'{code}' is no si_code.{Spelling.DidYouMean(code, Codes)}");
        }

        return rest.Length == 0 && (Words.Contains(first) || Errnos.Contains(first) || Signals.Contains(first))
            ? new(trimmed, first, null)
            : throw new FormatException($"'{YamlNode.Shorten(trimmed)}' is no outcome: write ok, returns VALUE, shows WORDS, an error such as EFAULT, a signal such as SIGBUS, oops, undefined, blocked, unknown, skipped or any.{Spelling.DidYouMean(first, AllWords)}");
    }

    /// <summary>True when the outcome of a step is this one.</summary>
    public bool Matches(StepOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return word switch
        {
            "any" => true,
            "skipped" => outcome.IsSkipped,
            _ when outcome.IsSkipped => false,
            "ok" => outcome.Verdict.IsOk,
            "returns" => outcome.Verdict.IsOk && outcome.Value == value,
            "shows" => outcome.Verdict.IsOk && outcome.Value is { } shown && value!.Split(',').All(w => Shows(shown, w.Trim())),
            "oops" => outcome.Verdict.Kind == VerdictKind.Oops,
            "undefined" => outcome.Verdict.Kind == VerdictKind.Undefined,
            "blocked" => outcome.Verdict.Kind == VerdictKind.Blocked,
            "unknown" => outcome.Verdict.Kind == VerdictKind.Unknown,
            _ when outcome.Verdict.Kind == VerdictKind.Errno => outcome.Verdict.Errno.ToString() == word,
            _ when outcome.Verdict.Kind == VerdictKind.Signal => MatchesSignal(outcome.Verdict.Signal),
            _ => false,
        };
    }

    /// <summary>The text.</summary>
    public override string ToString() => text;

    private static bool Shows(string shown, string wanted)
        => wanted.StartsWith("not ", StringComparison.Ordinal)
            ? !shown.Contains(wanted[4..], StringComparison.Ordinal)
            : shown.Contains(wanted, StringComparison.Ordinal);

    private bool MatchesSignal(SignalInfo signal) => word == signal.Signal.ToString() || word == $"{signal.Signal}/{signal.Code}";
}
