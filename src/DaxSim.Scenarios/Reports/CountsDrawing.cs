using System.Globalization;

namespace DaxSim.Scenarios.Reports;

/// <summary>What can be counted, over the steps: one small staircase for each count that ever changes.</summary>
internal static class CountsDrawing
{
    private const int Width = 440;
    private const int PlotX = 190;
    private const int RowHeight = 44;

    internal static void Write(Html html, StoryEra era, string id)
    {
        if (era.Moments.Count < 2)
        {
            return;
        }

        var changing = Enumerable.Range(0, era.Moments[0].Counts.Count).Where(c => era.Moments.Select(m => m.Counts[c].Value).Distinct().Count() > 1).ToList();
        if (changing.Count == 0)
        {
            return;
        }

        var height = 8 + (changing.Count * RowHeight) + 22;
        html.Add($"<figure class=\"counts\"><figcaption id=\"{id}\">Counts over time</figcaption><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"{id}\"><svg viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"{Summary(era, changing)}\">\n");
        var step = (Width - PlotX - 34.0) / (era.Moments.Count - 1);
        for (var row = 0; row < changing.Count; row++)
        {
            var values = era.Moments.Select(m => m.Counts[changing[row]].Value).ToList();
            var (most, top) = (Math.Max(values.Max(), 1), 8 + (row * RowHeight));
            var baseline = top + RowHeight - 12;
            html.Add($"<text class=\"name\" x=\"0\" y=\"{baseline - 6}\">{era.Moments[0].Counts[changing[row]].Name}</text><path class=\"axis\" d=\"M{PlotX} {baseline}H{Width - 34}\"/>");
            var path = new System.Text.StringBuilder();
            for (var i = 0; i < values.Count; i++)
            {
                var (x, y) = (PlotX + (i * step), baseline - ((RowHeight - 18) * values[i] / (double)most));
                path.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "M" : "H")}{x:0.#}{(i == 0 ? " " : "V")}{y:0.#}");
            }

            var last = values[^1];
            html.Add($"<path class=\"area\" d=\"{path.ToString()}V{baseline}H{PlotX}Z\"/><path class=\"stair\" d=\"{path.ToString()}\"/><text class=\"bits\" x=\"{Width - 28}\" y=\"{baseline - ((RowHeight - 18) * last / (double)most) + 4}\">{last}</text>");
            if (values.Max() != last)
            {
                var peak = values.IndexOf(values.Max());
                html.Add($"<text class=\"bits\" x=\"{PlotX + (peak * step)}\" y=\"{top + 4}\" text-anchor=\"middle\">{values.Max()}</text>");
            }

            html.Raw("\n");
        }

        html.Add($"<text class=\"bits\" x=\"{PlotX}\" y=\"{height - 6}\">start</text><text class=\"bits\" x=\"{Width - 34}\" y=\"{height - 6}\" text-anchor=\"end\">after step {era.Moments[^1].Step?.Number}</text></svg></div></figure>\n");
    }

    private static string Summary(StoryEra era, List<int> changing)
        => string.Join("; ", changing.Select(c => $"{era.Moments[0].Counts[c].Name}: {string.Join(", ", era.Moments.Select(m => m.Counts[c].Value.ToString(CultureInfo.InvariantCulture)))}"));
}
