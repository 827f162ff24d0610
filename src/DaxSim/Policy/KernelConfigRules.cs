using System.Diagnostics.CodeAnalysis;

namespace DaxSim.Policy;

/// <summary>One symbol of Kconfig: where it exists, what it is by default, what it needs and what selects it.</summary>
internal sealed record KernelConfigRule
{
    /// <summary>Its place among the rules, by which configurations remember what came out.</summary>
    internal int Index { get; set; }

    internal KernelVersion Since { get; init; } = KernelVersion.Oldest;

    internal KernelVersion Until { get; init; } = KernelVersion.Newest;

    /// <summary>What a distribution chooses. For a symbol nobody can choose (no prompt) it is what Kconfig computes.</summary>
    internal required Func<KernelConfig, KconfigValue> Default { get; init; }

    internal Func<KernelConfig, bool>? DependsOn { get; init; }

    /// <summary>True when another symbol forces this one on, whatever was chosen.</summary>
    internal Func<KernelConfig, bool>? SelectedBy { get; init; }

    /// <summary>True when the symbol stands in the Kconfig files of that release.</summary>
    internal bool Exists(KernelVersion version) => version.Mainline >= Since && version.Mainline <= Until;

    internal KconfigValue Evaluate(KernelConfig config, KconfigValue? chosen)
    {
        if (!Exists(config.Version))
        {
            return KconfigValue.No;
        }

        if (SelectedBy is not null && SelectedBy(config))
        {
            return KconfigValue.Yes;
        }

        return DependsOn is null || DependsOn(config) ? chosen ?? Default(config) : KconfigValue.No;
    }
}

/// <summary>The symbols that decide something in the model, with their rules in each release (dax-support 5).</summary>
internal static class KernelConfigRules
{
    private const KconfigValue N = KconfigValue.No;
    private const KconfigValue M = KconfigValue.Module;
    private const KconfigValue Y = KconfigValue.Yes;

    private static readonly KernelVersion V400 = KernelVersion.Parse("4.0");
    private static readonly KernelVersion V412 = KernelVersion.Parse("4.12");

    private static readonly Dictionary<string, KernelConfigRule> Rules = Build();

    /// <summary>Every symbol with a rule, in alphabetical order.</summary>
    internal static IReadOnlyList<string> Symbols => field ??= [.. Rules.Keys.Order(StringComparer.Ordinal)];

    internal static int Count => Rules.Count;

    internal static bool TryFind(string symbol, [NotNullWhen(true)] out KernelConfigRule? rule) => Rules.TryGetValue(symbol, out rule);

    private static Dictionary<string, KernelConfigRule> Build()
    {
        var rules = new Dictionary<string, KernelConfigRule>(StringComparer.Ordinal);
        AddArchitecture(rules);
        AddDax(rules);
        AddDrivers(rules);
        AddRest(rules);
        var index = 0;
        foreach (var rule in rules.Values)
        {
            rule.Index = index++;
        }

        return rules;
    }

    private static void AddArchitecture(Dictionary<string, KernelConfigRule> rules)
    {
        // Symbols without prompt that say what the architecture can do.
        rules["ARCH_HAS_PMEM_API"] = new() { Since = Of("4.2"), Default = c => On(IsX86(c) || (HasPmem(c) && c.Version.Mainline >= Of("4.15")), Y) };
        rules["ARCH_HAS_PTE_SPECIAL"] = new() { Since = Of("4.18"), Default = _ => Y };
        rules["ARCH_HAS_PTE_DEVMAP"] = new() { Since = Of("5.3"), Until = Of("6.16"), Default = c => On(HasPmem(c), Y) };
        rules["ARCH_HAS_ZONE_DEVICE"] = new() { Since = Of("4.14"), Until = Of("5.2"), Default = c => On(IsX86(c) || c.Architecture == Architecture.Ppc64Le, Y) };
        rules["TRANSPARENT_HUGEPAGE"] = new() { Default = c => On(c.Architecture != Architecture.Ppc64Cell, Y) };
        rules["MEMORY_HOTPLUG"] = new() { Default = c => On(c.Architecture != Architecture.Ppc64Cell && (c.Architecture != Architecture.Arm64 || c.Version.Mainline >= Of("5.0")), Y) };
        rules["STRICT_DEVMEM"] = new() { Default = _ => Y };
        rules["IO_STRICT_DEVMEM"] = new() { Since = Of("4.5"), Default = _ => Y, DependsOn = c => c.IsEnabled("STRICT_DEVMEM") };
        rules["NUMA"] = new() { Default = c => On(c.Architecture != Architecture.S390X, Y) };
        rules["NUMA_BALANCING"] = new()
        {
            Default = _ => Y,
            DependsOn = c => c.IsEnabled("NUMA") && (IsX86(c) || c.Architecture == Architecture.Ppc64Le || (c.Architecture == Architecture.Arm64 && c.Version.Mainline >= Of("4.7"))),
        };
        rules["SECRETMEM"] = new() { Since = Of("5.14"), Default = _ => Y };
        rules["PROC_MEM_FORCE_PTRACE"] = new() { Since = Of("6.12"), Default = _ => N };
        rules["BLK_DEV_IO_TRACE"] = new() { Default = _ => Y };
        rules["BLK_DEV_INTEGRITY"] = new() { Default = _ => Y };
        rules["MEMORY_FAILURE"] = new() { Default = c => On(HasPmem(c), Y) };
        rules["ZONE_DEVICE"] = new()
        {
            Since = Of("4.3"),
            Default = _ => Y,
            DependsOn = c => c.Facts.ZoneDevice == ZoneDeviceSupport.Possible && GateIsOpen(c) && c.IsEnabled("MEMORY_HOTPLUG"),
        };
        rules["BROKEN"] = new() { Default = _ => N };
    }

    private static void AddDax(Dictionary<string, KernelConfigRule> rules)
    {
        rules["FS_XIP"] = new() { Until = Of("3.19"), Default = c => On(c.IsEnabled("EXT2_FS_XIP"), Y) };
        rules["EXT2_FS_XIP"] = new() { Until = Of("3.19"), Default = _ => Y, DependsOn = c => c.IsEnabled("EXT2_FS") };
        rules["FS_DAX"] = new()
        {
            Since = V400,
            Default = _ => Y,
            DependsOn = c => c.Facts.FsDaxDependency switch
            {
                FsDaxDependency.Nothing => true,
                FsDaxDependency.ZoneDeviceOrLimited => c.IsEnabled("ZONE_DEVICE") || c.IsEnabled("FS_DAX_LIMITED"),
                _ => c.IsEnabled("ZONE_DEVICE"),
            },
        };
        rules["FS_DAX_PMD"] = new()
        {
            Since = Of("4.4"),
            Default = _ => Y,
            DependsOn = c => c.IsEnabled("FS_DAX") && c.IsEnabled("ZONE_DEVICE") && c.IsEnabled("TRANSPARENT_HUGEPAGE") && (HugeDaxFaultsWork(c) || c.IsEnabled("BROKEN")),
        };

        // It has no prompt, but a file may have it on all the same: a patched kernel whose option can be chosen. Who selects it is known
        // to the history, so that an older kernel gets the option together with its commit.
        rules["FS_DAX_LIMITED"] = new()
        {
            Since = V400,
            Until = Of("6.16"),
            Default = _ => N,
            SelectedBy = c => c.Facts.FsDaxLimited == FsDaxLimitedSelection.ByDcssblk && c.IsEnabled("DCSSBLK"),
        };
        rules["BLK_DEV_DAX"] = new() { Since = Of("4.5"), Until = Of("4.6"), Default = _ => N, DependsOn = c => c.IsEnabled("FS_DAX") && c.IsEnabled("BROKEN") };
        rules["DAX"] = new()
        {
            Since = V412,
            Default = _ => N,
            SelectedBy = c => c.IsEnabled("FS_DAX") || c.IsEnabled("DEV_DAX") || (c.Version.Mainline < Of("5.17") && (c.IsEnabled("BLK_DEV_PMEM") || c.IsEnabled("DCSSBLK"))),
        };
        rules["DAX_DRIVER"] = new() { Since = Of("4.17"), Until = Of("5.16"), Default = c => On(c.IsEnabled("BLK_DEV_PMEM") || c.IsEnabled("DCSSBLK"), Y) };
        rules["DEV_PAGEMAP_OPS"] = new()
        {
            Since = Of("4.18"),
            Until = Of("5.17"),
            Default = c => On(c.IsEnabled("FS_DAX") && c.IsEnabled("ZONE_DEVICE") && !c.IsEnabled("FS_DAX_LIMITED"), Y),
        };
        rules["DEV_DAX"] = new() { Since = Of("4.7"), Default = c => On(HasPmem(c), M), DependsOn = c => c.IsEnabled("TRANSPARENT_HUGEPAGE") };
        rules["DEV_DAX_PMEM"] = new() { Since = Of("4.7"), Default = _ => M, DependsOn = c => c.IsEnabled("DEV_DAX") && c.IsEnabled("LIBNVDIMM") && c.IsEnabled("NVDIMM_DAX") };
        rules["DEV_DAX_KMEM"] = new() { Since = Of("5.1"), Default = _ => M, DependsOn = c => c.IsEnabled("DEV_DAX") && c.IsEnabled("MEMORY_HOTPLUG") };
        rules["DEV_DAX_FSDEV"] = new() { Since = Of("7.1"), Default = _ => M, DependsOn = c => c.IsEnabled("DEV_DAX") && c.IsEnabled("FS_DAX") };
        rules["FUSE_DAX"] = new() { Since = Of("5.10"), Default = _ => Y, DependsOn = c => c.IsEnabled("VIRTIO_FS") && c.IsEnabled("FS_DAX") && c.IsEnabled("ZONE_DEVICE") };
    }

    private static void AddDrivers(Dictionary<string, KernelConfigRule> rules)
    {
        rules["LIBNVDIMM"] = new() { Since = Of("4.2"), Default = c => On(HasPmem(c), M) };
        rules["BLK_DEV_PMEM"] = new() { Since = Of("4.1"), Default = c => On(HasPmem(c), M), DependsOn = c => c.Version.Mainline == Of("4.1") || c.IsEnabled("LIBNVDIMM") };
        rules["X86_PMEM_LEGACY"] = new() { Since = Of("4.1"), Default = c => On(IsX86(c), Y), DependsOn = IsX86 };
        rules["BTT"] = new() { Since = Of("4.2"), Default = _ => Y, DependsOn = c => c.IsEnabled("LIBNVDIMM") };
        rules["NVDIMM_PFN"] = new() { Since = Of("4.3"), Default = _ => Y, DependsOn = c => c.IsEnabled("LIBNVDIMM") && c.IsEnabled("ZONE_DEVICE") };
        rules["NVDIMM_DAX"] = new() { Since = Of("4.7"), Default = _ => Y, DependsOn = c => c.IsEnabled("NVDIMM_PFN") };
        rules["VIRTIO_PMEM"] = new() { Since = Of("5.3"), Default = c => On(HasPmem(c), M), DependsOn = c => c.IsEnabled("LIBNVDIMM") };
        rules["VIRTIO_FS"] = new() { Since = Of("5.4"), Default = _ => M };
        rules["BLK_DEV_RAM"] = new() { Default = _ => M };
        rules["BLK_DEV_XIP"] = new() { Until = Of("3.19"), Default = _ => Y, DependsOn = c => c.IsEnabled("BLK_DEV_RAM") };
        rules["BLK_DEV_RAM_DAX"] = new() { Since = V400, Until = Of("4.14"), Default = _ => Y, DependsOn = c => c.IsEnabled("BLK_DEV_RAM") && c.IsEnabled("FS_DAX") };
        rules["BLK_DEV_LOOP"] = new() { Default = _ => M };
        rules["BLK_DEV_DM"] = new() { Default = _ => M };
        rules["AXON_RAM"] = new() { Until = Of("4.15"), Default = _ => M, DependsOn = c => c.Architecture == Architecture.Ppc64Cell };
        rules["BLK_DEV_XPRAM"] = new() { Until = Of("5.14"), Default = _ => M, DependsOn = c => c.Architecture == Architecture.S390X };
        rules["DCSSBLK"] = new()
        {
            Default = _ => M,
            DependsOn = c => c.Architecture == Architecture.S390X && (c.Facts.FsDaxDependency != FsDaxDependency.ZoneDevice || c.IsEnabled("ZONE_DEVICE")),
        };
        rules["DCSSBLK_DAX"] = new() { Since = Of("6.15"), Until = Of("6.16"), Default = _ => Y, DependsOn = c => c.IsEnabled("DCSSBLK") && c.IsEnabled("BROKEN") };
    }

    private static void AddRest(Dictionary<string, KernelConfigRule> rules)
    {
        rules["EXT2_FS"] = new() { Default = _ => M };
        rules["EXT4_FS"] = new() { Default = _ => M };
        rules["EXT4_USE_FOR_EXT2"] = new() { Since = Of("4.3"), Default = _ => N, DependsOn = c => !c.IsEnabled("EXT2_FS") };
        rules["XFS_FS"] = new() { Default = _ => M };
        rules["EROFS_FS"] = new() { Since = Of("5.4"), Default = _ => M };
        rules["HUGETLBFS"] = new() { Default = c => On(c.Architecture != Architecture.Ppc64Cell, Y) };
        rules["USERFAULTFD"] = new() { Since = Of("4.3"), Default = c => On(c.Architecture != Architecture.Ppc64Cell, Y) };
        rules["IO_URING"] = new() { Since = Of("5.1"), Default = _ => Y };
        rules["MEM_SOFT_DIRTY"] = new() { Since = Of("3.11"), Default = c => On(IsX86(c) || c.Architecture == Architecture.S390X, Y) };
    }

    private static KernelVersion Of(string version) => KernelVersion.Parse(version);

    private static KconfigValue On(bool condition, KconfigValue value) => condition ? value : N;

    private static bool IsX86(KernelConfig c) => c.Architecture == Architecture.X8664;

    private static bool HasPmem(KernelConfig c) => IsX86(c) || c.Architecture == Architecture.Arm64 || c.Architecture == Architecture.Ppc64Le;

    /// <summary>ZONE_DEVICE had a symbol of its own from 4.14, then followed that of the devmap bit up to 6.16.</summary>
    private static bool GateIsOpen(KernelConfig c)
        => (!InRange(c, "ARCH_HAS_ZONE_DEVICE") || c.IsEnabled("ARCH_HAS_ZONE_DEVICE")) && (!InRange(c, "ARCH_HAS_PTE_DEVMAP") || c.IsEnabled("ARCH_HAS_PTE_DEVMAP"));

    private static bool InRange(KernelConfig c, string symbol) => Rules[symbol].Exists(c.Version);

    /// <summary>FS_DAX_PMD was marked BROKEN in 4.4 and again from 4.7 to 4.9.</summary>
    private static bool HugeDaxFaultsWork(KernelConfig c)
    {
        var release = c.Version.Mainline;
        return release == Of("4.5") || release == Of("4.6") || release >= Of("4.10");
    }
}
