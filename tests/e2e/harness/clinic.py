"""The example clinic: its old database made, and what has to become of every row, worked out once more in Python.

Nothing here is taken from the mappings: each entity has a function from a row of the old table to the row that has
to stand in the new one, or to why it may not. References are compared by the old numbers.
"""
import datetime
import decimal
import json
import re
import shutil
import subprocess
import uuid
import zoneinfo

import psycopg2.extras

from . import system
from .program import ROOT

FOLDER = ROOT / "examples" / "clinic"
CHICAGO = zoneinfo.ZoneInfo("America/Chicago")
MESSAGES = uuid.UUID("6f6a52a0-0b5c-4a53-9a43-0d1f6a8f2c11")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class Bad(Exception):
    """This row may not arrive: (kind, field) as the quarantine has to name it."""

    def __init__(self, kind, field=None):
        super().__init__(kind, field)
        self.kind, self.field = kind, field


# ---- the old program's texts --------------------------------------------------------------------------


def day(text, field=None):
    text = (text or "").strip()
    if text in ("", "0000-00-00") or text.lower() == "unknown":
        return None
    for pattern in ("%m/%d/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%Y%m%d"):
        try:
            return datetime.datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    raise Bad("function", field)


def amount(text):
    text = re.sub(r"^\s*(\$|USD)?\s*", "", text or "").replace(",", "").strip()
    return decimal.Decimal(text) if text else None


def phone(text):
    text = re.sub(r"ext.*$", "", text or "")
    digits = re.sub(r"\D", "", text)
    if text.strip().startswith("+"):
        return "+" + digits
    if len(digits) == 10:
        return "+1" + digits
    return "+" + digits if len(digits) == 11 and digits[0] == "1" else None


def phone_note(text):
    found = re.search(r"[A-Za-z]+\.? ?\d*:?$|^[A-Za-z]+:?", (text or "").strip())
    return (found.group() if found else "").rstrip(":") or None


def email(text):
    return (text or "").strip(" ").lower() or None


def chicago(local):
    """As PostgreSQL reads a local time: where there are two, or none, that of the winter."""
    first, second = (local.replace(tzinfo=CHICAGO, fold=fold).utcoffset() for fold in (0, 1))
    offset = first if first == second else datetime.timedelta(hours=-6)
    return (local - offset).replace(tzinfo=datetime.timezone.utc)


def name(row):
    parts = [(row[part] or "").strip() for part in ("first_name", "last_name")]
    if not any(parts):
        raise Bad("function", "full_name")
    return " ".join(part for part in parts if part)


# ---- what becomes of a row -------------------------------------------------------------------------------
# Each: the columns of the new row; those of REFERENCES hold old numbers.


def office(row):
    lines = [line.strip() for line in re.split(r"\r?\n", row["address"] or "") if line.strip()]
    zip_code = re.search(r"\b(\d{5})$", lines[-1] if lines else "")
    text = (row["settings"] or "").strip()
    try:
        settings = json.loads(text) if text else {}
    except ValueError:
        settings = {"unreadable": text}
    return {"name": row["name"].strip(" "), "parent_id": row["parent_id"], "manager_id": row["manager_id"],
            "phone": phone(row["phone"]), "address": {"lines": lines, "zip": zip_code.group(1) if zip_code else None},
            "opened_on": day(row["opened"]), "settings": settings, "is_active": row["active"] in ("Y", "y")}


def doctor(row):
    words = (row["specialty"] or "").lower()
    special = next((s for s in ("cardiology", "dermatology", "neurology")
                    if words.startswith({"cardiology": "cardio", "dermatology": "derm", "neurology": "neuro"}[s])), None)
    return {"full_name": name(row), "email": email(row["email"]), "phone": phone(row["phone"]), "licence": row["licence"],
            "specialty": special or ("general" if words in ("gp", "general") else "other"), "office_id": row["office_id"],
            "supervisor_id": row["supervisor_id"], "status": {1: "active", 2: "on_leave", 9: "left"}[row["status"]],
            "hired_on": day(row["hired"]), "hourly_rate": amount(row["hourly"]), "removed_at": None}


def doctor_office(row):
    found = re.fullmatch(r"(\d{4})-?(\d{2})-?(\d{2})", row["since"] or "")
    return {"doctor_id": row["doctor_id"], "office_id": row["office_id"], "role": (row["role"] or "attending").lower(),
            "since": datetime.date(*map(int, found.groups())) if found else None}


def patient(row):
    insurance = None
    if row["insurance"] is not None:
        parts = [part.strip() for part in row["insurance"].split(";")]
        insurance = {"company": parts[0]}
        if len(parts) > 1:
            month, year = parts[2].split("/")
            insurance.update(policy=parts[1], valid_until=f"{year}-{month}")
    new = {"chart_no": row["chart_no"], "full_name": name(row), "email": email(row["email"]), "phone": phone(row["phone"]),
           "phone_note": phone_note(row["phone"]), "born_on": day(row["born"], "born_on"), "died_on": day(row["died"], "died_on"),
           "sex": {"F": "female", "M": "male", "X": "other"}.get((row["sex"] or "").upper(), "unknown"),
           "doctor_id": row["doctor_id"], "status": "inactive" if (row["status"] or "").upper().startswith("I") else "active",
           "merged_into_id": row["merged_into"], "insurance": insurance, "registered_at": chicago(row["created_at"]),
           "archived_at": row["updated_at"] if row["deleted"] == 1 else None, "removed_at": None}
    return new


def patient_rules(new):
    if new["email"] and not re.fullmatch(r"[^@ ]+@[^@ ]+\.[^@ ]+", new["email"]):
        raise Bad("rule", "email")
    if new["born_on"] and new["born_on"] < datetime.date(1890, 1, 1):
        raise Bad("rule", "born_on")
    if new["born_on"] and new["died_on"] and new["died_on"] < new["born_on"]:
        raise Bad("rule", "died_on")


def order(row):
    kind = (row["kind"] or "").strip().upper()
    kinds = {"LAB": "lab", "X-RAY": "imaging", "XRAY": "imaging", "MRI": "imaging", "RX": "prescription"}
    if kind not in kinds:
        raise Bad("function", "kind")
    items = []
    for item in filter(None, (part.strip() for part in (row["items"] or "").split(";"))):
        counted = re.fullmatch(r"(.*) x(\d+)", item)
        items.append({"name": counted.group(1), "count": int(counted.group(2))} if counted else {"name": item, "count": 1})
    when, hour = re.fullmatch(r"(.*?)(?: (\d\d:\d\d))?", row["ordered"]).groups()
    ordered = datetime.datetime.combine(day(when), datetime.time.fromisoformat(hour or "12:00"), datetime.timezone.utc)
    priority = row["priority"] or ""
    return {"order_no": row["order_no"], "patient_id": row["patient_id"], "doctor_id": row["doctor_id"],
            "office_id": row["office_id"], "kind": kinds[kind],
            "status": dict(enumerate(("draft", "placed", "running", "done", "cancelled"))).get(row["status"]),
            "priority": int(priority) if re.fullmatch("[1-5]", priority) else 0 if priority == "STAT" else 3,
            "total": amount(row["total"]), "items": items, "ordered_at": ordered, "removed_at": None}


def order_rules(new):
    if new["status"] is None:
        raise Bad("rule", "status")
    if new["total"] is not None and new["total"] < 0:
        raise Bad("server")


def case(row):
    return {"case_no": row["case_no"], "patient_id": row["patient_id"], "order_id": row["order_id"],
            "previous_id": row["previous_id"], "severity": 3 if row["severity"] is None else row["severity"],
            "state": {"C": "closed", "P": "pending"}.get((row["state"] or "").upper(), "open"),
            "tags": [t for t in (row["tags"] or "").lower().replace(" ", "").split(",") if t],
            "opened_on": day(row["opened"]), "closed_on": day(row["closed"]),
            "score": row["score"] if row["score"] is None or row["score"] == row["score"] else "NaN", "removed_at": None}


def case_rules(new):
    if not 1 <= new["severity"] <= 5:
        raise Bad("rule", "severity")
    if new["closed_on"] and new["closed_on"] < new["opened_on"]:
        raise Bad("rule", "closed_on")


def file(row):
    found = re.fullmatch(r"(\d+)(?:\.(\d))?\s*(KB|MB)?", (row["size"] or "").strip())
    if not found:
        raise Bad("function", "size_bytes")
    tenths = int(found.group(1)) * 10 + int(found.group(2) or 0)
    sha1 = row["sha1"] or ""
    return {"case_id": row["case_id"], "doctor_id": row["doctor_id"], "name": row["name"] or "unnamed",
            "media_type": (row["mime"] or "").strip(" ").lower() or "application/octet-stream",
            "size_bytes": tenths * {"MB": 1 << 20, "KB": 1 << 10, None: 1}[found.group(3)] // 10,
            "sha1": bytes.fromhex(sha1) if re.fullmatch("[0-9a-f]{40}", sha1) else None,
            "thumbnail": row["thumbnail"] and bytes(row["thumbnail"]), "is_hidden": row["hidden"] == "Y"}


def message(row):
    headers = {}
    for line in (row["headers"] or "").split("\n"):
        if line.find(":") > 0:
            headers[line.split(":")[0].strip()] = line.split(":", 1)[1].strip()
    return {"case_id": row["case_id"], "doctor_id": row["doctor_id"], "patient_id": row["patient_id"],
            "reply_to_id": row["reply_to"], "body": (row["body"] or "").strip(" ") or None, "headers": headers,
            "sent_at": chicago(row["sent"]), "is_read": row["read_flag"] == "Y"}


def message_rules(new):
    if new["body"] is None:
        raise Bad("rule", "body")


class Entity:
    def __init__(self, name, make, references, later=(), rules=None, unique=(), deletes="removed_at"):
        self.name, self.make, self.references, self.later = name, make, references, later
        self.rules, self.unique, self.deletes = rules or (lambda new: None), unique, deletes
        self.legacy = f"legacy_{name[:-1]}_id"
        self.old_table = f"dispatch_{name[:-1]}"


# In the order in which they go. `later`: filled in the second pass.
ENTITIES = [
    Entity("offices", office, {"parent_id": "offices", "manager_id": "doctors"}, ("parent_id", "manager_id"), deletes=None),
    Entity("doctors", doctor, {"office_id": "offices", "supervisor_id": "doctors"}, ("supervisor_id",), unique=("licence",)),
    Entity("doctor_offices", doctor_office, {"doctor_id": "doctors", "office_id": "offices"},
           unique=("doctor_id", "office_id"), deletes="delete"),
    Entity("patients", patient, {"doctor_id": "doctors", "merged_into_id": "patients"}, ("merged_into_id",), patient_rules,
           ("chart_no",)),
    Entity("orders", order, {"patient_id": "patients", "doctor_id": "doctors", "office_id": "offices"}, rules=order_rules),
    Entity("cases", case, {"patient_id": "patients", "order_id": "orders", "previous_id": "cases"}, ("previous_id",), case_rules),
    Entity("files", file, {"case_id": "cases", "doctor_id": "doctors"}, deletes="delete"),
    Entity("messages", message, {"case_id": "cases", "doctor_id": "doctors", "patient_id": "patients", "reply_to_id": "messages"},
           ("reply_to_id",), message_rules, deletes="delete"),
]


# ---- the comparison -----------------------------------------------------------------------------------------


def rows_of(database, table, key):
    connection = database.connect()
    try:
        with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            return {row[key]: row for row in cursor}
    finally:
        connection.close()


class Comparison:
    """Both sides read, and everything that is not as it has to be: `problems` is empty where all is well."""

    def __init__(self, old, new, edited=()):
        self.edited = edited  # {(entity, key)} that somebody changed in the new system
        self.new, self.problems, self.counts = new, [], {}
        self.there, self.ids = {}, {}
        self.rejects = {}
        for entity, key, kind, field in new.execute("SELECT entity_type, key, kind, field FROM godwit.sync_rejects"):
            self.rejects.setdefault(entity, {})[int(key)] = (kind, field)
        for entity in ENTITIES:
            self.there[entity.name] = rows_of(new, entity.name, entity.legacy)
            self.ids[entity.name] = {row["id"]: key for key, row in self.there[entity.name].items()}
        for entity in ENTITIES:
            self.compare(entity, rows_of(old, entity.old_table, "id"))

    def say(self, entity, key, text):
        self.problems.append(f"{entity.name} {key}: {text}")

    def compare(self, entity, source):
        there, rejects = self.there[entity.name], self.rejects.get(entity.name, {})
        arrived, bad = 0, {}
        groups, waiting = {}, set()
        for key, row in source.items():
            if (entity.name, key) in self.edited:
                continue
            try:
                new = self.judge(entity, row)
            except Bad as why:
                bad[key] = why
                if key not in rejects:
                    self.say(entity, key, f"may not arrive ({why}) and is not in the quarantine")
                elif rejects[key][0] == "reference" and rejects[key][1] in entity.later and key in there:
                    pass  # an older state of it is there, and lacks what it points to as well
                elif rejects[key][0] != why.kind or (why.kind in ("rule", "reference") and rejects[key][1] != why.field):
                    self.say(entity, key, f"is in the quarantine for {rejects[key]}, not for {(why.kind, why.field)}")
                continue
            nobody = [c for c in entity.later if new[c] is not None and new[c] not in self.there[entity.references[c]]]
            if nobody and key in there and rejects.get(key, ("",))[0] == "reference" and rejects[key][1] in nobody:
                waiting.add(key)  # it is there, without what it points to, and named
            elif nobody and key not in rejects:
                self.say(entity, key, f"points to nobody ({nobody}) and is not in the quarantine")
            if entity.unique:
                groups.setdefault(tuple(new[c] for c in entity.unique), []).append(key)
            if key in rejects and key not in waiting:
                continue  # judged with its group below
            arrived += 1
            self.compare_row(entity, key, new, there.get(key))
        rejects = {key: why for key, why in rejects.items() if key not in waiting}
        self.judge_groups(entity, groups, rejects, bad)
        self.judge_rest(entity, source, there, rejects)
        self.check_ids(entity, there)
        self.counts[entity.name] = {"source": len(source), "arrived": arrived, "rejected": len(rejects)}

    def judge(self, entity, row):
        new = entity.make(row)
        for column, target in entity.references.items():
            if new[column] is not None and column not in entity.later and new[column] not in self.there[target]:
                raise Bad("reference", column)
        entity.rules(new)
        return new

    def compare_row(self, entity, key, new, found):
        if found is None:
            self.say(entity, key, "has not arrived")
            return
        for column, value in new.items():
            have = found[column]
            if column in entity.references and have is not None:
                have = self.ids[entity.references[column]].get(have, f"{have}, which is nobody")
            if column in entity.later and value is not None and value not in self.there[entity.references[column]]:
                value = None  # a second pass finds nobody there
            if isinstance(have, memoryview):
                have = bytes(have)
            if isinstance(have, float) and have != have:
                have = "NaN"
            if have != value:
                self.say(entity, key, f"{column} is {have!r}, not {value!r}")

    def judge_groups(self, entity, groups, rejects, bad):
        """Of rows that may be there only once, one is; the others are named."""
        doubles = set()
        for keys in groups.values():
            named = [key for key in keys if key in rejects]
            doubles.update(named)
            if len(keys) > 1 and len(named) != len(keys) - 1:
                self.say(entity, keys, f"are one and the same, and {len(named)} of them are in the quarantine")
            for key in named:
                if rejects[key][0] != "rule" or len(keys) == 1:
                    self.say(entity, key, f"is in the quarantine for {rejects[key]}, and nothing is wrong with it")
        for key in rejects:
            if key not in bad and key not in doubles and (entity.name, key) not in self.edited:
                self.say(entity, key, f"is in the quarantine for {rejects[key]}, and nothing is wrong with it")

    def judge_rest(self, entity, source, there, rejects):
        for key in set(there) - set(source):
            if entity.deletes == "delete":
                self.say(entity, key, "is gone from the source and still here")
            elif entity.deletes and there[key][entity.deletes] is None:
                self.say(entity, key, "is gone from the source and not marked")
        for key in set(rejects) - set(source):
            self.say(entity, key, f"is in the quarantine for {rejects[key]} and gone from the source")

    def check_ids(self, entity, there):
        mapped = {int(old): new for old, new in self.new.execute(
            "SELECT legacy_id, modern_id FROM godwit.migration_mappings WHERE entity_type = %s", [entity.name])}
        if mapped != {key: row["id"] for key, row in there.items()}:
            self.say(entity, "*", "the id map is not what stands in the table")
        namespace = {"offices": uuid.NAMESPACE_URL, "messages": MESSAGES}.get(entity.name)
        for key, row in there.items():
            identity = uuid.UUID(row["id"])
            if namespace and identity != uuid.uuid5(namespace, str(key)):
                self.say(entity, key, f"has the id {identity}")
            elif not namespace and identity.version != 7:
                self.say(entity, key, f"has an id of version {identity.version}")


# ---- a copy to work in -----------------------------------------------------------------------------------------


def psql(database, script, **variables):
    words = ["psql", "-X", "-q", "-d", database.url]
    for key, value in variables.items():
        words += ["-v", f"{key}={value}"]
    done = subprocess.run([*words, "-f", FOLDER / "legacy" / script], env=system.clean_environment(),
                          capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def generate(database, rows=3000, seed=1):
    psql(database, "generate.sql", rows=rows, seed=seed)


def churn(database, seed=1, number=1, changes=20):
    psql(database, "churn.sql", seed=seed, round=number, changes=changes)


def copy(project):
    """The example's migrations and mappings in a project of a test."""
    for name in ("migrations", "sync"):
        shutil.rmtree(project.path / name, ignore_errors=True)
        shutil.copytree(FOLDER / name, project.path / name)
