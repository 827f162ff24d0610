using DaxSim.AddressSpaces;
using DaxSim.Memory;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>The audit finds what it is there to find: every invariant is broken once by hand.</summary>
public class AuditTests
{
    private static (Scene Scene, Actor Actor, ulong Address) Memory()
    {
        var scene = Scene.For("6.1", Backing.FsDax);
        var actor = scene.Spawn("victim");
        var address = actor.Map(Backing.Anon, 2, shared: false);
        actor.Store(address, 'x');
        return (scene, actor, address);
    }

    private static void ShouldFind(Scene scene, string text) => scene.Machine.Audit().Should().Contain(f => f.Sentence.Contains(text, StringComparison.Ordinal));

    [Fact]
    public void A_reference_that_nobody_holds()
    {
        var (scene, actor, address) = Memory();
        scene.Machine.Memory.Get(actor.PfnAt(address), 1);
        ShouldFind(scene, "counted are 2 references");
    }

    [Fact]
    public void A_mapping_that_is_not_there()
    {
        var (scene, actor, address) = Memory();
        scene.Machine.Memory.AddMapping(actor.PfnAt(address), 1);
        ShouldFind(scene, "mappings");
    }

    [Fact]
    public void A_resident_size_that_is_wrong()
    {
        var (scene, actor, _) = Memory();
        actor.Space.CountRss(1, 0, 0);
        ShouldFind(scene, "counted as resident are 2 anonymous");
    }

    [Fact]
    public void An_entry_outside_every_area()
    {
        var (scene, actor, address) = Memory();
        actor.Space.PageTable[(address / Scene.Page) + 100] = actor.Entry(address);
        ShouldFind(scene, "where there is no area");
    }

    [Fact]
    public void An_entry_that_maps_a_free_frame()
    {
        var (scene, actor, address) = Memory();
        actor.Space.PageTable[(address / Scene.Page) + 1] = new Pte((address / Scene.Page) + 1, 20000, PteFlags.Present | PteFlags.Write);
        ShouldFind(scene, "which is free");
    }

    [Fact]
    public void An_ordinary_entry_over_memory_without_struct_page()
    {
        var (scene, actor, address) = Memory();
        actor.Space.PageTable[(address / Scene.Page) + 1] = new Pte((address / Scene.Page) + 1, 1UL << 30, PteFlags.Present);
        ShouldFind(scene, "has no struct page");
    }

    [Fact]
    public void An_exclusive_page_that_two_map()
    {
        var (scene, actor, address) = Memory();
        actor.Fork();
        scene.Machine.Memory.SetFlags(actor.PfnAt(address), PageFlags.AnonExclusive);
        ShouldFind(scene, "marked exclusive but mapped 2 times");
    }

    [Fact]
    public void A_writable_entry_of_a_file_page_in_a_private_mapping()
    {
        var (scene, actor, _) = Memory();
        var file = actor.Map(Backing.PageCache, shared: false);
        actor.Load(file);
        actor.Space.PageTable[file / Scene.Page] = actor.Entry(file).With(PteFlags.Write);
        ShouldFind(scene, "writable but not a private page");
    }

    [Fact]
    public void Locked_pages_that_no_area_has()
    {
        var (scene, actor, _) = Memory();
        actor.Space.CountLocked(3);
        ShouldFind(scene, "3 pages are counted as locked");
    }

    [Fact]
    public void A_pin_without_a_pinner()
    {
        var (scene, actor, address) = Memory();
        scene.Mm.Grab(actor.PfnAt(address), GupFlags.Pin);
        ShouldFind(scene, "1 pins; there are 1");
    }

    [Fact]
    public void A_pagemap_reference_that_nobody_holds()
    {
        var (scene, actor, _) = Memory();
        var dax = actor.Map(Backing.FsDax);
        actor.Load(dax);
        scene.Machine.Memory.PagemapOf(actor.PfnAt(dax))!.TryGet();
        ShouldFind(scene, "counts 1 references; there are 0");
    }

    [Fact]
    public void Areas_that_overlap()
    {
        var (scene, actor, address) = Memory();
        var area = actor.Space.Find(address)!;
        actor.Space.Areas.Add(area.Duplicate());
        ShouldFind(scene, "overlaps its predecessor");
    }

    [Fact]
    public void Each_finding_is_a_sentence_that_names_the_process_or_the_page()
    {
        var (scene, actor, address) = Memory();
        actor.Space.CountRss(0, 0, 5);
        scene.Machine.Memory.Get(actor.PfnAt(address), 1);

        scene.Machine.Audit().Should().HaveCount(2).And.OnlyContain(f => f.Sentence.EndsWith('.') && (f.Sentence.Contains("victim", StringComparison.Ordinal) || f.Sentence.Contains("pfn", StringComparison.Ordinal)));
    }
}
