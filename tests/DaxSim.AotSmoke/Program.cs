// Runs through the library once, compiled ahead of time and trimmed: every room is entered. Ends with 0, or throws.
var usr = Machines.DcssUsr("6.1");
var text = usr.MapAndTouch();
var child = Check.Succeeds(usr.Process.Fork());
Check.FailsWith(child.GetUserPages(text, 1).Verdict, Errno.EEXIST);

var pmem = Machines.Pmem("6.1", "xfs");
var shared = pmem.MapAndTouch(MapFlags.Shared, write: true);
var pinned = Check.Succeeds(pmem.Process.PinUserPages(shared, 1));
pinned.Release(dirty: true);

var pair = Kernels.WithAndWithout("569d0365f571", "4.16");
var lost = Machines.PmemRaw(pair.Before).Mount.IsDax && !Machines.PmemRaw(pair.After).Mount.IsDax;

foreach (var machine in new[] { usr.Machine, pmem.Machine, pmem.Machine.Clone() })
{
    Check.IsConsistent(machine);
}

var explained = pmem.Machine.Explain(pmem.Process, shared, () => pmem.Process.WriteByte(shared, 2));
Console.WriteLine(explained.Report());
Console.WriteLine($"{KernelHistory.Changes.Count} changes, {DeviceSpec.Catalogue.Count} devices, DAX lost by the commit: {lost}");
return lost ? 0 : 1;
