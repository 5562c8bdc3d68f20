"""Allure's result files: one for each test, said in the report's words, and without any key.

It takes the place of allure-pytest's file logger, where all bytes pass on their way to the folder.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import allure_commons
from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import TestResult

from reports import result as results
from reports.page import Page
from targets.masking import Masker

OURS = (
    *("*-result.json", "*-container.json", "*-globals.json", "*-attachment*", "*.tmp"),
    *("environment.properties", "executor.json", "categories.json"),
)
"""What Allure's folder of results consists of."""
HTTP = "application/vnd.allure.http+json"


class Results:
    """The folder of results; what is written of a test is what its page says.

    `turn` sets the page of the test that starts, `tell` adds what only a person needs.
    """

    def __init__(self, folder: Path, masker: Masker) -> None:
        self.folder = folder
        self.masker = masker
        self.page = Page("")
        self.account = ""
        self.exchange: dict[str, Any] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def turn(self, page: Page) -> None:
        """A test starts; unless its page is told the end it counts as unfinished."""
        self.page, self.account, self.exchange = page, "", None

    def tell(self, account: str, exchange: dict[str, Any] | None) -> None:
        """The account of the failure, and the exchange to attach (`reports.stored`)."""
        self.account, self.exchange = account, exchange

    @allure_commons.hookimpl
    def report_result(self, result: TestResult) -> None:
        """Write the result of the test that ran, from its page."""
        attached = [
            {"name": each.name, "source": each.source, "type": each.type}
            for each in result.attachments
        ]
        if self.exchange is not None:
            name = f"{uuid4()}-attachment.json"
            self.put(name, json.dumps(results.http(self.exchange), ensure_ascii=False))
            attached.append({"name": "Exchange", "source": name, "type": HTTP})
        self.write(self.page, {"attachments": attached})

    @allure_commons.hookimpl
    def report_container(self, container: object) -> None:
        """Leave out the fixtures: what one says when it fails is in its test's message."""

    @allure_commons.hookimpl
    def report_attached_data(self, body: bytes | str, file_name: str) -> None:
        """Write an attachment."""
        self.put(file_name, body)

    @allure_commons.hookimpl
    def report_attached_file(self, source: str, file_name: str) -> None:
        """Write an attachment that stands in a file."""
        self.put(file_name, Path(source).read_bytes())

    def write(self, page: Page, more: dict[str, Any] | None = None) -> None:
        """Write the result of a page."""
        uuid = str(uuid4())
        content = {"uuid": uuid, **results.of(page, self.account), **(more or {})}
        self.put(f"{uuid}-result.json", json.dumps(content, ensure_ascii=False))

    def put(self, name: str, data: str | bytes) -> None:
        """Write a file of the folder, masked, whole or not at all."""
        raw = data.encode(errors="backslashreplace") if isinstance(data, str) else data
        draft = self.folder / f"{name}.tmp"
        draft.write_bytes(self.masker.mask_bytes(raw))
        os.replace(draft, self.folder / name)  # noqa: PTH105 - it is what replaces atomically


def tests(folder: Path) -> list[str]:
    """The node ids of the results that stand in a folder."""
    files = folder.glob("*-result.json")
    return [str(json.loads(file.read_text(encoding="utf-8"))["fullName"]) for file in files]


def emptied(folder: Path) -> None:
    """Take earlier results away: Allure would show them as retries, and hide failures with them."""
    for pattern in OURS:
        for file in folder.glob(pattern):
            file.unlink()


@contextmanager
def installed(folder: Path, masker: Masker) -> Iterator[Results]:
    """Ours in the place of allure-pytest's file logger, which it takes back itself in the end."""
    manager = allure_commons.plugin_manager
    stock = [each for each in manager.get_plugins() if isinstance(each, AllureFileLogger)]
    for plugin in stock:
        manager.unregister(plugin)
    ours = Results(folder, masker)
    manager.register(ours)
    try:
        yield ours
    finally:
        manager.unregister(ours)
        for plugin in stock:
            manager.register(plugin)
