using DaxSim.Conformance.Errata;

namespace DaxSim.Conformance.Tests;

public sealed class ErrataTests
{
    [Fact]
    public void TheDocumentIsWhatTheCodeRenders()
        => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "errata.md")).Should().Be(ErrataDocument.Render(), "docs/errata.md is generated: run the runner with --write-errata docs/errata.md");

    [Fact]
    public void EveryEntryHasAnIdOfItsOwn() => ErrataList.Entries.Select(e => e.Id).Should().OnlyHaveUniqueItems();
}
