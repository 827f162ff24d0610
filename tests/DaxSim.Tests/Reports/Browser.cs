using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DaxSim.Tests.Reports;

/// <summary>Runs only where DAXSIM_BROWSER names a Chromium with its ChromeDriver beside it or on the PATH, as .ci/run does.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (Browser.Path is null)
        {
            Skip = "Set DAXSIM_BROWSER to the path of a Chromium (Debian: chromium and chromium-driver) to run this in a real browser.";
        }
    }
}

/// <summary>A headless Chromium, driven through ChromeDriver by the WebDriver protocol.</summary>
internal sealed class Browser : IDisposable
{
    private static readonly string[] Flags =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly Process driver;
    private readonly HttpClient client;
    private readonly string profile = Directory.CreateTempSubdirectory("daxsim-browser-").FullName;
    private readonly string session;

    internal Browser()
    {
        var port = FreePort();
        var beside = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, "chromedriver");
        driver = Process.Start(new ProcessStartInfo(File.Exists(beside) ? beside : "chromedriver", [$"--port={port.ToString(CultureInfo.InvariantCulture)}"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        driver.OutputDataReceived += (_, _) => { };
        driver.ErrorDataReceived += (_, _) => { };
        driver.BeginOutputReadLine();
        driver.BeginErrorReadLine();
        client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = TimeSpan.FromMinutes(2) };
        WaitUntilItAnswers();
        var options = new JsonObject
        {
            ["binary"] = Path,
            ["args"] = new JsonArray([.. Flags.Append($"--user-data-dir={profile}").Select(f => JsonValue.Create(f))]),
        };
        var answer = Send(HttpMethod.Post, "session", new JsonObject { ["capabilities"] = new JsonObject { ["alwaysMatch"] = new JsonObject { ["goog:chromeOptions"] = options, ["goog:loggingPrefs"] = new JsonObject { ["browser"] = "ALL" } } } });
        session = $"session/{answer.GetProperty("sessionId").GetString()}";
    }

    internal static string? Path => Environment.GetEnvironmentVariable("DAXSIM_BROWSER") is { Length: > 0 } path && File.Exists(path) ? path : null;

    public void Dispose()
    {
        try
        {
            Send(HttpMethod.Delete, session, null);
        }
        finally
        {
            client.Dispose();
            driver.Kill(entireProcessTree: true);
            driver.WaitForExit();
            driver.Dispose();
            DeleteProfile();
        }
    }

    internal void Open(string file) => Send(HttpMethod.Post, $"{session}/url", new JsonObject { ["url"] = new Uri(file).AbsoluteUri });

    /// <summary>Runs a script; its value comes back as JSON.</summary>
    internal JsonElement Script(string script) => Send(HttpMethod.Post, $"{session}/execute/sync", new JsonObject { ["script"] = script, ["args"] = new JsonArray() });

    /// <summary>A click by the mouse on the middle of an element, as a person does.</summary>
    internal void Click(string selector) => Send(HttpMethod.Post, $"{session}/element/{Find(selector)}/click", new JsonObject());

    internal string Text(string selector) => Send(HttpMethod.Get, $"{session}/element/{Find(selector)}/text", null).GetString()!;

    /// <summary>Presses keys wherever the focus is. Special keys are those of the WebDriver protocol.</summary>
    internal void Press(params string[] keys)
    {
        var actions = new JsonArray();
        foreach (var key in keys)
        {
            actions.Add(new JsonObject { ["type"] = "keyDown", ["value"] = key });
            actions.Add(new JsonObject { ["type"] = "keyUp", ["value"] = key });
        }

        Send(HttpMethod.Post, $"{session}/actions", new JsonObject { ["actions"] = new JsonArray(new JsonObject { ["type"] = "key", ["id"] = "keyboard", ["actions"] = actions }) });
    }

    /// <summary>A window of that size on a device of that taste.</summary>
    internal void Look(int width, int height, bool dark)
    {
        Command("Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 600 });
        Command("Emulation.setEmulatedMedia", new JsonObject { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" }) });
    }

    /// <summary>What the page wrote to the console, errors of its security policy included.</summary>
    internal IReadOnlyList<string> Console()
        => [.. Send(HttpMethod.Post, $"{session}/se/log", new JsonObject { ["type"] = "browser" }).EnumerateArray().Select(e => e.GetProperty("message").GetString()!)];

    private void Command(string name, JsonObject arguments) => Send(HttpMethod.Post, $"{session}/goog/cdp/execute", new JsonObject { ["cmd"] = name, ["params"] = arguments });

    private string Find(string selector)
        => Send(HttpMethod.Post, $"{session}/element", new JsonObject { ["using"] = "css selector", ["value"] = selector }).EnumerateObject().First().Value.GetString()!;

    private JsonElement Send(HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = client.Send(request);
        using var reader = new StreamReader(response.Content.ReadAsStream());
        var text = reader.ReadToEnd();
        return response.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement.GetProperty("value") : throw new InvalidOperationException($"{method} {path}: {text}");
    }

    private void WaitUntilItAnswers()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                Send(HttpMethod.Get, "status", null);
                return;
            }
            catch (HttpRequestException) when (attempt < 300)
            {
                Thread.Sleep(100);
            }
        }
    }

    /// <summary>Processes of the browser that outlive their driver for a moment may still write into it.</summary>
    private void DeleteProfile()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                Directory.Delete(profile, recursive: true);
                return;
            }
            catch (IOException) when (attempt < 100)
            {
                Thread.Sleep(100);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
