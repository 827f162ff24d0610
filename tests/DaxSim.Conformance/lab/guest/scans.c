/*
 * What the kernel does to pages on its own account or through an interface of its own: merging (KSM), collapsing (khugepaged), moving
 * (migrate_pages), counting (numa_maps), uprobes, debug registers, command lines. The mappings, states and conventions are those of cells.c, which
 * this file includes; the lines have the same form.
 *
 *   scans [-m mapping-substring] [-o op-substring]
 */
#define main cells_main
#include "../recorder/programs/cells.c"
#undef main
#include <stddef.h>
#include <sys/user.h>
#ifndef TRAP_HWBKPT
#define TRAP_HWBKPT 4
#endif

static long number_in(const char *path)
{
    char b[64] = "";
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return -1;
    read(fd, b, sizeof b - 1);
    close(fd);
    return atol(b);
}
static long put_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);
    if (fd < 0)
        return -1;
    long r = write(fd, text, strlen(text));
    int e = errno;
    close(fd);
    errno = e;
    return r;
}
static long held_page(struct map *m, int page, int *pipe_end)
{
    int pp[2];
    pipe2(pp, O_NONBLOCK);
    struct iovec v = { P(page), PG };
    *pipe_end = pp[0];
    return vmsplice(pp[1], &v, 1, 0);
}

/* ------------------------------------------------------------------ KSM */
#define KSM "/sys/kernel/mm/ksm/"
static void ksm_wait(void) /* three whole scans: seen, unchanged, merged */
{
    long from = number_in(KSM "full_scans");
    put_text(KSM "run", "1");
    for (int i = 0; i < 120 && number_in(KSM "full_scans") < from + 4; i++)
        usleep(10000);
    put_text(KSM "run", "0");
}
static int same_frame(void *a, void *b)
{
    uint64_t x = pagemap_raw(a), y = pagemap_raw(b);
    return (x >> 63) && (y >> 63) && (x & ((1UL << 55) - 1)) == (y & ((1UL << 55) - 1));
}
static int is_ksm(void *a)
{
    uint64_t x = pagemap_raw(a), flags = 0;
    if (!(x >> 63))
        return 0;
    int fd = open("/proc/kpageflags", O_RDONLY);
    pread(fd, &flags, 8, (x & ((1UL << 55) - 1)) * 8);
    close(fd);
    return flags >> 21 & 1;
}
static void ksm_fill(struct map *m)
{
    for (int i = 0; i < 4; i++)
        if (has_write(m))
            for (unsigned j = 0; j < PG; j += 64)
                if (try_write(P(i) + j, 'k'))
                    break;
}
static void ksm_show(struct map *m, const char *k)
{
    char b[64];
    sprintf(b, "%d%d%d%d", is_ksm(P(0)), is_ksm(P(1)), is_ksm(P(2)), is_ksm(P(3)));
    kS(k, b);
}
static int ksm_begin(struct map *m)
{
    if (number_in(KSM "run") < 0) {
        result("skip");
        return -1;
    }
    put_text(KSM "sleep_millisecs", "0");
    put_text(KSM "pages_to_scan", "100000");
    put_text(KSM "smart_scan", "0");
    ksm_fill(m);
    return R(madvise(m->addr, m->len, MADV_MERGEABLE), -1);
}
static void op_ksm_merge(struct map *m)
{
    if (ksm_begin(m))
        return;
    ksm_wait();
    ksm_show(m, "merged");
    kI("same", same_frame(P(0), P(3)));
    kRd("value", P(0));
    char b[64];
    write_text(b, P(1), 'w');
    kS("write", b);
    ksm_show(m, "after_write");
    kRd("value0", P(0));
    kRd("value1", P(1));
    kE("unmergeable", madvise(m->addr, m->len, MADV_UNMERGEABLE));
    ksm_show(m, "after_unmergeable");
    kRd("value2", P(2));
}
static void op_ksm_held(struct map *m) /* somebody holds page 1 by reference */
{
    int end;
    if (ksm_begin(m))
        return;
    kE("vmsplice", held_page(m, 1, &end));
    ksm_wait();
    ksm_show(m, "merged");
}
static void op_ksm_pinned(struct map *m)
{
    struct ring r;
    if (ksm_begin(m))
        return;
    if (ring_open(&r) < 0) {
        kS("register", "nosys");
        return;
    }
    kE("register", ring_reg(&r, P(1), PG));
    ksm_wait();
    ksm_show(m, "merged");
}
static void op_ksm_pin_merged(struct map *m) /* a long-term pin for writing, and one by reading, of a merged page */
{
    struct ring r;
    int end;
    if (ksm_begin(m))
        return;
    ksm_wait();
    ksm_show(m, "merged");
    kE("vmsplice", held_page(m, 2, &end));
    ksm_show(m, "after_vmsplice");
    if (ring_open(&r) < 0) {
        kS("register", "nosys");
        return;
    }
    kE("register", ring_reg(&r, P(1), PG));
    ksm_show(m, "after_register");
    int fd = open("/tmp/t/src", O_RDONLY);
    kE("read_fixed", ring_io(&r, IORING_OP_READ_FIXED, fd, P(1), 16, 0));
    kRd("value0", P(0));
    kRd("value1", P(1));
}
static void op_ksm_fork(struct map *m)
{
    if (ksm_begin(m))
        return;
    ksm_wait();
    ksm_show(m, "merged");
    pid_t p = xfork();
    if (in_child(p)) {
        sprintf(sh->txt[0], "%d%d%d%d", is_ksm(P(0)), is_ksm(P(1)), is_ksm(P(2)), is_ksm(P(3)));
        write_text(sh->txt[1], P(0), 'c');
        sprintf(sh->txt[2], "%d%d%d%d", is_ksm(P(0)), is_ksm(P(1)), is_ksm(P(2)), is_ksm(P(3)));
        _exit(0);
    }
    wait_for(p);
    kS("child", sh->txt[0]);
    kS("child_write", sh->txt[1]);
    kS("child_after", sh->txt[2]);
    ksm_show(m, "parent");
    kRd("value0", P(0));
}
static void op_ksm_processes(struct map *m) /* two processes write the same: merged across them */
{
    if (number_in(KSM "run") < 0) {
        result("skip");
        return;
    }
    if (ksm_begin(m))
        return;
    pid_t p = xfork();
    if (in_child(p)) {
        ksm_fill(m); /* copies of its own */
        uint64_t before = pagemap_raw(P(0));
        sh->flag[1] = 1;
        gate(&sh->flag[0]);
        sprintf(sh->txt[0], "%d%d%d%d", is_ksm(P(0)), is_ksm(P(1)), is_ksm(P(2)), is_ksm(P(3)));
        sprintf(sh->txt[1], "%lx", (long)(pagemap_raw(P(0)) & ((1UL << 55) - 1)));
        _exit(before == 0);
    }
    gate(&sh->flag[1]);
    ksm_wait();
    char own[64];
    sprintf(own, "%lx", (long)(pagemap_raw(P(0)) & ((1UL << 55) - 1)));
    sh->flag[0] = 1;
    wait_for(p);
    ksm_show(m, "merged");
    kS("child", sh->txt[0]);
    kI("same_as_child", strcmp(own, sh->txt[1]) == 0);
}

/* ------------------------------------------------------------------ khugepaged */
#define KHP "/sys/kernel/mm/transparent_hugepage/khugepaged/"
static long smaps_kb(void *a, const char *name)
{
    char line[256];
    unsigned long s, e;
    long found = -1;
    int in = 0;
    FILE *f = fopen("/proc/self/smaps", "r");
    while (f && fgets(line, sizeof line, f)) {
        if (sscanf(line, "%lx-%lx ", &s, &e) == 2 && strchr(line, '-') < line + 17)
            in = (unsigned long)a >= s && (unsigned long)a < e;
        else if (in && strncmp(line, name, strlen(name)) == 0)
            found = atol(line + strlen(name) + 1);
    }
    if (f)
        fclose(f);
    return found;
}
static void khp_wait(void)
{
    put_text(KHP "scan_sleep_millisecs", "10");
    put_text(KHP "alloc_sleep_millisecs", "10");
    put_text(KHP "pages_to_scan", "100000");
    long from = number_in(KHP "full_scans");
    for (int i = 0; i < 250 && number_in(KHP "full_scans") < from + 3; i++)
        usleep(10000);
}
static void khp_fill(struct map *m, int pages)
{
    madvise(m->addr, m->len, MADV_NOHUGEPAGE);
    for (int i = 0; i < pages && (size_t)i * PG < m->len; i++)
        if (try_write(P(i), 'h'))
            break;
}
static void khp_show(struct map *m)
{
    kI("anon_huge", smaps_kb(m->addr, "AnonHugePages"));
    kI("shmem_huge", smaps_kb(m->addr, "ShmemPmdMapped"));
    kI("rss", smaps_kb(m->addr, "Rss"));
    kRd("value", P(0));
    kRd("last", m->addr + m->len - 1);
}
static void khp_run(struct map *m, int pages)
{
    khp_fill(m, pages);
    if (R(madvise(m->addr, m->len, MADV_HUGEPAGE), -1))
        return;
    khp_wait();
    khp_show(m);
}
static void op_khp_one(struct map *m) { khp_run(m, 1); }
static void op_khp_all(struct map *m) { khp_run(m, 512); }
static void op_khp_none(struct map *m) { khp_run(m, 0); }
static void op_khp_held(struct map *m)
{
    int end;
    khp_fill(m, 512);
    kE("vmsplice", held_page(m, 5, &end));
    if (R(madvise(m->addr, m->len, MADV_HUGEPAGE), -1))
        return;
    khp_wait();
    khp_show(m);
    kE("collapse", madvise(m->addr, m->len, 25));
}
static void op_khp_pinned(struct map *m)
{
    struct ring r;
    khp_fill(m, 512);
    if (ring_open(&r) < 0) {
        result("skip");
        return;
    }
    kE("register", ring_reg(&r, P(5), PG));
    if (R(madvise(m->addr, m->len, MADV_HUGEPAGE), -1))
        return;
    khp_wait();
    khp_show(m);
}
static void op_khp_forked(struct map *m) /* the pages are shared with a child that lives on */
{
    khp_fill(m, 512);
    pid_t p = xfork();
    if (in_child(p)) {
        gate(&sh->flag[0]);
        read_text(sh->txt[0], P(0));
        _exit(0);
    }
    long r = R(madvise(m->addr, m->len, MADV_HUGEPAGE), -1);
    if (!r) {
        khp_wait();
        khp_show(m);
        kE("collapse", madvise(m->addr, m->len, 25));
        kI("anon_huge_after", smaps_kb(m->addr, "AnonHugePages"));
    }
    sh->flag[0] = 1;
    wait_for(p);
    kS("child", sh->txt[0]);
}

/* ------------------------------------------------------------------ NUMA */
static void op_migrate_pages(struct map *m)
{
    unsigned long from = 1, to = 1;
    R(syscall(SYS_migrate_pages, 0, 8, &from, &to), -1);
    from = 2;
    kE("from1", syscall(SYS_migrate_pages, 0, 8, &from, &to));
    from = 1, to = 2;
    kE("to1", syscall(SYS_migrate_pages, 0, 8, &from, &to));
}
static void op_numa_maps(struct map *m)
{
    char line[512], want[32];
    sprintf(want, "%lx ", (unsigned long)m->addr);
    FILE *f = fopen("/proc/self/numa_maps", "r");
    R(f ? 0 : -1, -1);
    while (f && fgets(line, sizeof line, f)) {
        size_t n = strspn(line, "0");
        if (strncmp(line + n, want, strlen(want)) == 0) {
            line[strcspn(line, "\n")] = 0;
            char *active = strstr(line, " active="); /* which of the lists a page is on depends on when the lists were looked at */
            if (active)
                memmove(active, active + 8 + strspn(active + 8, "0123456789"), strlen(active + 8 + strspn(active + 8, "0123456789")) + 1);
            char escaped[600], *out = escaped;
            for (char *q = line + n + strlen(want); *q; q++) {
                if (*q == '\\')
                    *out++ = '\\';
                *out++ = *q;
            }
            *out = 0;
            kS("line", escaped);
        }
    }
    if (f)
        fclose(f);
}

/* ------------------------------------------------------------------ command lines in the mapping */
static void show_proc(const char *name, const char *k)
{
    char path[64], b[64] = "", t[200] = "";
    sprintf(path, "/proc/self/%s", name);
    int fd = open(path, O_RDONLY);
    long n = read(fd, b, 16);
    if (n < 0)
        strcpy(t, err_name(errno));
    else {
        sprintf(t, "%ld:", n);
        for (int i = 0; i < n && i < 4; i++)
            byte_text(t + strlen(t), b[i]);
    }
    close(fd);
    kS(k, t);
}
static long set_range(int start, int end, char *a) /* each must lie on its side of the other, which may be far above or below */
{
    unsigned long from = (unsigned long)a, to = from + 8;
    if (prctl(PR_SET_MM, start, from, 0, 0) == 0)
        return prctl(PR_SET_MM, end, to, 0, 0);
    return prctl(PR_SET_MM, end, to, 0, 0) < 0 ? -1 : prctl(PR_SET_MM, start, from, 0, 0);
}
static void op_cmdline(struct map *m)
{
    if (R(set_range(PR_SET_MM_ARG_START, PR_SET_MM_ARG_END, P(0)), -1))
        return;
    show_proc("cmdline", "cmdline");
    kE("env", set_range(PR_SET_MM_ENV_START, PR_SET_MM_ENV_END, P(0)));
    show_proc("environ", "environ");
}

/* ------------------------------------------------------------------ debug registers */
static long poke_user(pid_t p, int reg, unsigned long v)
{
    return ptrace(PTRACE_POKEUSER, p, offsetof(struct user, u_debugreg[reg]), (void *)v);
}
static unsigned long peek_user(pid_t p, int reg)
{
    errno = 0;
    return ptrace(PTRACE_PEEKUSER, p, offsetof(struct user, u_debugreg[reg]), 0);
}
static void stop_text(char *out, pid_t p, int st)
{
    siginfo_t si;
    if (WIFEXITED(st))
        sprintf(out, "exited");
    else if (WIFSIGNALED(st))
        sprintf(out, "killed %s", sig_name(WTERMSIG(st)));
    else if (ptrace(PTRACE_GETSIGINFO, p, 0, &si) == 0)
        sprintf(out, "%s/%d", WSTOPSIG(st) == SIGSTOP ? "SIGSTOP" : sig_name(WSTOPSIG(st)), WSTOPSIG(st) == SIGTRAP ? si.si_code : 0);
    else
        sprintf(out, "stopped");
}
static void next_stop(pid_t p, const char *k)
{
    int st = 0;
    char b[64];
    ptrace(PTRACE_CONT, p, 0, 0);
    if (waitpid(p, &st, 0) != p) {
        kS(k, err_name(errno));
        return;
    }
    stop_text(b, p, st);
    kS(k, b);
    if (WIFSTOPPED(st)) {
        sprintf(b, "%s_dr6", k);
        kI(b, peek_user(p, 6) & 15);
        poke_user(p, 6, 0);
    }
}
static void op_watch_store(struct map *m)
{
    int st;
    pid_t p = xfork();
    if (in_child(p)) {
        unsigned char v;
        sigset_t none;
        sigemptyset(&none);
        sigaddset(&none, SIGCHLD);
        sigprocmask(SIG_BLOCK, &none, 0);
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        try_read(P(0), &v);        /* a load of a store watchpoint: nothing */
        *(volatile char *)P(0) = 'w'; /* stops behind it */
        raise(SIGSTOP);
        /* the kernel stores there on behalf of the process */
        int fd = open("/tmp/t/src", O_RDONLY);
        ret_text(sh->txt[0], read(fd, P(0), 1));
        raise(SIGSTOP);
        pid_t c = fork();
        if (c == 0) { /* not traced: has it the registers? */
            write_text(sh->txt[1], P(0), 'x');
            _exit(0);
        }
        wait_for(c);
        raise(SIGSTOP);
        _exit(0);
    }
    waitpid(p, &st, 0);
    R(poke_user(p, 0, (unsigned long)P(0)), -1);
    kE("dr7", poke_user(p, 7, 1 | 1 << 16)); /* one byte, stores */
    next_stop(p, "store");
    next_stop(p, "after_store");
    next_stop(p, "kernel_store");
    kS("read", sh->txt[0]);
    next_stop(p, "fork");
    kS("child_store", sh->txt[1]);
    kI("dr7_now", peek_user(p, 7) & 0xff);
    kill(p, SIGKILL);
    waitpid(p, &st, 0);
}
static void op_watch_access(struct map *m)
{
    int st;
    pid_t p = xfork();
    if (in_child(p)) {
        unsigned char v;
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        v = *(volatile char *)P(0);
        raise(SIGSTOP);
        (void)v;
        _exit(0);
    }
    waitpid(p, &st, 0);
    R(poke_user(p, 0, (unsigned long)P(0)), -1);
    kE("dr7", poke_user(p, 7, 1 | 3 << 16)); /* one byte, loads and stores */
    next_stop(p, "load");
    present(m, "present");
    kE("kernel_address", poke_user(p, 1, 0xffffffff81000000UL) < 0 ? -1 : poke_user(p, 7, 1 | 3 << 16 | 4 | 3 << 20));
    kE("unaligned", poke_user(p, 0, (unsigned long)P(0) + 1) < 0 ? -1 : poke_user(p, 7, 1 | 3 << 16 | 3 << 18));
    kE("io", poke_user(p, 7, 1 | 2 << 16));
    kE("register4", poke_user(p, 4, 0));
    kE("far", poke_user(p, 0, 0x7ffffffff000UL + 0x10000));
    kill(p, SIGKILL);
    waitpid(p, &st, 0);
}
static void op_watch_exec(struct map *m) /* execution of the first byte; the text is one ret */
{
    int st;
    if (m->fd < 0 || !(m->d->prot & PROT_EXEC)) {
        result("skip");
        return;
    }
    char c = (char)0xc3;
    int fd = wfd(m);
    pwrite(fd, &c, 1, 0);
    close(fd);
    pid_t p = xfork();
    if (in_child(p)) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        ((void (*)(void))P(0))();
        raise(SIGSTOP);
        execl("/probe/hello", "hello", (char *)0);
        _exit(0);
    }
    waitpid(p, &st, 0);
    R(poke_user(p, 0, (unsigned long)P(0)), -1);
    kE("dr7", poke_user(p, 7, 1)); /* one byte, execution */
    next_stop(p, "exec");
    next_stop(p, "again");
    kI("dr7_before", peek_user(p, 7) & 0xff);
    next_stop(p, "execve");
    kI("dr7_after_execve", peek_user(p, 7) & 0xff);
    kill(p, SIGKILL);
    waitpid(p, &st, 0);
}

/* ------------------------------------------------------------------ uprobes */
#define TRACE "/sys/kernel/tracing/"
static long uprobe_on(const char *path)
{
    char b[128];
    if (access(TRACE "uprobe_events", F_OK))
        mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, 0);
    put_text(TRACE "events/uprobes/enable", "0");
    put_text(TRACE "uprobe_events", "");
    sprintf(b, "p:cell %s:0x10\n", path);
    if (put_text(TRACE "uprobe_events", b) < 0)
        return -1;
    return put_text(TRACE "events/uprobes/cell/enable", "1") < 0 ? -1 : 0;
}
static void uprobe_off(void)
{
    put_text(TRACE "events/uprobes/cell/enable", "0");
    int fd = open(TRACE "uprobe_events", O_WRONLY | O_TRUNC);
    close(fd);
}
static void text_byte(const char *k, void *a)
{
    kRd(k, (char *)a + 16);
}
static int uprobe_ready(struct map *m)
{
    char nops[64];
    if (m->d->type != FILE_ || !(m->d->prot & PROT_EXEC)) {
        result("skip");
        return -1;
    }
    memset(nops, 0x90, sizeof nops);
    nops[63] = (char)0xc3;
    int fd = wfd(m);
    pwrite(fd, nops, sizeof nops, 0);
    close(fd);
    return 0;
}
static void op_uprobe(struct map *m)
{
    unsigned char v;
    if (uprobe_ready(m))
        return;
    if (strcmp(m->state, "rd") == 0)
        try_read(P(0), &v);
    long r = R(uprobe_on(m->path), -1);
    text_byte("mapped", P(0));
    /* a mapping made later, of text, of data that may become text, and a shared one */
    int fd = open(m->path, O_RDONLY);
    char *x = mmap(AT + 0x10000000UL, m->len, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0);
    text_byte("later", x);
    char *d = mmap(AT + 0x20000000UL, m->len, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0);
    text_byte("later_data", d);
    int rw = open(m->path, O_RDWR);
    char *w = mmap(AT + 0x30000000UL, m->len, RW, MAP_PRIVATE | MAP_FIXED, rw, 0);
    text_byte("later_writable", w);
    char *s = mmap(AT + 0x40000000UL, m->len, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd, 0);
    text_byte("later_shared", s);
    kE("mprotect", mprotect(d, m->len, PROT_READ | PROT_EXEC));
    text_byte("data_made_text", d);
    char *moved = mremap(x, m->len, m->len, MREMAP_MAYMOVE | MREMAP_FIXED, AT + 0x50000000UL);
    text_byte("moved", moved);
    pid_t p = xfork();
    if (in_child(p)) {
        read_text(sh->txt[0], P(0) + 16);
        read_text(sh->txt[1], moved + 16);
        madvise(m->addr, m->len, MADV_DONTNEED);
        read_text(sh->txt[2], P(0) + 16);
        sh->flag[1] = 1;
        gate(&sh->flag[0]);
        read_text(sh->txt[3], P(0) + 16);
        read_text(sh->txt[4], moved + 16);
        _exit(0);
    }
    gate(&sh->flag[1]);
    kS("child", sh->txt[0]);
    kS("child_moved", sh->txt[1]);
    kS("child_dropped", sh->txt[2]);
    if (r == 0) {
        int st = try_call(P(0));
        kS("call", st ? sig_name(st) : "ok");
    }
    uprobe_off();
    sh->flag[0] = 1;
    wait_for(p);
    text_byte("removed", P(0));
    text_byte("removed_moved", moved);
    kS("child_removed", sh->txt[3]);
    kS("child_removed_moved", sh->txt[4]);
    char c = 0;
    pread(fd, &c, 1, 16);
    char b[16];
    byte_text(b, c);
    kS("file", b);
}

/* Scanning takes a second: not for every variation of a mapping. */
static int scanned(const struct mdef *d)
{
    static const char *variations[] = { "_ro", "_rx", "_rdprot", "_wo", "_rofd", "_sync", "_hole", "_pmd", "_4k", "pmemraw", "btt", "e820" };
    if (strncmp(d->name, "anon", 4) == 0)
        return 1;
    for (unsigned i = 0; i < sizeof variations / sizeof *variations; i++)
        if (strstr(d->name, variations[i]))
            return 0;
    return 1;
}
static const struct odef scans[] = {
    O(ksm_merge, 0, 0, 1), O(ksm_held, 0, 0, 1), O(ksm_pinned, 0, 0, 1), O(ksm_pin_merged, 0, 0, 1), O(ksm_fork, 0, 0, 1), O(ksm_processes, 0, 0, 1),
    O(khp_one, 0, 0, 1), O(khp_all, 0, 0, 1), O(khp_none, 0, 0, 1), O(khp_held, 0, 0, 1), O(khp_pinned, 0, 0, 1), O(khp_forked, 0, 0, 1),
    O(migrate_pages, 0, 0, 4), O(numa_maps, 0, 1, CRW), O(cmdline, 0, 1, CRW), O(watch_store, 0, 0, CW), O(watch_access, 0, 1, CW), O(watch_exec, 0, 0, 1),
    O(uprobe, 0, 0, CRW),
};
#define NSCANS (int)(sizeof scans / sizeof *scans)

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
    sh = mmap(0, sizeof *sh, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    prepare_sources();
    char km[1000];
    kmsg_collect(km, sizeof km);
    for (int i = 0; i < NDEFS; i++) {
        if (fm && !strstr(defs[i].name, fm))
            continue;
        for (int j = 0; j < NSCANS; j++) {
            const struct odef *o = &scans[j];
            if ((fo && !strstr(o->name, fo)) || (defs[i].type == SPECIAL && !o->safe) || (strncmp(o->name, "khp", 3) == 0 && defs[i].len < MB2) || (strncmp(o->name, "ksm", 3) == 0 && !scanned(&defs[i])))
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
