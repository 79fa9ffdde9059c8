/* Shared by the server_*.c files; nobody else includes it. */
#ifndef GW_PG_SERVER_INTERNAL_H
#define GW_PG_SERVER_INTERNAL_H

#include <stddef.h>
#include <sys/types.h>

#include "base/vec.h"
#include "pg/server.h"

#define GW_SERVER_ROLE "postgres" /* the cluster's superuser, whoever runs it */
#define GW_SERVER_ADMIN "godwit_shadow" /* of a disposable one, a second: a file may do anything to
                                         the first */
#define GW_SERVER_PORT "5432"     /* only part of the socket's name */

/* Who the server's processes are. */
typedef struct gw_server_user {
    uid_t uid;
    gid_t gid;
    const char *name;
    bool switched; /* not who we are: we are root and have to become them */
} gw_server_user;

/* Where the cluster of a project lives. */
typedef struct gw_server_place {
    const char *top;  /* PROJECT/.godwit or /var/lib/godwit/NAME-HASH; ours */
    const char *home; /* the folder of data: top, or below it; ours */
    const char *data; /* top/postgres, or another cluster's name; belongs to `user` */
    const char *log;  /* data + ".log" */
    const char *lock; /* data + ".lock" */
    bool exists;      /* data is a complete cluster */
    gw_server_user user;
} gw_server_place;

/* server_place.c. Never makes anything. */
bool gw_server_locate(gw_arena *arena, const gw_server_options *options, gw_server_place *out,
                      gw_err *err);
/* Make home, readable for the server's user. */
bool gw_server_make_home(gw_arena *arena, const gw_server_place *place, gw_err *err);
/* Can this user enter this folder (mode X_OK), run this program …? Asked as that user. */
bool gw_server_can(const gw_server_user *user, const char *path, int mode);

/* server_socket.c: a folder for the socket. expected: which one it would be; makes nothing. */
char *gw_server_socket_expected(gw_arena *arena, const gw_server_place *place);
bool gw_server_socket_make(gw_arena *arena, const gw_server_place *place, char **out,
                           gw_err *err);
/* Remove what a dead server left there, and the folder itself where it is not the cluster's. */
void gw_server_socket_clean(gw_arena *arena, const gw_server_place *place, const char *dir);

/* server_find.c */
typedef struct gw_server_binaries {
    const char *bindir;
    const char *version; /* "15.20" */
    int major;
} gw_server_binaries;
/* major 0: the newest. Kind UNSUPPORTED where there is none; detail lists where it looked. */
bool gw_server_find(gw_arena *arena, const gw_server_options *options,
                    const gw_server_user *user, int major, gw_server_binaries *out, gw_err *err);

/* server_process.c: postmaster.pid as it stands, and whether that process is this cluster's. */
typedef struct gw_postmaster {
    pid_t pid;          /* 0: no file, or nothing in it */
    bool alive;         /* the process is there and is this cluster's server */
    bool foreign;       /* the pid is another program's by now, or a zombie's: PostgreSQL would
                           take it for its server */
    bool ready;         /* it says that it takes connections */
    bool broken;        /* the file is there and names no process: empty, or something else. PostgreSQL
                           refuses to start as long as it is there; `alive` is then what /proc says */
    char *socket_dir;   /* NULL where it is not written yet */
} gw_postmaster;
gw_postmaster gw_postmaster_read(gw_arena *arena, const char *data);
/* Server processes of this cluster, whoever started them. */
typedef GW_VEC(pid_t) gw_pids;
void gw_server_processes(gw_arena *arena, const char *data, gw_pids *out);
bool gw_process_gone(pid_t pid);
/* cluster_name, which `ps` shows of each of its processes. */
char *gw_server_title(gw_arena *arena, const char *data);

/*
 * server_fence.c: what a disposable server's processes cannot do, whatever SQL they run. By the
 * kernel's seccomp they connect to nothing and run no program; by Landlock they touch no files but
 * their own and the system's. What a kernel cannot do is left out.
 */
typedef struct gw_fence gw_fence;
gw_fence *gw_fence_new(gw_arena *arena, const char *data, const char *socket_dir,
                       const char *bindir);
/* In the process that becomes the server: no memory, no locks. Programs start by gw_fence_exec. */
void gw_fence_enter(const gw_fence *fence);
void gw_fence_exec(const char *const *argv, const char *const *env);
/* Does this kernel do it? Does it hold a running process? */
bool gw_fence_files_work(void);
bool gw_fence_holds(pid_t pid);

typedef struct gw_spawn {
    const char *const *argv;
    const char *const *env;
    const gw_fence *fence; /* NULL */
    const gw_server_user *user;
    int output; /* stdout and stderr */
} gw_spawn;
/* A program that outlives us: own session, no descriptor of ours, orphaned at once. */
bool gw_server_spawn(const gw_spawn *spawn, pid_t *pid, gw_err *err);

/* What the server and initdb get to see of our environment: no password is in it. */
const char *const *gw_server_env(gw_arena *arena, const gw_server_user *user);

/* server_make.c: a new cluster in place->data; complete, or not there at all. */
bool gw_server_make(gw_arena *arena, const gw_server_options *options,
                    const gw_server_place *place, const gw_server_binaries *binaries,
                    gw_err *err);
/* Half-made clusters of runs that were killed. The caller holds the lock. */
void gw_server_sweep(gw_arena *arena, const gw_server_place *place);

/* A libpq URL over the socket. */
char *gw_server_url(gw_arena *arena, const char *database, const char *socket_dir,
                    const char *role);
/* Where the programs are that the cluster was last started from, or NULL. */
char *gw_server_last_bindir(gw_arena *arena, const char *data);

/* The last lines of a text, for details of errors. */
char *gw_last_lines(gw_arena *arena, const char *text, unsigned lines);

#endif
