using DaxSim.Devices;
using DaxSim.Memory;
using DaxSim.Policy;
using DaxSim.Scenarios.Files;

namespace DaxSim.Scenarios.Reports;

/// <summary>Runs a scenario and takes down, after every step, what there is to draw.</summary>
internal static class StoryRecorder
{
    private const int MostPagesOfAnArea = 5;

    internal static IReadOnlyList<StoryEra> Record(Scenario scenario, IReadOnlyList<KernelVersion> kernels)
    {
        var eras = new List<StoryEra>();
        string? last = null;
        foreach (var kernel in kernels)
        {
            var run = ScenarioRunner.RunOn(scenario, kernel);
            var story = string.Join('\n', run.Steps.Select(s => $"{s.Number} {s.Outcome} {s.Problem} {s.Log.Count > 0} {(s.Outcome.Verdict.IsOk ? null : s.Reason?.DecidedBy)}"));
            if (story == last)
            {
                eras[^1] = eras[^1] with { Runs = [.. eras[^1].Runs, run] };
                continue;
            }

            last = story;
            var moments = new List<StoryMoment>();
            IReadOnlyList<StoryRegion> regions = [];
            var offsets = Touched(scenario);
            var drawn = ScenarioRunner.RunOn(scenario, kernel, moment =>
            {
                moments.Add(Take(moment, offsets));
                regions = RegionsOf(moment.Machine);
            });
            eras.Add(new StoryEra([drawn], moments, regions));
        }

        return eras;
    }

    /// <summary>The places of each mapping that some step speaks of, and its beginning.</summary>
    private static ILookup<string, StepSize> Touched(Scenario scenario)
        => scenario.Steps.SelectMany(s => s.Arguments.Values).OfType<StepAddress>().Where(a => a.Area is not null).ToLookup(a => a.Area!, a => a.Offset);

    private static StoryMoment Take(ScenarioMoment moment, ILookup<string, StepSize> offsets)
    {
        var pageSize = moment.Machine.Policy.Architecture.PageSize;
        var tables = new List<StoryTable>();
        long resident = 0;
        long pageLess = 0;
        foreach (var (name, process) in moment.Processes.Where(p => p.Process.IsAlive))
        {
            var pages = new List<StoryPage>();
            foreach (var area in moment.Areas)
            {
                var indices = offsets[area.Name].Select(o => o.Bytes(pageSize) / pageSize).Append(0).Distinct().Order().Where(i => i >= 0 && (ulong)i * (ulong)pageSize < area.Length).Take(MostPagesOfAnArea);
                foreach (var index in indices)
                {
                    var view = process.View(area.Start + ((ulong)index * (ulong)pageSize));
                    if (view.AreaFlags is not null && (area.Process == name || pages.TrueForAll(p => p.View.Address != view.Address)))
                    {
                        pages.Add(new StoryPage(area.Name, index, view));
                        pageLess += view is { Pfn: not null, HasStructPage: false } ? 1 : 0;
                    }
                }
            }

            resident += process.View(0).ResidentPages;
            tables.Add(new StoryTable(name, [.. pages.DistinctBy(p => p.View.Address).OrderBy(p => p.View.Address)]));
        }

        var machine = moment.Machine;
        return new StoryMoment(
            moment.Step,
            [.. moment.Processes.Select(p => new StoryProcess(p.Name, p.Process.IsAlive))],
            tables,
            [
                new StoryCount("processes alive", moment.Processes.Count(p => p.Process.IsAlive)),
                new StoryCount("resident pages", resident),
                new StoryCount("entries without struct page", pageLess),
                new StoryCount("references held by drivers", machine.HeldPages.Where(p => !p.ArePinned).Sum(p => (long)p.Count)),
                new StoryCount("pins", machine.HeldPages.Where(p => p.ArePinned).Sum(p => (long)p.Count) + machine.Rings.Count(r => r.HasBuffer)),
                new StoryCount("pieces in pipes", machine.Pipes.Sum(p => (long)p.BufferCount)),
                new StoryCount("transfers in flight", machine.Transfers.Count),
                new StoryCount("lines in the kernel's log", machine.Log.Entries.Count),
            ]);
    }

    private static List<StoryRegion> RegionsOf(Machine machine)
    {
        var devices = machine.Devices.Where(d => d.PhysicalAddress is not null && !d.IsPartition).ToList();
        var regions = new List<StoryRegion>();
        foreach (var region in machine.MemoryRegions.OrderBy(r => r.Start))
        {
            var device = devices.Find(d => d.PhysicalAddress >= region.Start && d.PhysicalAddress < region.End && region.Kind != RegionKind.SystemRam);
            var structPages = region.Kind == RegionKind.SystemRam ? "from boot, in RAM" : device?.StructPages switch
            {
                StructPages.InRam => "made by the driver, in RAM",
                StructPages.OnDevice => "made by the driver, on the device",
                StructPages.OrdinaryRam => "from boot, in RAM",
                _ => null,
            };
            regions.Add(new StoryRegion(region.Name, region.Kind, region.Start, region.Length, device?.Name, structPages));
        }

        return regions;
    }
}
