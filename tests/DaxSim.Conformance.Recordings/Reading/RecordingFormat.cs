namespace DaxSim.Conformance.Reading;

/// <summary>The four formats of recordings.</summary>
public enum RecordingFormat
{
    /// <summary>One line per mapping, state and operation, and the <c>env/</c> lines, of kernels from 5.10 on.</summary>
    Cells,

    /// <summary>Programs with explicit operands, one line per step.</summary>
    Random,

    /// <summary>Kernels from 3.19 to 4.19 on x86_64.</summary>
    Old,

    /// <summary>The dcssblk driver on s390x.</summary>
    S390,
}
