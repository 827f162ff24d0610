namespace DaxSim.Tool;

/// <summary>What the user gave cannot be used; the message is the one line that says what to do instead.</summary>
internal sealed class UsageException(string message) : Exception(message);
