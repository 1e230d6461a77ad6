#!/usr/bin/env python3
"""Prompts alone: `prompts.py ROOT` times making and formatting them with the package ROOT, in microseconds.

It runs with either interpreter, langchain-core's or riverrun's, so the two can be set side by side.
"""

import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

ROUNDS = 5
MESSAGES = 10


def best(work: Callable[[], Any], times: int) -> float:
    """Microseconds for one call of `work`, the best of several rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(times):
            work()
        rounds.append(time.perf_counter() - began)
    return min(rounds) / times * 1e6


def works(root: str) -> dict[str, tuple[Callable[[], Any], int]]:
    """What is timed, and how often."""
    prompts = import_module(f"{root}.prompts")
    few_shot = import_module(f"{root}.prompts.few_shot")
    messages = import_module(f"{root}.messages")
    chat, text = prompts.ChatPromptTemplate, prompts.PromptTemplate
    said = [
        ("system" if i == 0 else ("human", "ai")[i % 2], f"{i}: tell {{a}} about {{b}}")
        for i in range(MESSAGES)
    ]
    mustaches = [(role, template.replace("{", "{{").replace("}", "}}")) for role, template in said]
    blocks = [
        ("human", [{"type": "text", "text": "{a}"}, {"type": "image_url", "image_url": {"url": "{b}"}}])
    ]
    values = {"a": "Ann", "b": "rivers"}
    history = {"h": [messages.HumanMessage("x") for _ in range(MESSAGES)]}
    prompt, mustache = chat(said), chat(mustaches, template_format="mustache")
    placeholder, block = chat([prompts.MessagesPlaceholder("h")]), chat(blocks * MESSAGES)
    one = text.from_template("Tell {a} about {b}.")
    examples = few_shot.FewShotPromptTemplate(
        examples=[{"q": str(i), "a": str(i)} for i in range(MESSAGES)],
        example_prompt=text.from_template("Q: {q} A: {a}"),
        suffix="{a} {b}",
    )
    return {
        f"invoke, {MESSAGES} messages": (lambda: prompt.invoke(values), 1_000),
        f"format_messages, {MESSAGES} messages": (lambda: prompt.format_messages(**values), 1_000),
        f"format_messages, {MESSAGES} messages of mustache": (
            lambda: mustache.format_messages(**values),
            1_000,
        ),
        f"format_messages, {MESSAGES} messages of blocks": (lambda: block.format_messages(**values), 300),
        f"format_messages, a placeholder of {MESSAGES}": (
            lambda: placeholder.format_messages(**history),
            1_000,
        ),
        "format, one text": (lambda: one.format(**values), 5_000),
        f"format, {MESSAGES} examples": (lambda: examples.format(**values), 1_000),
        f"make a prompt of {MESSAGES} messages": (lambda: chat(said), 100),
        f"make a mustache prompt of {MESSAGES} messages": (
            lambda: chat(mustaches, template_format="mustache"),
            100,
        ),
    }


def main(root: str) -> None:
    warnings.simplefilter("ignore")
    for name, (work, times) in works(root).items():
        print(f"{name:<50} {best(work, times):10.2f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
