/* The file as a whole: what was written comes out; what was changed anywhere does not. */
#include "vault_test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

static char folder[64];

static int start_folder(void **state)
{
    strcpy(folder, "/tmp/godwit-vault-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return start(state);
}

static int stop_folder(void **state)
{
    gw_err ignored = {0};
    gw_file_remove_tree(folder, &ignored);
    gw_err_clear(&ignored);
    return stop(state);
}

static gw_manifest sample(const char *id)
{
    gw_manifest m = {.id = id,
                     .created_at = 1700000000000000,
                     .project = "a \"quoted\" projet é",
                     .environment = "dev",
                     .database = "d",
                     .godwit = "0",
                     .server_version = "15.1",
                     .pg_dump = "15.1",
                     .contents = "all",
                     .fingerprint = "f00"};
    gw_backup_table *table = gw_vec_push(arena, &m.tables);
    *table = (gw_backup_table){"public", "t", 42};
    return m;
}

static gw_recipient with_passphrase(const char *text)
{
    return (gw_recipient){.kind = GW_SLOT_PASSPHRASE,
                          .passphrase = gw_secret_copy(arena, text, strlen(text)),
                          .scrypt_log2_n = 4};
}

static gw_unlock passphrase(const char *text)
{
    return (gw_unlock){.passphrase = gw_secret_copy(arena, text, strlen(text))};
}

/* Bytes that compress a little, the same for the same seed. */
static unsigned char *noise(size_t len, uint32_t seed)
{
    unsigned char *out = gw_alloc(arena, len + 1);
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525 + 1013904223;
        out[i] = (unsigned char)(seed >> 24 & (i & 64 ? 0xff : 0x0f));
    }
    return out;
}

static const char *write_backup(const char *id, const void *data, size_t len,
                                const gw_recipient *to, size_t count)
{
    gw_backup_writer *writer;
    gw_err err = {0};
    const char *path = NULL;
    gw_manifest *m = gw_alloc(arena, sizeof *m);
    *m = sample(id);
    assert_true(gw_backup_begin(arena, folder, m, to, count, &writer, &err));
    for (size_t done = 0; done < len;) {
        size_t piece = len - done < 70001 ? len - done : 70001;
        assert_true(gw_backup_write(writer, (const char *)data + done, piece, &err));
        done += piece;
    }
    assert_true(gw_backup_finish(writer, &path, &err));
    return path;
}

/* true where all of it could be read; it is compared with `data` then. */
static bool read_back(const char *path, const gw_unlock *unlock, const unsigned char *data,
                      size_t len, gw_err *err)
{
    gw_arena *own = gw_arena_new();
    gw_backup_reader *reader;
    const unsigned char *piece;
    size_t got = 0, done = 0;
    bool ok = gw_backup_open(own, path, &reader, err) && gw_backup_unlock(reader, unlock, err);
    bool checked = ok && gw_backup_check(reader, NULL, NULL, err);
    if (ok && !checked)
        gw_err_clear(err);
    while (ok && (ok = gw_backup_read(reader, &piece, &got, err)) && got) {
        assert_true(done + got <= len);
        assert_memory_equal(piece, data + done, got);
        done += got;
    }
    if (ok)
        assert_int_equal(done, len);
    assert_int_equal(ok, checked); /* what check says is what reading finds */
    gw_arena_free(own);
    return ok;
}

static void expect_damage(const char *path, const gw_unlock *unlock, const unsigned char *data,
                          size_t len)
{
    gw_err err = {0};
    assert_false(read_back(path, unlock, data, len, &err));
    assert_true(err.kind == GW_ERR_INPUT || err.kind == GW_ERR_UNSUPPORTED ||
                err.kind == GW_ERR_CONFIG);
    assert_non_null(err.message);
    gw_err_clear(&err);
}

static void comes_back(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 4096, 65536, 65537, 131072, 3000000};
    gw_err err = {0};
    gw_unlock secret = passphrase("tea"), none = {0};
    gw_recipient to = with_passphrase("tea");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        unsigned char *data = noise(lengths[i], 7);
        const char *path = write_backup(gw_printf(arena, "s%zu", i), data, lengths[i], &to, 1);
        assert_true(read_back(path, &secret, data, lengths[i], &err));
        path = write_backup(gw_printf(arena, "o%zu", i), data, lengths[i], NULL, 0);
        assert_true(read_back(path, &none, data, lengths[i], &err));
    }
}

static void the_manifest_says_it(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_backup_reader *reader;
    unsigned char key[GW_KEY_BYTES], public[GW_KEY_BYTES];
    unsigned char *data = noise(200000, 3);
    gw_random_bytes(key, sizeof key);
    gw_x25519_public(key, public);
    gw_recipient to[] = {with_passphrase("tea"), gw_recipient_of_keys(public, NULL)};
    const char *path = write_backup("m", data, 200000, to, 2);
    assert_true(gw_backup_open(arena, path, &reader, &err));
    const gw_manifest *m = gw_backup_manifest(reader);
    assert_string_equal(m->project, "a \"quoted\" projet é");
    assert_string_equal(m->encryption, "passphrase, x25519");
    assert_string_equal(m->keys.items[0], gw_hex(arena, to[1].key_id, GW_KEY_ID_BYTES));
    assert_int_equal(m->plain_bytes, 200000);
    assert_string_equal(m->plain_sha256, gw_digest_hex(arena, GW_SHA256, data, 200000));
    assert_int_equal(m->tables.items[0].rows, 42);
    assert_null(m->migration_version);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, m->stored_bytes + (int64_t)gw_backup_head(reader)->len);
    assert_int_equal(info.st_mode & 0777, 0600);
    /* Either of the two opens it. */
    gw_unlock by_key = {0}, other = {0};
    *gw_vec_push(arena, &by_key.keys) =
        (gw_private_key){.x25519 = gw_secret_copy(arena, key, sizeof key)};
    memcpy(by_key.keys.items[0].key_id, to[1].key_id, GW_KEY_ID_BYTES);
    assert_true(read_back(path, &by_key, data, 200000, &err));
    *gw_vec_push(arena, &other.keys) =
        (gw_private_key){.x25519 = gw_secret_copy(arena, public, sizeof key)};
    memcpy(other.keys.items[0].key_id, to[1].key_id, GW_KEY_ID_BYTES);
    expect_damage(path, &other, data, 200000);
}

static void a_wrong_key_is_told(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_recipient to = with_passphrase("tea");
    const char *path = write_backup("w", "rows", 4, &to, 1);
    gw_unlock wrong = passphrase("Tea"), none = {0};
    assert_false(read_back(path, &wrong, (const unsigned char *)"rows", 4, &err));
    assert_int_equal(err.kind, GW_ERR_INPUT);
    assert_non_null(strstr(err.message, "cannot be opened with this key"));
    gw_err_clear(&err);
    assert_false(read_back(path, &none, (const unsigned char *)"rows", 4, &err));
    assert_int_equal(err.kind, GW_ERR_CONFIG);
    assert_non_null(strstr(err.hint, "GODWIT_PASSPHRASE"));
    gw_err_clear(&err);
}

static void every_byte_counts(const gw_recipient *to, size_t count, const gw_unlock *unlock)
{
    gw_err err = {0};
    gw_file_text file;
    unsigned char *data = noise(300, 11);
    const char *path = write_backup("b", data, 300, to, count);
    assert_true(gw_file_read(arena, path, 0, &file, &err));
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    for (size_t i = 0; i < file.len; i++) {
        char flipped = (char)(file.data[i] ^ 1 << i % 8);
        assert_int_equal(pwrite(fd, &flipped, 1, (off_t)i), 1);
        expect_damage(path, unlock, data, 300);
        assert_int_equal(pwrite(fd, &file.data[i], 1, (off_t)i), 1);
    }
    assert_true(read_back(path, unlock, data, 300, &err));
    for (size_t len = 0; len < file.len; len++) {
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, file.data, len, 0), len);
        expect_damage(path, unlock, data, 300);
    }
    assert_int_equal(pwrite(fd, file.data, file.len, 0), file.len);
    assert_int_equal(pwrite(fd, "x", 1, (off_t)file.len), 1);
    expect_damage(path, unlock, data, 300);
    close(fd);
}

static void every_byte_of_an_encrypted_one(void **state)
{
    (void)state;
    gw_recipient to = with_passphrase("tea");
    gw_unlock unlock = passphrase("tea");
    every_byte_counts(&to, 1, &unlock);
}

static void every_byte_of_an_open_one(void **state)
{
    (void)state;
    gw_unlock none = {0};
    every_byte_counts(NULL, 0, &none);
}

/* Chunks of one file reordered, left out, doubled, put into another file; heads changed over. */
static void chunks_stay_where_they_are(void **state)
{
    (void)state;
    enum { LEN = 400000, WHOLE = GW_CHUNK_BYTES + GW_TAG_BYTES };
    gw_err err = {0};
    gw_file_text a, b;
    gw_backup_reader *reader;
    gw_unlock none = {0};
    unsigned char *data = noise(LEN, 5);
    const char *first = write_backup("1", data, LEN, NULL, 0);
    const char *second = write_backup("2", data, LEN, NULL, 0);
    assert_true(gw_file_read(arena, first, 0, &a, &err) && gw_file_read(arena, second, 0, &b, &err));
    assert_true(gw_backup_open(arena, first, &reader, &err));
    size_t head = gw_backup_head(reader)->len, len = a.len;
    assert_true(len > head + 3 * WHOLE);
    struct {
        size_t to, from, count;
        const char *source;
        size_t cut; /* from the end */
    } cases[] = {
        {head, head + WHOLE, WHOLE, a.data, 0},         /* the second in place of the first */
        {head + WHOLE, head + WHOLE, WHOLE, b.data, 0}, /* of the other file, same place */
        {head, head, len - head, b.data, 0},            /* all of the other's chunks */
        {0, 0, head, b.data, 0},                        /* the other's head */
        {0, 0, 0, a.data, (len - head) % WHOLE},        /* ends where a chunk ends */
        {0, 0, 0, a.data, len - head},                  /* no chunk at all */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *copy = gw_memdup(arena, a.data, len);
        memcpy(copy + cases[i].to, cases[i].source + cases[i].from, cases[i].count);
        const char *path = gw_path_join(arena, folder, "x.gwb");
        assert_true(gw_file_write(path, copy, len - cases[i].cut, 0600, &err));
        expect_damage(path, &none, data, LEN);
    }
}

static size_t files_here(void)
{
    gw_err err = {0};
    gw_file_list list = {0};
    assert_true(gw_file_list_dir(arena, folder, &list, &err));
    return list.len;
}

static void a_half_one_never_has_its_name(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_arena *own = gw_arena_new();
    gw_backup_writer *writer;
    gw_manifest m = sample("half");
    assert_true(gw_backup_begin(own, folder, &m, NULL, 0, &writer, &err));
    assert_true(gw_backup_write(writer, "rows", 4, &err));
    assert_true(gw_file_exists(gw_path_join(arena, folder, "half.gwb.part")));
    assert_false(gw_file_exists(gw_path_join(arena, folder, "half.gwb")));
    /* Another one at the same time leaves it alone, and removes what nobody holds. */
    const char *left = gw_path_join(arena, folder, "left.gwb.part");
    assert_true(gw_file_write(left, "x", 1, 0600, &err));
    write_backup("other", "rows", 4, NULL, 0);
    assert_true(gw_file_exists(gw_path_join(arena, folder, "half.gwb.part")));
    assert_false(gw_file_exists(left));
    gw_arena_free(own);
    assert_int_equal(files_here(), 1);
}

static void a_folder_that_cannot_be_written(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_backup_writer *writer;
    gw_manifest m = sample("x");
    const char *file = gw_path_join(arena, folder, "file");
    assert_true(gw_file_write(file, "", 0, 0600, &err));
    assert_false(gw_backup_begin(arena, file, &m, NULL, 0, &writer, &err));
    assert_int_equal(err.kind, GW_ERR_IO);
    gw_err_clear(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(comes_back, start_folder, stop_folder),
        cmocka_unit_test_setup_teardown(the_manifest_says_it, start_folder, stop_folder),
        cmocka_unit_test_setup_teardown(a_wrong_key_is_told, start_folder, stop_folder),
        cmocka_unit_test_setup_teardown(every_byte_of_an_encrypted_one, start_folder, stop_folder),
        cmocka_unit_test_setup_teardown(every_byte_of_an_open_one, start_folder, stop_folder),
        cmocka_unit_test_setup_teardown(chunks_stay_where_they_are, start_folder, stop_folder),
        cmocka_unit_test_setup_teardown(a_half_one_never_has_its_name, start_folder, stop_folder),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_written, start_folder, stop_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
