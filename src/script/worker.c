#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "script/internal.h"

enum {
    LOOK_MS = 50,           /* how often memory and progress are looked at */
    WORDS_MAX = 2000,       /* of stderr are kept */
    LOGGED_MAX = 64 * 1024, /* of stderr are logged, a process */
    TRIM_AT = 8 << 20,      /* bytes of an area in use from which its pages are given back */
    START_MS = 120 * 1000,  /* for a worker to start on a busy machine */
};

/* A sanitizer keeps what was freed, and shadows of all of it. */
#ifdef GW_ARENA_DEBUG
enum { MEMORY_FACTOR = 4 };
#else
enum { MEMORY_FACTOR = 1 };
#endif

struct gw_worker {
    gw_arena *arena;
    gw_worker_plan plan;
    gw_wire_head layout; /* the head as we made it: what stands in memory is the worker's */
    char *map;
    int memory, socket, words; /* descriptors; -1 = none */
    pid_t pid;                 /* 0 = none alive */
    char said[WORDS_MAX + 1];  /* what it said last on stderr */
    size_t said_len, logged;
    size_t used; /* the most bytes of an area that a batch used since the last trim */
    char ending[120];
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Off the numbers that the worker's own descriptors have. */
static bool lift(int *fd)
{
    enum { ABOVE = 16 };
    if (*fd < 0)
        return false;
    int lifted = fcntl(*fd, F_DUPFD_CLOEXEC, ABOVE);
    close(*fd);
    *fd = lifted;
    return lifted >= 0;
}

/* ---- memory ---- */

static uint64_t lay(gw_wire_head *head, uint64_t bytes)
{
    uint64_t at = head->size;
    head->size = (at + bytes + 4095) & ~(uint64_t)4095;
    return at;
}

static gw_wire_head lay_out(const gw_worker_plan *plan)
{
    gw_wire_head head = {
        .version = GW_WIRE_VERSION,
        .progress = -1,
        .row_ms = plan->row_ms,
        .columns = (uint32_t)plan->columns,
        .outputs = (uint32_t)plan->outputs,
        .memory = plan->memory,
        .in_cap = plan->in_cap,
        .out_cap = plan->out_cap,
        .in_lens_cap = plan->in_lens_cap,
        .out_lens_cap = plan->out_lens_cap,
        .cells_cap = plan->cells_cap,
        .size = 4096,
    };
    head.in_lens_at = lay(&head, 4 * head.in_lens_cap);
    head.out_lens_at = lay(&head, 4 * head.out_lens_cap);
    head.cells_at = lay(&head, 4 * head.cells_cap);
    head.in_at = lay(&head, 2 * head.in_cap);
    head.out_at = lay(&head, 2 * head.out_cap);
    return head;
}

/* Sealed, so that the worker cannot make it smaller under our eyes. */
static bool make_memory(gw_worker *worker, gw_err *err)
{
    worker->layout = lay_out(&worker->plan);
    worker->memory = memfd_create("godwit-script", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    size_t size = worker->layout.size;
    if (!lift(&worker->memory) || ftruncate(worker->memory, (off_t)size) != 0 ||
        fcntl(worker->memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return gw_err_errno(err, errno, "no memory to share with a script worker");
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, worker->memory, 0);
    if (map == MAP_FAILED)
        return gw_err_errno(err, errno, "no memory to share with a script worker");
    worker->map = map;
    return true;
}

static gw_wire_head *head_of(const gw_worker *worker)
{
    return (gw_wire_head *)(void *)worker->map;
}

static void end(void *arg)
{
    gw_worker *worker = arg;
    gw_worker_kill(worker);
    close_fd(&worker->memory);
    if (worker->map)
        munmap(worker->map, worker->layout.size);
    worker->map = NULL;
}

bool gw_worker_new(gw_arena *arena, const gw_worker_plan *plan, gw_worker **out, gw_err *err)
{
    gw_worker *worker = gw_alloc(arena, sizeof *worker);
    *worker = (gw_worker){
        .arena = arena, .plan = *plan, .memory = -1, .socket = -1, .words = -1};
    gw_arena_defer(arena, end, worker);
    *out = worker;
    return make_memory(worker, err);
}

/* ---- the process ---- */

static const char *const environment[] = {
    "TZ=UTC",
    "LANG=C.UTF-8",
    "PATH=/usr/bin:/bin",
    /* Without it the limit of address space could not be set to anything useful. */
    "GIGACAGE_ENABLED=0",
    "JSC_forceWeakRandomSeed=1",
    "JSC_forcedWeakRandomSeed=42",
};

static char **environment_of(const gw_worker *worker)
{
    size_t count = sizeof environment / sizeof *environment;
    char **list = gw_alloc_array(worker->arena, count + 3, sizeof *list);
    size_t at = 0;
    for (size_t i = 0; i < count; i++)
        list[at++] = gw_strdup(worker->arena, environment[i]);
    /* The compiler has done its work before this tier pays. */
    if (worker->plan.compiler)
        list[at++] = gw_strdup(worker->arena, "JSC_useDFGJIT=0");
    const char *libraries = getenv("LD_LIBRARY_PATH");
    if (libraries)
        list[at++] = gw_printf(worker->arena, "LD_LIBRARY_PATH=%s", libraries);
    return list;
}

static int spawn(gw_worker *worker, int socket, int words)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&files) != 0 || posix_spawnattr_init(&attributes) != 0)
        return ENOMEM;
    int code = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
    code = code ? code : posix_spawn_file_actions_adddup2(&files, 0, 1);
    code = code ? code : posix_spawn_file_actions_adddup2(&files, words, 2);
    code = code ? code : posix_spawn_file_actions_adddup2(&files, socket, GW_WIRE_SOCKET);
    code = code ? code : posix_spawn_file_actions_adddup2(&files, worker->memory, GW_WIRE_MEMORY);
    /* A group of its own: Ctrl-C at the terminal is for us, who end it when we are done. */
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    char program[] = "godwit-script", run[] = "run", check[] = "check";
    char *folder = gw_strdup(worker->arena, worker->plan.compiler);
    char *argv[] = {program, folder ? check : run, folder, NULL};
    if (code == 0)
        code = posix_spawn(&worker->pid, worker->plan.program, &files, &attributes, argv,
                           environment_of(worker));
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (code != 0)
        worker->pid = 0;
    return code;
}

static bool launch(gw_worker *worker, gw_err *err)
{
    int pair[2] = {-1, -1}, words[2] = {-1, -1};
    int code = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0 ||
        pipe2(words, O_CLOEXEC | O_NONBLOCK) != 0 || !lift(&pair[0]) || !lift(&pair[1]) ||
        !lift(&words[0]) || !lift(&words[1]))
        code = errno;
    worker->said_len = worker->logged = 0;
    worker->said[0] = worker->ending[0] = '\0';
    *head_of(worker) = worker->layout;
    if (code == 0)
        code = spawn(worker, pair[1], words[1]);
    close_fd(&pair[1]);
    close_fd(&words[1]);
    worker->socket = pair[0];
    worker->words = words[0];
    if (code == 0)
        return true;
    close_fd(&worker->socket);
    close_fd(&worker->words);
    gw_err_errno(err, code, "cannot start %s", worker->plan.program);
    return false;
}

/* ---- what it says on stderr ---- */

/* JavaScriptCore itself says that its cage is off, which it is on purpose. */
static bool is_noise(const char *line)
{
    return strstr(line, "igacage") != NULL || !*line;
}

static void hear_line(gw_worker *worker, const char *line)
{
    size_t len = strlen(line);
    if (is_noise(line) || worker->logged + len > LOGGED_MAX)
        return;
    worker->logged += len;
    gw_log_write(worker->plan.log, GW_LOG_WARNING, NULL, "a script worker said",
                 GW_FIELDS(GW_TEXT("text", line), GW_INT("pid", worker->pid)));
}

static void keep(gw_worker *worker, const char *data, size_t len)
{
    if (len > WORDS_MAX) {
        data += len - WORDS_MAX;
        len = WORDS_MAX;
    }
    if (worker->said_len + len > WORDS_MAX) {
        size_t drop = worker->said_len + len - WORDS_MAX;
        memmove(worker->said, worker->said + drop, worker->said_len - drop);
        worker->said_len -= drop;
    }
    memcpy(worker->said + worker->said_len, data, len);
    worker->said_len += len;
    worker->said[worker->said_len] = '\0';
}

static void hear(gw_worker *worker)
{
    char piece[4096];
    ssize_t n;
    while (worker->words >= 0 && (n = read(worker->words, piece, sizeof piece - 1)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return;
        keep(worker, piece, (size_t)n);
        piece[n] = '\0';
        char *rest = piece;
        for (char *line; (line = strsep(&rest, "\n"));)
            hear_line(worker, line);
    }
    close_fd(&worker->words);
}

/* ---- its end ---- */

static void reap(gw_worker *worker)
{
    int status = 0;
    pid_t got;
    do
        got = waitpid(worker->pid, &status, 0);
    while (got < 0 && errno == EINTR);
    hear(worker);
    close_fd(&worker->socket);
    close_fd(&worker->words);
    worker->pid = 0;
    if (worker->ending[0] || got < 0)
        return;
    if (WIFSIGNALED(status))
        snprintf(worker->ending, sizeof worker->ending, "it ended by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(worker->ending, sizeof worker->ending, "it ended with exit code %d",
                 WEXITSTATUS(status));
}

void gw_worker_kill(gw_worker *worker)
{
    if (worker->pid == 0)
        return;
    kill(worker->pid, SIGKILL);
    reap(worker);
}

bool gw_worker_alive(const gw_worker *worker)
{
    return worker->pid != 0;
}

pid_t gw_worker_pid(const gw_worker *worker)
{
    return worker->pid;
}

const char *gw_worker_last_words(const gw_worker *worker)
{
    for (const char *line = worker->said, *next; *line; line = next) {
        const char *newline = strchr(line, '\n');
        next = newline ? newline + 1 : line + strlen(line);
        char *text = gw_strndup(worker->arena, line, (size_t)(next - line));
        text[strcspn(text, "\n")] = '\0';
        if (!is_noise(text))
            return gw_printf(worker->arena, "%s: %s", worker->ending, text);
    }
    return worker->ending;
}

/* ---- asking ---- */

static int32_t progress_of(const gw_worker *worker)
{
    return __atomic_load_n(&head_of(worker)->progress, __ATOMIC_RELAXED);
}

/* Memory of its own, shared pages (ours, libraries) not counted; 0 where it cannot be read. */
static size_t memory_of(const gw_worker *worker)
{
    char path[40], text[128];
    snprintf(path, sizeof path, "/proc/%d/statm", (int)worker->pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t len = read(fd, text, sizeof text - 1);
    close(fd);
    if (len <= 0)
        return 0;
    text[len] = '\0';
    char *at = text;
    strtoul(at, &at, 10);
    unsigned long resident = strtoul(at, &at, 10), shared = strtoul(at, &at, 10);
    return resident > shared ? (resident - shared) * (size_t)sysconf(_SC_PAGESIZE) : 0;
}

/* Processor time of all its threads. */
static int64_t processor_of(const gw_worker *worker)
{
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(worker->pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

typedef struct watcher {
    int32_t progress;
    int64_t since_us, used_us; /* when it was first seen there; what it had used then */
    int64_t looked_us;
    bool starting;
} watcher;

/* false where the worker was killed. */
static bool look(gw_worker *worker, watcher *watch, gw_worker_outcome *outcome)
{
    int64_t now = gw_monotonic_us();
    if (now - watch->looked_us < LOOK_MS * 1000)
        return true;
    watch->looked_us = now;
    int32_t progress = progress_of(worker);
    if (progress != watch->progress) {
        watch->progress = progress;
        watch->since_us = now;
        watch->used_us = processor_of(worker);
    }
    /* A busy machine is no fault of the row's: it is what it used that counts, long before the clock. */
    const gw_worker_plan *plan = &worker->plan;
    int64_t wall_ms = watch->starting ? START_MS : plan->wall_ms;
    int64_t used_us = watch->starting ? 0 : processor_of(worker) - watch->used_us;
    bool slow = used_us > 4 * (int64_t)plan->row_ms * 1000 || now - watch->since_us > wall_ms * 1000;
    bool fat = memory_of(worker) > plan->memory * MEMORY_FACTOR;
    if (!slow && !fat)
        return true;
    *outcome = slow ? GW_WORKER_SLOW : GW_WORKER_FAT;
    snprintf(worker->ending, sizeof worker->ending, "%s",
             slow ? "it was ended: it took too long" : "it was ended: it took too much memory");
    gw_worker_kill(worker);
    return false;
}

static gw_worker_outcome wait_answer(gw_worker *worker, bool starting)
{
    int64_t now = gw_monotonic_us();
    watcher watch = {.progress = -2, .since_us = now, .looked_us = now, .starting = starting};
    gw_worker_outcome outcome = GW_WORKER_DIED;
    for (;;) {
        struct pollfd fds[] = {{.fd = worker->socket, .events = POLLIN},
                               {.fd = worker->words, .events = POLLIN}};
        int ready = poll(fds, 2, LOOK_MS);
        if (fds[1].revents)
            hear(worker);
        if (ready > 0 && fds[0].revents) {
            char turn;
            ssize_t got = recv(worker->socket, &turn, 1, MSG_DONTWAIT);
            if (got == 1)
                return GW_WORKER_ANSWERED;
            if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
                gw_worker_kill(worker);
                return GW_WORKER_DIED;
            }
        }
        if (!look(worker, &watch, &outcome))
            return outcome;
    }
}

gw_worker_answer gw_worker_ask(gw_worker *worker, gw_wire_op op, size_t rows, size_t in_units)
{
    gw_wire_head *head = head_of(worker);
    head->op = op;
    head->rows = (uint32_t)rows;
    head->in_units = (uint32_t)in_units;
    head->status = GW_WIRE_NONE;
    head->out_units = 0;
    __atomic_store_n(&head->progress, -1, __ATOMIC_RELAXED);
    if (in_units * 2 > worker->used)
        worker->used = in_units * 2;
    gw_worker_answer answer = {.outcome = GW_WORKER_DIED};
    if (send(worker->socket, "q", 1, MSG_NOSIGNAL) == 1)
        answer.outcome = wait_answer(worker, op == GW_OP_READY);
    else
        gw_worker_kill(worker);
    answer.progress = progress_of(worker);
    if (answer.outcome != GW_WORKER_ANSWERED)
        return answer;
    answer.status = __atomic_load_n(&head->status, __ATOMIC_RELAXED);
    answer.out_units = __atomic_load_n(&head->out_units, __ATOMIC_RELAXED);
    if (answer.out_units > worker->layout.out_cap)
        answer.status = GW_WIRE_NONE;
    else if (answer.out_units * (size_t)2 > worker->used)
        worker->used = answer.out_units * (size_t)2;
    return answer;
}

bool gw_worker_start(gw_worker *worker, gw_err *err)
{
    if (worker->pid != 0)
        return true;
    if (!launch(worker, err))
        return false;
    gw_worker_answer answer = gw_worker_ask(worker, GW_OP_READY, 0, 0);
    if (answer.outcome == GW_WORKER_ANSWERED && answer.status == GW_WIRE_OK)
        return true;
    gw_worker_kill(worker);
    /* The loader ends a program whose libraries are not there with 127. */
    bool library = strstr(worker->said, "shared librar") != NULL;
    gw_err_set(err, library ? GW_ERR_UNSUPPORTED : GW_ERR_STATE, "%s does not start",
               worker->plan.program);
    gw_err_detail(err, "%s", gw_worker_last_words(worker));
    return library ? gw_err_hint(err, "install JavaScriptCore: apt-get install "
                                      "libjavascriptcoregtk-4.1-0")
                   : false;
}

/* ---- data ---- */

uint16_t *gw_worker_in(gw_worker *worker)
{
    return (uint16_t *)(void *)(worker->map + worker->layout.in_at);
}

int32_t *gw_worker_in_lens(gw_worker *worker)
{
    return (int32_t *)(void *)(worker->map + worker->layout.in_lens_at);
}

void gw_worker_copy_out(const gw_worker *worker, uint16_t *to, size_t units)
{
    memcpy(to, worker->map + worker->layout.out_at, units * sizeof *to);
}

void gw_worker_copy_lens(const gw_worker *worker, int32_t *to, size_t count)
{
    memcpy(to, worker->map + worker->layout.out_lens_at, count * sizeof *to);
}

void gw_worker_copy_cells(const gw_worker *worker, int32_t *to, size_t count)
{
    memcpy(to, worker->map + worker->layout.cells_at, count * sizeof *to);
}

void gw_worker_trim(gw_worker *worker)
{
    if (worker->used < TRIM_AT)
        return;
    const gw_wire_head *layout = &worker->layout;
    const int how = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    fallocate(worker->memory, how, (off_t)layout->in_at, (off_t)(layout->size - layout->in_at));
    worker->used = 0;
}

bool gw_worker_put_text(gw_worker *worker, const char *text, size_t len, size_t *units)
{
    if (len > worker->layout.in_cap)
        return false;
    ptrdiff_t written = gw_utf16_of(text, len, gw_worker_in(worker));
    *units = written < 0 ? 0 : (size_t)written;
    return written >= 0;
}

char *gw_worker_get_text(gw_arena *arena, const gw_worker *worker, size_t units, size_t *len)
{
    uint16_t *copy = gw_alloc_array(arena, units, sizeof *copy);
    gw_worker_copy_out(worker, copy, units);
    char *text = gw_alloc(arena, gw_utf8_room(copy, units) + 1);
    gw_utf16_fault fault;
    *len = gw_utf8_of(copy, units, text, &fault);
    text[*len] = '\0';
    return text;
}
