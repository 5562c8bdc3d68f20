"""What a version has elsewhere: other names, statuses, media types, paths and servers, or a page
around the document."""

import json
from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from run.notes import notes_of
from spec import contract
from spec.contract import DOCUMENT, READING
from spec.operation import is_of_type
from spec.yamlfile import FileError
from tests.exchanges import CONTRACT, answer_to, invoice
from tests.versions.catalogue import ALTERATIONS
from tests.versions.edited import TEXT, URL, altered, changes, expected, judged, sentence_of
from tests.versions.parts import Alteration


def test_a_renamed_schema_is_narrowed_all_the_same(tmp_path: Path) -> None:
    """The reading finds it by what it is there for."""
    path = tmp_path / "altered.yaml"
    path.write_text(TEXT.replace("dtos.", "models.").replace("errors.HttpError", "Fault"))
    loaded = contract.load(path)
    assert loaded.passed_over == ()
    assert loaded.narrowed_schema == CONTRACT.narrowed_schema
    assert [one.name for one in loaded.requirements] == [one.name for one in CONTRACT.requirements]


def test_an_action_whose_subject_is_gone_is_passed_over_and_told(tmp_path: Path) -> None:
    """One that selects nothing in the vendor's own document either is a mistake."""
    loaded = altered(tmp_path, (URL, ""))
    (place,) = loaded.passed_over
    assert place.startswith("spec/reading.yaml:")
    reading = tmp_path / "reading.yaml"
    reading.write_text(READING.read_text().replace("properties.url", "properties.uri"))
    for document in (DOCUMENT, tmp_path / "altered.yaml"):
        with pytest.raises(FileError, match=r"properties\.uri selects nothing"):
            contract.load(document, reading)


@pytest.mark.parametrize(
    ("status", "instead", "refusals"),
    [("400", "422", {422}), ("400", "4XX", {400, 422}), ("400", "default", {400, 422})],
)
def test_another_status_for_what_is_invalid_is_expected_where_it_is_documented(
    status: str, instead: str, refusals: set[int], tmp_path: Path
) -> None:
    """422 for 400, or any client error."""
    loaded = altered(tmp_path, (f"        '{status}':\n", f"        '{instead}':\n"))
    assert loaded.refusals == refusals
    assert expected(loaded, []).statuses == refusals
    assert loaded.named("4xx.status").pointer.endswith(f"/{instead}")


@pytest.mark.parametrize(
    ("kind", "documented", "known"),
    [
        ("application/json", {"*/*"}, True),
        ("application/problem+json; charset=utf-8", {"application/*"}, True),
        ("Application/JSON;charset=utf-8", {"application/json"}, True),
        ("text/plain", {"application/*"}, False),
        ("application/problem+json", {"application/json"}, False),
        ("none", {"*/*"}, False),
    ],
)
def test_a_media_type_is_of_a_documented_range(
    kind: str, documented: set[str], *, known: bool
) -> None:
    """An answer that says none is of none."""
    assert is_of_type(kind, documented) is known


def test_answers_of_any_media_type_are_judged_as_json(tmp_path: Path) -> None:
    """As some frameworks document them; the schema is the same."""
    loaded = ALTERATIONS["answers of any media type"].load(tmp_path)
    assert changes(loaded) == (set(), set())
    answer = answer_to(invoice())
    assert judged(loaded, invoice(), answer).violations == ()
    del answer["data"]["remarks"]
    assert [one.requirement.name for one in judged(loaded, invoice(), answer).violations] == [
        "201.data.remarks.echo"
    ]


def test_a_path_of_the_servers_belongs_to_the_address(tmp_path: Path) -> None:
    """`/v1` and `/invoices` are `/v1/invoices`."""
    loaded = altered(
        tmp_path,
        ("  /v1/invoices:\n", "  /invoices:\n"),
        ("  - url: https://api.wizcommerce.com\n", "  - url: https://api.wizcommerce.com/v1/\n"),
    )
    assert loaded.path == "/v1/invoices"
    assert changes(loaded) == (set(), set())
    assert loaded.passed_over == ()


@pytest.mark.parametrize(
    ("path", "base", "sent"),
    [
        ("/v2/invoices", "", "/v2/invoices"),
        ("/invoices", "/v2", "/v2/invoices"),
        ("/v2/billing/invoices", "/api", "/v2/billing/invoices"),
    ],
)
def test_the_only_path_that_takes_invoices_is_the_one(
    path: str, base: str, sent: str, tmp_path: Path
) -> None:
    """A version in the servers' path is a part of it; the reading finds its subjects there."""
    server = f"  - url: https://api.wizcommerce.com{base}\n"
    loaded = altered(
        tmp_path,
        ("  /v1/invoices:\n", f"  {path}:\n"),
        ("  - url: https://api.wizcommerce.com\n", server),
    )
    assert loaded.path == sent
    assert changes(loaded) == (set(), set())
    assert notes_of(loaded)[0].startswith(f"sent to {sent}")
    assert loaded.passed_over == ()


def test_of_two_paths_that_take_invoices_none_is_taken(tmp_path: Path) -> None:
    """A sentence says so, as where none is."""
    document = Alteration(lambda _: None).document()
    post = document["paths"].pop("/v1/invoices")
    document["paths"] = {"/v2/invoices": post, "/v2/bills": deepcopy(post)}
    path = tmp_path / "openapi.yaml"
    path.write_text(json.dumps(document))
    assert (
        "does not document POST /v1/invoices: invoices go to /v2/invoices or /v2/bills."
        in sentence_of(path)
    )


def test_a_template_of_servers_lists_each_of_its_few_values(tmp_path: Path) -> None:
    """A variable without a list of values stays in its braces."""
    url = "  - url: https://{region}.wizcommerce.com/{base}\n    variables:\n"
    loaded = altered(
        tmp_path,
        (
            "servers:\n",
            f"servers:\n{url}      region: {{enum: [eu, us]}}\n      base: {{default: v1}}\n",
        ),
    )
    assert [url for url, _ in loaded.operation.servers[:2]] == [
        "https://eu.wizcommerce.com/{base}",
        "https://us.wizcommerce.com/{base}",
    ]


AS_JSON = json.dumps(yaml.safe_load(TEXT), indent=1)
PAGES = {
    "JSON": ("", "", AS_JSON),
    "JSON in one line": ("", "", json.dumps(yaml.safe_load(TEXT))),
    "a quote": ("> ", "> ", TEXT),
    "a quote without blanks": (">", ">", TEXT),
    "an indented block": ("    ", "    ", TEXT),
    "an entry of a list": ("1. ", "   ", TEXT),
    "an entry of another list": ("  - ", "    ", AS_JSON),
    "a tab": ("\t", "\t", TEXT),
    "a quoted key": ("", "", TEXT.replace("openapi:", '"openapi":', 1)),
}


@pytest.mark.parametrize("kind", PAGES)
def test_a_document_in_any_block_of_a_page_is_read(kind: str, tmp_path: Path) -> None:
    """After other blocks, at the lines of the page, whatever stands before each line of it."""
    first, margin, text = PAGES[kind]
    lines = [f"{margin}{line}".rstrip() if line else margin.rstrip() for line in text.splitlines()]
    head = ["# Page", "```json", '{"a": 1}', "```", "", "~~~", "openapi is not here", "~~~"]
    block = [f"{first}```yaml", *lines, f"{margin}```"]
    page = tmp_path / "page.md"
    page.write_text("\n".join([*head, *block, "", "More: text", ""]))
    loaded = contract.load(page)
    assert changes(loaded) == (set(), set())
    alone = tmp_path / "alone.yaml"
    alone.write_text(text)
    line = contract.load(alone).named("remarks.maxLength").line
    assert loaded.named("remarks.maxLength").line == line + len(head) + 1


def test_a_block_within_a_document_is_a_part_of_it(tmp_path: Path) -> None:
    """A description may show another document."""
    shown = "openapi: 3.0.0\ninfo:\n  x-shown: |-\n    ```yaml\n    openapi: 2\n    ```"
    path = tmp_path / "new.yaml"
    path.write_text(TEXT.replace("openapi: 3.0.0\ninfo:", shown, 1))
    assert changes(contract.load(path)) == (set(), set())


MATTER = "---\ntitle: Create Invoice\nopenapi: post /v1/invoices\n---\n\n"


@pytest.mark.parametrize("head", ["", MATTER, "---\ntitle: A\n---\n"])
@pytest.mark.parametrize("marks", ["```", "~~~", "~~~~"])
def test_a_page_that_says_something_of_itself_is_read(
    head: str, marks: str, tmp_path: Path
) -> None:
    """As the sources of a site have it, with any fence; the lines are those of the page."""
    page = tmp_path / "create-invoice.mdx"
    page.write_text(f"{head}# Create\n{marks}yaml post /v1/invoices\n{TEXT}{marks}\n\nMore: x\n")
    loaded = contract.load(page)
    assert changes(loaded) == (set(), set())
    line = CONTRACT.named("remarks.maxLength").line + head.count("\n") + 2
    assert loaded.named("remarks.maxLength").line == line


@pytest.mark.parametrize("end", ["", "...\n"])
def test_a_document_after_a_line_that_begins_it_is_read(end: str, tmp_path: Path) -> None:
    """Such a line is YAML's own as well."""
    path = tmp_path / "new.yaml"
    path.write_text(f"---\n{TEXT}{end}")
    assert changes(contract.load(path)) == (set(), set())


def test_two_documents_in_a_page_are_one_sentence(tmp_path: Path) -> None:
    """Which names the lines of both; the same twice is one."""
    page = tmp_path / "all.md"
    other = TEXT.replace("/v1/invoices", "/v1/orders")
    blocks = [f"# Page\n```yaml\n{text}```\n" for text in (other, TEXT)]
    page.write_text("".join(blocks))
    second = blocks[0].count("\n") + 2
    assert sentence_of(page).endswith(
        f"all.md: has OpenAPI documents in the blocks of lines 2 and {second}: keep one of them."
    )
    page.write_text(blocks[1] * 2)
    assert changes(contract.load(page)) == (set(), set())


def test_the_page_of_the_vendor_is_a_document(tmp_path: Path) -> None:
    """Markdown with the YAML in it; the lines are those of the page."""
    head = "# Create Invoice\n\n> Create Invoice\n\n````yaml post /v1/invoices\n"
    page = tmp_path / "create-invoice.md"
    page.write_text(f"{head}{TEXT}````\n\nMore text: with a colon\n")
    loaded = contract.load(page)
    assert changes(loaded) == (set(), set())
    line = CONTRACT.named("remarks.maxLength").line + head.count("\n")
    assert loaded.named("remarks.maxLength").line == line
