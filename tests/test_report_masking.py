"""No file of a run and no line that it prints holds a key."""

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from reference.refusal import Refusal
from reference.service import Steps
from reports.allure.results import Results
from targets.masking import Masker
from tests.reporting import reported
from tests.running import ENVIRONMENT, FORBIDDEN, KEY, ORDER, server


def test_attachments_of_other_plugins_are_masked_too(tmp_path: Path) -> None:
    """What a test attaches by Allure's own functions is masked as well."""
    results = Results(tmp_path, Masker({"NAME": "a-secret-value"}))
    results.report_attached_data("key a-secret-value", "1-attachment.txt")
    (tmp_path / "source").write_bytes(b"\xff a-secret-value")
    results.report_attached_file(str(tmp_path / "source"), "2-attachment.bin")
    assert (tmp_path / "1-attachment.txt").read_bytes() == b"key $NAME"
    assert (tmp_path / "2-attachment.bin").read_bytes() == b"\xff $NAME"


def test_a_key_on_two_lines_is_masked_before_json_escapes_the_line_break(tmp_path: Path) -> None:
    """Each text of a JSON file is masked by itself."""
    results = Results(tmp_path, Masker({"NAME": "a-secret-value"}))
    results.put_json("1-result.json", {"message": ["key: a-secret-\n  value."]})
    written = json.loads((tmp_path / "1-result.json").read_text(encoding="utf-8"))
    assert written == {"message": ["key: $NAME."]}


def _explain_with_keys(_: Refusal) -> dict[str, object]:
    return {"code": KEY, "message": f"key={KEY}; {base64.b64encode(KEY.encode()).decode()}"}


def _render_with_keys(payload: Any) -> dict[str, Any]:
    return {**Steps().render(payload), "remarks": f"{KEY} {KEY.upper()} {FORBIDDEN}"}


def test_no_file_of_a_run_holds_a_key(tmp_path: Path) -> None:
    """A server answers with the keys wherever it can: no report, log or line has one."""
    with server(replace(Steps(), explain=_explain_with_keys, render=_render_with_keys)) as url:
        junit = f"--junitxml={tmp_path / 'junit.xml'}"
        asked = ("-k", "key or sku or remarks", "--hypothesis-profile", "smoke")
        run = reported(tmp_path, "--base-url", url, *ORDER, junit, *asked)
    assert run.status == 1, run.output
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) > 50
    outputs = {str(file): file.read_bytes().lower() for file in files}
    outputs["what was printed"] = run.output.encode().lower()
    secrets = [KEY, FORBIDDEN, base64.b64encode(KEY.encode()).decode().rstrip("=")[:-1]]
    holding = [
        name for name, data in outputs.items() for s in secrets if s.lower().encode() in data
    ]
    assert holding == []
    assert set(ENVIRONMENT) <= set(re.findall(r"WIZCOMMERCE_\w+", run.text("run.json")))
