using System.Reflection;
using DaxSim.Processes;
using DaxSim.Tests.AddressSpaces;

namespace DaxSim.Tests.Processes;

/// <summary>Every row of gup-fork 7, "what user space sees, operation by operation": the public call that it is, and tests that ask it.</summary>
public class OperationTableCoverageTests
{
    private static readonly (int Row, string What, Type Owner, string Call, Type Tests, string Test)[] Table =
    [
        (1, "O_DIRECT read", typeof(Process), nameof(Process.Pread), typeof(OperationTableTests), nameof(OperationTableTests.Rows_1_and_2_direct_io)),
        (2, "O_DIRECT write", typeof(Process), nameof(Process.Pwrite), typeof(OperationTableTests), nameof(OperationTableTests.Rows_1_and_2_direct_io)),
        (3, "buffered I/O", typeof(Process), nameof(Process.Pread), typeof(OperationTableTests), nameof(OperationTableTests.Row_3_buffered_io)),
        (4, "process_vm_readv", typeof(Process), nameof(Process.ProcessVmReadv), typeof(OperationTableTests), nameof(OperationTableTests.Row_4_process_vm_readv_and_writev)),
        (5, "ptrace PEEK and POKE", typeof(Process), nameof(Process.PtracePoke), typeof(OperationTableTests), nameof(OperationTableTests.Rows_5_and_6_ptrace_and_proc_mem)),
        (6, "/proc/pid/mem", typeof(Process), nameof(Process.ProcMemRead), typeof(OperationTableTests), nameof(OperationTableTests.Rows_5_and_6_ptrace_and_proc_mem)),
        (7, "core dump", typeof(Process), nameof(Process.DumpCore), typeof(IntrospectionTests), nameof(IntrospectionTests.PagesWithoutStructPageAreHolesInACore)),
        (8, "vmsplice", typeof(Process), nameof(Process.Vmsplice), typeof(OperationTableTests), nameof(OperationTableTests.Row_8_vmsplice)),
        (9, "futex, shared", typeof(Process), nameof(Process.FutexWake), typeof(OperationTableTests), nameof(OperationTableTests.Rows_9_and_10_futexes)),
        (10, "futex, private", typeof(Process), nameof(Process.FutexWake), typeof(OperationTableTests), nameof(OperationTableTests.Rows_9_and_10_futexes)),
        (11, "mlock", typeof(Process), nameof(Process.Mlock), typeof(OperationTableTests), nameof(OperationTableTests.Row_11_mlock_succeeds_and_locks_nothing)),
        (12, "MAP_POPULATE", typeof(Process), nameof(Process.Mmap), typeof(OperationTableTests), nameof(OperationTableTests.Row_12_populate_never_fails_mmap)),
        (13, "MADV_POPULATE", typeof(Process), nameof(Process.Madvise), typeof(OperationTableTests), nameof(OperationTableTests.Row_13_madv_populate)),
        (14, "io_uring buffers", typeof(IoRing), nameof(IoRing.RegisterBuffer), typeof(LongTermPinTests), nameof(LongTermPinTests.Registering_an_io_uring_buffer)),
        (15, "RDMA", typeof(Process), nameof(Process.RegisterRdmaMemory), typeof(PinUserTests), nameof(PinUserTests.RdmaTakesWhatMayBePinnedForLong)),
        (16, "V4L2", typeof(Process), nameof(Process.QueueVideoBuffer), typeof(PinUserTests), nameof(PinUserTests.VideoBuffersInDeviceMemoryWereFrameNumbersUntilSixZero)),
        (17, "AF_XDP", typeof(Process), nameof(Process.RegisterXdpMemory), typeof(PinUserTests), nameof(PinUserTests.PacketBuffersInDaxFilesWorkedUntilFiveOne)),
        (18, "vfio", typeof(Process), nameof(Process.MapForDevice), typeof(PinUserTests), nameof(PinUserTests.VfioTakesPagesAndKnowsNoWayAroundThemForPageLessFiles)),
        (19, "KVM", typeof(Process), nameof(Process.GuestAccess), typeof(PinUserTests), nameof(PinUserTests.KvmHasNoWayAroundForPageLessFiles)),
        (20, "move_pages, move", typeof(Process), nameof(Process.MovePages), typeof(OperationTableTests), nameof(OperationTableTests.Row_20_move_pages)),
        (21, "move_pages, query", typeof(Process), nameof(Process.MovePages), typeof(OperationTableTests), nameof(OperationTableTests.Row_20_move_pages)),
        (22, "mbind and migrate_pages", typeof(Process), nameof(Process.MigratePages), typeof(NumaTests), nameof(NumaTests.DaxPagesAreOnTheNodeOfTheirDeviceAndStayThere)),
        (23, "MADV_HWPOISON, SOFT_OFFLINE", typeof(Process), nameof(Process.Madvise), typeof(OperationTableTests), nameof(OperationTableTests.Row_23_madv_hwpoison_and_soft_offline_need_the_page)),
        (24, "MADV_DONTNEED", typeof(Process), nameof(Process.Madvise), typeof(OperationTableTests), nameof(OperationTableTests.Rows_24_and_25_dontneed_and_free)),
        (25, "MADV_FREE", typeof(Process), nameof(Process.Madvise), typeof(OperationTableTests), nameof(OperationTableTests.Rows_24_and_25_dontneed_and_free)),
        (26, "MADV_REMOVE", typeof(Process), nameof(Process.Madvise), typeof(AdviceByKernelTests), nameof(AdviceByKernelTests.RemovingFromAPciResourceAsksForItsBusAddress)),
        (27, "MADV_MERGEABLE", typeof(Process), nameof(Process.Madvise), typeof(OperationTableTests), nameof(OperationTableTests.Row_27_mergeable_is_ignored)),
        (28, "userfaultfd", typeof(Process), nameof(Process.RegisterUserfault), typeof(UserfaultWriteProtectTests), nameof(UserfaultWriteProtectTests.What_can_be_registered_is_what_vma_can_userfault_of_the_era_says)),
        (29, "mincore", typeof(Process), nameof(Process.Mincore), typeof(OperationTableTests), nameof(OperationTableTests.Row_29_mincore)),
        (30, "pagemap", typeof(Process), nameof(Process.Pagemap), typeof(OperationTableTests), nameof(OperationTableTests.Rows_30_and_31_pagemap_and_resident_size)),
        (31, "smaps and RSS", typeof(Process), nameof(Process.ReadSmaps), typeof(IntrospectionTests), nameof(IntrospectionTests.DaxPagesCountInRssOnceTheyAreNormalPages)),
        (32, "numa_maps", typeof(Process), nameof(Process.ReadNumaMaps), typeof(DebugRegisterTests), nameof(DebugRegisterTests.NumaMapsCountsPagesOfNodesOnly)),
        (32, "KSM", typeof(Machine), nameof(Machine.MergeEqualPages), typeof(MergingTests), nameof(MergingTests.DeviceMemoryIsNeverMerged)),
        (32, "khugepaged", typeof(Machine), nameof(Machine.CollapseHugePages), typeof(MergingTests), nameof(MergingTests.OnePageIsEnoughAndAHeldOneTooMuch)),
        (32, "NUMA balancing", typeof(Machine), nameof(Machine.PlantNumaHints), typeof(NumaTests), nameof(NumaTests.DaxMemoryIsNeverBalanced)),
        (33, "execve", typeof(Process), nameof(Process.Execve), typeof(OperationTableTests), nameof(OperationTableTests.Row_33_instructions_are_fetched_from_it)),
        (34, "breakpoint", typeof(Process), nameof(Process.PtracePoke), typeof(OperationTableTests), nameof(OperationTableTests.Row_34_a_blind_breakpoint_in_private_text_works)),
        (35, "uprobe", typeof(FileHandle), nameof(FileHandle.RegisterUprobe), typeof(ScriptTests), nameof(ScriptTests.AProbeInTheTextOfADaxFile)),
        (36, "hardware breakpoints", typeof(Process), nameof(Process.PokeDebugRegister), typeof(DebugRegisterTests), nameof(DebugRegisterTests.AStoreIsSeenWhateverTheMemory)),
        (37, "/proc/pid/cmdline", typeof(Process), nameof(Process.ReadCommandLine), typeof(DebugRegisterTests), nameof(DebugRegisterTests.ACommandLineThatWasMovedElsewhereMayBeUnreadable)),
        (38, "sendfile", typeof(FileHandle), nameof(FileHandle.SendFile), typeof(SpliceTests), nameof(SpliceTests.SendfileNeedsNoPageOfTheCaller)),
        (39, "MSG_ZEROCOPY", typeof(Process), nameof(Process.SendZeroCopy), typeof(OperationTableTests), nameof(OperationTableTests.Row_39_zero_copy_send)),
    ];

    public static TheoryData<string> Rows => [.. Table.Select(r => $"{r.Row} {r.What}")];

    [Fact]
    public void NoRowIsLeftOut() => Table.Select(r => r.Row).Distinct().Should().Equal(Enumerable.Range(1, 39));

    [Theory]
    [MemberData(nameof(Rows))]
    public void TheRowHasAPublicCallAndATest(string row)
    {
        var entry = Table.Single(r => $"{r.Row} {r.What}" == row);
        entry.Owner.IsVisible.Should().BeTrue();
        entry.Owner.GetMethods(BindingFlags.Public | BindingFlags.Instance).Should().Contain(m => m.Name == entry.Call);
        var test = entry.Tests.GetMethod(entry.Test)!;
        test.GetCustomAttributes<FactAttribute>().Should().ContainSingle("a test that nobody runs proves nothing");
        test.GetCustomAttribute<FactAttribute>()!.Skip.Should().BeNull();
    }
}
