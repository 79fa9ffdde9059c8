"""The doctor over HTTP: kept with the time of its look, looked again when asked, its figures, and who may have something put right."""
import shutil
import subprocess

import pytest

from harness.waiting import until

BROKEN = """CREATE TABLE "it's" (id int); CREATE INDEX "a ""bad"" one" ON "it's" (id);
UPDATE pg_index SET indisvalid = false WHERE indexrelid = '"a ""bad"" one"'::regclass"""


@pytest.fixture
def sick(make_project, make_database):
    here = make_database()
    project = make_project(here.url)
    here.execute(BROKEN)
    project.here = here
    return project


def found(answer):
    assert answer.status == 200, answer
    return {f["id"]: f for f in answer.json["findings"]}


def figures(serve, token):
    text = serve.get("/metrics", token=token).text
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("godwit_doctor_"))


def test_it_is_kept_looked_at_anew_and_put_right(sick, make_serve):
    url = sick.here.url
    serve = make_serve(sick, "--no-drift")
    viewer, operator = serve.token(), serve.token("operator")
    serve.stop()
    sick.config({"environments": {"test": {"url": url, "protected": True}}, "default": "test"})
    serve = make_serve(sick, "--no-drift")
    assert serve.get("/api/v1/doctor").status == 401
    # Figures never wait for a look: they ask for one, and the next reader has them.
    assert figures(serve, viewer) == {}
    until(lambda: figures(serve, viewer), 60, "the first look")
    before = figures(serve, viewer)
    first = serve.get("/api/v1/doctor", token=viewer)
    broken = found(first)["invalid_index"]
    assert broken["safe"] is True and broken["object"] == 'public."a ""bad"" one"' and "REINDEX" in broken["sql"] and broken["advice"]
    severities = [f["severity"] for f in first.json["findings"]]
    assert {f'godwit_doctor_findings{{severity="{s}"}}': str(severities.count(s)) for s in ("error", "warning", "note")}.items() <= before.items()
    assert before["godwit_doctor_unseen"] == str(len(first.json["unseen"])) and float(before["godwit_doctor_age_seconds"]) >= 0
    # What is wrong since is not looked for by everybody who opens a page, and is when somebody says so.
    sick.here.execute("ALTER INDEX \"a \"\"bad\"\" one\" RENAME TO other")
    assert serve.get("/api/v1/doctor", token=viewer).json == first.json
    anew = serve.get("/api/v1/doctor?refresh=true", token=viewer)
    assert found(anew)["invalid_index"]["object"] == "public.other" and anew.json["at"] > first.json["at"]
    assert serve.get("/api/v1/doctor?refresh=false", token=viewer).json == anew.json
    for odd in ("refresh=1", "refresh=", "refresh=true&refresh=true", "fix=invalid_index"):
        assert serve.get(f"/api/v1/doctor?{odd}", token=viewer).status == 400, odd
    # Who may have it put right: an operator, who names a protected environment, and one check.
    assert serve.ask("POST", "/api/v1/doctor/fix", {"fix": "invalid_index", "protected": "test"}, token=viewer).status == 403
    assert serve.ask("POST", "/api/v1/doctor/fix", {"fix": "invalid_index"}, token=operator).status == 403
    for odd in ({}, {"fix": ["invalid_index"]}, {"fix": None}, {"check": "invalid_index"}):
        assert serve.ask("POST", "/api/v1/doctor/fix", {**odd, "protected": "test"}, token=operator).status == 400, odd
    assert "invalid_index" in found(serve.get("/api/v1/doctor?refresh=true", token=viewer))
    serve.job("/api/v1/doctor/fix", {"fix": "unused_index", "protected": "test"}, token=operator, state="failed")
    done = serve.job("/api/v1/doctor/fix", {"fix": "invalid_index", "protected": "test"}, token=operator)
    assert [f["object"] for f in done["result"]["fixed"]] == ["public.other"], done
    assert "invalid_index" not in found(serve.get("/api/v1/doctor", token=viewer))
    events = sick.godwit("--json", "history", code=0).json["events"]
    assert any(e["action"] == "doctor" and e["outcome"] == "ok" and "public.other" in e["name"] for e in events)

    def outcomes():
        all_of_them = sick.godwit("--json", "history", "--limit", "100", code=0).json["events"]
        return {(e["outcome"], e["duration_ms"] is not None) for e in all_of_them if e["action"] == "serve doctor"}

    # What was refused took no time; what was done took what it took.
    until(lambda: {("ok", True), ("refused", False), ("failed", True)} <= outcomes(), 30, "the audit")


def test_what_a_role_cannot_see_is_said(make_project, make_database, make_serve):
    here = make_database()
    role = here.role()
    here.execute(f'GRANT CREATE ON DATABASE "{here.name}" TO "{role}"')
    project = make_project(here.url_for(role))
    serve = make_serve(project, "--no-drift")
    seen = serve.get("/api/v1/doctor", token=serve.token()).json
    assert any("pg_monitor" in u["why"] for u in seen["unseen"]) and seen["checks"] > 0


def test_its_figures_are_what_promtool_accepts(sick, make_serve):
    serve = make_serve(sick, "--no-drift")
    token = serve.token()
    assert serve.get("/api/v1/doctor", token=token).status == 200
    promtool = shutil.which("promtool")
    assert promtool, "scripts/install-deps test brings it (prometheus)"
    text = serve.get("/metrics", token=token).text
    assert "godwit_doctor_findings" in text
    judged = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True)
    assert judged.returncode == 0, judged.stdout + judged.stderr
