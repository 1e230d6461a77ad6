"""Docstrings in Google's style, and what tools make of them."""

from typing import Annotated, Any

import pytest

from riverrun.tools import StructuredTool, create_schema_from_function, tool
from riverrun.utils._docstring import Docstring

FULL = """Do it.

    More of it,
    in two lines.

    Args:
        a (int, optional): the first
            and what goes with it: this.

        b: the second.
        *args: the rest.
        no colon here
    Returns:
        nothing: at all.

    Raises:
        ValueError: never.
    """


def test_a_docstring_has_a_description_and_arguments() -> None:
    docstring = Docstring(FULL)
    assert docstring.description == "Do it. More of it,\nin two lines."
    assert docstring.arguments == {
        "a": "the first and what goes with it: this.",
        "b": "the second.",
        "args": "the rest. no colon here",
    }


@pytest.mark.parametrize(
    "text", [None, "", "   ", "Args:", "Args:\n    ", ":::\n\n:::", "Args:\n" + "a:" * 10_000]
)
def test_any_text_is_a_docstring(text: str | None) -> None:
    Docstring(text)


def fn(a: Annotated[int, "said here"], b: str, *args: int) -> None: ...


fn.__doc__ = FULL


def test_a_docstring_is_parsed_only_when_asked_for() -> None:
    plain, parsed = tool(fn), tool(parse_docstring=True)(fn)
    assert plain.args["a"]["description"] == "said here"
    assert "description" not in plain.args["b"]
    assert plain.description.startswith("Do it.\n\n    More of it")
    assert parsed.args["a"]["description"] == "the first and what goes with it: this."
    assert parsed.args["b"]["description"] == "the second."
    assert parsed.description == "Do it. More of it,\nin two lines."


def without_arguments(a: int) -> None:
    """Do it."""


def of_another(a: int) -> None:
    """Do it.

    Args:
        z: of nobody.
    """


def without_doc(a: int) -> None: ...


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (without_arguments, "'without_arguments' has no section 'Args:'"),
        (of_another, "describes an argument 'z'"),
        (without_doc, "'without_doc' has no docstring"),
    ],
)
def test_a_docstring_that_cannot_be_read_is_an_error_where_that_is_asked_for(wrong: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tool(parse_docstring=True)(wrong)
    with pytest.raises(ValueError, match=said):
        create_schema_from_function("n", wrong, parse_docstring=True, error_on_invalid_docstring=True)
    made = StructuredTool.from_function(wrong, description="d", parse_docstring=True)
    assert made.args == {"a": {"title": "A", "type": "integer"}}


def test_a_function_without_arguments_needs_no_section_for_them() -> None:
    @tool(parse_docstring=True)
    def nothing() -> str:
        """Do it."""
        return "done"

    assert nothing.invoke({}) == "done"
