"""README and manual: links lead somewhere, the tour runs, commands and configurations are real."""
import html
import re
import shlex
import socket
import subprocess
import textwrap

import pytest

from harness.ledgerflow import shell  # noqa: F401 (fixture)
from harness.program import ROOT

NOT_OURS = {".git", ".cache", ".godwit", "node_modules"}
PAGES = sorted(p for p in ROOT.rglob("*.md")
               if not any(part in NOT_OURS or part.startswith("build") for part in p.relative_to(ROOT).parts))
MANUAL = [p for p in PAGES if p.parent == ROOT or ROOT / "docs" in p.parents or ROOT / "examples" in p.parents]
GENERATED = ROOT / "docs" / "reference" / "commands.md"


def name_of(page):
    return str(page.relative_to(ROOT))


def blocks(page, *languages):
    """(line, mark, text) of the fenced blocks; mark is the HTML comment above one, or ''."""
    found = []
    pattern = r"(?:^<!-- (?P<mark>.*?) -->\n)?^(?P<indent> *)```(?P<language>[\w-]*)\n(?P<text>.*?)^(?P=indent)```$"
    text = page.read_text()
    for m in re.finditer(pattern, text, re.M | re.S):
        if m["language"] in languages:
            line = text.count("\n", 0, m.start("text")) + 1
            found.append((line, m["mark"] or "", textwrap.dedent(m["text"])))
    return found


# ---- links --------------------------------------------------------------------------------


def anchors(page):
    """Anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.M | re.S)
    titles = re.findall(r"^#+ (.*)$", text, re.M)
    plain = (re.sub(r"[^\w\- ]", "", html.unescape(t)).strip().lower().replace(" ", "-") for t in titles)
    return set(plain)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.M | re.S)
    text = re.sub(r"`[^`\n]*`", "", text)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"\w+:", link):
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), f"{name_of(page)}: {link}"
        if anchor and path.suffix == ".md":
            assert anchor in anchors(path), f"{name_of(page)}: {link}: no such heading"


def test_every_page_of_the_manual_is_in_its_contents():
    contents = (ROOT / "docs" / "README.md").read_text()
    for page in (ROOT / "docs").rglob("*.md"):
        name = str(page.relative_to(ROOT / "docs"))
        assert name == "README.md" or f"({name})" in contents, name


# ---- the tour of the README -----------------------------------------------------------------


def tour():
    """(commands, exit code, output lines) of the marked blocks and the text block behind each."""
    steps = []
    for _, mark, text in blocks(ROOT / "README.md", "sh", "text"):
        if mark.startswith("tour"):
            code = re.search(r"exit (\d+)", mark)
            steps.append([text, int(code[1]) if code else 0, []])
        elif steps and not steps[-1][2]:
            steps[-1][2] = text.splitlines()
    return steps


def normal(text):
    """Without what differs from run to run, and with single blanks."""
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", text.replace(socket.gethostname(), "vm"))
    return " ".join(re.sub(r"\b[\d.]+ (ms|s)\b", "DURATION", text).split())


@pytest.mark.slow
def test_the_tour_runs(shell, make_project):
    folder = make_project().path
    steps = tour()
    assert len(steps) >= 9 and all(output for _, _, output in steps)
    script = "set +e\n" + "\n".join(f"{commands}\necho \"=== $?\"" for commands, _, _ in steps)
    try:
        done = shell(f"exec 2>&1\n{script}", cwd=folder, GODWIT_ACTOR="alice")
    finally:
        shell("cd shop && godwit db destroy --yes -q || true", cwd=folder)
    heard = re.split(r"^=== (\d+)\n", done.out, flags=re.M)
    for i, (commands, code, output) in enumerate(steps):
        said, exit_code = heard[2 * i], int(heard[2 * i + 1])
        assert exit_code == code, f"{commands}\n{said}"
        lines = [normal(line) for line in said.splitlines()]
        at = 0
        for line in filter(None, map(normal, output)):
            assert line in lines[at:], f"{commands}\nnot printed, or not in this place: {line}\n{said}"
            at += lines[at:].index(line) + 1
    assert not (folder / "shop" / ".godwit" / "postgres").exists()


# ---- command lines --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def manual():
    return {}


@pytest.fixture
def commands(godwit, manual):
    """{command: (its options, takes subcommands)}; "" has those that every command takes."""
    if not manual:
        current = ""
        for line in godwit("help", "--markdown", code=0).out.splitlines():
            title = re.match(r"##+ godwit (.*)", line)
            current = title[1] if title else current
            manual.setdefault(current, {})
            option = re.match(r"\| `(?:-\w, )?(--[\w-]+)( [A-Z][\w=]*)?` \|", line)
            if option:
                manual[current][option[1]] = bool(option[2])
            short = re.match(r"\| `(-\w), --[\w-]+( [A-Z][\w=]*)?` \|", line)
            if short:
                manual[current][short[1]] = bool(short[2])
    assert {"up", "status", "db psql", "completion"} <= set(manual)
    return manual


def without_comment(line):
    return re.sub(r"(^|\s)#.*$", "", line)


def calls(page):
    """(line, words) of each call of godwit in the shell blocks and the inline code of a page."""
    found = []
    for line, _, text in blocks(page, "sh", "bash", "console", ""):
        joined = text.replace("\\\n", "  ")
        joined = re.sub(r"<<'(\w+)'\n.*?^\1$", "", joined, flags=re.M | re.S)
        found += [(line, c) for row in joined.splitlines() for c in in_shell(without_comment(row))]
    prose = re.sub(r"^ *```.*?^ *```$", lambda m: "\n" * m[0].count("\n"), page.read_text(), flags=re.M | re.S)
    for number, row in enumerate(prose.splitlines(), 1):
        for code in re.findall(r"`([^`]+)`", row):
            found += [(number, c) for c in in_shell(code)]
    return found


def in_shell(row):
    """Words behind each `godwit` that stands where a command stands."""
    found = []
    for m in re.finditer(r"(?:^|[|&;(]\s*|\b[A-Z_]+=\S+\s+|exec\s+|run:\s+)godwit((?:\s+(?:'[^']*'|\"[^\"]*\"|[^\s|&;<>()`]+))*)",
                         row.strip()):
        try:
            found.append(shlex.split(m[1]))
        except ValueError:
            found.append([m[1]])
    return found


def complain(words, commands):
    """What is wrong with a call; None where nothing is."""
    command, seen = "", []
    words = list(words)
    while words:
        word = words.pop(0)
        if word == "--":
            break
        if word in ("…", "...") or word.endswith("…"):
            continue
        if word.startswith("-") and len(word) > 1:
            name, _, value = word.partition("=")
            known = {**commands[""], **commands.get(command, {})}
            if name not in known:
                return f"no option {name} of {command or 'godwit'}"
            if known[name] and not value:
                if not words and command:
                    continue  # prose: "with --wait"
                words and words.pop(0)
            continue
        nested = f"{command} {word}".strip()
        if nested in commands and not seen:
            command = nested
        elif not command:
            return None if re.fullmatch(r"[A-Z]+", word) else f"no command {word}"
        else:
            seen.append(word)
    return None


@pytest.mark.parametrize("page", [p for p in MANUAL if p != GENERATED], ids=name_of)
def test_calls_are_ones_that_godwit_takes(page, commands):
    wrong = [f"{name_of(page)}:{line}: godwit {' '.join(words)}: {complaint}" for line, words in calls(page)
             if (complaint := complain(words, commands))]
    assert not wrong, "\n".join(wrong)


def test_the_check_of_calls_can_fail(commands):
    assert complain(["upp"], commands) and complain(["up", "--stepps", "1"], commands)
    assert complain(["--env", "prod", "status", "--steps"], commands)
    assert not complain(["--env", "prod", "up", "--steps", "1", "--dry-run"], commands)
    assert sum(len(calls(p)) for p in MANUAL) > 100


# ---- configurations ---------------------------------------------------------------------------

KEYS = {"project", "migrations", "format", "compat", "placeholders", "default", "environments", "backup", "sync", "grants", "lint",
        "log"}


def configurations():
    found = []
    for page in MANUAL:
        for line, _, text in blocks(page, "yaml"):
            first = re.match(r"(?:\s*#.*\n|\s*\n)*(\w+):", text)
            if first and first[1] in KEYS:
                found.append(pytest.param(text, id=f"{name_of(page)}:{line}"))
    return found


@pytest.mark.parametrize("text", configurations())
def test_configurations_are_accepted(bare_project, database, text):
    """Each environment by its name, its variables set; only the folders of migrations are missing."""
    bare_project.config(text)
    variables = {v: "x" for v in re.findall(r"\$\{(\w+)", text)}
    environments = re.findall(r"^  (\w+):", text[text.find("environments:"):], re.M) if "environments:" in text else ["dev"]
    assert environments
    for environment in environments:
        done = bare_project.godwit("--json", "--env", environment, "--url", database.url, "status", env=variables)
        # An environment of one that lists databases wants them to be there.
        past = done.code == 0 or "for_each" in text and done.json["error"]["kind"] == "connect" \
            or done.json["error"]["message"].startswith("migrations folder")
        assert past, done


def test_there_are_configurations_to_check(bare_project):
    assert len(configurations()) >= 12
    bare_project.config("environments: { dev: { url: embedded, lock_timout: 2s } }\n")
    assert "lock_timout" in bare_project.godwit("status", code=2).err


# ---- what the pages say of the program ----------------------------------------------------------


def source(name):
    return (ROOT / name).read_text()


def test_every_key_of_the_configuration_is_described():
    page = source("docs/reference/godwit-yaml.md")
    keys = set(re.findall(r'^ *\{"(\w+)", take_', source("src/config/decode.c"), re.M))
    assert len(keys) > 30
    # Written as a group: {min, max …}.
    missing = [k for k in keys if not re.search(rf"[`{{, .]{k}[`}}, :.]", page)]
    assert not missing


def test_every_directive_is_described():
    page = source("docs/reference/directives.md")
    words = re.findall(r'^ *\{"([\w-]+)", (?:FLAG|VALUE|LIST|REST|BATCH)', source("src/migrate/directive.c"), re.M)
    assert len(words) >= 9
    assert not [w for w in words if not re.search(rf"^\| `{w}\b", page, re.M)]


def test_every_column_is_described(project, database):
    project.migration(1, "one", "SELECT 1;")
    project.godwit("up", code=0)
    page = source("docs/reference/tables.md")
    rows = database.execute("SELECT table_name, column_name FROM information_schema.columns"
                            " WHERE table_schema = 'godwit' ORDER BY table_name, ordinal_position")
    assert len(rows) > 40
    for table, column in rows:
        section = page.split(f"## godwit.{table}\n")[1].split("\n## ")[0]
        assert f"`{column}`" in section, f"{table}.{column}"


def test_every_variable_is_described():
    page = source("docs/reference/environment.md")
    names = set(re.findall(r'"(GODWIT_[A-Z_]+)"', "".join(p.read_text() for p in (ROOT / "src").rglob("*.c"))))
    assert len(names) > 10
    assert not [n for n in names if f"`{n}`" not in page]


def test_every_exit_code_and_kind_is_described(godwit):
    page = source("docs/reference/exit-codes.md")
    help_text = godwit("help", code=0).out
    assert all(re.search(rf"^\| {n} \|", page, re.M) and re.search(rf"^\s+{n}\s", help_text, re.M) for n in range(8))
    kinds = set(re.findall(r'\[GW_ERR_\w+\] = "(\w+)"', source("src/base/err.c")))
    assert len(kinds) > 15
    assert not [k for k in kinds if f"`{k}`" not in page]


def grants(role):
    text, = [t for _, mark, t in blocks(ROOT / "docs" / "operations.md", "sql") if mark == f"grants: {role}"]
    return re.findall(r"GRANT [^;]+", text.replace(f"TO {role}", "TO {role}"))


def test_the_grants_of_the_operations_page_suffice(project, database):
    project.migration(1, "one", "CREATE TABLE one (id int);", "DROP TABLE one;")
    project.migration(2, "two", "CREATE SCHEMA mine;", "DROP SCHEMA mine;")
    project.godwit("up", "--steps", "1", code=0)

    reader = database.url_for(database.role(*grants("reader")))
    for command in ("status", "verify", "history"):
        project.godwit(command, url=reader, code=0 if command != "verify" else (0, 3))
    assert project.godwit("up", "--json", url=reader, code=1).json["error"]["kind"] == "privilege"

    rights = [*grants("deployer"), f'GRANT CREATE ON DATABASE "{database.name}" TO {{role}}']
    deployer = database.url_for(database.role(*rights))
    project.godwit("up", url=deployer, code=0)
    project.godwit("down", url=deployer, code=0)
    project.godwit("baseline", "2", url=deployer, code=0)
    project.write("migrations/1_one.up.sql", "CREATE TABLE one (id int); -- edited")
    project.godwit("repair", url=deployer, code=0)
    project.godwit("verify", "--no-drift", url=reader, code=0)


# ---- the how-to pages ------------------------------------------------------------------------------


def how_to(page, language):
    return [text for _, _, text in blocks(ROOT / "docs" / "how-to" / page, language)]


def test_the_batch_of_the_page_says_how_far_it_came(project, database):
    batch, = how_to("backfill.md", "sql")
    project.migration(1, "orders", "CREATE TABLE orders (id bigint PRIMARY KEY, amount text, amount_number numeric);"
                      "INSERT INTO orders SELECT i, CASE i WHEN 15000 THEN 'bad' ELSE i::text END"
                      " FROM generate_series(1, 25000) AS i;")
    project.migration(6, "fill_amounts", batch)
    project.godwit("up", code=1)
    assert database.value("SELECT count(amount_number) FROM orders") == 10000
    assert "6 fill_amounts stopped after 10000 rows; the next up goes on from there" in project.godwit("status").out
    last = project.godwit("status", "--json").json["migrations"][-1]
    assert (last["state"], last["rows_done"]) == ("failed", 10000)
    database.execute("UPDATE orders SET amount = '0' WHERE id = 15000")
    project.godwit("up", code=0)
    assert database.value("SELECT count(amount_number) FROM orders") == 25000
    assert "rows_done" not in project.godwit("status", "--json").out


def test_the_index_files_of_the_page_run(project, database):
    alone, several = how_to("big-index.md", "sql")
    project.migration(1, "orders", "CREATE TABLE orders (account_id bigint, status text, created_at timestamptz);"
                      "CREATE INDEX orders_status_idx ON orders (status);")
    project.migration(2, "alone", alone)
    project.migration(3, "several", several)
    project.godwit("up", code=0)
    names = database.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'orders' ORDER BY 1")
    assert [n for (n,) in names] == ["orders_account_id_idx", "orders_status_created_at_idx"]


def test_a_service_finds_what_another_repository_has_made(make_project, database):
    one, other = make_project(), make_project()
    for project, service in ((one, "accounts"), (other, "billing")):
        project.config({"project": service, "migrations": [{"service": service, "path": "migrations"}],
                        "environments": {"prod": {"url": database.url}}})
    needs, = [t for t in how_to("services.md", "sql") if "requires" in t]
    one.migration("20260101000000", "accounts", "CREATE TABLE accounts (id bigint PRIMARY KEY);")
    other.migration("20260102000000", "invoices", needs, "DROP TABLE invoices;")
    assert "requires 20260101000000" in other.godwit("up", code=1).err
    one.godwit("up", code=0)
    other.godwit("up", code=0)
    assert list(other.states()) == ["20260102000000"]
    other.godwit("down", "--to", "0", code=0)
    one.godwit("status", "--check", code=0)


def test_the_tenants_of_the_page(make_project, database):
    project = make_project()
    schemas, _ = how_to("tenants.md", "yaml")
    said, = how_to("tenants.md", "text")
    project.config(schemas)
    for name in ("acme", "blue", "coral"):
        database.execute(f"CREATE SCHEMA tenant_{name}")
    database.execute("CREATE TABLE tenant_blue.contacts ()")
    project.migration(1, "contacts", "CREATE TABLE contacts (id bigint PRIMARY KEY);")
    done = project.godwit("up", code=1, env={"DATABASE_URL": database.url})
    heard = {normal(line) for line in (done.out + done.err).splitlines()}
    assert {normal(line) for line in said.splitlines()} <= heard


def test_the_program_of_the_embedding_page_compiles(tmp_path):
    pages = [ROOT / "docs" / "how-to" / "embed.md"]
    for page in pages:
        for _, _, text in blocks(page, "c"):
            (tmp_path / "service.c").write_text(text)
            done = subprocess.run(["gcc", "-Wall", "-Werror", "-fsyntax-only", f"-I{ROOT / 'include'}",
                                   tmp_path / "service.c"], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr


# What PostgreSQL says, or what comes out of a format with a name in it.
SERVERS = ("canceling statement", "permission denied", "for table run_lock")


def test_messages_that_are_explained_are_ones_that_godwit_says():
    code = "".join(p.read_text() for p in sorted((ROOT / "src").rglob("*.c")) + sorted((ROOT / "sql").rglob("*.sql")))
    code = re.sub(r'"\s*\n\s*"', "", code).replace("''", "'")
    page = source("docs/operations.md").split("## Errors by their message")[1]
    cells = [row.split(" | ")[0] for row in page.splitlines() if row.startswith("| `")]
    titles = re.findall(r"^## (`.*`)$", source("docs/how-to/recover.md"), re.M)
    messages = [m for cell in cells + titles for m in re.findall(r"`([^`]+)`", cell)]
    assert len(messages) > 25
    for message in messages:
        if message.startswith(SERVERS) or message.startswith("… for table"):
            continue
        parts = [p.strip() for p in re.split(r"…|NAME|\bprod\b|\bdev\b|CREATE INDEX CONCURRENTLY|\b2\b", message)]
        parts = [p for p in parts if len(p) > 8]
        assert parts and all(p in code for p in parts), message


def test_the_picture_is_there():
    picture = source("docs/pictures/status.svg")
    assert "docs/pictures/status.svg" in source("README.md")
    assert "godwit" in picture and "<svg" in picture
