using System.Globalization;
using DaxSim.Memory;
using DaxSim.Text;

namespace DaxSim.Scenarios.Reports;

/// <summary>Physical memory from low to high addresses: what lies there, and whether struct pages stand beside it.</summary>
internal static class MemoryMapDrawing
{
    private const int Width = 440;
    private const int BarX = 122;
    private const int BarWidth = 190;
    private const int PagesX = 320;

    internal static void Write(Html html, StoryEra era, string id)
    {
        if (era.Regions.Count == 0)
        {
            return;
        }

        var heights = era.Regions.Select(Height).ToList();
        var total = 30 + heights.Sum() + (8 * era.Regions.Count) + 4;
        html.Add($"<figure class=\"memory\"><figcaption id=\"{id}\">Physical memory</figcaption><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"{id}\"><svg viewBox=\"0 0 {Width} {total}\" role=\"img\" aria-label=\"{Summary(era)}\">");
        html.Add($"<defs><pattern id=\"{id}-h\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><path class=\"hatch\" d=\"M0 0V6\"/></pattern></defs>");
        html.Add($"<text class=\"head\" x=\"{BarX}\" y=\"16\">frames</text><text class=\"head\" x=\"{PagesX}\" y=\"16\">struct pages</text>\n");
        var y = 30;
        for (var i = 0; i < era.Regions.Count; i++)
        {
            var region = era.Regions[i];
            var height = heights[i];
            var middle = y + (height / 2) + 4;
            html.Add($"<text class=\"address\" x=\"{BarX - 8}\" y=\"{y + 11}\" text-anchor=\"end\">{region.Start:x}</text>");
            html.Add($"<rect class=\"region {ClassOf(region.Kind)}\" x=\"{BarX}\" y=\"{y}\" width=\"{BarWidth}\" height=\"{height}\" rx=\"5\"/>");
            html.Add($"<text class=\"name\" x=\"{BarX + 9}\" y=\"{middle - 6}\">{region.Device ?? region.Name}</text><text class=\"bits\" x=\"{BarX + 9}\" y=\"{middle + 8}\">{(region.Device is null ? "" : $"{region.Name}, ")}{ByteSize.Format((long)region.Length)}</text>");
            if (region.StructPages is { } pages)
            {
                html.Add($"<rect class=\"memmap\" x=\"{PagesX}\" y=\"{y}\" width=\"{Width - PagesX - 4}\" height=\"{height}\" rx=\"5\"/>");
                var words = pages.Split(", ");
                html.Add($"<text class=\"bits on\" x=\"{PagesX + 7}\" y=\"{middle - 5}\">{words[0]}</text><text class=\"bits on\" x=\"{PagesX + 7}\" y=\"{middle + 8}\">{words[^1]}</text>");
            }
            else
            {
                html.Add($"<rect class=\"nomap\" x=\"{PagesX}\" y=\"{y}\" width=\"{Width - PagesX - 4}\" height=\"{height}\" rx=\"5\"/><rect x=\"{PagesX}\" y=\"{y}\" width=\"{Width - PagesX - 4}\" height=\"{height}\" rx=\"5\" fill=\"url(#{id}-h)\"/>");
                html.Add($"<text class=\"name\" x=\"{PagesX + 7}\" y=\"{middle}\">none</text>");
            }

            html.Raw("\n");
            y += height + 8;
        }

        html.Raw("</svg></div></figure>\n");
    }

    /// <summary>Larger ranges are drawn taller, by the logarithm: a device of 64 MiB beside RAM of 512 MiB stays readable.</summary>
    private static int Height(StoryRegion region) => Math.Clamp(34 + (int)(4 * Math.Max(0, Math.Log2(region.Length / (double)(1 << 20)) - 4)), 34, 96);

    private static string ClassOf(RegionKind kind) => kind switch
    {
        RegionKind.SystemRam => "ram",
        RegionKind.PersistentMemory => "pmem",
        RegionKind.SavedSegment => "segment",
        RegionKind.AxonRam => "segment",
        _ => "other",
    };

    private static string Summary(StoryEra era)
        => string.Join("; ", era.Regions.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Device ?? r.Name} at {r.Start:x}, {ByteSize.Format((long)r.Length)}, struct pages: {r.StructPages ?? "none"}")));
}
