"""Text, colours, links and ids."""

import io
import re
import sys
import time
from typing import Any

import pytest

from growth import assert_linear
from riverrun.utils.html import extract_sub_links, find_all_links
from riverrun.utils.input import get_bolded_text, get_color_mapping, get_colored_text, print_text
from riverrun.utils.interactive_env import is_interactive_env
from riverrun.utils.strings import comma_list, sanitize_for_postgres, stringify_dict, stringify_value
from riverrun.utils.uuid import uuid7


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        (1, "1"),
        (None, "None"),
        ({"a": 1, "b": {"c": 2}}, "\na: 1\nb: \nc: 2\n\n"),
        ([1, "x", {"a": 1}], "1\nx\n\na: 1\n"),
        ({}, "\n"),
    ],
)
def test_values_become_text(value: Any, text: str) -> None:
    assert stringify_value(value) == text


def test_other_texts() -> None:
    assert stringify_dict({"a": 1, "b": [1, 2]}) == "a: 1\nb: 1\n2\n"
    assert comma_list([1, "x"]) == "1, x"
    assert sanitize_for_postgres("a\0b\0") == "ab"
    assert sanitize_for_postgres("a\0b", "?") == "a?b"


def test_colours() -> None:
    assert get_colored_text("x", "blue") == "\033[36;1m\033[1;3mx\033[0m"
    assert get_bolded_text("x") == "\033[1mx\033[0m"
    assert get_color_mapping(list("abcdef"), ["blue"]) == {
        **dict(zip("abcd", ("yellow", "pink", "green", "red"), strict=True)),
        "e": "yellow",
        "f": "pink",
    }
    with pytest.raises(KeyError, match=r"'grey'.*blue, yellow"):
        get_colored_text("x", "grey")
    with pytest.raises(ValueError, match="every colour is excluded"):
        get_color_mapping(["a"], ["blue", "yellow", "pink", "green", "red"])


def test_text_is_printed_in_its_colour() -> None:
    file = io.StringIO()
    print_text("hi", "red", "!", file)
    print_text("ho", file=file)
    assert file.getvalue() == "\033[31;1m\033[1;3mhi\033[0m!ho"


def test_somebody_types_where_there_is_a_second_prompt(monkeypatch: Any) -> None:
    monkeypatch.delattr(sys, "ps2", raising=False)
    assert not is_interactive_env()
    monkeypatch.setattr(sys, "ps2", "...", raising=False)
    assert is_interactive_env()


PAGE = """
<a href="http://a.com/x">x</a> <a href='/b'> <a href="c/d"> <a href="//e.com/f"> <a href="https://a.com/x/y">
<a href="http://a.com.evil.com/"> <a href="../up"> <a href="/b#part"> <a href="#here"> <a href="mailto:me">
<a href="javascript:go()"> <a href="style.css"> <a href="picture.png?size=1"> <a href="tel:1"> <a href="ftp://a.com/">
"""


def test_links_are_found_once_each_without_what_is_no_page() -> None:
    links = find_all_links(PAGE)
    assert links[:5] == ["http://a.com/x", "/b", "c/d", "//e.com/f", "https://a.com/x/y"]
    assert links[5:] == ["http://a.com.evil.com/", "../up", "picture.png?size=1", "tel:1", "ftp://a.com/"]
    assert find_all_links("id=1 id=2 id=1", pattern=r"id=(\d)") == ["1", "2"]
    assert find_all_links("id=1", pattern=re.compile(r"id=(\d)")) == ["1"]


def test_links_become_addresses_on_the_same_host() -> None:
    url = "http://a.com/x"
    assert extract_sub_links(PAGE, url) == [url]
    inside = [
        "http://a.com/x",
        "http://a.com/b",
        "http://a.com/c/d",
        "http://a.com/up",
        "http://a.com/picture.png?size=1",
    ]
    assert extract_sub_links(PAGE, url, base_url="http://a.com") == inside
    outside = extract_sub_links(PAGE, url, prevent_outside=False)
    assert {"http://e.com/f", "https://a.com/x/y", "http://a.com.evil.com/"} < set(outside)
    assert not [address for address in outside if not address.startswith(("http://", "https://"))]
    assert extract_sub_links(
        PAGE, url, base_url="http://a.com", exclude_prefixes=("http://a.com/c", url)
    ) == [address for address in inside[1:] if "/c/" not in address]


def test_a_link_that_can_not_be_read_is_an_error_or_left_out(caplog: Any) -> None:
    page = '<a href="http://[x"> <a href="/b">'
    with pytest.raises(ValueError, match="IPv6"):
        extract_sub_links(page, "http://a.com")
    assert extract_sub_links(page, "http://a.com", continue_on_failure=True) == ["http://a.com/b"]
    assert "http://[x" in caplog.text


@pytest.mark.parametrize("piece", ['href="', "href='a", 'href="x"', "href=", 'href="javascript:'])
def test_g05_finding_links_is_linear(piece: str) -> None:
    assert_linear(lambda size: (lambda page: lambda: find_all_links(page))(piece * size), 500)


def test_ids_tell_their_moment_and_are_in_order() -> None:
    before = time.time_ns() // 1_000_000
    ids = [uuid7() for _ in range(200)]
    assert {id.version for id in ids} == {7}
    assert len(set(ids)) == 200
    assert before <= ids[0].int >> 80 <= time.time_ns() // 1_000_000
    moments = [uuid7(1_700_000_000_000_000_000 + step) for step in range(0, 3_000_000, 500)]
    assert moments == sorted(moments)
    assert str(moments[0]).startswith("018bcfe5-6800-7000-")
    assert {id.variant for id in moments} == {ids[0].variant}
