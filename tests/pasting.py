"""Pastes printed commands into a shell in which every program only notes that it was called."""

import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

PROGRAMS = ("curl", "pytest", "python", "tox", "base64")
"""What a printed command may run; printf and echo are built into the shell."""
_COMMAND = re.compile(r"(?:curl -|pytest \S|python -m |tox run |printf %s )[^\n]*")


def commands(texts: Iterable[str]) -> list[str]:
    """Every command in these texts, from its first word to the end of its line, each once."""
    found = (each[0].rstrip("`") for text in texts for each in _COMMAND.finditer(text))
    return list(dict.fromkeys(found))


def texts_of(files: dict[str, bytes]) -> list[str]:
    """The texts in files: of JSON and XML each string, of others all."""
    texts: list[str] = []
    for name, data in files.items():
        text = data.decode()
        if name.endswith((".json", ".har")):
            texts += _strings(json.loads(text))
        elif name.endswith(".xml"):
            for element in ET.fromstring(text).iter():  # noqa: S314 # the file is ours
                texts += [*element.attrib.values(), element.text or ""]
        else:
            texts.append(text)
    return texts


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [each for child in value.values() for each in _strings(child)]
    if isinstance(value, list):
        return [each for child in value for each in _strings(child)]
    return [value] if isinstance(value, str) else []


def paste(lines: Iterable[str], folder: Path) -> dict[str, list[list[str]]]:
    """Paste each line into `sh -c`; the words with which the programs were called, by line.

    Fails if a line prints something, makes a file or runs another program.
    """
    programs, place, log = folder / "programs", folder / "place", folder / "log"
    programs.mkdir(parents=True)
    place.mkdir()
    for name in PROGRAMS:
        program = programs / name
        note = f'printf \'%s\\0\' {name} "$@" >>"{log}"; printf \'\\n\\0\' >>"{log}"'
        program.write_text(f"#!/bin/sh\n{note}\n", encoding="utf-8")
        program.chmod(0o755)
    called = {}
    for line in lines:
        log.write_bytes(b"")
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=place,
            env={"PATH": str(programs), "WIZCOMMERCE_API_KEY": "a-key"},
            capture_output=True,
            check=False,
        )
        assert (done.stdout, done.stderr) == (b"", b""), line
        assert [*place.iterdir()] == [], line
        calls = log.read_bytes().decode(errors="replace").split("\0\n\0")
        called[line] = [call.split("\0") for call in calls if call]
    return called
