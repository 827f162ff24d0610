using System.Text;
using System.Text.Json;

namespace DaxSim.Scenarios.Reports;

/// <summary>Puts the page together: head, heat maps, stories, and what the cells tell.</summary>
internal sealed class ReportPage(Report report)
{
    private readonly Html html = new();
    private readonly List<ReportExplanation> explanations = [];
    private readonly Dictionary<ReportExplanation, int> numbers = [];

    internal string Write()
    {
        html.Raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n");
        html.Raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n");
        html.Add($"<title>{report.Title}</title>\n<style>\n").Raw(Resource("report.css")).Raw("</style>\n</head>\n<body>\n");
        html.Raw("<a class=\"skip\" href=\"#main\">Skip to the content</a>\n");
        html.Add($"<header class=\"top\"><div class=\"wrap\"><p class=\"brand\">DaxSim</p><h1>{report.Title}</h1>\n");
        Contents();
        html.Raw("</div></header>\n<main id=\"main\" class=\"wrap\">\n");
        for (var i = 0; i < report.Matrices.Count; i++)
        {
            MatrixSection.Write(html, report.Matrices[i], $"matrix-{i + 1}", NumberOf);
        }

        for (var i = 0; i < report.Stories.Count; i++)
        {
            StorySection.Write(html, report.Stories[i], $"story-{i + 1}");
        }

        html.Raw("</main>\n<dialog id=\"why\" aria-labelledby=\"why-heading\"><form method=\"dialog\"><button class=\"close\" aria-label=\"Close\">×</button></form><div id=\"why-body\"></div></dialog>\n");
        html.Raw("<footer class=\"wrap\">Every answer is computed; every one can be asked again on the command line.</footer>\n");
        html.Raw("<script type=\"application/json\" id=\"explanations\">").Raw(Json()).Raw("</script>\n<script>\n").Raw(Resource("report.js")).Raw("</script>\n</body>\n</html>\n");
        return html.ToString();
    }

    private void Contents()
    {
        html.Raw("<nav aria-label=\"Contents\"><ul>");
        for (var i = 0; i < report.Matrices.Count; i++)
        {
            html.Add($"<li><a href=\"#matrix-{i + 1}\">{report.Matrices[i].Title}</a></li>");
        }

        for (var i = 0; i < report.Stories.Count; i++)
        {
            html.Add($"<li><a href=\"#story-{i + 1}\">{report.Stories[i].Scenario.Title}</a></li>");
        }

        html.Raw("</ul></nav>\n");
    }

    private int NumberOf(ReportExplanation explanation)
    {
        if (!numbers.TryGetValue(explanation, out var number))
        {
            number = explanations.Count;
            numbers[explanation] = number;
            explanations.Add(explanation);
        }

        return number;
    }

    private string Json()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            // The usual encoder escapes <, > and &, so the text cannot end the script element.
            json.WriteStartArray();
            foreach (var explanation in explanations)
            {
                json.WriteStartObject();
                json.WriteString("h", explanation.Heading);
                json.WriteString("o", explanation.Outcome);
                List("p", explanation.Paragraphs);
                List("t", explanation.Tests);
                json.WriteString("c", explanation.Command);
                json.WriteEndObject();
            }

            json.WriteEndArray();

            void List(string name, IReadOnlyList<string> items)
            {
                json.WriteStartArray(name);
                foreach (var item in items)
                {
                    json.WriteStringValue(item);
                }

                json.WriteEndArray();
            }
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Resource(string name)
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The resource {name} is missing (simulator defect).");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
