namespace DaxSim.Conformance.Adapter;

/// <summary>The recorded machine could not be set up in the simulator; every observation that needs it is unknown.</summary>
internal sealed class SetupException(string message) : Exception(message);
