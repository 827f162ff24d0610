using DaxSim.Devices;

namespace DaxSim.Conformance.S390;

/// <summary>The saved segments of the recorded s390x machine. The addresses are those that the recorded messages and /proc/iomem show.</summary>
internal static class Segments
{
    private const ulong EightMegabytes = 8UL << 20;
    private const ulong SixteenMegabytes = 16UL << 20;

    private static readonly (string Name, DcssRange[] Ranges)[] All =
    [
        One("DAXEW", 0x2000_0000, 64UL << 20, "EW"),
        One("DAXOVL", 0x2200_0000, EightMegabytes, "EW"),
        One("DAXSR", 0x2400_0000, EightMegabytes, "SR"),
        One("FILLSR", 0x2400_0000, EightMegabytes, "EW"),
        One("DAXODD", 0x2608_0000, SixteenMegabytes, "EW"),
        One("DAXEND", 0x2720_0000, SixteenMegabytes - (512UL << 10), "EW"),
        One("DAXSW", 0x2900_0000, EightMegabytes, "SW"),
        One("DAXER", 0x2a00_0000, EightMegabytes, "ER"),
        One("FILLER", 0x2a00_0000, EightMegabytes, "EW"),
        One("DAXSN", 0x2b00_0000, EightMegabytes, "SN"),
        One("DAXEN", 0x2c00_0000, EightMegabytes, "EN"),
        One("DAXSC", 0x2d00_0000, EightMegabytes, "SC"),
        One("FILLSC", 0x2d00_0000, EightMegabytes, "EW"),
        ("DAXMIX", [Range(0x2e00_0000, EightMegabytes / 2, "EW"), Range(0x2e40_0000, EightMegabytes / 2, "EN")]),
        ("DAXGAP", [Range(0x2f00_0000, EightMegabytes / 4, "EW"), Range(0x2f60_0000, EightMegabytes / 4, "EN")]),
        One("DAXJ1", 0x3000_0000, EightMegabytes, "EW"),
        One("DAXJ2", 0x3080_0000, EightMegabytes, "EW"),
        One("DAXJ3", 0x3200_0000, EightMegabytes, "EW"),
        One("DAX1M", 0x3310_0000, SixteenMegabytes, "EW"),
        One("DAXBIG", 0x4000_0000, 320UL << 20, "EW"),
        One("DAXRAM", 0x1000_0000, EightMegabytes, "EW"),
    ];

    /// <summary>Defines them all in z/VM.</summary>
    internal static void DefineAll(MachineBuilder builder)
    {
        foreach (var (name, ranges) in All)
        {
            builder.DefineDcss(name, ranges);
        }
    }

    private static (string Name, DcssRange[] Ranges) One(string name, ulong start, ulong length, string type) => (name, [Range(start, length, type)]);

    private static DcssRange Range(ulong start, ulong length, string type) => new(start, length, DcssTypes.Parse(type));
}
