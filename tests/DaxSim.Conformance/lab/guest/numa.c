/*
 * A machine with two nodes of memory, each with one processor: where pages come to lie (set_mempolicy, mbind, first touch), what moves them
 * (mbind, move_pages, migrate_pages, automatic balancing) and what does not move. The mappings, states and conventions are those of cells.c,
 * which this file includes; the lines have the same form.
 *
 *   numa [-m mapping-substring] [-o op-substring]
 */
#define main cells_main
#include "../recorder/programs/cells.c"
#undef main

enum { DEFAULT_, PREFERRED_, BIND_, INTERLEAVE_, LOCAL_, MANY_, WEIGHTED_ };
enum { STRICT_ = 1, MOVE_ = 2, MOVE_ALL_ = 4 };

static long put_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);
    if (fd < 0)
        return -1;
    long r = write(fd, text, strlen(text));
    close(fd);
    return r;
}
static void run_on(int cpu)
{
    unsigned long mask = 1UL << cpu;
    syscall(SYS_sched_setaffinity, 0, sizeof mask, &mask);
    sched_yield();
}
static long set_policy(int mode, unsigned long mask)
{
    return syscall(SYS_set_mempolicy, mode, mask ? &mask : 0, mask ? 64UL : 0UL);
}
static long bind_range(void *a, size_t n, int mode, unsigned long mask, int flags)
{
    return syscall(SYS_mbind, a, n, mode, mask ? &mask : 0, mask ? 64UL : 0UL, flags);
}
static void status_text(char *b, int s)
{
    if (s < 0 && s > -4000)
        strcpy(b, err_name(-s));
    else
        sprintf(b, "%d", s);
}
static void status_list(char *b, int *st, int n)
{
    for (int i = 0; i < n; i++) {
        if (i)
            strcat(b, " ");
        status_text(b + strlen(b), st[i]);
    }
}
/* the node of each of the first four pages */
static void node_text(struct map *m, char *b)
{
    void *pages[4] = { P(0), P(1), P(2), P(3) };
    int st[4] = { -9999, -9999, -9999, -9999 };
    b[0] = 0;
    if (syscall(SYS_move_pages, 0, 4UL, pages, 0, st, 0) < 0)
        strcpy(b, err_name(errno));
    else
        status_list(b, st, 4);
}
static void nodes(struct map *m, const char *k)
{
    char b[64];
    node_text(m, b);
    kS(k, b);
}
/* the lines of numa_maps of the mapping, without their addresses, joined by " | " */
static void lines(struct map *m, const char *k)
{
    char line[512], all[1200] = "";
    FILE *f = fopen("/proc/self/numa_maps", "r");
    while (f && fgets(line, sizeof line, f)) {
        unsigned long at = strtoul(line, 0, 16);
        if (at < (unsigned long)m->addr || at >= (unsigned long)m->addr + m->len)
            continue;
        line[strcspn(line, "\n")] = 0;
        char *active = strstr(line, " active=");
        if (active) {
            char *end = active + 8 + strspn(active + 8, "0123456789");
            memmove(active, end, strlen(end) + 1);
        }
        if (all[0])
            strcat(all, " | ");
        char *out = all + strlen(all);
        for (char *q = strchr(line, ' ') + 1; *q; q++) {
            if (*q == '\\')
                *out++ = '\\';
            *out++ = *q;
        }
        *out = 0;
    }
    if (f)
        fclose(f);
    kS(k, all);
}
static void store_all(struct map *m)
{
    unsigned char v;
    for (int i = 0; i < 4 && i * PG < m->len; i++)
        if (has_write(m) ? try_write(P(i), 'n') : try_read(P(i), &v))
            break;
}
static long hold(struct map *m, int page)
{
    int pp[2];
    pipe2(pp, O_NONBLOCK);
    struct iovec v = { P(page), PG };
    return vmsplice(pp[1], &v, 1, 0);
}
static struct ring the_ring;
static void pin(struct map *m, int page)
{
    if (ring_open(&the_ring) < 0)
        kS("register", "nosys");
    else
        kE("register", ring_reg(&the_ring, P(page), PG));
}
/* a child that maps the same, sleeps, and reports its nodes in the end */
static pid_t sharer(struct map *m)
{
    pid_t p = xfork();
    if (in_child(p)) {
        unsigned char v;
        for (int i = 0; i < 4; i++)
            try_read(P(i), &v);
        sh->flag[1] = 1;
        gate(&sh->flag[0]);
        node_text(m, sh->txt[0]);
        _exit(0);
    }
    gate(&sh->flag[1]);
    return p;
}
static void end_sharer(pid_t p)
{
    sh->flag[0] = 1;
    wait_for(p);
    kS("child", sh->txt[0]);
}

/* ------------------------------------------------------------------ where pages come from */
static void place(struct map *m, int mode, unsigned long mask, int cpu)
{
    int got = -1;
    unsigned long gotmask = 0;
    run_on(cpu);
    if (R(set_policy(mode, mask), -1) < 0)
        return;
    kE("get", syscall(SYS_get_mempolicy, &got, &gotmask, 64UL, 0UL, 0UL));
    kI("mode", got);
    kI("mask", gotmask);
    store_all(m);
    nodes(m, "nodes");
    lines(m, "lines");
    run_on(0);
}
static void op_numa_place_cpu0(struct map *m) { place(m, DEFAULT_, 0, 0); }
static void op_numa_place_cpu1(struct map *m) { place(m, DEFAULT_, 0, 1); }
static void op_numa_place_bind(struct map *m) { place(m, BIND_, 2, 0); }
static void op_numa_place_preferred(struct map *m) { place(m, PREFERRED_, 2, 0); }
static void op_numa_place_empty(struct map *m) { place(m, PREFERRED_, 0, 1); }
static void op_numa_place_interleave(struct map *m) { place(m, INTERLEAVE_, 3, 0); }
static void op_numa_place_local(struct map *m) { place(m, LOCAL_, 0, 1); }
static void op_numa_place_many(struct map *m) { place(m, MANY_, 2, 0); }
static void op_numa_place_weighted(struct map *m) { place(m, WEIGHTED_, 3, 0); }
static void op_numa_place_fork(struct map *m)
{
    if (R(set_policy(BIND_, 2), -1) < 0)
        return;
    pid_t p = xfork();
    if (in_child(p)) {
        store_all(m);
        node_text(m, sh->txt[0]);
        _exit(0);
    }
    wait_for(p);
    kS("child", sh->txt[0]);
    nodes(m, "nodes");
}

/* ------------------------------------------------------------------ mbind */
static void binding(struct map *m, int mode, unsigned long mask, int flags)
{
    R(bind_range(m->addr, m->len, mode, mask, flags), -1);
    nodes(m, "bound");
    store_all(m);
    nodes(m, "stored");
    lines(m, "lines");
}
static void op_numa_bind(struct map *m) { binding(m, BIND_, 2, 0); }
static void op_numa_bind_strict(struct map *m) { binding(m, BIND_, 2, STRICT_); }
static void op_numa_bind_move(struct map *m) { binding(m, BIND_, 2, MOVE_); }
static void op_numa_bind_both(struct map *m) { binding(m, BIND_, 2, MOVE_ | STRICT_); }
static void op_numa_bind_interleave(struct map *m) { binding(m, INTERLEAVE_, 3, 0); }
static void op_numa_bind_spread(struct map *m) { binding(m, INTERLEAVE_, 3, MOVE_); }
static void op_numa_bind_preferred(struct map *m) { binding(m, PREFERRED_, 2, MOVE_); }
static void op_numa_bind_many(struct map *m) { binding(m, MANY_, 2, MOVE_); }
static void op_numa_bind_local(struct map *m) { binding(m, LOCAL_, 0, 0); }
static void op_numa_bind_weighted(struct map *m) { binding(m, WEIGHTED_, 3, 0); }
static void op_numa_bind_here(struct map *m) { binding(m, BIND_, 1, STRICT_); }
static void op_numa_bind_part(struct map *m)
{
    if (R(bind_range(P(1), 2 * PG, BIND_, 2, 0), -1) < 0)
        return;
    lines(m, "lines");
    kE("same", bind_range(P(0), PG, BIND_, 2, 0));
    lines(m, "joined");
    kE("mprotect", mprotect(P(0), PG, PROT_READ));
    kE("default", bind_range(P(0), 4 * PG, DEFAULT_, 0, 0));
    lines(m, "reset");
}
static void op_numa_bind_fork(struct map *m)
{
    if (R(bind_range(P(0), 2 * PG, BIND_, 2, 0), -1) < 0)
        return;
    pid_t p = xfork();
    if (in_child(p)) {
        store_all(m);
        node_text(m, sh->txt[0]);
        lines(m, "child_lines");
        _exit(0);
    }
    wait_for(p);
    kS("child", sh->txt[0]);
    nodes(m, "nodes");
    lines(m, "lines");
}
static void op_numa_bind_held(struct map *m)
{
    kE("vmsplice", hold(m, 1));
    R(bind_range(m->addr, m->len, BIND_, 2, MOVE_ | STRICT_), -1);
    nodes(m, "nodes");
}
static void op_numa_bind_pinned(struct map *m)
{
    pin(m, 1);
    R(bind_range(m->addr, m->len, BIND_, 2, MOVE_ | STRICT_), -1);
    nodes(m, "nodes");
}
static void op_numa_bind_shared(struct map *m)
{
    pid_t p = sharer(m);
    R(bind_range(m->addr, m->len, BIND_, 2, MOVE_), -1);
    nodes(m, "nodes");
    kE("all", bind_range(m->addr, m->len, BIND_, 2, MOVE_ALL_));
    nodes(m, "nodes_all");
    end_sharer(p);
}
static void op_numa_bind_errors(struct map *m)
{
    R(bind_range(m->addr, m->len, 77, 1, 0), -1);
    kE("empty", bind_range(m->addr, m->len, BIND_, 0, 0));
    kE("node5", bind_range(m->addr, m->len, BIND_, 32, 0));
    kE("node15", bind_range(m->addr, m->len, BIND_, 34, 0));
    kE("unaligned", bind_range(m->addr + 1, PG, BIND_, 1, 0));
    kE("flags", bind_range(m->addr, m->len, BIND_, 1, 64));
    kE("default_nodes", bind_range(m->addr, m->len, DEFAULT_, 1, 0));
    kE("default_strict", bind_range(m->addr, m->len, DEFAULT_, 0, STRICT_));
    kE("local_nodes", bind_range(m->addr, m->len, LOCAL_, 1, 0));
    kE("zero", bind_range(m->addr, 0, BIND_, 1, 0));
    kE("hole", bind_range(m->addr, m->len + PG, BIND_, 2, 0));
    lines(m, "after_hole");
    kE("backwards", bind_range(m->addr, -PG, BIND_, 1, 0));
    kE("set_mode", set_policy(77, 1));
    kE("set_empty", set_policy(BIND_, 0));
    kE("set_node5", set_policy(BIND_, 32));
    kE("set_default_nodes", set_policy(DEFAULT_, 1));
}

/* ------------------------------------------------------------------ move_pages and migrate_pages */
static long moving(struct map *m, int node, int flags, const char *k)
{
    void *pages[4] = { P(0), P(1), P(2), P(3) };
    int st[4] = { 77, 77, 77, 77 }, to[4] = { node, node, node, node };
    char b[64] = "";
    long r = syscall(SYS_move_pages, 0, 4UL, pages, to, st, flags);
    int e = errno;
    status_list(b, st, 4);
    kS(k, b);
    errno = e;
    return r;
}
static void op_numa_move(struct map *m)
{
    R(moving(m, 1, MOVE_, "status"), -1);
    nodes(m, "nodes");
    kRd("value", P(0));
    lines(m, "lines");
    kE("back", moving(m, 0, MOVE_, "status_back"));
    nodes(m, "nodes_back");
}
static void op_numa_move_errors(struct map *m)
{
    R(moving(m, 5, MOVE_, "status"), -1);
    kE("negative", moving(m, -1, MOVE_, "status_negative"));
    kE("flags", moving(m, 1, 64, "status_flags"));
    munmap(P(1), PG);
    kE("hole", moving(m, 1, MOVE_, "status_hole"));
    nodes(m, "nodes");
}
static void op_numa_move_held(struct map *m)
{
    kE("vmsplice", hold(m, 1));
    R(moving(m, 1, MOVE_, "status"), -1);
    nodes(m, "nodes");
}
static void op_numa_move_pinned(struct map *m)
{
    pin(m, 1);
    R(moving(m, 1, MOVE_, "status"), -1);
    nodes(m, "nodes");
}
static void op_numa_move_shared(struct map *m)
{
    pid_t p = sharer(m);
    R(moving(m, 1, MOVE_, "status"), -1);
    nodes(m, "nodes");
    kE("all", moving(m, 1, MOVE_ALL_, "status_all"));
    nodes(m, "nodes_all");
    end_sharer(p);
}
static long migrating(unsigned long from, unsigned long to)
{
    return syscall(SYS_migrate_pages, 0, 64UL, &from, &to);
}
static void op_numa_migrate(struct map *m)
{
    R(migrating(1, 2), -1);
    nodes(m, "nodes");
    lines(m, "lines");
    kE("back", migrating(2, 1));
    nodes(m, "nodes_back");
    kE("to5", migrating(1, 32));
    kE("from5", migrating(32, 1));
}
static void op_numa_migrate_held(struct map *m)
{
    kE("vmsplice", hold(m, 1));
    R(migrating(1, 2) >= 0, -1);
    nodes(m, "nodes");
}
static void op_numa_migrate_pinned(struct map *m)
{
    pin(m, 1);
    R(migrating(1, 2) >= 0, -1);
    nodes(m, "nodes");
}
static void op_numa_migrate_shared(struct map *m)
{
    pid_t p = sharer(m);
    R(migrating(1, 2) >= 0, -1);
    nodes(m, "nodes");
    end_sharer(p);
}

/* ------------------------------------------------------------------ get_mempolicy */
static void asking(const char *k, unsigned long addr, unsigned long flags)
{
    int mode = -1;
    unsigned long mask = 0;
    char b[64];
    if (syscall(SYS_get_mempolicy, &mode, &mask, 64UL, addr, flags) < 0)
        strcpy(b, err_name(errno));
    else
        sprintf(b, "%d %lx", mode, flags & 1 ? 0 : mask);
    kS(k, b);
}
static void op_numa_get(struct map *m)
{
    R(bind_range(m->addr, m->len, BIND_, 2, 0), -1);
    asking("task", 0, 0);
    asking("address", (unsigned long)P(0), 2);
    asking("node", (unsigned long)P(0), 3);
    asking("allowed", 0, 4);
    asking("allowed_address", (unsigned long)P(0), 6);
    asking("no_flag", (unsigned long)P(0), 0);
    asking("next", 0, 1);
    asking("nothing", 4096, 2);
    asking("nothing_node", 4096, 3);
    asking("unknown", 0, 64);
}

/* ------------------------------------------------------------------ automatic balancing */
static void spin(struct map *m, int stop_when_here)
{
    unsigned char v;
    char b[64];
    double from = now();
    int write = has_write(m) && strcmp(m->state, "rd") != 0;
    while (now() - from < (stop_when_here ? 3.3 : 2.2)) {
        double slice = now();
        while (now() - slice < 0.02)
            for (int i = 0; i < 4; i++)
                if (write)
                    try_write(P(i), 'n');
                else
                    try_read(P(i), &v);
        node_text(m, b);
        if (stop_when_here && strcmp(b, "0 0 0 0") == 0)
            break;
    }
}
static void balanced(struct map *m, int stop)
{
    alarm(0);
    nodes(m, "before");
    lines(m, "lines_before");
    put_text("/proc/sys/kernel/numa_balancing", "1");
    run_on(0);
    spin(m, stop);
    put_text("/proc/sys/kernel/numa_balancing", "0");
    unsigned char v;
    for (int i = 0; i < 4; i++)
        try_read(P(i), &v);
    nodes(m, "after");
    lines(m, "lines_after");
}
/* the pages come from node 1, because the processor that stores is there; for pages that exist already they are moved there */
static void go_far(struct map *m)
{
    run_on(1);
    if (strcmp(m->state, "rd") == 0) {
        unsigned char v;
        for (int i = 0; i < 4; i++)
            try_read(P(i), &v);
    } else
        store_all(m);
    int n = sh->n;
    moving(m, 1, MOVE_, "moved");
    sh->n = n;
    sh->out[n] = 0;
}
static void op_numa_hint(struct map *m)
{
    go_far(m);
    R(0, -1);
    balanced(m, 1);
}
static void op_numa_hint_held(struct map *m)
{
    go_far(m);
    R(hold(m, 1), -1);
    balanced(m, 0);
}
static void op_numa_hint_pinned(struct map *m)
{
    go_far(m);
    R(0, -1);
    pin(m, 1);
    balanced(m, 0);
}
static void op_numa_hint_shared(struct map *m)
{
    go_far(m);
    pid_t p = sharer(m);
    R(0, -1);
    balanced(m, 0);
    end_sharer(p);
}
static void op_numa_hint_bound(struct map *m)
{
    go_far(m);
    R(bind_range(m->addr, m->len, BIND_, 3, 0), -1);
    balanced(m, 0);
}
static void op_numa_hint_task(struct map *m) /* MPOL_F_NUMA_BALANCING with bind to both */
{
    go_far(m);
    R(set_policy(BIND_ | 1 << 13, 3), -1);
    balanced(m, 0);
}
static void op_numa_hint_far(struct map *m) /* bound to the other node with balancing allowed: they stay */
{
    go_far(m);
    R(set_policy(BIND_ | 1 << 13, 2), -1);
    balanced(m, 0);
}

static const struct odef numas[] = {
    O(numa_place_cpu0, 0, 0, 1), O(numa_place_cpu1, 0, 0, 1), O(numa_place_bind, 0, 0, 1), O(numa_place_preferred, 0, 0, 1), O(numa_place_empty, 0, 0, 1),
    O(numa_place_interleave, 0, 0, 1), O(numa_place_local, 0, 0, 1), O(numa_place_many, 0, 0, 1), O(numa_place_weighted, 0, 0, 1), O(numa_place_fork, 0, 0, 1),
    O(numa_bind, 0, 0, CRW), O(numa_bind_strict, 0, 0, CRW), O(numa_bind_move, 0, 0, CRW), O(numa_bind_both, 0, 0, CRW), O(numa_bind_interleave, 0, 0, 1),
    O(numa_bind_spread, 0, 0, 4), O(numa_bind_preferred, 0, 0, CW), O(numa_bind_many, 0, 0, CW), O(numa_bind_local, 0, 0, CW), O(numa_bind_weighted, 0, 0, 1),
    O(numa_bind_here, 0, 0, CW), O(numa_bind_part, 0, 0, CW), O(numa_bind_fork, 0, 0, CW), O(numa_bind_held, 0, 0, 4), O(numa_bind_pinned, 0, 0, 4),
    O(numa_bind_shared, 0, 0, 6), O(numa_bind_errors, 0, 0, 1),
    O(numa_move, 0, 0, CRW), O(numa_move_errors, 0, 0, CW), O(numa_move_held, 0, 0, 4), O(numa_move_pinned, 0, 0, 4), O(numa_move_shared, 0, 0, 6),
    O(numa_migrate, 0, 0, CRW), O(numa_migrate_held, 0, 0, 4), O(numa_migrate_pinned, 0, 0, 4), O(numa_migrate_shared, 0, 0, 4), O(numa_get, 0, 0, CW),
    O(numa_hint, 0, 0, 6), O(numa_hint_held, 0, 0, 4), O(numa_hint_pinned, 0, 0, 4), O(numa_hint_shared, 0, 0, 4), O(numa_hint_bound, 0, 0, 4), O(numa_hint_task, 0, 0, 4),
    O(numa_hint_far, 0, 0, 4),
};
#define NNUMAS (int)(sizeof numas / sizeof *numas)

/* Balancing is slow to observe: only kinds of mappings that differ. */
static int balances(const struct mdef *d)
{
    static const char *const names[] = { "anon_private", "anon_shared", "anon_thp", "memfd_shared", "memfd_private", "tmpfs_shared", "ext4_shared", "ext4_private",
        "ext4_shared_rdprot", "ext4_private_ro", "ext4_private_rx", "ext4dax_shared", "ext4dax_private", "e820dax_shared", "devdax_shared", "devmem_shared", "hugetlb_shared",
        "hugetlb_private", 0 };
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], d->name) == 0)
            return 1;
    return 0;
}
/* In a file of shmem the first node of an interleaving depends on the number of its inode, in other files' caches on what the task allocated before. */
static int by_inode(const struct mdef *d, const char *op)
{
    return (strstr(op, "interleave") || strstr(op, "weighted") || strstr(op, "spread"))
        && ((d->type != HUGE_ && d->flags & MAP_SHARED) || d->type == MEMFD || strncmp(d->name, "tmpfs", 5) == 0);
}
static void quicken(void)
{
    static const char *const what[][3] = {
        { "/sys/kernel/debug/sched/numa_balancing/scan_delay_ms", "/proc/sys/kernel/numa_balancing_scan_delay_ms", "10" },
        { "/sys/kernel/debug/sched/numa_balancing/scan_period_min_ms", "/proc/sys/kernel/numa_balancing_scan_period_min_ms", "20" },
        { "/sys/kernel/debug/sched/numa_balancing/scan_period_max_ms", "/proc/sys/kernel/numa_balancing_scan_period_max_ms", "100" },
    };
    mount("debug", "/sys/kernel/debug", "debugfs", 0, 0);
    for (int i = 0; i < 3; i++)
        if (put_text(what[i][0], what[i][2]) < 0 && put_text(what[i][1], what[i][2]) < 0)
            fprintf(stderr, "cannot set %s\n", what[i][1]);
}

int main(int argc, char **argv)
{
    const char *fm = 0, *fo = 0;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "-m"))
            fm = argv[i + 1];
        if (!strcmp(argv[i], "-o"))
            fo = argv[i + 1];
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    put_text("/proc/sys/kernel/numa_balancing", "0");
    quicken();
    run_on(0);
    sh = mmap(0, sizeof *sh, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    prepare_sources();
    char km[1000];
    kmsg_collect(km, sizeof km);
    for (int i = 0; i < NDEFS; i++) {
        if ((fm && !strstr(defs[i].name, fm)) || defs[i].type == SPECIAL)
            continue;
        for (int j = 0; j < NNUMAS; j++) {
            const struct odef *o = &numas[j];
            if ((fo && !strstr(o->name, fo)) || by_inode(&defs[i], o->name) || (strncmp(o->name, "numa_hint", 9) == 0 && (!balances(&defs[i]) || access("/proc/sys/kernel/numa_balancing", F_OK))))
                continue;
            if ((o->states & 1) && !run_cell(&defs[i], o, "cold"))
                break;
            if ((o->states & 2) && (defs[i].prot & PROT_READ))
                run_cell(&defs[i], o, "rd");
            if ((o->states & 4) && (defs[i].prot & PROT_WRITE))
                run_cell(&defs[i], o, "wr");
        }
        fprintf(stderr, "%s\n", defs[i].name);
    }
    return 0;
}
