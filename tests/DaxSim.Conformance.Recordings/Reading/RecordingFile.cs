using System.IO.Compression;

namespace DaxSim.Conformance.Reading;

/// <summary>Opens recordings: plain text or gzip, told apart by their first bytes.</summary>
internal static class RecordingFile
{
    /// <summary>Opens a file; on failure <paramref name="problem"/> says why.</summary>
    internal static Stream? TryOpen(string path, out InputProblem? problem)
    {
        problem = null;
        try
        {
            if (Directory.Exists(path))
            {
                problem = new InputProblem(path, 0, "this is a directory: name the recordings in it.");
                return null;
            }

            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            Span<byte> magic = stackalloc byte[2];
            var got = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
            file.Position = 0;
            if (got == 2 && magic[0] == 0x1f && magic[1] == 0x8b)
            {
                return new CheckedGzipStream(file);
            }

            if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            {
                file.Dispose();
                problem = new InputProblem(path, 0, got == 0 ? "the file is empty, although its name ends in .gz." : "this is not gzip data, although its name ends in .gz.");
                return null;
            }

            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problem = new InputProblem(path, 0, e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file." : $"cannot be read: {e.Message}");
            return null;
        }
    }
}
