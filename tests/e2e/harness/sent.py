"""What a run of Godwit sent, by the server's own log; and what a dry run printed: both as statements that compare."""
import json
import pathlib
import re
import uuid

from .sqltext import literal

SQL = pathlib.Path(__file__).parents[3] / "sql"
ENTRY = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \S+ \[(\d+)\] (\S*) (LOG|DETAIL):  (.*?)(?=^\d{4}-\d\d-\d\d [\d:.]+ \S+ \[|\Z)", re.S | re.M)
TOKEN = re.compile(r"(?P<comment>--[^\n]*)|(?P<text>[eE]?'(?:[^'\\]|''|\\.)*')|(?P<name>\"(?:[^\"]|\"\")*\")"
                   r"|(?P<body>\$\w*\$).*?(?P=body)|(?P<param>\$\d+)|(?P<space>\s+)|(?P<end>;)|.", re.S)
# What only looks, locks, fences or comes back to it: see docs/how-to/plan.md.
SILENT = {"look", "own_rows", "own_open", "lock_fence", "schema_in_effect", "step_state", "step_role", "key_text", "key_text_back", "table_size",
          "index_list", "index_state", "index_same", "object_exists", "names_taken", "relation_named", "passed_over", "same_table"}
# Known only when it runs.
UNKNOWN = ("pid", "backend_started_us", "before", "existed", "settings", "after", "rows", "ranges", "seen")


def own_statements():
    found = {}
    for layer in ("control", "migrate", "pg", "schema", "app"):
        for path in (SQL / layer).glob("*.sql"):
            found[one_line(path.read_text())] = path.stem if layer in ("control", "migrate") else "look"
    return found


def value(token):
    """'text' as the server has it."""
    text = token[token.index("'") + 1:-1].replace("''", "'")
    return text.replace("\\\\", "\\") if token[0] in "eE" else text


def settled(text):
    """A literal without what differs from run to run."""
    if text.startswith('{"'):
        known = json.loads(text)
        for part in (known, known.get("statement", {})):
            for key in UNKNOWN:
                part.pop(key, None)
        return json.dumps(known, sort_keys=True)
    return re.sub(r"^[0-9a-f]{32}$", "RUN", {"true": "t", "false": "f"}.get(text, text))


def one_line(text, params=()):
    out = ""
    for token in TOKEN.finditer(text.strip()):
        if token["end"] and token.end() == len(text.strip()):
            break
        if token["comment"] or token["space"]:
            out += "" if out.endswith(" ") or not out else " "
        elif token["param"] and params:
            given = params[int(token["param"][1:]) - 1]
            out += "NULL" if given is None else literal(settled(given))
        elif token["text"]:
            out += literal(settled(value(token["text"])))
        else:
            out += token[0]
    # How long it took.
    out = re.sub(r"(::pg_catalog\.int8, )'\d+'\) ELSE '\d+' END", r"\1…) ELSE … END", out)
    return re.sub(r"'\d+'(?=, pg_catalog\.int8\(|::pg_catalog\.int8 )", "…", out).strip()


def logged(server, application, offset):
    """[(pid, text, [parameters])], each statement that sessions of that name sent."""
    found = []
    with open(server.log, encoding="utf-8", errors="replace") as log:
        log.seek(offset)
        for pid, name, kind, text in ENTRY.findall(log.read()):
            if name != application:
                continue
            text = text.replace("\n\t", "\n").rstrip("\n")
            if kind == "DETAIL" and text.lower().startswith("parameters: "):
                given = re.findall(r"\$\d+ = (NULL|'(?:[^']|'')*')", text)
                found[-1][2].extend(None if g == "NULL" else value(g) for g in given)
            elif kind == "LOG" and (start := re.match(r"(?:statement|execute [^:]*): ", text)):
                found.append((int(pid), text[start.end():], []))
    return found


def settings(name, params):
    """What a statement of Godwit's own sets, as a dry run says it; None: it sets nothing."""
    if name == "tx_open":
        lock, _, statement, path, commit, _ = params
        return ([f"SET LOCAL lock_timeout = {lock}"] + ([f"SET LOCAL statement_timeout = {statement}"] if statement else [])
                + ([f"SELECT pg_catalog.set_config('search_path', {literal(path)}, true)"] if path else [])
                + (["SET LOCAL synchronous_commit = off"] if commit else []))
    if name == "step_session":
        return [f"SET lock_timeout = {params[0]}"] + ([f"SET statement_timeout = {params[1]}"] if params[1] else [])
    return {"tx_async": lambda: ["SET LOCAL synchronous_commit = off"],
            "step_open": lambda: [f"SET LOCAL lock_timeout = {params[0]}"],
            "limit_wait": lambda: [f"SET lock_timeout = {params[0]}"] if params[0] else [],
            "search_path": lambda: [f"SELECT pg_catalog.set_config('search_path', {literal(params[0])}, "
                                    f"{'true' if params[1] == 't' else 'false'})"]}.get(name, lambda: None)()


LOOKS = re.compile("SET LOCAL |WITH godwit_range|SELECT EXISTS ")


def without_looks(statements):
    """Transactions that only look, or are rolled back, go."""
    out, begun = [], None
    for text in statements:
        if text.startswith("BEGIN"):
            begun = len(out)
        if begun is not None and text in ("COMMIT", "ROLLBACK"):
            if text == "ROLLBACK" or all(LOOKS.match(t) for t in out[begun + 1:]):
                del out[begun:]
                continue
        out.append(text)
    return out


def sent(server, url, run):
    """run(url) → what its work session sent."""
    application = f"sent-{uuid.uuid4().hex[:12]}"
    offset = server.log.stat().st_size
    run(f"{url}&application_name={application}&options=-c%20log_statement%3Dall")
    entries = logged(server, application, offset)
    own = own_statements()
    work = next(pid for pid, text, _ in entries if own.get(one_line(text)) in ("tx_open", "own_open", "step_session"))
    out = []
    for pid, text, params in entries:
        name = own.get(one_line(text))
        if pid != work or name in SILENT:
            continue
        said = settings(name, params)
        ours = name or "_sqlx_migrations" in text  # of a batch the parameters stay: they are its range
        out += [one_line(text, params if ours else ())] if said is None else said
    return without_looks(out)


def printed(output):
    """The statements of a dry run."""
    text, out, start = re.sub(r"(?m)^(COPY [^\n]*FROM stdin;\n)(?:[^\n]*\n)*?\\\.\n", r"\1", output), [], 0
    for token in TOKEN.finditer(text):
        if token["end"]:
            out.append(one_line(text[start:token.start()]))
            start = token.end()
    return out
