using System.Globalization;
using System.Net;
using System.Text;

namespace DaxSim.Scenarios.Reports;

/// <summary>Text being written as HTML and SVG.</summary>
internal sealed class Html
{
    private readonly StringBuilder text = new();

    /// <summary>Markup as it is; numbers in it are written the same everywhere.</summary>
    internal Html Add(FormattableString markup)
    {
        // Arguments are text of unknown origin: they are escaped, whether they stand in content or in an attribute.
        text.Append(markup.ToString(Escaping.Instance));
        return this;
    }

    /// <summary>Markup that was made here.</summary>
    internal Html Raw(string markup)
    {
        text.Append(markup);
        return this;
    }

    /// <summary>The text so far.</summary>
    public override string ToString() => text.ToString();

    internal static string Escape(string value) => WebUtility.HtmlEncode(value);

    private sealed class Escaping : IFormatProvider, ICustomFormatter
    {
        internal static Escaping Instance { get; } = new();

        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : null;

        public string Format(string? format, object? arg, IFormatProvider? formatProvider) => arg switch
        {
            null => "",
            double number => number.ToString("0.##", CultureInfo.InvariantCulture),
            IFormattable number => number.ToString(format, CultureInfo.InvariantCulture),
            _ => Escape(arg.ToString() ?? ""),
        };
    }
}
