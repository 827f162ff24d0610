namespace DaxSim.Consumer;

/// <summary>The package switches recording on, so that a machine built by hand explains its failures too.</summary>
public class RecordingByDefault
{
    [Fact]
    public void A_machine_of_ones_own_records_its_decisions()
    {
        Machine.Build(m => m.Kernel("6.1", Architecture.X8664)).RecordsDecisions.Should().BeTrue();
        Machine.Build(m => m.Kernel("6.1", Architecture.X8664).RecordDecisions(false)).RecordsDecisions.Should().BeFalse();
    }
}
