using CsCheck;

namespace DaxSim.Tests.House;

/// <summary>Sizes are read strictly: wrong ones are refused with a line that says what to do.</summary>
public class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("4096", 4096)]
    [InlineData("4096B", 4096)]
    [InlineData("64K", 65536)]
    [InlineData("64k", 65536)]
    [InlineData("64M", 67108864)]
    [InlineData("64MiB", 67108864)]
    [InlineData("512 GiB", 549755813888)]
    [InlineData("6T", 6597069766656)]
    [InlineData("7E", 8070450532247928832)]
    [InlineData("0x20000000", 536870912)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Sizes_are_read(string text, long bytes)
    {
        ByteSize.Parse(text).Should().Be(bytes);
    }

    [Theory]
    [InlineData("64Q", "'Q' is not a unit")]
    [InlineData("64MB", "'MB' is not a unit")]
    [InlineData("64 ", "' ' is not a unit")]
    [InlineData("64  M", "is not a unit")]
    [InlineData("64M ", "'M ' is not a unit")]
    [InlineData("1.5G", "'.5G' is not a unit")]
    [InlineData("-1", "cannot be negative")]
    [InlineData("-64M", "cannot be negative")]
    [InlineData("", "write it like")]
    [InlineData(" 64M", "write it like")]
    [InlineData("+64M", "write it like")]
    [InlineData("M", "write it like")]
    [InlineData("18446744073709551616", "too large")]
    [InlineData("16E", "too large")]
    [InlineData("8E", "too large")]
    [InlineData("9223372036854775808", "too large")]
    [InlineData("99999999999999999999999999999999999999999999", "too large")]
    [InlineData("0x", "hexadecimal digits")]
    [InlineData("0x10M", "hexadecimal digits")]
    [InlineData("0x8000000000000000", "too large")]
    [InlineData("٣٤", "write it like")]
    public void What_is_no_size_is_refused_in_one_line(string text, string because)
    {
        var act = () => ByteSize.Parse(text);

        act.Should().Throw<FormatException>().Which.Message.Should().Contain(because).And.NotContain("\n");
    }

    [Fact]
    public void A_formatted_size_reads_back()
    {
        Gen.Long[0, long.MaxValue].Check(bytes => ByteSize.Parse(ByteSize.Format(bytes)).Should().Be(bytes), cases: 100, steps: 100);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(4097, "4097")]
    [InlineData(65536, "64K")]
    [InlineData(1L << 60, "1E")]
    public void The_largest_unit_without_a_fraction_is_used(long bytes, string text)
    {
        ByteSize.Format(bytes).Should().Be(text);
    }
}
