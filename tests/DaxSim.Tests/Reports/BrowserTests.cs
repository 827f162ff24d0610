using DaxSim.Tests.House;
using DaxSim.Tests.Tool;

namespace DaxSim.Tests.Reports;

/// <summary>The report in a real headless Chromium.</summary>
public sealed class BrowserTests : IDisposable
{
    private const string Right = "\uE014";
    private const string Down = "\uE015";
    private const string Enter = "\uE007";
    private const string Escape = "\uE00C";

    private readonly string folder = Directory.CreateTempSubdirectory("daxsim-report-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [BrowserFact]
    public void A_click_on_a_cell_opens_its_explanation()
    {
        using var browser = Open();

        browser.Click("#matrix-2 button[aria-label^='gup-read, 5.18']");

        browser.Text("#why h3").Should().StartWith("gup-read on dcssblk:EW/ext4,shared,wr, kernel 5.18");
        browser.Text("#why .chip").Should().Be("EEXIST");
        browser.Text("#why").Should().Contain("The page before: PTE present write dirty young special").And.Contain("no struct page").And.Contain("daxsim why --kernel 5.18");
        browser.Press(Escape);
        browser.Script("return document.getElementById('why').open").GetBoolean().Should().BeFalse();
        browser.Script("return document.activeElement.getAttribute('aria-label')").GetString().Should().StartWith("gup-read, 5.18", "the focus returns to the cell");
        browser.Console().Should().BeEmpty();
    }

    [BrowserFact]
    public void Arrow_keys_move_between_cells_and_Enter_opens_one()
    {
        using var browser = Open();

        browser.Script("document.querySelector('#matrix-1 button[tabindex=\"0\"]').focus()");
        browser.Press(Right, Down);
        var label = browser.Script("return document.activeElement.getAttribute('aria-label')").GetString()!;
        browser.Press(Enter);

        label.Should().StartWith("ext4, ");
        browser.Text("#why h3").Should().StartWith("ext4 on dcssblk:EW, kernel ");
        browser.Script("return document.querySelectorAll('#matrix-1 button[tabindex=\"0\"]').length").GetInt32().Should().Be(1, "the heat map is one stop of the Tab key");
    }

    [BrowserFact]
    public void The_page_asks_nothing_of_any_network()
    {
        using var browser = Open();

        browser.Script("return performance.getEntriesByType('resource').length").GetInt32().Should().Be(0);
        browser.Console().Should().BeEmpty();
    }

    [BrowserFact]
    public void On_a_phone_only_the_drawings_scroll_sideways()
    {
        using var browser = Open(width: 390, height: 800);

        browser.Script("return document.documentElement.scrollWidth - window.innerWidth").GetInt32().Should().BeLessThanOrEqualTo(0);
        browser.Script("return getComputedStyle(document.querySelector('#matrix-1 th[scope=row]')).position").GetString().Should().Be("sticky", "the row's name stays in sight");
        browser.Script("document.querySelector('#matrix-1 .scroll').scrollLeft = 700; return document.querySelector('#matrix-1 th[scope=row]').getBoundingClientRect().left").GetDouble().Should().BeInRange(0, 60);
        browser.Script("return Math.min(...[...document.querySelectorAll('p, summary, .what, .outcome')].map(e => parseFloat(getComputedStyle(e).fontSize)))").GetDouble().Should().BeGreaterThanOrEqualTo(13);
    }

    /// <summary>1300 pixels are what a laptop's window has; a classic scroll bar takes 15 of them.</summary>
    [BrowserFact]
    public void On_a_laptop_all_kernels_of_a_heat_map_are_in_sight()
    {
        using var browser = Open(width: 1285, height: 800);

        browser.Script("const s = document.querySelector('#matrix-1 .scroll'); return s.scrollWidth - s.clientWidth").GetInt32().Should().BeLessThanOrEqualTo(0);
    }

    [BrowserFact]
    public void Text_stands_out_from_its_ground_in_light_and_dark()
    {
        foreach (var dark in (bool[])[false, true])
        {
            using var browser = Open(dark: dark);
            browser.Click("#matrix-2 td.bad button");

            // WCAG 2.2, 1.4.3: 4.5 to 1 for text; text of drawings stands on the page or on a filled shape, both are looked at.
            browser.Script(ContrastScript).EnumerateArray().Select(e => e.GetString()).Should().BeEmpty($"dark is {dark}");
            browser.Script("return getComputedStyle(document.body).backgroundColor").GetString().Should().Be(dark ? "rgb(20, 23, 26)" : "rgb(251, 250, 247)");
        }
    }

    [BrowserFact]
    public void Drawings_and_buttons_have_names_for_those_who_cannot_see_them()
    {
        using var browser = Open();

        browser.Script("return [...document.querySelectorAll('svg[role=img], [role=region], button, nav')].filter(e => !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.textContent.trim())).length").GetInt32().Should().Be(0);
        browser.Script("return [...document.querySelectorAll('svg[role=img]')].length").GetInt32().Should().BeGreaterThan(8);
        browser.Script("const ids = [...document.querySelectorAll('[id]')].map(e => e.id); return ids.length - new Set(ids).size").GetInt32().Should().Be(0, "an id is given once");
    }

    private const string ContrastScript = """
        const canvas = c => { const m = c.match(/[\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
        const part = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
        const light = c => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
        const ground = e => { for (; e; e = e.parentElement) { const c = canvas(getComputedStyle(e).backgroundColor); if (c[3] > 0.99) return c; } return [255, 255, 255, 1]; };
        const shape = t => { const r = [...t.parentElement.children].find(x => x.tagName === 'rect' && !x.getAttribute('fill')); return r ? canvas(getComputedStyle(r).fill) : null; };
        const low = new Set();
        for (const e of document.querySelectorAll('body *')) {
          if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || !e.getClientRects().length || ['SCRIPT', 'STYLE'].includes(e.tagName)) continue;
          const style = getComputedStyle(e);
          const svg = e.tagName === 'text';
          const colour = canvas(svg ? style.fill : style.color);
          const under = svg && e.parentElement.tagName === 'g' ? shape(e) ?? ground(e) : ground(e);
          const [a, b] = [light(colour), light(under)].sort((x, y) => y - x);
          const ratio = (a + 0.05) / (b + 0.05);
          if (ratio < 4.5) low.add(`${e.tagName}.${e.getAttribute('class')} ${ratio.toFixed(2)}: ${e.textContent.trim().slice(0, 20)}`);
        }
        return [...low];
        """;

    private Browser Open(int width = 1300, int height = 900, bool dark = false)
    {
        var file = Path.Combine(folder, "report.html");
        var scenarios = Path.Combine(SourceTree.Root, "docs", "scenarios");
        var run = Daxsim.Run("report", $"{scenarios}/fork-over-page-less-dax.daxsim.yaml", $"{scenarios}/pinned-page-and-fork.daxsim.yaml", $"{scenarios}/debugger-on-page-less-text.daxsim.yaml", "--device", "dcssblk:EW", "--device", "pmem:raw", "--mapping", "dcssblk:EW/ext4,shared,wr", "-o", file);
        run.ExitCode.Should().Be(0, run.Error);
        var browser = new Browser();
        browser.Look(width, height, dark);
        browser.Open(file);
        return browser;
    }
}
