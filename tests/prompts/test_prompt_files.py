"""Prompts from files: what a file may say, and that nothing leads out of the root."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from riverrun.exceptions import LoadError, TemplateError
from riverrun.messages import HumanMessage, SystemMessage
from riverrun.prompts import (
    ChatPromptTemplate,
    FewShotPromptTemplate,
    FewShotPromptWithTemplates,
    PromptTemplate,
    load_prompt,
)
from riverrun.prompts.image import ImagePromptTemplate
from riverrun.prompts.loading import load_prompt_from_config

EXAMPLE = {"_type": "prompt", "template": "{q} {a}"}


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root to read from, which is the current directory, beside a file that is none of its business."""
    (tmp_path / "secret.txt").write_text("secret {x}")
    (tmp_path / "secret.json").write_text(json.dumps([{"q": "secret", "a": "secret"}]))
    root = tmp_path / "root"
    root.mkdir()
    monkeypatch.chdir(root)
    (root / "plain.txt").write_text("plain {x}")
    (root / "examples.json").write_text('[{"q": 1, "a": 2}]')
    (root / "examples.yaml").write_text("- q: 1\n  a: 2\n")
    (root / "example.json").write_text(json.dumps(EXAMPLE))
    return root


def write(name: str, said: Any) -> str:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(said if isinstance(said, str) else json.dumps(said))
    return name


def test_a_file_makes_a_text_prompt() -> None:
    expected = PromptTemplate.from_template("{x}!")
    assert load_prompt(write("a.json", {"_type": "prompt", "template": "{x}!"})) == expected
    assert load_prompt(write("a.yaml", "_type: prompt\ntemplate: '{x}!'\n")) == expected
    assert (
        load_prompt(Path(write("a.yml", "template: '{x}!'\ninput_variables: [x, y]\nnew: 1\n"))) == expected
    )
    mustache = load_prompt(write("m.json", {"template": "{{x}}", "template_format": "mustache"}))
    assert mustache.format(x="<") == "&lt;"
    assert load_prompt_from_config({"template_path": "plain.txt"}).format(x=1) == "plain 1"


def test_a_file_is_read_in_its_encoding() -> None:
    Path("a.json").write_bytes('{"template": "ü"}'.encode("latin-1"))
    assert load_prompt("a.json", "latin-1").format() == "ü"
    with pytest.raises(LoadError, match="is no text"):
        load_prompt("a.json", "utf-8")


@pytest.mark.parametrize(
    "said",
    [
        {"examples": [{"q": 1, "a": 2}], "example_prompt": EXAMPLE, "suffix": "plain {x}"},
        {"examples": "examples.json", "example_prompt_path": "example.json", "suffix_path": "plain.txt"},
        {"examples": "examples.yaml", "example_prompt_path": "example.json", "suffix_path": "plain.txt"},
    ],
)
def test_a_file_makes_a_few_shot_prompt(said: dict[str, Any]) -> None:
    prompt = load_prompt(write("f.json", {"_type": "few_shot", **said}))
    assert isinstance(prompt, FewShotPromptTemplate) and prompt.format(x=3) == "1 2\n\nplain 3"


def test_a_file_makes_a_chat_prompt_of_all_its_messages() -> None:
    said = {
        "_type": "chat",
        "messages": [{"role": "system", "content": "s"}, {"prompt": {"template": "{x}"}}],
    }
    prompt = load_prompt(write("c.json", said))
    assert isinstance(prompt, ChatPromptTemplate)
    assert prompt.format_messages(x=1) == [SystemMessage("s"), HumanMessage("1")]


@pytest.mark.parametrize("suffix", ["json", "yaml", "yml"])
def test_what_is_saved_loads_again(suffix: str) -> None:
    text = PromptTemplate.from_template("{x} ü", name="n", metadata={"m": 1}, tags=["t"])
    few_shot = FewShotPromptTemplate(
        examples=[{"q": "{", "a": "b"}],
        example_prompt=PromptTemplate.from_template("{q}{a}"),
        prefix="p",
        suffix="{x}",
        example_separator="|",
    )
    for prompt in (text, few_shot):
        prompt.save(Path("new") / f"p.{suffix}")
        assert load_prompt(f"new/p.{suffix}", "utf-8") == prompt


def test_what_no_file_can_say_is_not_saved() -> None:
    text = PromptTemplate.from_template("{x}")
    with pytest.raises(ValueError, match="partial variables"):
        text.partial(x="y").save("p.json")
    with pytest.raises(ValueError, match=r"not as 'p\.txt'"):
        text.save("p.txt")
    few_shot = FewShotPromptTemplate(
        example_selector=type("S", (), {"select_examples": lambda self, values: []})(),
        example_prompt=text,
        suffix="",
    )
    with pytest.raises(ValueError, match="selector"):
        few_shot.save("p.json")
    for prompt in (
        ChatPromptTemplate(["x"]),
        ImagePromptTemplate(template={"url": "u"}),
        FewShotPromptWithTemplates(examples=[], example_prompt=text, suffix=text),
    ):
        with pytest.raises(NotImplementedError):
            prompt.save("p.json")
    assert not Path("p.json").exists()


OUTSIDE = [
    "../secret.txt",
    "sub/../../secret.txt",
    "{tmp}/secret.txt",
    "link.txt",
    "dir/secret.txt",
    "/etc/hostname.txt",
]


@pytest.mark.parametrize("path", OUTSIDE)
@pytest.mark.parametrize("allow", [False, True])
def test_no_path_leaves_the_root(path: str, allow: bool, inside: Path) -> None:
    (inside / "link.txt").symlink_to(inside.parent / "secret.txt")
    (inside / "link.json").symlink_to(inside.parent / "secret.json")
    (inside / "dir").symlink_to(inside.parent)
    path = path.replace("{tmp}", str(inside.parent))
    configs: list[dict[str, Any]] = [
        {"template_path": path},
        {"_type": "few_shot", "examples": [], "example_prompt": EXAMPLE, "suffix_path": path},
        {"_type": "few_shot", "examples": [], "example_prompt": EXAMPLE, "suffix": "", "prefix_path": path},
        {
            "_type": "few_shot",
            "examples": path.replace(".txt", ".json"),
            "example_prompt": EXAMPLE,
            "suffix": "",
        },
        {
            "_type": "few_shot",
            "examples": [],
            "example_prompt_path": path.replace(".txt", ".json"),
            "suffix": "",
        },
        {"_type": "chat", "messages": [{"prompt": {"template_path": path}}]},
    ]
    for config in configs:
        with pytest.raises(LoadError, match="leads out of"):
            load_prompt_from_config(config, allow_dangerous_paths=allow)
        with pytest.raises(LoadError, match="leads out of"):
            load_prompt(write("c.json", config), allow_dangerous_paths=allow)


def test_the_file_itself_lies_in_the_root(inside: Path) -> None:
    outside = inside.parent / "outside.json"
    outside.write_text('{"template_path": "plain.txt"}')
    with pytest.raises(LoadError, match="leads out of"):
        load_prompt(outside, root=inside)
    with pytest.raises(LoadError, match="leads out of"):
        load_prompt("../outside.json", root=".")
    (inside / "link.json").symlink_to(outside)
    with pytest.raises(LoadError, match="leads out of"):
        load_prompt("link.json")


def test_paths_are_relative_to_the_root(inside: Path) -> None:
    name = write("sub/c.json", {"template_path": "plain.txt"})
    with pytest.raises(FileNotFoundError):
        load_prompt(name)  # the root is the directory of the file
    assert load_prompt(name, root=".").format(x=1) == "plain 1"
    assert load_prompt(inside / name, root=inside).format(x=1) == "plain 1"
    write("sub/d.json", {"template_path": "sub/../plain.txt"})
    assert load_prompt("sub/d.json", root=inside).format(x=1) == "plain 1"


BOMB = "a: &a [x]\n" + "".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize(
    ("name", "said", "complaint"),
    [
        ("a.txt", "template: x", "is no .json or .yaml or .yml file"),
        ("a.json", "{nope", "can't be read: Expecting"),
        ("a.json", "[" * 100_000, "can't be read"),
        ("a.yaml", "{nope", "can't be read"),
        ("a.yaml", "[" * 100_000, "can't be read: it nests deeper than 100 levels"),
        ("a.yaml", BOMB, "no aliases"),
        ("a.yaml", "!!python/object/apply:os.system [ls]", "can't be read"),
        ("a.json", "[1]", "described by a dict, not by list"),
        ("a.json", {"_type": "nope"}, "the kind 'nope'"),
        ("a.json", {"_type": ["prompt"]}, "the kind"),
        ("a.json", {"_type": "prompt"}, "'template' is text"),
        ("a.json", {"template": 3}, "'template' is text"),
        ("a.json", {"template": "x", "template_path": "plain.txt"}, "not both"),
        ("a.json", {"template_path": 3}, "a path is text"),
        ("a.json", {"template_path": "a\0.txt"}, "is no path"),
        ("a.json", {"template_path": "examples.json"}, "is no .txt file"),
        ("a.json", {"template_path": "folder.txt"}, "is no file"),
        ("a.json", {"template": "{{ x }}", "template_format": "jinja2"}, "is a program"),
        ("a.json", {"template": "x", "output_parser": {"_type": "default"}}, "by which parser"),
        ("a.json", {"template": "x", "tags": 3}, "is wrong"),
        ("a.json", {"template": "x", "partial_variables": 3}, "is wrong"),
        ("a.json", {"template": "x", "partial_variables": "x"}, "is wrong"),
        ("a.json", {"template": "x", "template_format": "nope"}, "'nope' is not supported"),
        ("a.json", {"template": "{x.y}"}, "reaches into"),
        ("a.json", {"_type": "few_shot", "example_prompt": EXAMPLE, "examples": 3}, "'examples' are a list"),
        ("a.json", {"_type": "few_shot", "example_prompt": EXAMPLE, "examples": [3], "suffix": ""}, "is wrong"),
        ("a.json", {"_type": "few_shot", "examples": [], "suffix": ""}, "described by a dict"),
        ("a.json", {"_type": "few_shot", "example_prompt_path": "a.json", "examples": [], "suffix": ""}, "10 deep"),
        ("a.json", {"_type": "few_shot", "example_prompt": EXAMPLE, "example_prompt_path": "x"}, "not both"),
        ("a.json", {"_type": "chat"}, "a list of 'messages'"),
        ("a.json", {"_type": "chat", "messages": ["x"]}, "is a dict of 'role'"),
        ("a.json", {"_type": "chat", "messages": [{"role": "robot", "content": "x"}]}, "is no role"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_a_typed_error(name: str, said: Any, complaint: str) -> None:
    os.mkdir("folder.txt")
    with pytest.raises((LoadError, TemplateError, ValueError), match=complaint) as caught:
        load_prompt(write(name, said))
    assert type(caught.value).__module__.startswith("riverrun.")


def test_a_missing_file_is_pythons_own_error() -> None:
    with pytest.raises(FileNotFoundError):
        load_prompt("missing.json")
    with pytest.raises(FileNotFoundError):
        load_prompt_from_config({"template_path": "missing.txt"})
