using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>Somebody outside page tables and page caches who holds references or pins on pages: a pipe, a registered buffer, a transfer in flight.</summary>
internal interface IPageHolder : ICloned, IDescribed
{
    /// <summary>Who it is, for an audit.</summary>
    string HolderName { get; }

    /// <summary>Each page held once per reference or pin.</summary>
    IEnumerable<(ulong Pfn, bool Pin)> Held { get; }
}
