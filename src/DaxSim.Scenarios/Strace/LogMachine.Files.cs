using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim.Scenarios.Strace;

/// <summary>Devices, mounts and files.</summary>
internal sealed partial class LogMachine
{
    private readonly Dictionary<(int Place, int Slot), long> programs = [];

    private void MountPlaces(DeviceSpec[] specs, DeviceRefusal?[] refusals)
    {
        var next = 0;
        var tags = 0;
        for (var i = 0; i < places.Count; i++)
        {
            told[i] = refusals[i] is { } refused
                ? new StraceMount(places[i].Path, specs[i].ToString(), places[i].FileSystem ?? places[i].UsualFileSystems[0], places[i].Options ?? "", "errno", Errno.ENODEV, refused.Reason)
                : MountPlace(i, specs[i], DeviceOf(specs[i], ref next, ref tags));
        }
    }

    /// <summary>The name that a device got: the machine makes them in order, those beneath first.</summary>
    private string DeviceOf(DeviceSpec spec, ref int next, ref int tags)
    {
        if (spec.Kind == DeviceKind.VirtioFs)
        {
            return System.FormattableString.Invariant($"virtiofs{tags++}");
        }

        foreach (var beneath in spec.On)
        {
            DeviceOf(beneath, ref next, ref tags);
        }

        return machine.Devices[next++].Name;
    }

    private StraceMount MountPlace(int index, DeviceSpec spec, string device)
    {
        var place = places[index];
        IReadOnlyList<string> types = place.FileSystem is { } named ? [named] : place.UsualFileSystems;
        var chosen = (Type: types[0], Options: place.Options ?? machine.UsualDaxOptions(device, types[0]), Report: (AdmissionReport?)null);
        foreach (var wanted in (ReadOnlySpan<string>)["dax", "no-dax", "errno", "unknown", "oops"])
        {
            var found = false;
            foreach (var type in types)
            {
                var options = place.Options ?? machine.UsualDaxOptions(device, type);
                var report = machine.TryAdmit(device, type, options: options);
                if (report.Result == wanted)
                {
                    chosen = (type, options, report);
                    found = true;
                    break;
                }
            }

            if (found)
            {
                break;
            }
        }

        var admitted = chosen.Report!;
        if (admitted.Result is "dax" or "no-dax")
        {
            if (chosen.Type != "virtiofs")
            {
                machine.Format(device, chosen.Type);
            }

            var mounted = machine.Mount(device, $"/place{index}", chosen.Type, chosen.Options);
            mounts[index] = mounted.IsOk ? mounted.Value : null;
        }

        return new StraceMount(place.Path, spec.ToString(), chosen.Type, chosen.Options, admitted.Result, admitted.Errno, admitted.Reason);
    }

    /// <summary>What cannot be mounted stops the program before its first line.</summary>
    private void ReportMounts()
    {
        for (var i = 0; i < told.Length; i++)
        {
            if (mounts[i] is null)
            {
                var result = told[i].Result;
                Add(new StraceFinding(logs[0], 0, 0, "mount", result == "unknown" ? "undefined" : "errno", told[i].Errno, null, -1, "ok", null, told[i].Path, null, told[i].Reason));
            }
        }
    }

    /// <summary>The rest of the recorded system: one large file of ext4 on an ordinary disk, and a program.</summary>
    private (FileHandle Buffered, FileHandle Direct, FileHandle Program) MakeElsewhere()
    {
        var disk = machine.Devices[^1].Name;
        machine.Format(disk, "ext4");
        var root = machine.Mount(disk, "/", "ext4").Value;
        var file = root.Open("elsewhere", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.Truncate(1L << 40);
        var image = ProgramImageBytes.Make(LogFollower.ProgramBase, 1 << 16);
        root.PlaceFile("program", 1 << 16, image, executable: true);
        return (file, file.Reopen(OpenFlags.ReadWrite | OpenFlags.Direct).Value, root.Open("program").Value);
    }

    private bool Plant(Mount mount, LogFile file, long size, in Step step, byte[]? program = null)
    {
        var key = (file.Place, file.Slot);
        size = Math.Max(size, sizes.GetValueOrDefault(key));
        // What the log tells later of a program's length must be mapped from then on.
        var isNewProgram = program is not null && programs.GetValueOrDefault(key) < size;
        if (planted.TryGetValue(key, out var before) && before >= size && !isNewProgram)
        {
            return true;
        }

        var verdict = mount.PlaceFile(NameOf(file), size, isNewProgram ? program : default, isNewProgram);
        if (!verdict.IsOk)
        {
            undecided.Add(step.Log, step.Line, Pid(in step), step.Call, $"The device of {places[file.Place].Path} has no room for {file.Path}, so calls on it are not followed.", "give the device a size, for example size=16G");
            return false;
        }

        planted[key] = size;
        if (isNewProgram)
        {
            programs[key] = size;
        }

        return true;
    }

    private void Grow(LogFile file, long size, in Step step)
    {
        var key = (file.Place, file.Slot);
        sizes[key] = Math.Max(size, sizes.GetValueOrDefault(key));
        if (planted.ContainsKey(key) && mounts[file.Place] is { } mount)
        {
            Plant(mount, file, size, in step);
        }
    }

    private void Open(in Step step)
    {
        var file = step.File!;
        if (mounts[file.Place] is not { } mount)
        {
            return;
        }

        var creates = (step.Flags & LogFlags.OpenCreate) != 0;
        var key = (file.Place, file.Slot);
        var isNew = creates && !planted.ContainsKey(key) && (sizes.GetValueOrDefault(key) == 0 || (step.Flags & (LogFlags.OpenExclusive | LogFlags.OpenTruncate)) != 0);
        if (!isNew && !Plant(mount, file, Math.Max(1, (long)step.Length), in step))
        {
            return;
        }

        var opened = mount.Open(NameOf(file), LogFlags.ToLibrary(step.Flags) | (creates ? OpenFlags.Create : 0));
        Judge(in step, opened.Verdict, null);
        if (!opened.IsOk)
        {
            return;
        }

        planted.TryAdd(key, 0);
        handles[step.Description!.Id] = opened.Value;
        if ((step.Flags & LogFlags.OpenTruncate) != 0 && (step.Flags & 3) != 0)
        {
            Judge(in step, opened.Value.Truncate(0), null);
            sizes[key] = planted[key] = 0;
        }
    }

    private void Close(in Step step)
    {
        var id = step.Description!.Id;
        if (handles.Remove(id, out var handle))
        {
            handle.Close();
        }

        if (rings.Remove(id, out var all))
        {
            foreach (var ring in all)
            {
                if (ring is { HasBuffer: true })
                {
                    ring.UnregisterBuffer();
                }
            }
        }
    }

    private void ChangeTree(in Step step)
    {
        var file = step.File!;
        if (mounts[file.Place] is not { } mount)
        {
            return;
        }

        var key = (file.Place, file.Slot);
        if (mount.IsReadOnly)
        {
            // Whatever the call would have written, the mount refuses it as it refuses a new directory.
            Judge(in step, mount.Mkdir("new"), null);
            return;
        }

        if (step.Kind == StepKind.Remove)
        {
            if (planted.Remove(key))
            {
                Judge(in step, mount.Remove(NameOf(file)), null);
            }

            sizes.Remove(key);
            programs.Remove(key);
        }
    }
}
