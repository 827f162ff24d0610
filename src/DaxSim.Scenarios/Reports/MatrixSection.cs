namespace DaxSim.Scenarios.Reports;

/// <summary>A heat map: a table whose cells are neighbouring kernels that answer alike, each a button that tells why.</summary>
internal static class MatrixSection
{
    private static readonly (ReportTone Tone, string Meaning)[] Legend =
    [
        (ReportTone.Good, "works"), (ReportTone.Middling, "works in part"), (ReportTone.Bad, "an error"), (ReportTone.Signal, "a signal"), (ReportTone.Odd, "crash, garbage, unknown"), (ReportTone.Absent, "not there"),
    ];

    internal static string ClassOf(ReportTone tone) => tone switch
    {
        ReportTone.Good => "good",
        ReportTone.Middling => "mid",
        ReportTone.Bad => "bad",
        ReportTone.Signal => "sig",
        ReportTone.Odd => "odd",
        _ => "abs",
    };

    internal static void Write(Html html, ReportMatrix matrix, string id, Func<ReportExplanation, int> numberOf)
    {
        html.Add($"<section id=\"{id}\" class=\"matrix\"><h2>{matrix.Title}</h2>\n<p class=\"lead\">{matrix.Lead}</p>\n<ul class=\"legend\">");
        var used = matrix.Rows.SelectMany(r => r.Eras).Select(e => e.Tone).ToHashSet();
        foreach (var (tone, meaning) in Legend.Where(l => used.Contains(l.Tone)))
        {
            html.Add($"<li><span class=\"swatch {ClassOf(tone)}\">{MarkOf(tone)}</span>{meaning}</li>");
        }

        html.Add($"</ul>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{matrix.Title}\"><table class=\"heat\" data-heat>\n<thead>");
        Head(html, matrix.Kernels);
        html.Raw("</thead>\n<tbody>\n");
        string? group = null;
        foreach (var row in matrix.Rows)
        {
            if (row.Group != group)
            {
                group = row.Group;
                html.Add($"<tr class=\"group\"><th colspan=\"{matrix.Kernels.Count + 1}\" scope=\"rowgroup\"><span>{group}</span></th></tr>\n");
            }

            Row(html, matrix, row, numberOf);
        }

        html.Raw("</tbody></table></div></section>\n");
    }

    private static void Head(Html html, IReadOnlyList<string> kernels)
    {
        html.Raw("<tr><td class=\"corner\" rowspan=\"2\"></td>");
        foreach (var run in kernels.Select(k => k.Split('.')[0]).Aggregate(new List<(string Major, int Count)>(), Grouped))
        {
            html.Add($"<th class=\"major\" colspan=\"{run.Count}\" scope=\"colgroup\">{run.Major}.x</th>");
        }

        html.Raw("</tr><tr>");
        foreach (var kernel in kernels)
        {
            html.Add($"<th class=\"minor\" scope=\"col\" aria-label=\"{kernel}\"><span>{kernel[(kernel.IndexOf('.', StringComparison.Ordinal) + 1)..]}</span></th>");
        }

        html.Raw("</tr>");
    }

    private static List<(string Major, int Count)> Grouped(List<(string Major, int Count)> list, string major)
    {
        if (list.Count > 0 && list[^1].Major == major)
        {
            list[^1] = (major, list[^1].Count + 1);
        }
        else
        {
            list.Add((major, 1));
        }

        return list;
    }

    private static void Row(Html html, ReportMatrix matrix, ReportRow row, Func<ReportExplanation, int> numberOf)
    {
        html.Add($"<tr><th scope=\"row\">{row.Label}</th>");
        foreach (var era in row.Eras)
        {
            var kernels = era.Count == 1 ? matrix.Kernels[era.First] : $"{matrix.Kernels[era.First]} to {matrix.Kernels[era.First + era.Count - 1]}";
            html.Add($"<td colspan=\"{era.Count}\" class=\"{ClassOf(era.Tone)}\"><button type=\"button\" tabindex=\"-1\" data-x=\"{numberOf(era.Explanation)}\" data-from=\"{era.First}\" aria-label=\"{row.Label}, {kernels}: {era.Label}\" title=\"{kernels}: {era.Label}\">{Fitting(era)}</button></td>");
        }

        html.Raw("</tr>\n");
    }

    /// <summary>The word where there is room for it, else its mark, so that colour is never alone.</summary>
    private static string Fitting(ReportEra era) => era.Label.Length <= era.Count * 1.7 ? era.Label : MarkOf(era.Tone);

    private static string MarkOf(ReportTone tone) => tone switch
    {
        ReportTone.Good => "✓",
        ReportTone.Middling => "~",
        ReportTone.Bad => "×",
        ReportTone.Signal => "⚡",
        ReportTone.Odd => "!",
        _ => "·",
    };
}
