using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using DaxSim.Scenarios.Recordings;

namespace DaxSim.Scenarios.Import;

/// <summary>A file of a dump: its name and its bytes.</summary>
internal sealed record HostFile(string Name, HostFileKind Kind, byte[] Bytes)
{
    internal string Text => Encoding.UTF8.GetString(Bytes).ReplaceLineEndings("\n");
}

/// <summary>Finds the files of a dump in directories and archives. Nothing is unpacked to disk, links are not followed, and everything is bounded.</summary>
internal static class HostFiles
{
    /// <summary>The largest file that is read.</summary>
    internal const int LargestFile = 16 << 20;

    private const int MostFiles = 20_000;
    private const int DeepestFolder = 8;
    private const long LargestArchive = 1L << 30;

    internal static List<HostFile> Collect(IEnumerable<string> paths)
    {
        var found = new List<HostFile>();
        var seen = new List<string>();
        foreach (var path in paths)
        {
            try
            {
                Collect(path, found, seen);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                throw new FormatException($"{path}: cannot be read: {problem.Message}");
            }
        }

        return found.Count > 0
            ? found
            : throw new FormatException($"{string.Join(", ", seen.DefaultIfEmpty("nothing"))}: no file of a host is in it. Give iomem, config, ndctl.json, daxctl.json, mounts, lsblk.json, uname or a directory or tar of them.");
    }

    private static void Collect(string path, List<HostFile> found, List<string> seen)
    {
        seen.Add(path);
        if (Directory.Exists(path))
        {
            var count = 0;
            CollectFolder(path, path, 0, found, ref count);
            return;
        }

        if (!File.Exists(path))
        {
            throw new FormatException($"{path}: no such file or directory.");
        }

        using var stream = File.OpenRead(path);
        var head = new byte[512];
        var length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        if (IsTar(head.AsSpan(0, length)))
        {
            CollectTar(path, stream, found);
            return;
        }

        if (length > 2 && head[0] == 0x1f && head[1] == 0x8b && IsCompressedTar(stream))
        {
            stream.Position = 0;
            using var unpacked = new CheckedGzipStream(stream);
            CollectTar(path, unpacked, found);
            return;
        }

        stream.Position = 0;
        var bytes = ReadWhole(stream, path);
        var kind = HostFileNames.KindOf(Path.GetFileName(path)) ?? HostFileNames.KindByContent(bytes) ?? throw new FormatException($"{path}: it is no file of a host that is known: name it iomem, config, ndctl.json, daxctl.json, mounts, fstab, lsblk.json or uname.");
        found.Add(new HostFile(path, kind, bytes));
    }

    private static void CollectFolder(string root, string folder, int depth, List<HostFile> found, ref int count)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderBy(e => e.Name, StringComparer.Ordinal))
        {
            if (++count > MostFiles)
            {
                throw new FormatException($"{root}: it has more than {MostFiles} files: make a directory of the few that are meant.");
            }

            if (entry.LinkTarget is not null)
            {
                continue;
            }

            if (entry is DirectoryInfo)
            {
                if (depth < DeepestFolder)
                {
                    CollectFolder(root, entry.FullName, depth + 1, found, ref count);
                }
            }
            else if (HostFileNames.KindOf(entry.Name) is { } kind && (entry.Attributes & FileAttributes.Device) == 0 && IsOrdinary(entry.FullName))
            {
                using var stream = File.OpenRead(entry.FullName);
                found.Add(new HostFile(Path.Combine(root, Path.GetRelativePath(root, entry.FullName)), kind, ReadWhole(stream, entry.FullName)));
            }
        }
    }

    /// <summary>
    /// A pipe or socket by the name of a dump would let the reader wait for ever. Both have no length, as files of /proc; opened for both
    /// directions, which waits for nobody, a pipe cannot seek.
    /// </summary>
    private static bool IsOrdinary(string path)
    {
        try
        {
            if (new FileInfo(path).Length > 0)
            {
                return true;
            }

            using var both = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return both.CanSeek;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void CollectTar(string archive, Stream stream, List<HostFile> found)
    {
        try
        {
            using var bounded = new BoundedStream(stream, LargestArchive, archive);
            using var tar = new TarReader(bounded);
            for (var count = 0; tar.GetNextEntry() is { } entry; count++)
            {
                if (count > MostFiles)
                {
                    throw new FormatException($"{archive}: it has more than {MostFiles} files: make a tar of the few that are meant.");
                }

                var name = entry.Name;
                if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile && entry.DataStream is { } data && HostFileNames.KindOf(name[(name.LastIndexOf('/') + 1)..]) is { } kind)
                {
                    found.Add(new HostFile($"{archive}:{Printable(name)}", kind, ReadWhole(data, $"{archive}:{Printable(name)}")));
                }
            }

            // The rest is padding, and the end of what was compressed.
            var rest = new byte[65536];
            while (bounded.Read(rest) > 0)
            {
            }

            if (bounded.ZerosAtEnd < 512)
            {
                throw new FormatException($"{archive}: the archive is broken: its end is missing.");
            }
        }
        catch (Exception problem) when (problem is InvalidDataException or EndOfStreamException or ArgumentException or OverflowException)
        {
            throw new FormatException($"{archive}: the archive is broken: {problem.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static byte[] ReadWhole(Stream stream, string name)
    {
        using var copy = new MemoryStream();
        var buffer = new byte[65536];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            copy.Write(buffer, 0, read);
            if (copy.Length > LargestFile)
            {
                throw new FormatException($"{name}: it is larger than {LargestFile >> 20} MiB, which no such file is.");
            }
        }

        return copy.ToArray();
    }

    private static bool IsTar(ReadOnlySpan<byte> head) => head.Length == 512 && head.Slice(257, 5).SequenceEqual("ustar"u8);

    private static bool IsCompressedTar(Stream stream)
    {
        try
        {
            using var unpacked = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
            var head = new byte[512];
            return IsTar(head.AsSpan(0, unpacked.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)));
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static string Printable(string name) => string.Concat((name.Length > 100 ? name[..100] : name).Select(c => char.IsControl(c) ? '?' : c));

    /// <summary>Ends a stream that unpacks to more than anybody's dump, and sees how it ends: an archive ends with zeroes.</summary>
    private sealed class BoundedStream(Stream inner, long limit, string name) : ForwardStream
    {
        private long read;

        internal long ZerosAtEnd { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            var got = inner.Read(buffer);
            read += got;
            var last = buffer[..got].LastIndexOfAnyExcept((byte)0);
            ZerosAtEnd = last < 0 ? ZerosAtEnd + got : got - 1 - last;
            return read <= limit ? got : throw new FormatException($"{name}: it unpacks to more than {limit >> 30} GiB: make a tar of the few files that are meant.");
        }
    }
}
