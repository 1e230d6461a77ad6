"""A prompt of many messages: what can stand for them, which variables they have, and what is refused at once."""

import asyncio
import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from growth import assert_linear
from riverrun.exceptions import InputError, MessageError, MissingVariableError, TemplateError
from riverrun.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from riverrun.prompt_values import ChatPromptValue
from riverrun.prompts import (
    AIMessagePromptTemplate,
    BaseChatPromptTemplate,
    ChatPromptTemplate,
    HumanMessagePromptTemplate,
    MessagesPlaceholder,
    PromptTemplate,
    SystemMessagePromptTemplate,
)

CONVERSATION = ChatPromptTemplate([("system", "You are {role}."), ("human", "{question}")])


def test_chat_prompt_makes_messages_of_its_variables() -> None:
    values = {"role": "Ann", "question": "{why}?", "more": 1}
    expected = [SystemMessage("You are Ann."), HumanMessage("{why}?")]
    assert CONVERSATION.input_variables == ["question", "role"]
    assert CONVERSATION.format_messages(**values) == expected
    assert asyncio.run(CONVERSATION.aformat_messages(**values)) == expected
    assert CONVERSATION.invoke(values) == ChatPromptValue(messages=expected)
    assert asyncio.run(CONVERSATION.ainvoke(values)) == ChatPromptValue(messages=expected)
    assert list(CONVERSATION.stream(values)) == [ChatPromptValue(messages=expected)]
    assert (
        CONVERSATION.format(**values)
        == asyncio.run(CONVERSATION.aformat(**values))
        == "System: You are Ann.\nHuman: {why}?"
    )


@pytest.mark.parametrize(
    ("said", "formatted"),
    [
        ("{x}", HumanMessage("X")),
        (("human", "{x}"), HumanMessage("X")),
        (("user", "{x}"), HumanMessage("X")),
        (("ai", "{x}"), AIMessage("X")),
        (("assistant", "{x}"), AIMessage("X")),
        (("system", "{x}"), SystemMessage("X")),
        ((HumanMessage, "{x}"), HumanMessage("X")),
        ((SystemMessage, "{x}"), SystemMessage("X")),
        ({"role": "user", "content": "{x}"}, HumanMessage("X")),
        (AIMessagePromptTemplate.from_template("{x}"), AIMessage("X")),
        (HumanMessagePromptTemplate(prompt=PromptTemplate.from_template("{x}")), HumanMessage("X")),
        (SystemMessagePromptTemplate.from_template("{x}"), SystemMessage("X")),
        (ChatPromptTemplate(["{x}"]), HumanMessage("X")),
        (HumanMessage("{x}"), HumanMessage("{x}")),
        (ToolMessage("{x}", tool_call_id="1"), ToolMessage("{x}", tool_call_id="1")),
        (("human", [{"type": "text", "text": "{x}"}]), HumanMessage([{"type": "text", "text": "X"}])),
    ],
)
def test_chat_prompt_reads_what_can_stand_for_a_message(said: Any, formatted: BaseMessage) -> None:
    for prompt in (
        ChatPromptTemplate([said]),
        ChatPromptTemplate.from_messages([said]),
        ChatPromptTemplate([]) + said,
    ):
        assert prompt.format_messages(x="X") == [formatted]
        assert prompt.input_variables == ([] if isinstance(said, BaseMessage) else ["x"])


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (
            ("robot", "x"),
            "'robot' is no role of a message template; the roles are human, user, ai, assistant, system",
        ),
        (("Human", "x"), "'Human' is no role"),
        (("tool", "x"), "'tool' is no role"),
        ((ToolMessage, "x"), "is no role"),
        (("human", "x", "y"), "is .role, template., not 3 values"),
        (["human", "x"], "list is no message"),
        (3, "int is no message; a message is a tuple"),
        (PromptTemplate.from_template("x"), "PromptTemplate is no message"),
        ({"role": "human"}, "keys 'role' and 'content', not"),
        ({"role": "human", "content": "x", "name": "y"}, "keys 'role' and 'content', not"),
        (("placeholder", "history"), "names its variable in braces, '{history}', not 'history'"),
        (("placeholder", "{a}{b}"), "in braces"),
        (("placeholder", "{}"), "in braces"),
        (("placeholder", ["{a}"]), "is_optional"),
        (("placeholder", ["{a}", "yes"]), "is_optional"),
        (("placeholder", 3), "is_optional"),
    ],
)
def test_chat_prompt_refuses_what_is_no_message_when_made(said: Any, complaint: str) -> None:
    with pytest.raises(MessageError, match=complaint):
        ChatPromptTemplate(["before", said])
    prompt = ChatPromptTemplate(["before"])
    with pytest.raises(MessageError, match=complaint):
        prompt.extend(["after", said])
    assert len(prompt) == 1


@pytest.mark.parametrize("said", ["text", HumanMessage("x"), {"role": "human", "content": "x"}, 3])
def test_chat_prompt_refuses_what_is_no_list_of_messages(said: Any) -> None:
    with pytest.raises(MessageError, match="has a list of messages, not"):
        ChatPromptTemplate(said)


@pytest.mark.parametrize(
    "template", ["{a.b}", "{a[0]}", "{}", "{a:{b}}", "{a:>1000000000}", "{a", 3, None, [3]]
)
def test_chat_prompt_refuses_templates_when_made(template: Any) -> None:
    for role in ("human", "ai", "system"):
        with pytest.raises(TemplateError):
            ChatPromptTemplate([(role, template)])
    with pytest.raises(TemplateError):
        ChatPromptTemplate.from_template(template)


def test_chat_prompt_refuses_a_template_that_was_changed_when_formatted() -> None:
    prompt = ChatPromptTemplate(["{a}"])
    part: Any = prompt[0]
    part.prompt.template = "{a.__class__}"
    for changed in (prompt, copy.deepcopy(prompt), pickle.loads(pickle.dumps(prompt))):
        with pytest.raises(TemplateError, match="reaches into its value"):
            changed.invoke({"a": 1})


def test_missing_variables_of_all_messages_are_named_with_those_that_were_given() -> None:
    complaint = r"ChatPromptTemplate is missing variables \['b', 'c'\]: it expects \['a', 'b', 'c'\] and was given \['a', 'z'\]"
    prompt = ChatPromptTemplate(["{c}", "{a}", "{b}"])
    for run in (
        prompt.invoke,
        lambda values: prompt.format_messages(**values),
        lambda values: prompt.format(**values),
    ):
        with pytest.raises(MissingVariableError, match=complaint) as caught:
            run({"a": 1, "z": 2})
        assert isinstance(caught.value, KeyError)
        assert "double its braces: {{b}}" in str(caught.value)


def test_one_variable_takes_any_value_and_several_take_a_dict() -> None:
    prompt = ChatPromptTemplate.from_template("{a}")
    for value in ("x", None, ["x"], 3):
        assert prompt.invoke(value).to_messages() == [HumanMessage(str(value))]
    assert CONVERSATION.partial(role="Ann").invoke("x").to_messages()[1] == HumanMessage("x")
    with pytest.raises(
        InputError, match=r"has the variables \['question', 'role'\] and takes a dict of them, not str"
    ) as caught:
        CONVERSATION.invoke("x")
    assert isinstance(caught.value, TypeError)


def test_placeholder_stands_for_the_messages_in_its_variable() -> None:
    prompt = ChatPromptTemplate(["first", MessagesPlaceholder("history"), "{x}"])
    assert prompt.input_variables == ["history", "x"]
    history = [HumanMessage("{x}"), ("ai", "{y}"), "z", {"role": "system", "content": "s"}]
    said = prompt.format_messages(history=history, x="X")
    assert said == [
        HumanMessage("first"),
        HumanMessage("{x}"),
        AIMessage("{y}"),
        HumanMessage("z"),
        SystemMessage("s"),
        HumanMessage("X"),
    ]
    assert said[1] is history[0]
    with pytest.raises(MissingVariableError, match=r"\['history'\]"):
        prompt.invoke({"x": 1})


def test_optional_placeholder_may_be_left_out() -> None:
    for placeholder in (
        MessagesPlaceholder("h", optional=True),
        ("placeholder", "{h}"),
        ("placeholder", ["{h}", True]),
    ):
        prompt = ChatPromptTemplate([placeholder, "{x}"])
        assert (prompt.input_variables, prompt.optional_variables) == (["x"], ["h"])
        assert prompt.invoke("X").to_messages() == [HumanMessage("X")]
        assert prompt.invoke({"x": "X", "h": ["hi"]}).to_messages() == [HumanMessage("hi"), HumanMessage("X")]
    needed = ChatPromptTemplate([("placeholder", ["{h}", False])])
    assert (needed.input_variables, needed.optional_variables) == (["h"], [])


def test_partial_prompts_leave_the_prompt_as_it_was() -> None:
    now = iter("ab")
    partial = CONVERSATION.partial(role=lambda: next(now))
    partial.append("{more}")
    assert partial.input_variables == ["more", "question"]
    assert CONVERSATION.input_variables == ["question", "role"] and len(CONVERSATION) == 2
    said = [partial.format_messages(question="?", more=1)[0].content for _ in range(2)]
    assert said == ["You are a.", "You are b."]
    assert partial.format_messages(role="c", question="?", more=1)[0].content == "You are c."


def test_append_and_extend_add_variables() -> None:
    prompt = ChatPromptTemplate(["{a}"])
    prompt.append(("ai", "{b}"))
    prompt.extend([MessagesPlaceholder("h", optional=True), "{c}"])
    assert (prompt.input_variables, prompt.optional_variables) == (["a", "b", "c"], ["h"])
    assert [m.content for m in prompt.format_messages(a=1, b=2, c=3)] == ["1", "2", "3"]


def test_prompts_and_messages_add_up() -> None:
    first = ChatPromptTemplate(["{a}"]).partial(a="A")
    second = ChatPromptTemplate([("ai", "{b}")]).partial(b="B")
    both = (
        first
        + second
        + [("system", "{c}"), "{d}"]
        + ("ai", "{e}")
        + MessagesPlaceholder("f")
        + HumanMessage("{g}")
    )
    assert both.input_variables == ["c", "d", "e", "f"]
    assert [m.content for m in both.format_messages(c=1, d=2, e=3, f=["4"])] == [
        "A",
        "B",
        "1",
        "2",
        "3",
        "4",
        "{g}",
    ]
    assert [m.type for m in both.format_messages(c=1, d=2, e=3, f=[])] == [
        "human",
        "ai",
        "system",
        "human",
        "ai",
        "human",
    ]
    two = ["human", "x"]
    assert [m.content for m in (first + two).format_messages()] == ["A", "human", "x"]
    assert (SystemMessage("s") + first).format_messages() == [SystemMessage("s"), HumanMessage("A")]
    assert (MessagesPlaceholder("h") + "{x}").input_variables == ["h", "x"]
    assert (HumanMessagePromptTemplate.from_template("{y}") + "{x}").input_variables == ["x", "y"]
    assert len(first) == len(second) == 1
    with pytest.raises(TypeError):
        first + 3  # type: ignore[operator]  # what is tested


def test_chat_prompt_is_a_sequence_of_messages() -> None:
    prompt = ChatPromptTemplate(["{a}", MessagesPlaceholder("h", optional=True), HumanMessage("b")]).partial(
        a="A"
    )
    assert len(prompt) == 3
    assert prompt[0] == HumanMessagePromptTemplate.from_template("{a}") and prompt[-1] == HumanMessage("b")
    assert prompt[:1].format_messages() == [HumanMessage("A")]
    assert prompt[1:].format_messages(h=["x"]) == [HumanMessage("x"), HumanMessage("b")]
    assert "a" not in prompt[1:].partial_variables


def test_nested_prompts_keep_their_own_variables() -> None:
    inner = ChatPromptTemplate(["{a}{b}", MessagesPlaceholder("h", optional=True)]).partial(a="A")
    outer = ChatPromptTemplate([inner, ("ai", "{c}")])
    assert outer.input_variables == ["b", "c"]
    assert outer.format_messages(b=1, c=2) == [HumanMessage("A1"), AIMessage("2")]


def test_from_template_passes_on_its_settings() -> None:
    prompt = ChatPromptTemplate.from_template(
        "{a}{b}", partial_variables={"a": "A"}, additional_kwargs={"k": 1}
    )
    assert prompt.input_variables == ["b"]
    assert prompt.invoke("B").to_messages() == [HumanMessage("AB", additional_kwargs={"k": 1})]


def test_chat_prompt_shows_what_it_is_made_of() -> None:
    assert repr(ChatPromptTemplate.from_template("Tell me {topic}")) == (
        "ChatPromptTemplate(input_variables=['topic'], input_types={}, partial_variables={}, "
        "messages=[HumanMessagePromptTemplate(prompt=PromptTemplate(input_variables=['topic'], input_types={}, "
        "partial_variables={}, template='Tell me {topic}'), additional_kwargs={})])"
    )
    shown = repr(ChatPromptTemplate([MessagesPlaceholder("h", optional=True)], name="n"))
    assert shown.startswith(
        "ChatPromptTemplate(name='n', input_variables=[], optional_variables=['h'], input_types={'h': "
    )
    assert shown.endswith(
        "partial_variables={'h': []}, messages=[MessagesPlaceholder(variable_name='h', optional=True)])"
    )


def test_pretty_repr_puts_messages_under_headings() -> None:
    prompt = ChatPromptTemplate([("system", "You {a}"), MessagesPlaceholder("h"), HumanMessage("hi")])
    assert prompt.pretty_repr().split("\n\n") == [
        "================================ System Message ================================",
        "You {a}",
        "============================= Messages Placeholder =============================",
        "{h}",
        "================================ Human Message =================================",
        "hi",
    ]
    assert "\033[1m System Message \033[0m" in prompt.pretty_repr(html=True)
    assert "\033[33;1m\033[1;3m{h}\033[0m" in prompt.pretty_repr(html=True)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_chat_prompt_copies_are_equal_and_work(
    copied: Callable[[ChatPromptTemplate], ChatPromptTemplate],
) -> None:
    prompt = ChatPromptTemplate(
        ["{a}", HumanMessage("b"), ("placeholder", "{h}")], metadata={"k": 1}
    ).partial(a="A")
    prompt.invoke({})
    twin = copied(prompt)
    assert twin == prompt and repr(twin) == repr(prompt)
    assert twin.invoke({"h": ["c"]}).to_messages() == [
        HumanMessage("A"),
        HumanMessage("b"),
        HumanMessage("c"),
    ]
    assert prompt != ChatPromptTemplate(["{a}", HumanMessage("b"), ("placeholder", "{h}")], metadata={"k": 1})


def test_validate_template_checks_the_declared_variables() -> None:
    ChatPromptTemplate(["{a}"], input_variables=["a"], validate_template=True)
    with pytest.raises(TemplateError, match=r"variables \['a'\], but \['b'\] were declared"):
        ChatPromptTemplate(["{a}"], input_variables=["b"], validate_template=True)


def test_appending_costs_the_same_however_long_the_prompt_is() -> None:
    def append(n: int) -> Callable[[], Any]:
        def work() -> None:
            prompt = ChatPromptTemplate(["{a}"])
            for _ in range(n):
                prompt.append(HumanMessage("b"))
            assert len(prompt) == n + 1 and prompt.input_variables == ["a"]

        return work

    assert_linear(append, 100)


class Own(BaseChatPromptTemplate):
    """A chat prompt of a user's, which defines what it must."""

    def format_messages(self, **kwargs: Any) -> list[BaseMessage]:
        return [HumanMessage(kwargs["a"])]


def test_a_chat_prompt_of_ones_own_defines_its_messages_only() -> None:
    prompt = Own(input_variables=["a"])
    assert (
        prompt.invoke("x")
        == asyncio.run(prompt.ainvoke("x"))
        == ChatPromptValue(messages=[HumanMessage("x")])
    )
    assert prompt.pretty_repr().endswith("{a}") and " Own " in prompt.pretty_repr()
    assert ChatPromptTemplate([prompt, "b"]).format_messages(a="x")[0] == HumanMessage("x")


def test_a_pair_without_brackets_is_one_message() -> None:
    prompt = ChatPromptTemplate.from_messages(("system", "hi {x}"))  # type: ignore[arg-type]  # what people write
    assert [message.type for message in prompt.format_messages(x=1)] == ["system"]


def test_what_is_missing_is_explained_by_what_it_stands_for() -> None:
    prompt = ChatPromptTemplate([MessagesPlaceholder("history"), ("human", "{question}")])
    with pytest.raises(KeyError, match=r"Give it history=\[\], or write MessagesPlaceholder"):
        prompt.invoke({"question": "?"})
    with pytest.raises(KeyError, match="Is 'histroy' a slip of 'history'"):
        prompt.invoke({"question": "?", "histroy": []})
    with pytest.raises(KeyError, match="double its braces"):
        prompt.invoke({"history": []})


def test_a_message_that_cant_be_read_is_found_by_its_variable() -> None:
    with pytest.raises(MessageError) as caught:
        ChatPromptTemplate([MessagesPlaceholder("history")]).invoke({"history": [("usr", "x")]})
    assert "in the variable 'history'" in caught.value.__notes__
