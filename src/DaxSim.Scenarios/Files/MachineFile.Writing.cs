using System.Buffers;
using System.Globalization;
using System.Text;
using DaxSim.Memory;
using DaxSim.Policy;

namespace DaxSim.Scenarios.Files;

public sealed partial record MachineFile
{
    private static readonly SearchValues<char> PlainCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+:,=^()-");

    /// <summary>The file: a comment of the writer, then the part <c>machine:</c>. Defaults are left out.</summary>
    /// <param name="comment">Lines for the head of the file, without <c>#</c>; null for none.</param>
    public string Write(string? comment = null)
    {
        var text = new StringBuilder();
        foreach (var line in comment?.ReplaceLineEndings("\n").Split('\n') ?? [])
        {
            text.Append(line.Length == 0 ? "#" : $"# {line}").Append('\n');
        }

        text.Append("machine:\n");
        var start = text.Length;
        WriteKernel(text);
        WriteMemory(text);
        WriteDevices(text);
        WriteMounts(text);
        if (text.Length == start)
        {
            text.Length -= 1;
            text.Append(" {}\n");
        }

        return text.ToString();
    }

    /// <summary>Text as YAML: plain where that is safe, in quotes otherwise.</summary>
    internal static string Quote(string text)
    {
        var safe = text.Length > 0 && !text.AsSpan().ContainsAnyExcept(PlainCharacters) && (char.IsAsciiLetter(text[0]) || text[0] == '/') && !text.EndsWith(':')
            && text is not ("y" or "n" or "yes" or "no" or "on" or "off" or "true" or "false" or "null");
        return safe ? text : $"\"{Escape(text)}\"";
    }

    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var c in text)
        {
            escaped.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\t' => "\\t",
                < ' ' or '\x7f' => $"\\x{(int)c:x2}",
                _ => c.ToString(),
            });
        }

        return escaped.ToString();
    }

    private static string Size(long bytes) => ByteSize.Format(bytes);

    private static string List(IEnumerable<string> texts) => $"[{string.Join(", ", texts.Select(t => t.Contains(',', StringComparison.Ordinal) ? $"\"{Escape(t)}\"" : Quote(t)))}]";

    /// <summary>Inside braces a comma ends a plain text.</summary>
    private static string Inline(string text) => text.Contains(',', StringComparison.Ordinal) ? $"\"{Escape(text)}\"" : Quote(text);

    private void WriteKernel(StringBuilder text)
    {
        if (Kernel is { } kernel)
        {
            text.Append(CultureInfo.InvariantCulture, $"  kernel: \"{kernel}\"\n");
        }

        if (Architecture is { } architecture)
        {
            text.Append(CultureInfo.InvariantCulture, $"  arch: {architecture}\n");
        }

        if (ConfigFile is not null || Config.Count > 0)
        {
            text.Append("  config:\n");
            if (ConfigFile is { } file)
            {
                text.Append(CultureInfo.InvariantCulture, $"    file: {Quote(file)}\n");
            }

            foreach (var (symbol, value) in Config)
            {
                text.Append(CultureInfo.InvariantCulture, $"    {symbol}: {(value switch { KconfigValue.Yes => "y", KconfigValue.Module => "m", _ => "n" })}\n");
            }
        }

        foreach (var (key, commits) in ((string, IReadOnlyList<string>)[])[("revert", Revert), ("pick", Pick)])
        {
            if (commits.Count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {key}: [{string.Join(", ", commits.Select(c => $"\"{c}\""))}]\n");
            }
        }
    }

    private void WriteMemory(StringBuilder text)
    {
        if (Ram is { } ram)
        {
            text.Append(CultureInfo.InvariantCulture, $"  ram: {Size(ram)}\n");
        }

        if (Nodes.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"  nodes: {List(Nodes.Select(Size))}\n");
        }

        if (Memory.Count > 0)
        {
            text.Append("  memory:\n");
            foreach (var region in Memory)
            {
                text.Append(CultureInfo.InvariantCulture, $"    - {{kind: {RegionWords[(int)region.Kind]}, start: {Size((long)region.Start)}, size: {Size((long)region.Length)}, name: {Inline(region.Name)}}}\n");
            }
        }

        if (HugePages > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"  hugepages: {HugePages}\n");
        }

        if (TransparentHugePages is { } always)
        {
            text.Append(CultureInfo.InvariantCulture, $"  thp: {(always ? "always" : "madvise")}\n");
        }

        if (ZVm is { } zvm)
        {
            text.Append(CultureInfo.InvariantCulture, $"  zvm: {(zvm ? "true" : "false")}\n");
        }
    }

    private void WriteDevices(StringBuilder text)
    {
        if (Devices.Count == 0)
        {
            return;
        }

        text.Append("  devices:\n");
        foreach (var device in Devices)
        {
            var name = device.Name is null ? "" : $", name: {Inline(device.Name)}";
            text.Append("    - ").Append(device switch
            {
                { Spec: { } spec, Name: null } => Quote(spec.ToString()),
                { Spec: { } spec } => $"{{device: {Inline(spec.ToString())}{name}}}",
                { Stacked: { } stack } => $"{{{Stack(stack)}{name}}}",
                _ => throw new InvalidOperationException("A device of a machine file has a Spec or is Stacked: give one of them."),
            }).Append('\n');
        }
    }

    private static string Stack(StackedDevice stack)
    {
        var (key, on, last) = stack.Kind switch
        {
            StackKind.Partition => ("partition", Inline(stack.On[0]), stack.Length is { } length ? $", size: {Sectors(length)}" : ""),
            StackKind.Linear => ("dm-linear", List(stack.On), ""),
            _ => ("dm-stripe", List(stack.On), stack.Chunk is { } chunk ? $", chunk: {Size(chunk)}" : ""),
        };
        return $"{key}: {{on: {on}{(stack.Start is { } start ? $", start: {Sectors(start)}" : "")}{last}}}";
    }

    private static string Sectors(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 512}s");

    private void WriteMounts(StringBuilder text)
    {
        if (Mounts.Count == 0)
        {
            return;
        }

        text.Append("  mounts:\n");
        foreach (var mount in Mounts)
        {
            text.Append(CultureInfo.InvariantCulture, $"    - device: {Quote(mount.Device)}\n      path: {Quote(mount.Path)}\n      type: {mount.Type}\n");
            if (mount.Options.Length > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"      options: {Quote(mount.Options)}\n");
            }

            if (mount.BlockSize is { } blockSize)
            {
                text.Append(CultureInfo.InvariantCulture, $"      block-size: {blockSize}\n");
            }

            if (mount.Features.Count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"      features: {List(mount.Features)}\n");
            }

            if (mount.Files.Count > 0)
            {
                text.Append("      files:\n");
                foreach (var file in mount.Files)
                {
                    text.Append(CultureInfo.InvariantCulture, $"        - {{path: {Inline(file.Path)}, size: {file.Length}{(file.Content is null ? "" : $", content: {Inline(file.Content)}")}}}\n");
                }
            }

            if (mount.Expect is { } expect)
            {
                text.Append(CultureInfo.InvariantCulture, $"      expect: {expect.Write()}\n");
            }
        }
    }
}
