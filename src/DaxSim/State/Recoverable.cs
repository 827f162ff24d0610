namespace DaxSim.State;

/// <summary>
/// Mutable state that a snapshot can bring back. A subclass calls <see cref="Touch"/> before it changes any of its fields.
/// </summary>
/// <remarks>
/// A captured state is a shallow copy of the object. A subclass whose fields refer to storage that it changes in place
/// (an array) copies that storage in <see cref="DetachStorage"/>, and puts every mutable field back in <see cref="CopyFrom"/>.
/// </remarks>
internal abstract class Recoverable
{
    private Journal journal;

    private protected Recoverable(Journal journal)
    {
        this.journal = journal;
        Stamp = journal.Stamp;
    }

    internal int Stamp { get; set; }

    private protected Journal Journal => journal;

    /// <summary>Must be called before every change of this object's state.</summary>
    private protected void Touch()
    {
        if (Stamp != journal.Stamp)
        {
            journal.Save(this);
        }
    }

    internal Recoverable CaptureState()
    {
        var copy = (Recoverable)MemberwiseClone();
        copy.DetachStorage();
        return copy;
    }

    internal void RestoreState(Recoverable state)
    {
        CopyFrom(state);
        // Saved again before the next change, because the journal's stamp moves on after a return.
        Stamp = 0;
    }

    /// <summary>Called on a fresh copy: replace storage that the original changes in place by a copy of it.</summary>
    private protected virtual void DetachStorage()
    {
    }

    /// <summary>Takes over every mutable field of <paramref name="state"/>, which is of this object's own type.</summary>
    private protected abstract void CopyFrom(Recoverable state);

    /// <summary>Tells everything that two equal states of this object must have in common.</summary>
    internal abstract void Describe(StateDigest digest);

    /// <summary>Creates this object's counterpart in another machine; references are mapped by <paramref name="context"/>.</summary>
    internal Recoverable CloneInto(CloneContext context)
    {
        var copy = (Recoverable)MemberwiseClone();
        copy.journal = context.Journal;
        copy.Stamp = context.Journal.Stamp;
        copy.DetachStorage();
        context.Register(this, copy);
        copy.Remap(context);
        return copy;
    }

    /// <summary>Called on the copy of a clone: replace every reference to another recoverable object by its counterpart.</summary>
    private protected virtual void Remap(CloneContext context)
    {
    }
}

/// <summary>An element of a list that is not recoverable itself but refers to objects of the machine.</summary>
internal interface ICloned
{
    /// <summary>Creates its counterpart in another machine.</summary>
    object CloneInto(CloneContext context);
}

/// <summary>Remembers which object of the cloned machine stands for which object of the original.</summary>
internal sealed class CloneContext(Journal journal)
{
    private readonly Dictionary<object, object> counterparts = new(ReferenceEqualityComparer.Instance);

    internal Journal Journal { get; } = journal;

    internal void Register(object original, object copy) => counterparts[original] = copy;

    /// <summary>The counterpart of <paramref name="original"/>, cloned now if it was not reached before.</summary>
    internal T Map<T>(T original)
        where T : Recoverable
        => counterparts.TryGetValue(original, out var copy) ? (T)copy : (T)original.CloneInto(this);

    internal T? MapOrNull<T>(T? original)
        where T : Recoverable
        => original is null ? null : Map(original);

    /// <summary>The counterpart of an object that is not itself recoverable but refers to some that are.</summary>
    internal object MapOther(ICloned original)
    {
        if (!counterparts.TryGetValue(original, out var copy))
        {
            copy = original.CloneInto(this);
            counterparts[original] = copy;
        }

        return copy;
    }

    /// <summary>The counterpart of a non-recoverable object (the machine itself), registered before cloning began.</summary>
    internal T Known<T>(T original)
        where T : class
        => (T)counterparts[original];
}
