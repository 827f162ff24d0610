namespace DaxSim.Tests.Tool;

/// <summary>Wrong command lines and files: one line on standard error that says what to do, exit code 2, never a stack trace.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("daxsim-tests").FullName;

    [Theory]
    [InlineData("say what to do: matrix, admit, cell, why, history, import, doctor", "")]
    [InlineData("'hist' is no command of 'daxsim'. Did you mean 'history'?", "hist")]
    [InlineData("'--kernal' is no option of 'daxsim admit'. Did you mean '--kernel'?", "admit --kernal 4.14")]
    [InlineData("'extra' is no argument of 'daxsim history'", "history extra")]
    [InlineData("--kernel needs a value", "matrix --kernel")]
    [InlineData("Say which device: --device SPEC", "admit --kernel 4.14 --fs ext4")]
    [InlineData("Say which filesystem: --fs TYPE", "admit --kernel 4.14 --device brd")]
    [InlineData("Say which kernel: --kernel VERSION", "admit --device brd --fs ext4")]
    [InlineData("for one kernel, not for 3", "admit --kernel 4.14..4.16 --device brd --fs ext4")]
    public void Incomplete_or_misspelt_command_lines(string because, string line) => Run(line).ShouldBeRefused(because);

    [Theory]
    [InlineData("Kernel 4.21 is not modelled: the releases are 3.10 to 3.19", "4.21")]
    [InlineData("Kernel 2.6.32 is not modelled", "2.6.32")]
    [InlineData("'v4.14' is not a kernel version: write it like 4.14 or 4.14.74", "v4.14")]
    [InlineData("'4.14-rc1' is not a kernel version", "4.14-rc1")]
    [InlineData("'' is not a kernel version", "")]
    [InlineData("The range '4.16..4.14' is empty: write the older kernel first", "4.16..4.14")]
    public void Unknown_kernels(string because, string kernel)
        => Daxsim.Run("matrix", "--kernel", kernel).ShouldBeRefused(because);

    [Theory]
    [InlineData("'s390' is not a modelled architecture: choose one of x86_64, s390x, ppc64-cell, ppc64le, arm64", "--arch s390")]
    [InlineData("'btrfs' is not a modelled filesystem: choose one of ext2, ext4, xfs, erofs, virtiofs", "--fs btrfs")]
    [InlineData("'ext3' is not a modelled filesystem", "--fs ext3")]
    [InlineData("'pmen' is not a device", "--device pmen:raw")]
    public void Unknown_names(string because, string options) => Run($"matrix --kernel 4.14 {options}").ShouldBeRefused(because);

    [Theory]
    [InlineData("'Q' is not a unit", "64Q")]
    [InlineData("cannot be negative", "-64M")]
    [InlineData("too large", "18446744073709551616")]
    [InlineData("too large", "16E")]
    [InlineData("a size of nothing", "0")]
    public void Sizes_that_are_none(string because, string size)
        => Daxsim.Run("admit", "--kernel", "4.14", "--device", $"pmem:raw,size={size}", "--fs", "ext4").ShouldBeRefused(because);

    [Theory]
    [InlineData("is not a unit", "4Q")]
    [InlineData("a power of two from 512 to 64K", "3000")]
    [InlineData("a power of two from 512 to 64K", "1M")]
    [InlineData("a power of two from 512 to 64K", "0")]
    public void Block_sizes_that_are_none(string because, string size)
        => Daxsim.Run("admit", "--kernel", "4.14", "--device", "pmem:fsdax", "--fs", "ext4", "--block-size", size).ShouldBeRefused(because);

    [Fact]
    public void A_segment_name_of_more_than_eight_characters()
        => Run("admit --kernel 4.14 --device dcssblk:SR,name=USRSEGMENT --fs ext2").ShouldBeRefused("a DCSS name has 1 to 8 characters, this one has 10");

    [Theory]
    [InlineData("overlaps 100000000-13fffffff", "dm-linear:on=pmem:raw,at=4G+pmem:raw,at=4G")]
    [InlineData("overlaps 0-1fffffff : System RAM", "pmem:raw,at=256M")]
    [InlineData("does not fit", "partition:start=2G,on=pmem:raw")]
    [InlineData("multiple of the page size", "pmem:raw,size=4097")]
    public void Devices_that_do_not_fit_together(string because, string device)
        => Daxsim.Run("admit", "--kernel", "6.1", "--device", device, "--fs", "ext4").ShouldBeRefused(because);

    [Fact]
    public void A_feature_that_mkfs_does_not_know()
        => Run("admit --kernel 6.1 --device pmem:fsdax --fs ext4 --feature reflink").ShouldBeRefused("'reflink' is no feature of ext4 that DaxSim knows");

    [Fact]
    public void Mount_options_that_are_no_text()
        => Daxsim.Run("admit", "--kernel", "6.1", "--device", "brd", "--fs", "ext4", "--options", "ro\ndax").ShouldBeRefused("--options holds control characters");

    [Fact]
    public void A_result_that_nobody_can_expect()
        => Run("admit --kernel 4.14 --device brd --fs ext4 --expect yes").ShouldBeRefused("'yes' is no result");

    [Theory]
    [InlineData("is no commit or key of the history", "--revert deadbeefcafe")]
    [InlineData("does not have 569d0365f571", "--revert 569d0365f571")]
    [InlineData("It is in 4.16 and later", "--revert 569d0365f571")]
    [InlineData("already has 923ae0ff9250", "--pick 923ae0ff9250")]
    public void Commits_that_cannot_be_taken_out_or_put_in(string because, string options)
        => Run($"admit --kernel 4.14 --device pmem:raw --fs ext4 {options}").ShouldBeRefused(because);

    [Fact]
    public void A_revert_that_no_kernel_of_the_matrix_has()
        => Run("matrix --kernel 4.12..4.14 --revert 569d0365f571").ShouldBeRefused("None of the kernels asked about has 569d0365f571");

    [Fact]
    public void A_configuration_that_does_not_exist()
        => Daxsim.Run("matrix", "--config", Path.Combine(folder, "missing")).ShouldBeRefused("does not exist");

    [Fact]
    public void A_directory_as_configuration()
        => Daxsim.Run("matrix", "--config", folder).ShouldBeRefused("is a directory: name the configuration file itself");

    [Fact]
    public void A_program_as_configuration()
        => Daxsim.Run("matrix", "--config", typeof(Machine).Assembly.Location).ShouldBeRefused("is a program or kernel image");

    [Fact]
    public void Binary_rubbish_as_configuration()
        => Daxsim.Run("matrix", "--config", File("rubbish", [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))])).ShouldBeRefused("rubbish");

    [Fact]
    public void An_empty_file_as_configuration()
        => Daxsim.Run("matrix", "--config", File("empty", [])).ShouldBeRefused("empty");

    [Fact]
    public void Something_that_only_begins_like_gzip()
        => Daxsim.Run("matrix", "--config", File("cut.gz", [0x1f, 0x8b, 8, 0, 0, 0, 0])).ShouldBeRefused("cut.gz");

    [Fact]
    public void A_text_that_is_no_configuration()
        => Daxsim.Run("matrix", "--config", File("letter", "Dear reader,\nthis is no configuration.\n"u8.ToArray())).ShouldBeRefused("letter");

    [Fact]
    public void A_configuration_of_another_architecture()
    {
        var path = File("config-s390", "# Linux/s390 6.1.0 Kernel Configuration\nCONFIG_FS_DAX=y\n"u8.ToArray());

        Daxsim.Run("admit", "--config", path, "--arch", "x86_64", "--device", "brd", "--fs", "ext4").ShouldBeRefused("is a configuration of s390x and cannot be used with --arch x86_64");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static Daxsim Run(string line) => Daxsim.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private string File(string name, byte[] content)
    {
        var path = Path.Combine(folder, name);
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }
}
