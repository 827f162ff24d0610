using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace DaxSim.Policy;

/// <summary>Reads a generated kernel configuration, strictly and with bounds, so that no input can hang or exhaust the program.</summary>
internal static class KernelConfigReader
{
    private const int MaximumBytes = 16 << 20;
    private const int MaximumLine = 32 << 10;
    private const string Prefix = "CONFIG_";

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly SearchValues<char> VersionCharacters = SearchValues.Create("0123456789.");

    internal static KernelConfig Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentException.ThrowIfNullOrEmpty(name);
        try
        {
            return new Parser(name).Parse(stream);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{name}: cannot be read: {OneLine(e.Message)}", e);
        }
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private sealed class Parser(string name)
    {
        private readonly Dictionary<string, KconfigValue> symbols = new(StringComparer.Ordinal);
        private int line;
        private string? headerArchitecture;
        private string? headerVersion;

        internal KernelConfig Parse(Stream stream)
        {
            var start = new byte[6];
            var known = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            RefuseOtherFormats(start.AsSpan(0, known));
            using var whole = new PrefixedStream(start.AsMemory(0, known), stream);
            if (known >= 2 && start[0] == 0x1f && start[1] == 0x8b)
            {
                using var unpacked = new GZipStream(whole, CompressionMode.Decompress, leaveOpen: true);
                ReadLines(unpacked);
            }
            else
            {
                ReadLines(whole);
            }

            if (symbols.Count == 0)
            {
                throw new FormatException($"{name}: holds no CONFIG_ line, so it is no kernel configuration.");
            }

            return KernelConfig.OfFile(FindVersion(), FindArchitecture(), name, symbols);
        }

        private void RefuseOtherFormats(ReadOnlySpan<byte> start)
        {
            string? format = null;
            if (start.StartsWith("\u007fELF"u8) || start.StartsWith("MZ"u8))
            {
                format = "a program or kernel image; the configuration lies beside it as config-<version>";
            }
            else if (start.StartsWith((ReadOnlySpan<byte>)[0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z']))
            {
                format = "compressed with xz; unpack it first";
            }
            else if (start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]))
            {
                format = "compressed with zstd; unpack it first";
            }
            else if (start.StartsWith("PK"u8) || start.StartsWith("BZh"u8))
            {
                format = "an archive; unpack it first";
            }

            if (format is not null)
            {
                throw new FormatException($"{name}: is {format}.");
            }
        }

        private void ReadLines(Stream stream)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
            try
            {
                var filled = 0;
                long total = 0;
                while (true)
                {
                    var count = stream.Read(buffer, filled, buffer.Length - filled);
                    total += count;
                    if (total > MaximumBytes)
                    {
                        throw new FormatException($"{name}:{line + 1}: is larger than {MaximumBytes >> 20} MiB (unpacked), so it is no kernel configuration.");
                    }

                    filled += count;
                    var used = 0;
                    while (buffer.AsSpan(used, filled - used).IndexOf((byte)'\n') is >= 0 and var length)
                    {
                        ReadLine(buffer.AsSpan(used, length));
                        used += length + 1;
                    }

                    buffer.AsSpan(used, filled - used).CopyTo(buffer);
                    filled -= used;
                    if (count == 0)
                    {
                        if (filled > 0)
                        {
                            ReadLine(buffer.AsSpan(0, filled));
                        }

                        return;
                    }

                    if (filled > MaximumLine)
                    {
                        line++;
                        throw Bad(buffer.AsSpan(0, filled).ContainsAnyInRange((byte)0, (byte)8) ? "holds binary data" : $"a line has more than {MaximumLine} bytes");
                    }
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        private void ReadLine(ReadOnlySpan<byte> bytes)
        {
            line++;
            if (bytes.EndsWith("\r"u8))
            {
                bytes = bytes[..^1];
            }

            foreach (var b in bytes)
            {
                if (b < 0x20 && b != '\t')
                {
                    throw Bad("holds binary data");
                }
            }

            if (bytes.Length > MaximumLine)
            {
                throw Bad($"a line has more than {MaximumLine} bytes");
            }

            var text = Encoding.UTF8.GetString(bytes).Trim();
            if (text.Length == 0)
            {
                return;
            }

            if (text[0] == '#')
            {
                ReadComment(text[1..].Trim());
                return;
            }

            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (!text.StartsWith(Prefix, StringComparison.Ordinal) || equals < 0)
            {
                throw Bad($"'{Shorten(text)}' is neither CONFIG_NAME=value nor a comment");
            }

            Set(CheckName(text[..equals]), ReadValue(text[(equals + 1)..]));
        }

        private void ReadComment(string text)
        {
            if (text.StartsWith(Prefix, StringComparison.Ordinal) && text.EndsWith(" is not set", StringComparison.Ordinal))
            {
                Set(CheckName(text[..^" is not set".Length]), KconfigValue.No);
            }
            else if (headerVersion is null && text.EndsWith(" Kernel Configuration", StringComparison.Ordinal))
            {
                // "Linux/x86 6.1.192 Kernel Configuration"
                var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (words.Length == 4 && words[0].Split('/') is [_, var architecture])
                {
                    headerArchitecture = architecture;
                    headerVersion = words[1];
                }
            }
        }

        private string CheckName(string text)
        {
            var symbol = text.AsSpan(Prefix.Length);
            foreach (var c in symbol)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c != '_')
                {
                    throw Bad($"'{Shorten(text)}' is not the name of a symbol");
                }
            }

            return symbol.IsEmpty ? throw Bad("CONFIG_ without a name") : symbol.ToString();
        }

        /// <summary>Strings and numbers count as on: what is asked about them is only whether they are set.</summary>
        private KconfigValue ReadValue(string value) => value switch
        {
            "y" => KconfigValue.Yes,
            "m" => KconfigValue.Module,
            "n" => KconfigValue.No,
            ['"', .., '"'] when value.Length >= 2 => KconfigValue.Yes,
            _ when IsNumber(value) => KconfigValue.Yes,
            _ => throw Bad($"'{Shorten(value)}' is not a value: y, m, n, a number or a string in quotes"),
        };

        private static bool IsNumber(string value)
        {
            var digits = value.StartsWith("0x", StringComparison.Ordinal) ? value.AsSpan(2) : value.AsSpan(value.StartsWith('-') ? 1 : 0);
            return digits.Length > 0 && digits.Length <= 20 && !digits.ContainsAnyExcept(HexDigits);
        }

        private void Set(string symbol, KconfigValue value)
        {
            if (!symbols.TryAdd(symbol, value) && symbols[symbol] != value)
            {
                throw Bad($"CONFIG_{Shorten(symbol)} is set a second time, to another value");
            }
        }

        private KernelVersion FindVersion()
        {
            if (headerVersion is null)
            {
                throw new FormatException($"{name}: does not say which kernel it belongs to: the line '# Linux/<architecture> <version> Kernel Configuration' is missing.");
            }

            // A release candidate (7.3.0-rc7) counts as its release; a distribution's suffix says nothing about behaviour.
            var end = headerVersion.AsSpan().IndexOfAnyExcept(VersionCharacters);
            var digits = end < 0 ? headerVersion : headerVersion[..end];
            return KernelVersion.TryRead(digits, out var version, out var problem) ? version : throw new FormatException($"{name}: {problem}");
        }

        private Architecture FindArchitecture()
        {
            var found = headerArchitecture switch
            {
                "x86_64" => Architecture.X8664,
                "x86" when IsOn("X86_64") => Architecture.X8664,
                "s390" => Architecture.S390X,
                "arm64" => Architecture.Arm64,
                "powerpc" when IsOn("CPU_LITTLE_ENDIAN") => Architecture.Ppc64Le,
                "powerpc" when IsOn("PPC_CELL") => Architecture.Ppc64Cell,
                _ => null,
            };
            return found ?? throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{name}: is for '{Shorten(headerArchitecture ?? "")}', of a kind that is not modelled: the architectures are {string.Join(", ", Architecture.All)}."));
        }

        private bool IsOn(string symbol) => symbols.GetValueOrDefault(symbol) == KconfigValue.Yes;

        private FormatException Bad(string reason) => new($"{name}:{line}: {reason}.");

        private static string Shorten(string text) => text.Length <= 60 ? text : $"{text[..60]}…";
    }

    /// <summary>Gives back the bytes that were looked at, then the rest.</summary>
    private sealed class PrefixedStream(ReadOnlyMemory<byte> prefix, Stream rest) : Stream
    {
        private ReadOnlyMemory<byte> prefix = prefix;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (prefix.IsEmpty)
            {
                return rest.Read(buffer, offset, count);
            }

            var n = Math.Min(count, prefix.Length);
            prefix[..n].CopyTo(buffer.AsMemory(offset, n));
            prefix = prefix[n..];
            return n;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
