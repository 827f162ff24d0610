using DaxSim.Policy;

namespace DaxSim.Tool.Questions;

/// <summary>Opens the kernel configuration that <c>--config</c> names.</summary>
internal static class ConfigFile
{
    internal static KernelConfig Read(string path)
    {
        if (Directory.Exists(path))
        {
            throw new UsageException($"{path} is a directory: name the configuration file itself, for example /boot/config-6.1.0 or /proc/config.gz.");
        }

        if (!File.Exists(path))
        {
            throw new UsageException($"{path} does not exist: name a kernel configuration such as /boot/config-6.1.0 or /proc/config.gz.");
        }

        try
        {
            using var stream = File.OpenRead(path);
            return KernelConfig.Read(stream, path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {problem.Message}");
        }
    }
}
