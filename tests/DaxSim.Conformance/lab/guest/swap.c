/*
 * Pages that reclaim takes away, by MADV_PAGEOUT, on a machine with a swap device that reads and writes at once. The mappings, states and conventions
 * are those of cells.c, which this file includes; the lines have the same form.
 *
 *   swap -d swap-device [-m mapping-substring] [-o op-substring]
 *
 * A picture of the first four pages has one letter each: P present, S a swap entry, - nothing.
 */
#define main cells_main
#include "../recorder/programs/cells.c"
#undef main
#include <sys/swap.h>
#ifndef MADV_COLD
#define MADV_COLD 20
#define MADV_PAGEOUT 21
#endif

static const char *swap_device = "/dev/null";
static long in0, out0;

static void picture_of(char *b, char *a, size_t len)
{
    int i;
    for (i = 0; i < 4 && i * PG < len; i++) {
        uint64_t e = pagemap_raw(a + i * PG);
        b[i] = e >> 63 ? 'P' : e >> 62 & 1 ? 'S' : '-';
    }
    b[i] = 0;
}
static void picture(struct map *m, const char *k)
{
    char b[8];
    picture_of(b, m->addr, m->len);
    kS(k, b);
}
static void child_picture(struct map *m, int at)
{
    picture_of(sh->txt[at], m->addr, m->len);
}
static void in_core(struct map *m, const char *k)
{
    unsigned char v[512];
    char b[8];
    int i;
    memset(v, 9, sizeof v);
    mincore(m->addr, m->len, v);
    for (i = 0; i < 4 && i * PG < m->len; i++)
        b[i] = '0' + v[i];
    b[i] = 0;
    kS(k, b);
}
static void io_begin(void)
{
    in0 = vmstat("pswpin ");
    out0 = vmstat("pswpout ");
}
static void io(const char *k)
{
    char b[64];
    long in = vmstat("pswpin "), out = vmstat("pswpout ");
    sprintf(b, "[%ld,%ld]", in - in0, out - out0);
    kRaw(k, b);
    in0 = in, out0 = out;
}
static long status_kb(const char *name)
{
    char line[128];
    long v = -1;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, name, strlen(name)) == 0)
            v = atol(line + strlen(name) + 1);
    if (f)
        fclose(f);
    return v;
}
static void smaps_of(struct map *m, const char *suffix)
{
    static const char *want[] = { "Rss", "Pss", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty", "Anonymous", "AnonHugePages", "Swap", "SwapPss" };
    char line[256], key[64], name[80];
    unsigned long s, e;
    int in = 0;
    long v;
    FILE *f = fopen("/proc/self/smaps", "r");
    while (f && fgets(line, sizeof line, f)) {
        if (sscanf(line, "%lx-%lx ", &s, &e) == 2 && strchr(line, '-') < line + 17)
            in = (char *)s == m->addr;
        else if (in && sscanf(line, "%63[^:]: %ld", key, &v) == 2)
            for (unsigned i = 0; i < sizeof want / sizeof *want; i++)
                if (strcmp(key, want[i]) == 0) {
                    snprintf(name, sizeof name, "%s%s", key, suffix);
                    kI(name, v);
                }
    }
    if (f)
        fclose(f);
}
static uint64_t frame(void *a)
{
    uint64_t e = pagemap_raw(a);
    return e >> 63 ? e & ((1UL << 55) - 1) : 0;
}
static void flags_of(void *a, const char *k) /* of the struct page: dirty, lru, active, anon, swapcache, swapbacked, mlocked */
{
    static const char *names[] = { "dirty", "mmap", "anon", "swapcache", "swapbacked", "mlocked", "ksm" };
    static const int bits[] = { 4, 11, 12, 13, 14, 33, 21 };
    uint64_t f = 0;
    char b[128] = "";
    if (frame(a) == 0) {
        kS(k, "none");
        return;
    }
    int fd = open("/proc/kpageflags", O_RDONLY);
    pread(fd, &f, 8, frame(a) * 8);
    close(fd);
    for (unsigned i = 0; i < sizeof bits / sizeof *bits; i++)
        if (f >> bits[i] & 1)
            sprintf(b + strlen(b), "%s%s", *b ? " " : "", names[i]);
    kS(k, b);
}
/* every page out; the main outcome is madvise's */
static long out(struct map *m)
{
    io_begin();
    long r = R(madvise(m->addr, m->len, MADV_PAGEOUT), -1);
    picture(m, "out");
    return r;
}
static void values(struct map *m, const char *k)
{
    char b[256] = "", one[64];
    for (int i = 0; i < 4 && i * PG < m->len; i++) {
        read_text(one, P(i));
        sprintf(b + strlen(b), "%s%s", i ? " " : "", one);
    }
    kS(k, b);
}

/* ------------------------------------------------------------------ out and in again */
static void op_po_read(struct map *m)
{
    out(m);
    in_core(m, "core");
    kI("vmswap_kb", status_kb("VmSwap:"));
    smaps_of(m, "");
    io("io");
    values(m, "values");
    picture(m, "in");
    flags_of(P(0), "flags");
    io("io_in");
    in_core(m, "core_in");
    kI("vmswap_kb_in", status_kb("VmSwap:"));
}
static void op_po_write(struct map *m)
{
    char b[64];
    out(m);
    io("io");
    write_text(b, P(1), 'w');
    kS("write", b);
    picture(m, "in");
    flags_of(P(1), "flags");
    io("io_in");
    values(m, "values");
}
static void op_po_read_write(struct map *m) /* may the page be written in place? */
{
    char b[64];
    out(m);
    kRd("value", P(0));
    uint64_t before = frame(P(0));
    write_text(b, P(0), 'w');
    kS("write", b);
    kI("same_frame", before != 0 && before == frame(P(0)));
    flags_of(P(0), "flags");
    kRd("value_after", P(0));
}
static void op_po_entry(struct map *m) /* the swap entry as pagemap shows it */
{
    uint64_t e;
    out(m);
    e = pagemap_raw(P(0));
    kI("present", e >> 63 & 1);
    kI("swap", e >> 62 & 1);
    kI("file", e >> 61 & 1);
    kI("uffd", e >> 57 & 1);
    kI("excl", e >> 56 & 1);
    kI("dirty", e >> 55 & 1);
    kI("type", e >> 62 & 1 ? e & 31 : -1);
    kI("offset", e >> 62 & 1 ? (e >> 5 & ((1UL << 50) - 1)) != 0 : -1);
}
static void op_po_faults(struct map *m)
{
    struct rusage a, b;
    unsigned char v;
    out(m);
    getrusage(RUSAGE_SELF, &a);
    try_read(P(2), &v);
    getrusage(RUSAGE_SELF, &b);
    kI("majflt", b.ru_majflt - a.ru_majflt);
    getrusage(RUSAGE_SELF, &a);
    try_read(P(2), &v);
    getrusage(RUSAGE_SELF, &b);
    kI("again", b.ru_majflt - a.ru_majflt);
}
static void op_po_twice(struct map *m) /* out, in by loads, out: is it written a second time? */
{
    out(m);
    io("io");
    values(m, "values");
    io("io_in");
    kE("again", madvise(m->addr, m->len, MADV_PAGEOUT));
    picture(m, "out2");
    io("io_out");
    values(m, "values2");
}
static void op_po_one(struct map *m)
{
    io_begin();
    R(madvise(P(1), PG, MADV_PAGEOUT), -1);
    picture(m, "out");
    smaps_of(m, "");
    io("io");
    values(m, "values");
    picture(m, "in");
}
static void op_cold(struct map *m)
{
    R(madvise(m->addr, m->len, MADV_COLD), -1);
    picture(m, "cold");
    values(m, "values");
}

/* ------------------------------------------------------------------ fork */
static void op_po_fork(struct map *m)
{
    out(m);
    io("io");
    pid_t p = xfork();
    if (in_child(p)) {
        child_picture(m, 0);
        read_text(sh->txt[1], P(0));
        write_text(sh->txt[2], P(1), 'c');
        child_picture(m, 3);
        sprintf(sh->txt[4], "%ld", status_kb("VmSwap:"));
        sh->flag[1] = 1;
        gate(&sh->flag[0]);
        _exit(0);
    }
    gate(&sh->flag[1]);
    kS("child", sh->txt[0]);
    kS("child_value", sh->txt[1]);
    kS("child_write", sh->txt[2]);
    kS("child_in", sh->txt[3]);
    kS("child_vmswap_kb", sh->txt[4]);
    picture(m, "parent");
    kI("vmswap_kb", status_kb("VmSwap:"));
    smaps_of(m, "");
    io("io_child");
    values(m, "values");
    picture(m, "in");
    io("io_in");
    sh->flag[0] = 1;
    wait_for(p);
}
static void op_po_fork_frames(struct map *m) /* both read the page in: is it one page, and who copies it? */
{
    char b[64];
    out(m);
    pid_t p = xfork();
    if (in_child(p)) {
        read_text(sh->txt[0], P(0));
        sprintf(sh->txt[1], "%lx", (long)frame(P(0)));
        sh->flag[1] = 1;
        gate(&sh->flag[0]);
        read_text(sh->txt[2], P(0));
        sh->flag[3] = 1;
        gate(&sh->flag[2]);
        _exit(0);
    }
    gate(&sh->flag[1]);
    kS("child_value", sh->txt[0]);
    kRd("value", P(0));
    flags_of(P(0), "flags");
    sprintf(b, "%lx", (long)frame(P(0)));
    kI("same_frame", frame(P(0)) != 0 && strcmp(b, sh->txt[1]) == 0);
    uint64_t before = frame(P(0));
    write_text(b, P(0), 'p');
    kS("write", b);
    kI("kept_frame", before != 0 && before == frame(P(0)));
    sh->flag[0] = 1;
    gate(&sh->flag[3]);
    kS("child_after", sh->txt[2]);
    sh->flag[2] = 1;
    wait_for(p);
}
static void op_po_fork_exit(struct map *m) /* the child goes without having read anything; then the parent reads and writes */
{
    char b[64];
    out(m);
    pid_t p = xfork();
    if (in_child(p))
        _exit(0);
    wait_for(p);
    io("io");
    kRd("value", P(0));
    flags_of(P(0), "flags");
    uint64_t before = frame(P(0));
    write_text(b, P(0), 'p');
    kS("write", b);
    kI("kept_frame", before != 0 && before == frame(P(0)));
    io("io_in");
}
static void op_po_fork_in_exit(struct map *m) /* the child reads the page in and goes */
{
    char b[64];
    out(m);
    pid_t p = xfork();
    if (in_child(p)) {
        read_text(sh->txt[0], P(0));
        _exit(0);
    }
    wait_for(p);
    kS("child_value", sh->txt[0]);
    picture(m, "parent");
    in_core(m, "core");
    io("io");
    kRd("value", P(0));
    flags_of(P(0), "flags");
    uint64_t before = frame(P(0));
    write_text(b, P(0), 'p');
    kS("write", b);
    kI("kept_frame", before != 0 && before == frame(P(0)));
    io("io_in");
}
static void op_fork_po(struct map *m) /* shared pages: the call leaves them alone as long as two map them */
{
    io_begin();
    pid_t p = xfork();
    if (in_child(p)) {
        gate(&sh->flag[0]);
        child_picture(m, 0);
        sh->flag[1] = 1;
        gate(&sh->flag[2]);
        _exit(0);
    }
    out(m);
    sh->flag[0] = 1;
    gate(&sh->flag[1]);
    kS("child", sh->txt[0]);
    in_core(m, "core");
    io("io");
    sh->flag[2] = 1;
    wait_for(p);
    kE("again", madvise(m->addr, m->len, MADV_PAGEOUT));
    picture(m, "alone");
    values(m, "values");
}
static void op_po_fork_po(struct map *m) /* the child's copy goes out on its own */
{
    out(m);
    io("io");
    pid_t p = xfork();
    if (in_child(p)) {
        write_text(sh->txt[0], P(0), 'c');
        ret_text(sh->txt[1], madvise(m->addr, m->len, MADV_PAGEOUT));
        child_picture(m, 2);
        read_text(sh->txt[3], P(0));
        _exit(0);
    }
    wait_for(p);
    kS("child_write", sh->txt[0]);
    kS("child_pageout", sh->txt[1]);
    kS("child_out", sh->txt[2]);
    kS("child_value", sh->txt[3]);
    values(m, "values");
    io("io_in");
}

/* ------------------------------------------------------------------ whoever wants the page */
static void op_po_pvm_read(struct map *m)
{
    char b[16] = "";
    out(m);
    struct iovec l = { b, 16 }, r = { P(1), 16 };
    kE("read", syscall(SYS_process_vm_readv, getpid(), &l, 1, &r, 1, 0));
    char t[16];
    byte_text(t, b[0]);
    kS("got", t);
    picture(m, "in");
}
static void op_po_pvm_write(struct map *m)
{
    char b[16];
    memset(b, 'R', 16);
    out(m);
    struct iovec l = { b, 16 }, r = { P(1), 16 };
    kE("write", syscall(SYS_process_vm_writev, getpid(), &l, 1, &r, 1, 0));
    picture(m, "in");
    kRd("value", P(1));
}
static void op_po_mem(struct map *m) /* /proc/self/mem, which forces */
{
    char b = 'M', t[16];
    out(m);
    int fd = open("/proc/self/mem", O_RDWR);
    char got = 0;
    kE("read", pread(fd, &got, 1, (off_t)P(0)));
    byte_text(t, got);
    kS("got", t);
    kE("write", pwrite(fd, &b, 1, (off_t)P(1)));
    picture(m, "in");
    kRd("value", P(1));
}
static void op_po_odirect_read(struct map *m)
{
    out(m);
    int fd = src_file(1);
    kE("read", pread(fd, P(1), PG, 0));
    picture(m, "in");
    kRd("value", P(1));
}
static void op_po_odirect_write(struct map *m)
{
    char t[64];
    char *b = mmap(0, PG, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    out(m);
    int fd = open("/mnt/ext4/dst", O_RDWR | O_CREAT | O_DIRECT, 0644);
    kE("write", pwrite(fd, P(1), PG, 0));
    picture(m, "in");
    kE("back", pread(fd, b, PG, 0));
    read_text(t, b);
    kS("got", t);
}
static void op_po_vmsplice(struct map *m)
{
    int pp[2];
    char b[8] = "", t[16];
    out(m);
    pipe2(pp, O_NONBLOCK);
    struct iovec v = { P(1), PG };
    kE("vmsplice", vmsplice(pp[1], &v, 1, 0));
    picture(m, "in");
    read(pp[0], b, 1);
    byte_text(t, b[0]);
    kS("got", t);
}
static void op_po_register(struct map *m)
{
    struct ring r;
    out(m);
    if (ring_open(&r) < 0) {
        kS("register", "nosys");
        return;
    }
    pins_begin();
    kE("register", ring_reg(&r, P(1), PG));
    pins_end();
    picture(m, "in");
    int fd = open("/tmp/t/src", O_RDONLY);
    kE("read_fixed", ring_io(&r, IORING_OP_READ_FIXED, fd, P(1), 16, 0));
    kRd("value", P(1));
}
static void op_po_syscall(struct map *m) /* a plain read(2) into the page */
{
    out(m);
    int fd = open("/tmp/t/src", O_RDONLY);
    kE("read", read(fd, P(1), 16));
    picture(m, "in");
    kRd("value", P(1));
}
static void op_po_futex(struct map *m)
{
    struct timespec t = { 0, 1000 };
    out(m);
    kE("wait", fut(P(0), FUTEX_WAIT, 12345, &t));
    picture(m, "in");
    kE("wake", fut(P(1), FUTEX_WAKE, 1, 0));
    picture(m, "after_wake");
}

/* ------------------------------------------------------------------ whoever holds the page */
static void op_held_po(struct map *m)
{
    int pp[2];
    pipe2(pp, O_NONBLOCK);
    struct iovec v = { P(1), PG };
    kE("vmsplice", vmsplice(pp[1], &v, 1, 0));
    out(m);
    in_core(m, "core");
    flags_of(P(1), "flags");
    io("io");
    char b[64];
    write_text(b, P(1), 'w');
    kS("write", b);
    kRd("value", P(1));
    picture(m, "in");
    char c = 0, t[16];
    read(pp[0], &c, 1);
    byte_text(t, c);
    kS("pipe", t);
}
static void op_pinned_po(struct map *m)
{
    struct ring r;
    char b[64];
    if (ring_open(&r) < 0) {
        result("skip");
        return;
    }
    kE("register", ring_reg(&r, P(1), PG));
    out(m);
    in_core(m, "core");
    flags_of(P(1), "flags");
    io("io");
    write_text(b, P(1), 'w');
    kS("write", b);
    int fd = open("/tmp/t/src", O_RDONLY);
    kE("read_fixed", ring_io(&r, IORING_OP_READ_FIXED, fd, P(1), 16, 0));
    kRd("value", P(1));
}
static void op_pinned_po_fork(struct map *m) /* what fork makes of a pinned page that reclaim has tried */
{
    struct ring r;
    if (ring_open(&r) < 0) {
        result("skip");
        return;
    }
    kE("register", ring_reg(&r, P(1), PG));
    out(m);
    pid_t p = xfork();
    if (in_child(p)) {
        gate(&sh->flag[0]);
        read_text(sh->txt[0], P(1));
        _exit(0);
    }
    char b[64];
    write_text(b, P(1), 'p');
    kS("write", b);
    int fd = open("/tmp/t/src", O_RDONLY);
    kE("read_fixed", ring_io(&r, IORING_OP_READ_FIXED, fd, P(1), 16, 0));
    kRd("value", P(1));
    sh->flag[0] = 1;
    wait_for(p);
    kS("child", sh->txt[0]);
}
static void op_locked_po(struct map *m)
{
    kE("mlock", mlock(m->addr, m->len));
    out(m);
    kE("munlock", munlock(m->addr, m->len));
    kE("again", madvise(m->addr, m->len, MADV_PAGEOUT));
    picture(m, "unlocked");
}
static void op_po_mlock(struct map *m)
{
    out(m);
    kE("mlock", mlock(m->addr, m->len));
    picture(m, "in");
    flags_of(P(0), "flags");
    io("io");
}
static void op_po_populate_read(struct map *m)
{
    out(m);
    kE("populate", madvise(m->addr, m->len, 22));
    picture(m, "in");
}
static void op_po_populate_write(struct map *m)
{
    out(m);
    kE("populate", madvise(m->addr, m->len, 23));
    picture(m, "in");
    values(m, "values");
}

/* ------------------------------------------------------------------ the address space */
static void op_po_mprotect(struct map *m)
{
    char b[64];
    out(m);
    kE("mprotect", mprotect(m->addr, m->len, PROT_READ));
    picture(m, "protected");
    write_text(b, P(0), 'w');
    kS("write", b);
    kRd("value", P(1));
    kE("mprotect_rw", mprotect(m->addr, m->len, RW));
    write_text(b, P(2), 'w');
    kS("write_rw", b);
    values(m, "values");
}
static void op_po_mprotect_none(struct map *m)
{
    out(m);
    kE("mprotect", mprotect(m->addr, m->len, PROT_NONE));
    picture(m, "protected");
    kRd("value", P(1));
    kE("mprotect_rw", mprotect(m->addr, m->len, RW));
    values(m, "values");
}
static void op_po_mremap(struct map *m)
{
    char b[8];
    out(m);
    char *to = mremap(m->addr, m->len, m->len, MREMAP_MAYMOVE | MREMAP_FIXED, AT + 0x10000000UL);
    kE("mremap", to == MAP_FAILED ? -1 : 0);
    if (to == MAP_FAILED)
        return;
    picture_of(b, to, m->len);
    kS("moved", b);
    kRd("value", to + PG);
    kI("vmswap_kb", status_kb("VmSwap:"));
}
static void op_po_munmap_page(struct map *m)
{
    out(m);
    kE("munmap", munmap(P(1), PG));
    kI("vmswap_kb", status_kb("VmSwap:"));
    kRd("value", P(2));
}
static void op_po_dontneed(struct map *m)
{
    out(m);
    kE("dontneed", madvise(m->addr, m->len, MADV_DONTNEED));
    picture(m, "dropped");
    kI("vmswap_kb", status_kb("VmSwap:"));
    io("io");
    values(m, "values");
    io("io_in");
}
static void op_po_free(struct map *m)
{
    out(m);
    kE("free", madvise(m->addr, m->len, 8));
    picture(m, "freed");
    kI("vmswap_kb", status_kb("VmSwap:"));
    values(m, "values");
}
static void op_free_po(struct map *m)
{
    io_begin();
    long r = R(madvise(m->addr, m->len, 8), -1);
    picture(m, "freed");
    flags_of(P(0), "flags");
    kRd("value", P(0));
    char b[64];
    write_text(b, P(1), 'w');
    kS("write", b);
    kE("pageout", madvise(m->addr, m->len, MADV_PAGEOUT));
    picture(m, "out");
    io("io");
    values(m, "values");
    (void)r;
}
static void op_free_fork_po(struct map *m)
{
    io_begin();
    R(madvise(m->addr, m->len, 8), -1);
    pid_t p = xfork();
    if (in_child(p)) {
        write_text(sh->txt[0], P(1), 'c');
        ret_text(sh->txt[1], madvise(m->addr, m->len, MADV_PAGEOUT));
        child_picture(m, 2);
        read_text(sh->txt[3], P(0));
        read_text(sh->txt[4], P(1));
        _exit(0);
    }
    wait_for(p);
    kS("child_write", sh->txt[0]);
    kS("child_pageout", sh->txt[1]);
    kS("child_out", sh->txt[2]);
    kS("child_value0", sh->txt[3]);
    kS("child_value1", sh->txt[4]);
    kE("pageout", madvise(m->addr, m->len, MADV_PAGEOUT));
    picture(m, "out");
    values(m, "values");
}
static void op_po_willneed(struct map *m)
{
    out(m);
    kE("willneed", madvise(m->addr, m->len, MADV_WILLNEED));
    picture(m, "asked");
    in_core(m, "core");
    io("io");
    values(m, "values");
    flags_of(P(0), "flags");
    io("io_in");
}
static void op_po_over(struct map *m)
{
    out(m);
    mmap(P(1), PG, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    picture(m, "over");
    kI("vmswap_kb", status_kb("VmSwap:"));
    kRd("value", P(1));
}
static void op_po_numa_maps(struct map *m)
{
    char line[512], want[32];
    io_begin();
    R(madvise(P(1), PG, MADV_PAGEOUT), -1);
    kRd("value", P(1));
    sprintf(want, "%lx ", (unsigned long)m->addr);
    FILE *f = fopen("/proc/self/numa_maps", "r");
    while (f && fgets(line, sizeof line, f)) {
        size_t n = strspn(line, "0");
        if (strncmp(line + n, want, strlen(want)) == 0) {
            line[strcspn(line, "\n")] = 0;
            char *active = strstr(line, " active=");
            if (active)
                memmove(active, active + 8 + strspn(active + 8, "0123456789"), strlen(active + 8 + strspn(active + 8, "0123456789")) + 1);
            char *anon = strstr(line, " anon=");
            char *cache = strstr(line, " swapcache=");
            kI("anon", anon ? atol(anon + 6) : 0);
            kI("swapcache", cache ? atol(cache + 11) : 0);
        }
    }
    if (f)
        fclose(f);
}

/* ------------------------------------------------------------------ bits that entries carry */
static void op_po_softdirty(struct map *m)
{
    char b[16];
    int fd = open("/proc/self/clear_refs", O_WRONLY);
    kE("clear", write(fd, "4", 1));
    close(fd);
    write_text(b, P(1), 'w');
    out(m);
    sprintf(b, "%d%d", (int)(pagemap_raw(P(0)) >> 55 & 1), (int)(pagemap_raw(P(1)) >> 55 & 1));
    kS("swapped", b);
    fd = open("/proc/self/clear_refs", O_WRONLY);
    kE("clear_swapped", write(fd, "4", 1));
    close(fd);
    sprintf(b, "%d%d", (int)(pagemap_raw(P(0)) >> 55 & 1), (int)(pagemap_raw(P(1)) >> 55 & 1));
    kS("cleared", b);
    kRd("value", P(1));
    sprintf(b, "%d%d", (int)(pagemap_raw(P(0)) >> 55 & 1), (int)(pagemap_raw(P(1)) >> 55 & 1));
    kS("read", b);
    write_text(b, P(0), 'w');
    kS("write", b);
    sprintf(b, "%d%d", (int)(pagemap_raw(P(0)) >> 55 & 1), (int)(pagemap_raw(P(1)) >> 55 & 1));
    kS("written", b);
}
static void op_po_uffd_wp(struct map *m)
{
    struct uffdio_api api = { 0xAA, 1, 0 }; /* PAGEFAULT_FLAG_WP */
    struct uffdio_register reg = { { (unsigned long)m->addr, m->len }, 2, 0 };
    struct { struct uffdio_range range; uint64_t mode; } wp = { { (unsigned long)P(0), PG }, 1 };
    char b[16];
    int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
    kE("api", ioctl(fd, UFFDIO_API, &api));
    kE("register", ioctl(fd, UFFDIO_REGISTER, &reg));
    kE("protect", ioctl(fd, _IOWR(0xAA, 6, wp), &wp));
    out(m);
    sprintf(b, "%d%d", (int)(pagemap_raw(P(0)) >> 57 & 1), (int)(pagemap_raw(P(1)) >> 57 & 1));
    kS("swapped", b);
    wp.range.start = (unsigned long)P(1);
    kE("protect_swapped", ioctl(fd, _IOWR(0xAA, 6, wp), &wp));
    sprintf(b, "%d%d", (int)(pagemap_raw(P(0)) >> 57 & 1), (int)(pagemap_raw(P(1)) >> 57 & 1));
    kS("protected", b);
    kRd("value", P(0));
    kRd("value1", P(1));
    sprintf(b, "%d%d", (int)(pagemap_raw(P(0)) >> 57 & 1), (int)(pagemap_raw(P(1)) >> 57 & 1));
    kS("read", b);
    wp.range.start = (unsigned long)P(0);
    wp.mode = 0;
    kE("unprotect", ioctl(fd, _IOWR(0xAA, 6, wp), &wp));
    write_text(b, P(0), 'w');
    kS("write", b);
}

/* ------------------------------------------------------------------ the file behind */
static void op_po_file_read(struct map *m)
{
    char b = 0, t[16];
    if (!m->isfile) {
        result("skip");
        return;
    }
    out(m);
    int fd = wfd(m);
    kE("pread", pread(fd, &b, 1, PG));
    byte_text(t, b);
    kS("got", t);
    picture(m, "in");
    in_core(m, "core");
    io("io");
}
static void op_po_file_write(struct map *m)
{
    if (!m->isfile) {
        result("skip");
        return;
    }
    out(m);
    int fd = wfd(m);
    kE("pwrite", pwrite(fd, "F", 1, PG));
    picture(m, "in");
    io("io");
    kRd("value", P(1));
}
static void op_po_truncate(struct map *m)
{
    if (!m->isfile) {
        result("skip");
        return;
    }
    out(m);
    int fd = wfd(m);
    kE("ftruncate", ftruncate(fd, PG));
    picture(m, "cut");
    kRd("value1", P(1));
    kE("regrow", ftruncate(fd, 4 * PG));
    values(m, "values");
}
static void op_po_punch(struct map *m)
{
    if (!m->isfile) {
        result("skip");
        return;
    }
    out(m);
    int fd = wfd(m);
    kE("punch", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PG, PG));
    picture(m, "punched");
    values(m, "values");
}

/* ------------------------------------------------------------------ swapoff */
static void op_po_swapoff(struct map *m)
{
    out(m);
    pid_t p = xfork();
    if (in_child(p)) {
        gate(&sh->flag[0]);
        child_picture(m, 0);
        read_text(sh->txt[1], P(0));
        _exit(0);
    }
    io("io");
    kE("swapoff", swapoff(swap_device));
    picture(m, "off");
    flags_of(P(0), "flags");
    kI("vmswap_kb", status_kb("VmSwap:"));
    sh->flag[0] = 1;
    wait_for(p);
    kS("child", sh->txt[0]);
    kS("child_value", sh->txt[1]);
    values(m, "values");
    kE("without", madvise(m->addr, m->len, MADV_PAGEOUT));
    picture(m, "stay");
    kE("swapon", swapon(swap_device, 0));
}

static int swapped(const struct mdef *d)
{
    static const char *names[] = { "anon_private", "anon_private_ro", "anon_shared", "anon_thp", "memfd_shared", "memfd_private", "tmpfs_shared", "tmpfs_private", "ext4_private", "ext4_shared",
                                   "ext4dax_shared", "ext4dax_private", "ext4dax_pmd_shared", "xfsdax_private", "e820dax_private", "devdax_shared", "devmem_private", "hugetlb_private", "secretmem_shared" };
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(d->name, names[i]) == 0)
            return 1;
    return 0;
}
static const struct odef swaps[] = {
    O(po_read, 0, 0, 6), O(po_write, 0, 0, 4), O(po_read_write, 0, 0, 4), O(po_entry, 0, 0, 6), O(po_faults, 0, 0, 4), O(po_twice, 0, 0, 4), O(po_one, 0, 0, 4), O(cold, 0, 0, 4),
    O(po_fork, 0, 0, 4), O(po_fork_frames, 0, 0, 4), O(po_fork_exit, 0, 0, 4), O(po_fork_in_exit, 0, 0, 4), O(fork_po, 0, 0, 4), O(po_fork_po, 0, 0, 4),
    O(po_pvm_read, 0, 0, 4), O(po_pvm_write, 0, 0, 4), O(po_mem, 0, 0, 4), O(po_odirect_read, 0, 0, 4), O(po_odirect_write, 0, 0, 4), O(po_vmsplice, 0, 0, 4),
    O(po_register, 0, 0, 4), O(po_syscall, 0, 0, 4), O(po_futex, 0, 0, 4), O(held_po, 0, 0, 4), O(pinned_po, 0, 0, 4), O(pinned_po_fork, 0, 0, 4),
    O(locked_po, 0, 0, 4), O(po_mlock, 0, 0, 4), O(po_populate_read, 0, 0, 4), O(po_populate_write, 0, 0, 4),
    O(po_mprotect, 0, 0, 4), O(po_mprotect_none, 0, 0, 4), O(po_mremap, 0, 0, 4), O(po_munmap_page, 0, 0, 4), O(po_dontneed, 0, 0, 4), O(po_free, 0, 0, 4), O(free_po, 0, 0, 4),
    O(free_fork_po, 0, 0, 4), O(po_willneed, 0, 0, 4), O(po_over, 0, 0, 4), O(po_numa_maps, 0, 0, 4), O(po_softdirty, 0, 0, 4), O(po_uffd_wp, 0, 0, 4),
    O(po_file_read, 0, 0, 4), O(po_file_write, 0, 0, 4), O(po_truncate, 0, 0, 4), O(po_punch, 0, 0, 4), O(po_swapoff, 0, 0, 4),
};
#define NSWAPS (int)(sizeof swaps / sizeof *swaps)

int main(int argc, char **argv)
{
    const char *fm = 0, *fo = 0;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "-m"))
            fm = argv[i + 1];
        if (!strcmp(argv[i], "-o"))
            fo = argv[i + 1];
        if (!strcmp(argv[i], "-d"))
            swap_device = argv[i + 1];
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sh = mmap(0, sizeof *sh, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    prepare_sources();
    char km[1000];
    kmsg_collect(km, sizeof km);
    for (int i = 0; i < NDEFS; i++) {
        if ((fm && !strstr(defs[i].name, fm)) || !swapped(&defs[i]))
            continue;
        for (int j = 0; j < NSWAPS; j++) {
            const struct odef *o = &swaps[j];
            if (fo && !strstr(o->name, fo))
                continue;
            if ((o->states & 2) && (defs[i].prot & PROT_READ))
                run_cell(&defs[i], o, "rd");
            if ((o->states & 4) && (defs[i].prot & PROT_WRITE))
                run_cell(&defs[i], o, "wr");
        }
        fprintf(stderr, "%s\n", defs[i].name);
    }
    return 0;
}
