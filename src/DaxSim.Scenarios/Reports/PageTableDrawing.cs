using System.Globalization;
using DaxSim.AddressSpaces;

namespace DaxSim.Scenarios.Reports;

/// <summary>The entries of up to two processes on either side, the frames between them, and who points where with what right.</summary>
internal static class PageTableDrawing
{
    private const int Width = 600;
    private const int RowHeight = 46;
    private const int EntryWidth = 172;
    private const int FrameWidth = 176;
    private const int Top = 34;

    internal static void Write(Html html, StoryMoment moment, string title, string id)
    {
        var tables = moment.Tables.Where(t => t.Pages.Count > 0).Take(3).ToList();
        if (tables.Count == 0)
        {
            return;
        }

        var frames = tables.SelectMany(t => t.Pages).Where(p => p.View.Pfn is not null).GroupBy(p => p.View.Pfn!.Value).OrderBy(g => g.Key)
            .Select(g => (Pfn: g.Key, g.First().View, Users: g.Count())).ToList();
        var left = tables.Take(1).Concat(tables.Skip(2)).ToList();
        var right = tables.Skip(1).Take(1).ToList();
        var rows = Math.Max(Math.Max(left.Sum(t => t.Pages.Count) + left.Count - 1, right.Sum(t => t.Pages.Count)), frames.Count);
        var height = Top + (Math.Max(rows, 1) * RowHeight) + 6;
        html.Add($"<figure class=\"tables\"><figcaption id=\"{id}\">{title}</figcaption><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"{id}\">");
        html.Add($"<svg viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"{Summary(tables)}\"><defs><pattern id=\"{id}-h\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><path class=\"hatch\" d=\"M0 0V6\"/></pattern></defs>\n");
        var middle = (Width - FrameWidth) / 2;
        if (frames.Count > 0)
        {
            html.Add($"<text class=\"head\" x=\"{Width / 2}\" y=\"18\" text-anchor=\"middle\">page frames</text>");
        }

        var links = new Html();
        var boxes = new Html();
        Side(left, 4, toRight: true);
        Side(right, Width - EntryWidth - 4, toRight: false);
        html.Raw(links.ToString());
        for (var i = 0; i < frames.Count; i++)
        {
            Frame(html, frames[i].Pfn, frames[i].View, frames[i].Users, middle, Y(i), id);
        }

        html.Raw(boxes.ToString()).Raw("</svg></div>");
        Key(html, tables);
        html.Raw("</figure>\n");

        void Side(List<StoryTable> side, int x, bool toRight)
        {
            var row = 0;
            foreach (var table in side)
            {
                boxes.Add($"<text class=\"head\" x=\"{x + (EntryWidth / 2)}\" y=\"{(row == 0 ? 18 : Y(row) + 30)}\" text-anchor=\"middle\">{table.Process}</text>");
                row += row == 0 ? 0 : 1;
                foreach (var page in table.Pages)
                {
                    Entry(boxes, page, x, Y(row));
                    if (page.View.Pfn is { } pfn)
                    {
                        var (from, to) = (toRight ? x + EntryWidth : x, toRight ? middle : middle + FrameWidth);
                        var (y, target) = (Y(row) + 18, Y(frames.FindIndex(f => f.Pfn == pfn)) + 18);
                        var bend = (from + to) / 2;
                        links.Add($"<path class=\"link {(page.View.HasBit("write") ? "writes" : "reads")}\" d=\"M{from} {y}C{bend} {y} {bend} {target} {to} {target}\"/>");
                    }

                    row++;
                }
            }
        }
    }

    private static int Y(int row) => Top + (row * RowHeight);

    private static void Entry(Html html, StoryPage page, int x, int y)
    {
        var view = page.View;
        var bits = view.EntryBits.Count == 0 ? "no entry" : Shorten($"{view.Level} {string.Join(' ', view.EntryBits.Where(b => b is not ("present" or "young")))}", 28);
        html.Add($"<g><rect class=\"entry {(view.Pfn is null ? "none" : "")}\" x=\"{x}\" y=\"{y}\" width=\"{EntryWidth}\" height=\"36\" rx=\"6\"/>");
        html.Add($"<text class=\"name\" x=\"{x + 9}\" y=\"{y + 15}\">{page.Area}{(page.Index == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" + {page.Index} page{(page.Index == 1 ? "" : "s")}"))}</text><text class=\"bits\" x=\"{x + 9}\" y=\"{y + 29}\">{bits}</text></g>\n");
    }

    private static void Frame(Html html, ulong pfn, PageView view, int users, int x, int y, string id)
    {
        var kind = KindOf(view, users);
        html.Add($"<g><rect class=\"frame {kind}\" x=\"{x}\" y=\"{y}\" width=\"{FrameWidth}\" height=\"36\" rx=\"6\"/>");
        if (!view.HasStructPage)
        {
            html.Add($"<rect x=\"{x}\" y=\"{y}\" width=\"{FrameWidth}\" height=\"36\" rx=\"6\" fill=\"url(#{id}-h)\"/>");
        }

        html.Add($"<text class=\"name\" x=\"{x + 9}\" y=\"{y + 15}\">pfn {pfn:x} · {Word(view, users)}</text><text class=\"bits\" x=\"{x + 9}\" y=\"{y + 29}\">{Counts(view)}</text>");
        if (view.Pins > 0)
        {
            html.Add($"<g class=\"pin\"><rect x=\"{x + FrameWidth - 44}\" y=\"{y - 7}\" width=\"40\" height=\"16\" rx=\"8\"/><text x=\"{x + FrameWidth - 24}\" y=\"{y + 5}\" text-anchor=\"middle\">{view.Pins} pin{(view.Pins == 1 ? "" : "s")}</text></g>");
        }

        html.Raw("</g>\n");
    }

    private static string KindOf(PageView view, int users)
        => !view.HasStructPage ? "pageless" : view.Kind == "anonymous" ? users > 1 || view.Mappings > 1 ? "cow" : "own" : view.Kind == "zero page" ? "zero" : "shared";

    private static string Word(PageView view, int users)
        => !view.HasStructPage ? "no struct page" : view.Kind == "anonymous" ? users > 1 || view.Mappings > 1 ? "copy on write" : "anonymous" : view.Kind ?? "";

    private static string Counts(PageView view)
        => !view.HasStructPage ? "nobody can count references" : string.Create(CultureInfo.InvariantCulture, $"{view.References} ref{(view.References == 1 ? "" : "s")}, mapped {view.Mappings}{(view.AnonExclusive ? ", exclusive" : "")}");

    private static string Shorten(string text, int most) => text.Length <= most ? text : $"{text[..(most - 1)]}…";

    private static void Key(Html html, List<StoryTable> tables)
    {
        var pages = tables.SelectMany(t => t.Pages).Where(p => p.View.Pfn is not null).ToList();
        var users = pages.GroupBy(p => p.View.Pfn!.Value).ToDictionary(g => g.Key, g => g.Count());
        var kinds = pages.Select(p => KindOf(p.View, users[p.View.Pfn!.Value])).ToHashSet();
        html.Raw("<ul class=\"legend\">");
        foreach (var (kind, meaning) in (ReadOnlySpan<(string, string)>)[("own", "anonymous, its own"), ("cow", "shared until somebody writes (COW)"), ("shared", "a file's page, shared"), ("pageless", "no struct page"), ("zero", "the zero page")])
        {
            if (kinds.Contains(kind))
            {
                html.Add($"<li><span class=\"swatch frame-{kind}\"></span>{meaning}</li>");
            }
        }

        if (pages.Count > 0)
        {
            html.Raw("<li><svg class=\"key\" width=\"26\" height=\"8\" aria-hidden=\"true\"><path class=\"link writes\" d=\"M0 4H26\"/></svg>may write</li><li><svg class=\"key\" width=\"26\" height=\"8\" aria-hidden=\"true\"><path class=\"link reads\" d=\"M0 4H26\"/></svg>may only read</li>");
        }

        html.Raw("</ul>");
    }

    private static string Summary(List<StoryTable> tables)
        => string.Join(". ", tables.Select(t => $"{t.Process}: {string.Join("; ", t.Pages.Select(p => $"{p.Area} page {p.Index.ToString(CultureInfo.InvariantCulture)}: {p.View}"))}"));
}
