using DaxSim.Policy;

namespace DaxSim.Scenarios.Import;

/// <summary>Puts together what the files of a dump say.</summary>
internal static class HostDumpReader
{
    internal static HostDump Read(IReadOnlyList<HostFile> files)
    {
        var dump = new HostDump();
        foreach (var file in files.OrderBy(f => f.Kind))
        {
            dump.FileList.Add((file.Name, file.Kind));
            ReadOne(file, dump);
        }

        Reconcile(dump);
        return dump;
    }

    private static void ReadOne(HostFile file, HostDump dump)
    {
        switch (file.Kind)
        {
            case HostFileKind.Iomem when dump.Ranges.Count == 0:
                dump.Ranges.AddRange(IomemReader.Read(file));
                break;
            case HostFileKind.Config when dump.Config is null:
                using (var stream = new MemoryStream(file.Bytes))
                {
                    dump.Config = KernelConfig.Read(stream, file.Name);
                }

                break;
            case HostFileKind.Ndctl:
                NdctlReader.ReadNdctl(file, dump);
                break;
            case HostFileKind.Daxctl:
                NdctlReader.ReadDaxctl(file, dump);
                break;
            case HostFileKind.Mounts when !dump.MountList.Exists(m => !m.IsWish):
                dump.MountList.AddRange(MountTableReader.Read(file, wish: false));
                break;
            case HostFileKind.Fstab:
                foreach (var wish in MountTableReader.Read(file, wish: true))
                {
                    Wish(wish, file, dump);
                }

                break;
            case HostFileKind.Lsblk:
                LsblkReader.Read(file, dump);
                break;
            case HostFileKind.KernelName when dump.KernelRelease is null:
                KernelNameReader.Read(file, dump);
                break;
            case HostFileKind.Blkid:
                FileSystemFactsReader.ReadBlkid(file, dump);
                break;
            case HostFileKind.XfsInfo:
                FileSystemFactsReader.ReadXfsInfo(file, dump);
                break;
            case HostFileKind.Ext2Info:
                FileSystemFactsReader.ReadExt(file, dump);
                break;
            default:
                dump.NoteList.Add($"{file.Name} was left out: there is another {file.Kind} before it.");
                break;
        }
    }

    /// <summary>
    /// What is mounted is taken as it is mounted, but for DAX: where fstab asks for it and the kernel did not give it, somebody had to mount
    /// without it, and wants to know why.
    /// </summary>
    private static void Wish(HostMount wish, HostFile file, HostDump dump)
    {
        var index = dump.MountList.FindLastIndex(m => m.Path == wish.Path);
        if (index < 0)
        {
            dump.MountList.Add(wish);
            return;
        }

        var mounted = dump.MountList[index];
        if (!mounted.IsWish && HostMountFacts.DaxAsked(wish.Options) is { } option && HostMountFacts.DaxAsked(mounted.Options) is null)
        {
            dump.MountList[index] = mounted with { Options = $"{mounted.Options},{option}" };
            dump.NoteList.Add($"{mounted.Path} is mounted without DAX, but {file.Name} asks for {option}: it is taken as that has it.");
        }
    }

    /// <summary>The running kernel wins over the configuration, which may be that of another one in /boot.</summary>
    private static void Reconcile(HostDump dump)
    {
        if (dump.Config is { } config)
        {
            if (dump.Architecture is { } architecture && architecture != config.Architecture)
            {
                throw new FormatException($"{config.Source}: it is a configuration of {config.Architecture}, but the host runs {architecture}.");
            }

            dump.Architecture = config.Architecture;
            if (dump.Kernel is { } kernel && kernel.Mainline != config.Version.Mainline)
            {
                dump.NoteList.Add($"{config.Source} is the configuration of {config.Version}, not of the running {kernel}; what it says is taken all the same.");
            }

            dump.Kernel ??= config.Version;
            dump.KernelRelease ??= config.Version.ToString();
        }

        if (dump.Kernel is null)
        {
            dump.NoteList.Add("No file says which kernel runs: add the output of uname -a, or name a kernel.");
        }
    }
}
