#include "server_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/room.h"

enum { SKIPPED = 77 };

static struct {
    char bindir[512], dir[128], conninfo[512], template_dir[256];
    int major, postmaster;
    bool switch_user;
    uid_t uid;
    gid_t gid;
} fixture;

static void die(const char *what)
{
    fprintf(stderr, "server fixture: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void find_binaries(void)
{
    const char *named = getenv("GODWIT_TEST_PG_BINDIR");
    if (named && *named) {
        snprintf(fixture.bindir, sizeof fixture.bindir, "%s", named);
        return;
    }
    glob_t found;
    int newest = 0;
    if (glob("/usr/lib/postgresql/*/bin/postgres", 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            int major = atoi(found.gl_pathv[i] + strlen("/usr/lib/postgresql/"));
            if (major > newest)
                newest = major;
        }
        globfree(&found);
    }
    if (!newest) {
        puts("skipped: no PostgreSQL here (GODWIT_TEST_PG_BINDIR names one)");
        exit(SKIPPED);
    }
    snprintf(fixture.bindir, sizeof fixture.bindir, "/usr/lib/postgresql/%d/bin", newest);
}

static void become_server_user(void)
{
    if (fixture.switch_user &&
        (setgroups(0, NULL) != 0 || setgid(fixture.gid) != 0 || setuid(fixture.uid) != 0))
        _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGQUIT); /* after setuid, which clears it */
}

int server_fixture_spawn(const char *const *argv)
{
    int pid = fork();
    if (pid < 0)
        die("fork");
    if (pid > 0)
        return pid;
    become_server_user();
    int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(null, 1);
    if (!getenv("GODWIT_TEST_VERBOSE"))
        dup2(null, 2);
    if (chdir("/") != 0)
        _exit(126);
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

void server_fixture_reap(int pid, int signal)
{
    if (signal)
        kill(pid, signal);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

static void run(const char *const *argv)
{
    int status, pid = server_fixture_spawn(argv);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "server fixture: %s failed with status %d\n", argv[0], status);
        exit(1);
    }
}

static void read_version(void)
{
    char command[600];
    snprintf(command, sizeof command, "'%s/postgres' --version", fixture.bindir);
    FILE *out = popen(command, "r");
    if (!out || fscanf(out, "postgres (PostgreSQL) %d", &fixture.major) != 1)
        die("postgres --version");
    pclose(out);
}

static void give_to_server(const char *path)
{
    if (fixture.switch_user && chown(path, fixture.uid, fixture.gid) != 0)
        die("chown");
}

/* Several test programs start at once: one makes the template, the others wait for it. */
static void make_template(void)
{
    char lock_path[300], initdb[600], ready[300];
    snprintf(fixture.template_dir, sizeof fixture.template_dir, "/tmp/godwit-test-cluster-%d-%u",
             fixture.major, (unsigned)fixture.uid);
    snprintf(lock_path, sizeof lock_path, "%s.lock", fixture.template_dir);
    snprintf(initdb, sizeof initdb, "%s/initdb", fixture.bindir);
    snprintf(ready, sizeof ready, "%s/global/pg_control", fixture.template_dir);
    int lock = open(lock_path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0 || flock(lock, LOCK_EX) != 0)
        die(lock_path);
    struct stat st;
    bool trusted = stat(fixture.template_dir, &st) == 0 && st.st_uid == fixture.uid;
    if (!trusted || access(ready, F_OK) != 0) {
        char made[300];
        snprintf(made, sizeof made, "%s.new", fixture.template_dir);
        run((const char *const[]){"/bin/rm", "-rf", made, fixture.template_dir, NULL});
        run((const char *const[]){initdb, "-D", made, "-U", "postgres", "-A", "trust", "-N", "-E",
                                  "UTF8", "--no-locale", NULL});
        if (rename(made, fixture.template_dir) != 0)
            die("rename");
    }
    close(lock);
}

void server_fixture_start_later(void)
{
    char postgres[600], data[200], socket_dir[200];
    snprintf(postgres, sizeof postgres, "%s/postgres", fixture.bindir);
    snprintf(data, sizeof data, "%s/data", fixture.dir);
    snprintf(socket_dir, sizeof socket_dir, "unix_socket_directories=%s", fixture.dir);
    fixture.postmaster = server_fixture_spawn((const char *const[]){
        postgres, "-D", data, "-c", socket_dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c",
        "max_connections=60", "-c", "shared_buffers=16MB", "-c", "max_prepared_transactions=5",
        NULL});
}

void server_fixture_start(void)
{
    server_fixture_start_later();
    server_fixture_start_wait();
}

void server_fixture_start_wait(void)
{
    for (int i = 0; PQping(fixture.conninfo) != PQPING_OK; i++) {
        if (i > 3000 || waitpid(fixture.postmaster, NULL, WNOHANG) != 0) {
            fprintf(stderr, "server fixture: the server did not start\n");
            exit(1);
        }
        usleep(10000);
    }
}

void server_fixture_stop(void)
{
    if (fixture.postmaster)
        server_fixture_reap(fixture.postmaster, SIGINT);
    fixture.postmaster = 0;
}

void server_fixture_kill(void)
{
    server_fixture_reap(fixture.postmaster, SIGKILL);
    fixture.postmaster = 0;
    char pidfile[200];
    snprintf(pidfile, sizeof pidfile, "%s/data/postmaster.pid", fixture.dir);
    unlink(pidfile);
}

int server_fixture_setup(void **state)
{
    (void)state;
    find_binaries();
    read_version();
    fixture.uid = geteuid();
    if (fixture.uid == 0) {
        struct passwd *user = getpwnam("postgres");
        if (!user)
            user = getpwnam("nobody");
        if (!user)
            die("no user for the server");
        fixture.switch_user = true;
        fixture.uid = user->pw_uid;
        fixture.gid = user->pw_gid;
    }
    make_template();
    snprintf(fixture.dir, sizeof fixture.dir, "%s/godwit-test-XXXXXX", test_room());
    if (!mkdtemp(fixture.dir))
        die("mkdtemp");
    give_to_server(fixture.dir);
    char data[200];
    snprintf(data, sizeof data, "%s/data", fixture.dir);
    run((const char *const[]){"/bin/cp", "-a", fixture.template_dir, data, NULL});
    snprintf(fixture.conninfo, sizeof fixture.conninfo, "host=%s dbname=postgres user=postgres",
             fixture.dir);
    server_fixture_start();
    return 0;
}

int server_fixture_teardown(void **state)
{
    (void)state;
    if (fixture.postmaster)
        server_fixture_reap(fixture.postmaster, SIGQUIT);
    fixture.postmaster = 0;
    run((const char *const[]){"/bin/rm", "-rf", fixture.dir, NULL});
    return 0;
}

const char *server_fixture_conninfo(void)
{
    return fixture.conninfo;
}

const char *server_fixture_dir(void)
{
    return fixture.dir;
}

int server_fixture_major(void)
{
    return fixture.major;
}

#ifdef __SANITIZE_ADDRESS__
/* Freed memory is given back at once, so that a test can measure what is in use. */
const char *__asan_default_options(void);
__attribute__((visibility("default"))) const char *__asan_default_options(void)
{
    return "quarantine_size_mb=1";
}
#endif
