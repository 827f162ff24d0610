using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>What the lockless walk asks the policy on each page, asked once: the walk is the shortest operation there is.</summary>
internal readonly struct FastGupRules(KernelPolicy policy)
{
    /// <summary>Each taken page holds a reference on its dev_pagemap.</summary>
    internal readonly bool HoldsPagemaps = policy.PinnedPagemap == PinnedPagemapRule.HeldByEveryPage;

    /// <summary>The entry is read again once the reference is held.</summary>
    internal readonly bool ReadsEntryAgain = policy.FastGupRecheck == FastGupRecheckRule.ReadsEntryAgain;

    /// <summary>A read is treated as a write, except by get_user_pages_fast_only.</summary>
    internal readonly bool ReadsBreakCow = policy.ForcedCowOnRead == ForcedCowOnReadRule.ReadsOfCowMappingsBreakThem;

    /// <summary>A page that belongs to nobody is given back.</summary>
    internal readonly bool GivesUnownedBack = policy.FastGupUnownedPage == FastGupUnownedPageRule.GivenBack;
}
