namespace DaxSim.Policy;

/// <summary>How well a statement about the kernel is founded, strongest first.</summary>
public enum Evidence
{
    /// <summary>Observed in a running kernel of that version.</summary>
    Recorded,

    /// <summary>Read in the source of releases on both sides of the change.</summary>
    Source,

    /// <summary>Stated by the message of the commit.</summary>
    CommitMessage,

    /// <summary>Stated in a mail or a discussion.</summary>
    Mail,

    /// <summary>Follows from reading the functions involved; nobody was found who states or saw it.</summary>
    Derived,

    /// <summary>Not confirmed; see the errata.</summary>
    Unconfirmed,
}
