using System.IO.Compression;
using System.Text;
using DaxSim.Policy;

namespace DaxSim.Tests.Policy;

/// <summary>Kernel configurations: the usual ones (dax-support 5), real files, and files that are none.</summary>
public sealed class KernelConfigTests
{
    private const string Header = "#\n# Automatically generated file; DO NOT EDIT.\n# Linux/x86 6.1.192 Kernel Configuration\n#\nCONFIG_X86_64=y\n";

    [Theory]
    [InlineData("3.19", "x86_64", false)]
    [InlineData("4.0", "x86_64", true)]
    [InlineData("4.0", "s390x", true)]
    [InlineData("5.17", "s390x", true)]
    [InlineData("5.18", "s390x", true)]
    [InlineData("6.14", "s390x", true)]
    [InlineData("6.15", "s390x", false)]
    [InlineData("6.16", "s390x", false)]
    [InlineData("6.17", "s390x", true)]
    [InlineData("4.15", "ppc64-cell", true)]
    [InlineData("5.17", "ppc64-cell", true)]
    [InlineData("5.18", "ppc64-cell", false)]
    [InlineData("7.3", "ppc64-cell", false)]
    [InlineData("5.18", "arm64", true)]
    public void FS_DAX_is_usual_where_it_can_be_built(string kernel, string architecture, bool enabled)
        => Of(kernel, architecture).IsEnabled("FS_DAX").Should().Be(enabled);

    [Theory]
    [InlineData("4.2", "x86_64", false)]
    [InlineData("4.3", "x86_64", true)]
    [InlineData("4.13", "ppc64le", false)]
    [InlineData("4.14", "ppc64le", true)]
    [InlineData("5.2", "arm64", false)]
    [InlineData("5.3", "arm64", true)]
    [InlineData("6.16", "s390x", false)]
    [InlineData("6.17", "s390x", true)]
    [InlineData("7.3", "ppc64-cell", false)]
    public void ZONE_DEVICE_came_to_each_architecture_in_its_time(string kernel, string architecture, bool enabled)
        => Of(kernel, architecture).IsEnabled("ZONE_DEVICE").Should().Be(enabled);

    [Theory]
    [InlineData("4.15", "s390x", false)]
    [InlineData("4.16", "s390x", true)]
    [InlineData("6.14", "s390x", true)]
    [InlineData("6.15", "s390x", false)]
    [InlineData("6.17", "s390x", false)]
    [InlineData("4.16", "x86_64", false)]
    public void FS_DAX_LIMITED_is_selected_by_dcssblk_alone(string kernel, string architecture, bool enabled)
        => Of(kernel, architecture).IsEnabled("FS_DAX_LIMITED").Should().Be(enabled);

    [Theory]
    [InlineData("4.3", false)]
    [InlineData("4.4", false)]
    [InlineData("4.5", true)]
    [InlineData("4.6", true)]
    [InlineData("4.7", false)]
    [InlineData("4.9", false)]
    [InlineData("4.10", true)]
    [InlineData("7.3", true)]
    public void FS_DAX_PMD_was_broken_twice(string kernel, bool enabled)
        => Of(kernel, "x86_64").IsEnabled("FS_DAX_PMD").Should().Be(enabled);

    [Theory]
    [InlineData("6.14", false)]
    [InlineData("6.17", true)]
    public void FS_DAX_PMD_was_impossible_on_s390_before_6_17(string kernel, bool enabled)
        => Of(kernel, "s390x").IsEnabled("FS_DAX_PMD").Should().Be(enabled);

    [Theory]
    [InlineData("4.11", false)]
    [InlineData("4.12", true)]
    [InlineData("7.3", true)]
    public void FS_DAX_selects_the_dax_core_from_4_12_on(string kernel, bool enabled)
        => Of(kernel, "x86_64").IsEnabled("DAX").Should().Be(enabled);

    [Theory]
    [InlineData("BLK_DEV_XIP", "3.10", "3.19")]
    [InlineData("BLK_DEV_RAM_DAX", "4.0", "4.14")]
    [InlineData("DAX_DRIVER", "4.17", "5.16")]
    [InlineData("DEV_DAX_KMEM", "5.1", "7.3")]
    [InlineData("DEV_DAX_FSDEV", "7.1", "7.3")]
    [InlineData("VIRTIO_PMEM", "5.3", "7.3")]
    [InlineData("BLK_DEV_PMEM", "4.1", "7.3")]
    [InlineData("NVDIMM_PFN", "4.3", "7.3")]
    [InlineData("ARCH_HAS_PTE_DEVMAP", "5.3", "6.16")]
    [InlineData("ARCH_HAS_PTE_SPECIAL", "4.18", "7.3")]
    [InlineData("ARCH_HAS_PMEM_API", "4.2", "7.3")]
    public void A_symbol_exists_from_one_release_to_another(string symbol, string first, string last)
    {
        var enabled = KernelVersion.Releases.Where(v => KernelConfig.Default(v, Architecture.X8664).IsEnabled(symbol)).ToList();
        enabled[0].Should().Be(KernelVersion.Parse(first));
        enabled[^1].Should().Be(KernelVersion.Parse(last));
    }

    [Theory]
    [InlineData("DCSSBLK", "s390x", "3.10", "7.3")]
    [InlineData("BLK_DEV_XPRAM", "s390x", "3.10", "5.14")]
    [InlineData("AXON_RAM", "ppc64-cell", "3.10", "4.15")]
    public void A_driver_of_one_architecture_is_usual_there_alone(string symbol, string architecture, string first, string last)
    {
        foreach (var other in Architecture.All)
        {
            var enabled = KernelVersion.Releases.Where(v => KernelConfig.Default(v, other).IsEnabled(symbol)).ToList();
            if (other.Name == architecture)
            {
                enabled[0].Should().Be(KernelVersion.Parse(first));
                enabled[^1].Should().Be(KernelVersion.Parse(last));
            }
            else
            {
                enabled.Should().BeEmpty();
            }
        }
    }

    [Theory]
    [InlineData("6.15")]
    [InlineData("6.16")]
    public void DCSSBLK_DAX_depends_on_BROKEN(string kernel)
    {
        var config = Of(kernel, "s390x");
        config.IsEnabled("DCSSBLK_DAX").Should().BeFalse();
        config.With("BROKEN", KconfigValue.Yes).IsEnabled("DCSSBLK_DAX").Should().BeTrue();
    }

    [Fact]
    public void Without_ZONE_DEVICE_there_is_no_FS_DAX_from_5_18_on()
        => Of("6.1", "x86_64").With("ZONE_DEVICE", KconfigValue.No).IsEnabled("FS_DAX").Should().BeFalse();

    [Fact]
    public void Without_ZONE_DEVICE_there_still_is_FS_DAX_up_to_5_17()
        => Of("5.17", "x86_64").With("ZONE_DEVICE", KconfigValue.No).IsEnabled("FS_DAX").Should().BeTrue();

    [Fact]
    public void A_replaced_symbol_wins_over_Kconfig()
        => Of("4.16", "x86_64").With("CONFIG_FS_DAX_LIMITED", KconfigValue.Yes).IsEnabled("FS_DAX_LIMITED").Should().BeTrue();

    [Fact]
    public void Configurations_are_compared_by_what_they_say()
    {
        var a = Of("6.1", "x86_64").With("FS_DAX", KconfigValue.No).With("DAX", KconfigValue.Yes);
        var b = Of("6.1", "x86_64").With("DAX", KconfigValue.Yes).With("FS_DAX", KconfigValue.No);
        a.Should().Be(b);
        a.ToString().Should().Be("the usual configuration of 6.1 on x86_64 with DAX=y, FS_DAX=n");
    }

    [Theory]
    [InlineData("config-5.10.0-46-cloud-amd64.gz", "5.10.262")]
    [InlineData("config-6.1.0-56-cloud-amd64.gz", "6.1.192")]
    public void A_real_file_says_its_kernel_and_its_symbols(string file, string version)
    {
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Data", file));
        var config = KernelConfig.Read(stream, file);
        config.Version.Should().Be(KernelVersion.Parse(version));
        config.Architecture.Should().Be(Architecture.X8664);
        foreach (var symbol in new[] { "FS_DAX", "FS_DAX_PMD", "ZONE_DEVICE", "NVDIMM_PFN", "BLK_DEV_PMEM", "VIRTIO_PMEM", "DEV_DAX_KMEM", "EXT4_USE_FOR_EXT2", "X86_64", "MEMORY_HOTPLUG" })
        {
            config.IsEnabled(symbol).Should().BeTrue(symbol);
        }

        foreach (var symbol in new[] { "EXT2_FS", "FS_DAX_LIMITED", "DCSSBLK", "AXON_RAM", "NO_SUCH_SYMBOL" })
        {
            config.IsEnabled(symbol).Should().BeFalse(symbol);
        }

        config["XFS_FS"].Should().Be(KconfigValue.Module);
    }

    [Fact]
    public void A_file_makes_a_policy()
    {
        var policy = KernelPolicy.FromKconfig(Header + "CONFIG_FS_DAX=y\nCONFIG_ZONE_DEVICE=y\nCONFIG_MEMORY_HOTPLUG=y\nCONFIG_ARCH_HAS_PTE_DEVMAP=y\n# CONFIG_XFS_FS is not set\nCONFIG_LOCALVERSION=\"-x\"\nCONFIG_NR_CPUS=64\nCONFIG_PHYSICAL_START=0x1000000\n");
        policy.Version.Should().Be(KernelVersion.Parse("6.1.192"));
        policy.Config.IsEnabled("FS_DAX").Should().BeTrue();
        policy.Config.IsEnabled("XFS_FS").Should().BeFalse();
        policy.Config.IsEnabled("LOCALVERSION").Should().BeTrue();
    }

    [Theory]
    [InlineData("# Linux/x86_64 3.10.0 Kernel Configuration\nCONFIG_EXT2_FS=y\n", "3.10", "x86_64")]
    [InlineData("# Linux/s390 7.3.0-rc7 Kernel Configuration\nCONFIG_DCSSBLK=m\n", "7.3", "s390x")]
    [InlineData("# Linux/powerpc 4.14.0 Kernel Configuration\nCONFIG_PPC_CELL=y\n", "4.14", "ppc64-cell")]
    [InlineData("# Linux/powerpc 6.1.0 Kernel Configuration\nCONFIG_CPU_LITTLE_ENDIAN=y\n", "6.1", "ppc64le")]
    [InlineData("# Linux/arm64 6.12.1 Kernel Configuration\nCONFIG_X=y\n", "6.12.1", "arm64")]
    public void The_first_line_names_the_kernel(string text, string version, string architecture)
    {
        var config = KernelConfig.Parse(text);
        config.Version.Should().Be(KernelVersion.Parse(version));
        config.Architecture.Name.Should().Be(architecture);
    }

    [Theory]
    [InlineData("hello\n", "config:6: 'hello' is neither CONFIG_NAME=value nor a comment.")]
    [InlineData("CONFIG_FS_DAX=maybe\n", "config:6: 'maybe' is not a value: y, m, n, a number or a string in quotes.")]
    [InlineData("CONFIG_A-B=y\n", "config:6: 'CONFIG_A-B' is not the name of a symbol.")]
    [InlineData("CONFIG_=y\n", "config:6: CONFIG_ without a name.")]
    [InlineData("CONFIG_A=\"open\nCONFIG_B=y\n", "config:6: '\"open' is not a value: y, m, n, a number or a string in quotes.")]
    [InlineData("CONFIG_A=y\nCONFIG_B=y\n# CONFIG_A is not set\n", "config:8: CONFIG_A is set a second time, to another value.")]
    [InlineData("CONFIG_A=\u0001\n", "config:6: holds binary data.")]
    public void A_bad_line_is_named(string line, string message)
        => FluentActions.Invoking(() => KernelConfig.Parse(Header + line)).Should().Throw<FormatException>().WithMessage(message);

    [Theory]
    [InlineData("", "x: holds no CONFIG_ line, so it is no kernel configuration.")]
    [InlineData("# nothing\n\n", "x: holds no CONFIG_ line, so it is no kernel configuration.")]
    [InlineData("CONFIG_A=y\n", "x: does not say which kernel it belongs to: the line '# Linux/<architecture> <version> Kernel Configuration' is missing.")]
    [InlineData("# Linux/x86 6.1.0 Kernel Configuration\nCONFIG_X86_32=y\n", "x: is for 'x86', of a kind that is not modelled: the architectures are *")]
    [InlineData("# Linux/riscv 6.1.0 Kernel Configuration\nCONFIG_A=y\n", "x: is for 'riscv', of a kind that is not modelled: *")]
    [InlineData("# Linux/x86_64 2.6.32 Kernel Configuration\nCONFIG_A=y\n", "x: Kernel 2.6.32 is not modelled: *")]
    public void A_file_that_is_none_says_why(string text, string message)
        => FluentActions.Invoking(() => KernelConfig.Parse(text, "x")).Should().Throw<FormatException>().WithMessage(message);

    [Fact]
    public void A_kernel_image_is_told_apart()
        => Reading([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0]).Should().Throw<FormatException>().WithMessage("x: is a program or kernel image; *");

    [Fact]
    public void An_xz_file_is_told_apart()
        => Reading([0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]).Should().Throw<FormatException>().WithMessage("x: is compressed with xz; unpack it first.");

    [Fact]
    public void A_broken_gzip_file_is_one_line()
    {
        var bytes = Compress(Header);
        Reading(bytes[..(bytes.Length / 2)]).Should().Throw<FormatException>().Which.Message.Should().NotContain("\n").And.StartWith("x");
        Reading([0x1f, 0x8b, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]).Should().Throw<FormatException>().WithMessage("x: cannot be read: *");
    }

    [Fact]
    public void A_gzip_bomb_is_cut_off()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("# comment of a bomb\n", 5000)));
            for (var i = 0; i < 400; i++)
            {
                gzip.Write(lines);
            }
        }

        Reading(packed.ToArray()).Should().Throw<FormatException>().WithMessage("x:*: is larger than 16 MiB (unpacked), so it is no kernel configuration.");
    }

    [Theory]
    [InlineData(0, "x:1: holds binary data.")]
    [InlineData((byte)'a', "x:1: a line has more than 32768 bytes.")]
    [InlineData((byte)'\n', "x:*: is larger than 16 MiB (unpacked), so it is no kernel configuration.")]
    public void An_endless_file_is_cut_off(byte value, string message)
        => FluentActions.Invoking(() => KernelConfig.Read(new EndlessStream(value), "x")).Should().Throw<FormatException>().WithMessage(message);

    [Fact]
    public void A_file_of_another_architecture_cannot_be_used()
    {
        var config = KernelConfig.Parse(Header);
        FluentActions.Invoking(() => KernelPolicy.Mainline(KernelVersion.Parse("6.1"), Architecture.S390X, config))
            .Should().Throw<ArgumentException>().WithMessage("The configuration config is one of x86_64 and cannot be used for a kernel of s390x.*");
    }

    [Fact]
    public void A_file_can_be_used_for_another_release_by_that_releases_rules()
    {
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Data", "config-6.1.0-56-cloud-amd64.gz"));
        var config = KernelConfig.Read(stream, "c").For(KernelVersion.Parse("4.9"), Architecture.X8664);
        config.IsEnabled("FS_DAX").Should().BeTrue();
        config.IsEnabled("FS_DAX_PMD").Should().BeFalse("it was broken in 4.9");
        config.IsEnabled("VIRTIO_PMEM").Should().BeFalse("4.9 has no such driver");
    }

    private static KernelConfig Of(string kernel, string architecture) => KernelConfig.Default(KernelVersion.Parse(kernel), Architecture.Parse(architecture));

    private static Func<KernelConfig> Reading(byte[] bytes) => () => KernelConfig.Read(new MemoryStream(bytes), "x");

    private static byte[] Compress(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Encoding.ASCII.GetBytes(text));
        }

        return packed.ToArray();
    }

    private sealed class EndlessStream(byte value) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill(value);
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
