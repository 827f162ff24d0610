using DaxSim.Conformance.Reading;

namespace DaxSim.Conformance.Replay;

/// <summary>How an operation counts in the judgement.</summary>
public enum OperationClass
{
    /// <summary>Mounts, faults, fork, copies, pins, remote access, pipes, futexes, locking, advice, address space, file size, execution.</summary>
    Core,

    /// <summary>Introspection (smaps, pagemap, core dumps, userfaultfd), NUMA and network.</summary>
    Periphery,
}

/// <summary>The operations that the recordings are known to contain, and how they count.</summary>
public static class OperationCatalog
{
    private static readonly HashSet<string> CellsPeriphery = Set(
        "pagemap pagemap_fork smaps proc_maps uffd core_default core_all core_dax core_filebits move_pages_status move_pages_move get_mempolicy_addr mbind zerocopy_send "
        + "ksm_merge ksm_held ksm_pinned ksm_pin_merged ksm_fork ksm_processes khp_one khp_all khp_none khp_held khp_pinned khp_forked migrate_pages numa_maps cmdline "
        + "watch_store watch_access watch_exec uprobe "
        + "numa_place_cpu0 numa_place_cpu1 numa_place_bind numa_place_preferred numa_place_empty numa_place_interleave numa_place_local numa_place_many numa_place_weighted numa_place_fork "
        + "numa_bind numa_bind_strict numa_bind_move numa_bind_both numa_bind_interleave numa_bind_spread numa_bind_preferred numa_bind_many numa_bind_local numa_bind_weighted "
        + "numa_bind_here numa_bind_part numa_bind_fork numa_bind_held numa_bind_pinned numa_bind_shared numa_bind_errors "
        + "numa_move numa_move_errors numa_move_held numa_move_pinned numa_move_shared numa_migrate numa_migrate_held numa_migrate_pinned numa_migrate_shared numa_get "
        + "numa_hint numa_hint_held numa_hint_pinned numa_hint_shared numa_hint_bound numa_hint_task numa_hint_far");

    private static readonly HashSet<string> Cells = Set(
        """
        mmap read write write_after_read file_write_visible exec
        fork_child_read fork_parent_write fork_child_write fork_child_munmap fork_parent_munmap fork_grandchild fork_mprotect_child fork_file_write
        fork_cow_first fork_cow_second fork_cow_moved fork_cow_munmap_first fork_second_generation
        read_syscall read_syscall_2 write_syscall self_pread self_pwrite
        odirect_read odirect_read_span odirect_read_past_end odirect_write odirect_write_span odirect_block odirect_daxfile odirect_self odirect_fork
        odirect_fork_child odirect_fork_exit odirect_after_truncate
        pvm_readv pvm_writev ptrace_peek ptrace_poke procmem_read procmem_write pvm_readv_span procmem_read_span ptrace_poke_fork ptrace_poke_then_write
        procmem_none pvm_none ptrace_poke_foreign pvm_writev_foreign procmem_write_foreign
        vmsplice vmsplice_gift vmsplice_write vmsplice_munmap vmsplice_dontneed vmsplice_fork_parent_write vmsplice_parent_fork_child_write
        vmsplice_parent_fork_parent_write vmsplice_truncate vmsplice_punch splice_file dio_child_pin_exit
        futex_wake_shared futex_wake_private futex_wait_wrong_shared futex_wait_wrong_private futex_wake_op futex_lock_pi futex_cross
        mlock mlock_onfault mlock_fork map_populate map_locked populate_read populate_write fault_count_read fault_count_write
        madv_normal madv_random madv_sequential madv_willneed madv_dontneed madv_free madv_remove madv_dontfork madv_dofork madv_mergeable madv_unmergeable
        madv_hugepage madv_nohugepage madv_dontdump madv_dodump madv_wipeonfork madv_keeponfork madv_cold madv_pageout madv_dontneed_locked madv_collapse
        madv_guard_install madv_bogus madv_dontneed_page madv_dontneed_mlocked madv_dontneed_unaligned madv_dontneed_hole madv_dontfork_partial process_madvise_cold
        mincore mincore_past mremap_move mremap_move_page mremap_grow mremap_grow_maymove mremap_shrink mremap_dup mremap_dontunmap
        mprotect_none mprotect_ro mprotect_rw mprotect_rwx mprotect_page mprotect_ro_rw munmap munmap_page map_over remap_file_pages mseal msync
        iouring_register iouring_register_all iouring_fork_parent_write iouring_fork_child_write iouring_dontneed iouring_mprotect_ro iouring_munmap iouring_truncate
        ftruncate_below ftruncate_partial ftruncate_regrow ftruncate_fork beyond_eof punch_read punch_write zero_range collapse_range insert_range unlink
        inflight_fork_parent_write inflight_fork_child_write inflight_fork_child_exit_parent_write inflight_munmap inflight_dontneed inflight_mremap
        inflight_mprotect_ro inflight_punch inflight_truncate inflight_self_punch
        mount remount dax_inode_flag execve ptrace_poketext file_calls reflink_mmap_write fd_calls
        """);

    private static readonly HashSet<string> ProbePeriphery = Set(
        """
        pagemap smaps vma_flags coredump_filter_0x33 coredump_filter_0x7f coredump_filter_0x1ff exec_text_pagemap exec_coredump_text move_pages mbind get_mempolicy_addr
        attr_dev_dax iomem meminfo sysinfo_cpi tainted_at_end
        """);

    private static readonly HashSet<string> Probe = Set(
        """
        touch_read touch_write atomic_add fork_rw fork_many fork_exec fork_present_ptes fork_grandchild fork_after_populate fork_dontfork fork_wipeonfork fork_mlocked
        thread_store big_touch_fork odirect_read_into odirect_write_from odirect_read512_into odirect_read_4pages odirect_read_straddle_anon
        odirect_write_straddle_anon odirect_readv_anon_then_map odirect_read_512_rest_of_page aio_read_into aio_write_from
        odirect_ext4file_read_into odirect_ext4file_overwrite_from odirect_ext4file_extend_from odirect_xfsfile_read_into odirect_xfsfile_overwrite_from
        odirect_xfsfile_extend_from odirect_ext4file_straddle_read odirect_ext4file_straddle_overwrite odirect_ext4file_straddle_extend
        odirect_xfsfile_straddle_read odirect_xfsfile_straddle_overwrite odirect_xfsfile_straddle_extend
        same_file_write_from_mapping execve_argv_in_mapping sigaltstack_in_mapping read_buffered_into write_buffered_from file_odirect_write
        process_vm_readv process_vm_writev process_vm_readv_self process_vm_local_side process_vm_readv_anon_then_map process_vm_readv_ro_mapping
        pvm_readv_second_page_content ptrace_peek ptrace_poke ptrace_poke_ro_mapping proc_mem_read proc_mem_write proc_self_mem proc_mem_read_straddle_anon
        self_mem_write_4_bytes remote_poke_actor_has_nothing_there remote_poke_actor_has_other_data_there remote_poke_actor_maps_same_file
        remote_writev_actor_has_nothing_there remote_writev_actor_has_other_data_there
        vmsplice vmsplice_gift vmsplice_pipe_to_user splice_sendfile_of_file futex_shared futex_private futex_cross_process
        mlock mlockall map_populate map_populate_ro map_locked map_sync msync mincore madvise madvise_populate dontneed_reread soft_offline
        io_uring_register_buffer io_uring_read_write mprotect_cycle mprotect_ro_store mremap
        truncate0_under_map truncate_partial_under_map punch_hole_under_map unlink_under_map
        exec_run exec_fork_many exec_peektext exec_breakpoint_peek_then_poke exec_breakpoint_blind_poke exec_breakpoint_proc_mem exec_process_vm_readv_text
        exec_singlestep exec_open_running_for_write exec_cmdline exec_breakpoint_foreign_debugger
        add add_lower add_overlapping add_twice add_unknown attr_lbs attr_queue_dax attr_ro attr_save attr_seglist attr_shared attr_size dax_active insmod_dcssblk
        mount remove remove_twice remove_while_mounted ro_after_nonshared save_0 save_1 save_1_shared save_2 save_after save_nonshared
        shared_after shared_back_to_1 shared_to_0 shared_to_1 shared_to_2 shared_while_mounted write_page_buffered write_page_odirect
        """);

    /// <summary>The operation without the state that the old and s390 probes append (<c>.untouched</c>, <c>.readtouched</c>, <c>.written</c>).</summary>
    public static string WithoutState(string operation)
    {
        var dot = operation.LastIndexOf('.');
        return dot > 0 && operation[(dot + 1)..] is "untouched" or "readtouched" or "written" ? operation[..dot] : operation;
    }

    /// <summary>True when recordings of that format are known to contain the operation.</summary>
    public static bool IsKnown(RecordingFormat format, string operation) => format switch
    {
        RecordingFormat.Cells => Cells.Contains(operation) || CellsPeriphery.Contains(operation),
        RecordingFormat.Random => ProgramTrace.IsKnown(operation),
        _ => Probe.Contains(WithoutState(operation)) || ProbePeriphery.Contains(WithoutState(operation)),
    };

    /// <summary>Whether the operation counts as core or periphery.</summary>
    public static OperationClass Classify(RecordingFormat format, string operation) => format switch
    {
        RecordingFormat.Cells => CellsPeriphery.Contains(operation) ? OperationClass.Periphery : OperationClass.Core,
        RecordingFormat.Random => operation == "pagemap" ? OperationClass.Periphery : OperationClass.Core,
        _ => ProbePeriphery.Contains(WithoutState(operation)) ? OperationClass.Periphery : OperationClass.Core,
    };

    /// <summary>Every known operation of a format, in alphabetical order.</summary>
    public static IReadOnlyList<string> All(RecordingFormat format) => format switch
    {
        RecordingFormat.Cells => [.. Cells.Concat(CellsPeriphery).Order(StringComparer.Ordinal)],
        RecordingFormat.Random => ProgramTrace.AllOperations,
        _ => [.. Probe.Concat(ProbePeriphery).Order(StringComparer.Ordinal)],
    };

    private static HashSet<string> Set(string names) => new(names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);
}
