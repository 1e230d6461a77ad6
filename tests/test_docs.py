"""README and docs keep their word: their Python runs and prints what they show, and what they name exists.

How a page is read:

* The ```python blocks of a page run in order and share one namespace. `await`, `async for` and `async with` may stand at
  the top level, as in a notebook; such a block runs on the page's event loop, the others run where there is none.
* Lines that begin with `# >` show what the block prints, in order; or the ```text block right after it does. `...` stands
  for anything. A block that shows nothing prints nothing.
* `<!-- served: tests/recorded/<name>.json -->` lets OPENAI_BASE_URL point, from there on, to a server on the loopback
  interface that replays this recording. There is no other network, and no key.
"""

import ast
import asyncio
import gc
import inspect
import io
import os
import re
import runpy
import socket
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass
from html import unescape
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from riverrun.chat_models import ChatOpenAI
from riverrun.testing.replay import replay

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


@dataclass
class Block:
    """One fenced block of a page."""

    language: str
    text: str
    line: int
    """The line of the page that its first line is on."""
    served: str | None
    """The recording that a comment above it names."""
    shown: str | None = None
    """What it prints, as the page says."""


def blocks_of(page: Path) -> Iterator[Block]:
    served, previous, block = None, None, None
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if block is not None:
            if line != "```":
                block.text += f"{line}\n"
                continue
            if block.language == "text" and previous is not None:
                previous.shown, previous = block.text, None
            else:
                previous = block if block.language == "python" else None
            yield block
            block = None
        elif line.startswith("```"):
            block, served = Block(line[3:].strip(), "", number + 1, served), None
        elif line.strip():
            previous = None
            if match := re.fullmatch(r"<!-- served: (\S+) -->", line):
                served = match[1]
    assert block is None, f"{page.name}:{number}: a block is never closed"


def shown_by(block: Block) -> str:
    """What the page says that the block prints."""
    said = [match[1] for match in re.finditer(r"^ *# >(?: (.*))?$", block.text, re.MULTILINE)]
    assert not (said and block.shown), f"line {block.line}: what is printed is shown twice"
    return block.shown if block.shown is not None else "\n".join(line or "" for line in said)


def fits(shown: str, printed: str) -> bool:
    lines = [
        re.escape(line.rstrip()).replace(re.escape("..."), ".*") for line in shown.strip("\n").split("\n")
    ]
    return (
        re.fullmatch("\n".join(lines), "\n".join(line.rstrip() for line in printed.strip("\n").split("\n")))
        is not None
    )


# -------------------------------------------------------------------------------------------------- what they run


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network but the loopback interface, no key, no proxy; paths are as in a clone."""

    def only_here(of: str, host_of: Any) -> None:
        real = getattr(socket.socket if of == "connect" else socket, of)

        def guarded(*args: Any, **kwargs: Any) -> Any:
            assert host_of(*args) in ("127.0.0.1", "::1", "localhost"), (
                f"{of}{args!r}: no network in the docs"
            )
            return real(*args, **kwargs)

        monkeypatch.setattr(socket.socket if of == "connect" else socket, of, guarded)

    only_here("connect", lambda self, address: address[0])
    only_here("getaddrinfo", lambda host, *rest: host)
    for name in os.environ:
        if name.startswith("OPENAI_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(ROOT)


@every_page
def test_the_python_of_a_page_runs_and_prints_what_it_shows(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        for block in [block for block in blocks_of(page) if block.language == "python"]:
            if block.served is not None:
                server = stack.enter_context(replay(ROOT / block.served))
                monkeypatch.setenv("OPENAI_BASE_URL", server.url)
                monkeypatch.setenv("OPENAI_API_KEY", "any")
            printed = run(block, page, namespace, runner)
            shown = shown_by(block)
            assert fits(shown, printed), f"{page.name}:{block.line} shows\n{shown}\nbut prints\n{printed}"
        namespace.clear()
        gc.collect()  # what was left open is a warning now, and so an error


def run(block: Block, page: Path, namespace: dict[str, Any], runner: asyncio.Runner) -> str:
    source = "\n" * (block.line - 1) + block.text  # line numbers in tracebacks are those of the page
    code: Any = compile(source, page, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    printed = io.StringIO()
    with redirect_stdout(printed):
        result = eval(code, namespace)
        if inspect.iscoroutine(result):
            runner.run(result)
    return printed.getvalue()


# ------------------------------------------------------------------------------------------------- what they name


@every_page
def test_the_commands_of_a_page_exist(page: Path) -> None:
    for block in blocks_of(page):
        assert block.language, f"{page.name}:{block.line}: a block without a language"
        if block.language not in ("console", "sh"):
            continue
        for line in block.text.splitlines():
            if block.language == "console" and not line.startswith("$ "):
                continue
            command = line.partition(" #")[0].removeprefix("$ ").split()
            named = [
                word
                for word in command
                if re.fullmatch(r"(scripts|examples|bench|docs|tests)/[\w./-]+", word)
            ]
            for word in named:
                assert (ROOT / word).exists(), f"{page.name}: {line}"
            if named[:1] == command[:1]:
                assert os.access(ROOT / named[0], os.X_OK), f"{page.name}: {line}"


@every_page
def test_the_extras_of_a_page_exist(page: Path) -> None:
    there = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = re.findall(r"riverrun\[([\w,]+)\]", page.read_text())
    assert {extra for names in named for extra in names.split(",")} <= there.keys()


@every_page
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in anchors_of(there), f"{page.name}: {target}"


def anchors_of(page: Path) -> set[str]:
    return {anchor_of(title) for title in re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)}


def anchor_of(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.partition("\n")[0].lower()).replace(" ", "-")


@every_page
def test_the_names_of_a_page_exist(page: Path) -> None:
    for name in re.findall(r"`(riverrun(?:\.\w+)+)`", page.read_text()):
        module, thing = name, None
        for part in name.split(".")[:0:-1]:
            try:
                thing = import_module(module)
                break
            except ModuleNotFoundError:
                module = module.removesuffix(f".{part}")
        for part in filter(None, name.removeprefix(module).split(".")):
            assert hasattr(thing, part), f"{page.name}: {name}"
            thing = getattr(thing, part)


@every_page
def test_the_tests_of_a_page_exist(page: Path) -> None:
    there = {
        match[1]
        for path in ROOT.glob("tests/**/*.py")
        for match in re.finditer(r"def (test_\w+)", path.read_text())
    }
    named = set(re.findall(r"`(test_\w+)`", page.read_text()))
    assert named <= there, f"{page.name} names tests that are not there: {sorted(named - there)}"


def test_the_page_on_porting_lists_every_name() -> None:
    page = ROOT / "docs" / "porting.md"
    with_names = runpy.run_path(str(ROOT / "docs" / "list_names.py"))["with_names"]
    assert page.read_text() == with_names(page.read_text()), "run: python docs/list_names.py"


def test_the_page_of_guarantees_lists_every_test_that_proves_one() -> None:
    page = ROOT / "docs" / "guarantees.md"
    with_tests = runpy.run_path(str(ROOT / "docs" / "list_tests.py"))["with_tests"]
    assert page.read_text() == with_tests(page.read_text()), "run: python docs/list_tests.py"


def test_what_is_said_to_hold_has_a_test() -> None:
    page = (ROOT / "docs" / "guarantees.md").read_text()
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    guarantees = [section for section in sections if re.match(r"G\d+ ", section)]
    assert [section.split()[0] for section in guarantees] == [f"G{n}" for n in range(1, 26)]
    for section in guarantees:
        name = section.split()[0]
        proofs = rf"`test_g{int(name[1:]):02}_\w+`|tests/types/"
        [state] = re.findall(r"^\*\*(Holds|Holds in part|Not yet)\.\*\*", section, re.MULTILINE)
        if state == "Holds":
            assert re.search(proofs, section), f"{name} holds, but no test is listed"
        assert f"| {name} |" in page and f"(#{anchor_of(section)}) | {state.lower()} |" in page


def test_the_picture_shows_what_the_demo_prints() -> None:
    picture = (ROOT / "docs" / "images" / "demo.svg").read_text()
    drawn = "".join(unescape(text) for text in re.findall(r">([^<>]+)</text>", picture))
    recording = runpy.run_path(str(ROOT / "examples" / "stream_chat.py"))["RECORDING"]
    with replay(recording) as server:
        answer = ChatOpenAI(base_url=server.url, api_key="any").invoke("").text
    assert re.sub(r"\s", "", answer) in re.sub(r"\s", "", drawn)
