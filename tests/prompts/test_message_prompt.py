"""Templates of single messages: text, blocks, and what users' own classes may do."""

import asyncio
import pickle
from typing import Any

import pytest

from riverrun.exceptions import InputError, MessageError, MissingVariableError, TemplateError
from riverrun.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from riverrun.prompts import (
    AIMessagePromptTemplate,
    ChatPromptTemplate,
    DictPromptTemplate,
    HumanMessagePromptTemplate,
    MessagesPlaceholder,
    PromptTemplate,
    StringPromptTemplate,
    SystemMessagePromptTemplate,
)
from riverrun.prompts.image import ImagePromptTemplate
from riverrun.prompts.message import BaseMessagePromptTemplate


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (HumanMessagePromptTemplate, HumanMessage),
        (AIMessagePromptTemplate, AIMessage),
        (SystemMessagePromptTemplate, SystemMessage),
    ],
)
def test_message_template_makes_a_message_of_its_role(kind: Any, message: Any) -> None:
    template = kind.from_template("{a} {b}", partial_variables={"b": "B"}, additional_kwargs={"k": [1]})
    expected = message("A B", additional_kwargs={"k": [1]})
    assert template.input_variables == ["a"]
    assert template.format(a="A") == asyncio.run(template.aformat(a="A")) == expected
    assert template.format_messages(a="A") == asyncio.run(template.aformat_messages(a="A")) == [expected]


def test_messages_do_not_share_the_additional_kwargs_of_their_template() -> None:
    template = HumanMessagePromptTemplate.from_template("x", additional_kwargs={"k": 1})
    template.format().additional_kwargs["k"] = 2
    assert template.format().additional_kwargs == {"k": 1}


def test_content_blocks_are_templates_in_their_strings() -> None:
    template = HumanMessagePromptTemplate.from_template(
        [
            "{a}",
            {"type": "text", "text": "see {b}"},
            {"text": "{a}"},
            {"type": "text", "text": "{b}", "cache_control": {"type": "{a}"}},
            {"type": "image_url", "image_url": "https://{u}"},
            {"image_url": {"url": "{u}", "detail": "low"}},
            {"type": "audio", "{a}": [{"data": "{d}"}, 3, None]},
        ]
    )
    assert sorted(set(template.input_variables)) == ["a", "b", "d", "u"]
    message = template.format(a="A", b="{a}", u="U", d=b"D")
    assert message.content == [
        {"type": "text", "text": "A"},
        {"type": "text", "text": "see {a}"},
        {"type": "text", "text": "A"},
        {"type": "text", "text": "{a}", "cache_control": {"type": "A"}},
        {"type": "image_url", "image_url": {"url": "https://U"}},
        {"type": "image_url", "image_url": {"url": "U", "detail": "low"}},
        {"type": "audio", "{a}": [{"data": "b'D'"}, 3, None]},
    ]


def test_text_blocks_that_come_to_nothing_are_left_out() -> None:
    template = SystemMessagePromptTemplate.from_template(["", "{a}", {"type": "text", "text": "x"}])
    assert template.format(a="").content == [{"type": "text", "text": "x"}]


@pytest.mark.parametrize(
    "block",
    [
        "{a.b}",
        3,
        None,
        {"type": "text", "text": 3},
        {"type": "text", "text": "{a.b}"},
        {"type": "image_url", "image_url": "{a.b}"},
        {"type": "image_url", "image_url": {"url": "{a:>9999}"}},
        {"type": "image_url", "image_url": {"url": "x", "detail": "{a[0]}"}},
        {"type": "image_url", "image_url": 3},
        {"type": "image_url", "image_url": {"path": "/etc/passwd"}},
        {"type": "image_url", "image_url": {"url": "x", "path": "/etc/passwd"}},
        {"type": "audio", "audio": [{"deep": "{a.b}"}]},
    ],
)
def test_content_blocks_are_refused_when_made(block: Any) -> None:
    with pytest.raises(TemplateError):
        HumanMessagePromptTemplate.from_template(["fine", block])


def test_content_blocks_are_refused_when_changed_later() -> None:
    template = HumanMessagePromptTemplate.from_template(
        [{"type": "image_url", "image_url": "{a}"}, {"type": "x", "x": {"y": ["{a}"]}}, "{a}"]
    )
    for place, change in enumerate(
        [
            lambda part: part.template.update(url="{a.b}"),
            lambda part: part.template["x"]["y"].append("{a.b}"),
            lambda part: setattr(part, "template", "{a.b}"),
        ]
    ):
        twin = pickle.loads(pickle.dumps(template))
        assert twin.format(a=1) == template.format(a=1)
        change(twin.prompt[place])
        for changed in (twin, pickle.loads(pickle.dumps(twin)), twin.model_copy(deep=True)):
            with pytest.raises(TemplateError, match="reaches into its value"):
                changed.format(a=1)


def test_nesting_of_blocks_is_bounded() -> None:
    block: Any = "{a}"
    for _ in range(100_000):
        block = [block]
    with pytest.raises(TemplateError, match="nests deeper than 100"):
        HumanMessagePromptTemplate.from_template([{"type": "x", "x": block}])
    part = DictPromptTemplate(template={"a": "{b}"})
    part.template["self"] = part.template
    with pytest.raises(TemplateError, match="nests deeper than 100"):
        part.format(b=1)


def test_partial_variables_of_blocks_belong_to_the_chat_prompt() -> None:
    with pytest.raises(TemplateError, match="give them there"):
        HumanMessagePromptTemplate.from_template(["{a}"], partial_variables={"a": 1})
    prompt = ChatPromptTemplate([("human", ["{a}{b}"])]).partial(a=1)
    assert prompt.invoke("B").to_messages() == [HumanMessage([{"type": "text", "text": "1B"}])]


@pytest.mark.parametrize(
    "blocks", [["{a}"], [{"type": "x", "x": "{a}"}], [{"type": "image_url", "image_url": "{a}"}], "{a}"]
)
def test_missing_variables_of_a_message_are_named(blocks: Any) -> None:
    with pytest.raises(MissingVariableError, match=r"missing variables \['a'\]"):
        HumanMessagePromptTemplate.from_template(blocks).format(b=1)


def test_dict_template_is_a_step() -> None:
    part = DictPromptTemplate(
        template={"a": "{x}", "b": ["{y}", {"c": "{x}"}, 3]}, template_format="f-string"
    )
    assert part.input_variables == ["x", "y"]
    expected = {"a": "1", "b": ["2", {"c": "1"}, 3]}
    assert (
        part.invoke({"x": 1, "y": 2})
        == part.format(x=1, y=2)
        == asyncio.run(part.aformat(x=1, y=2))
        == expected
    )
    with pytest.raises(InputError, match="not str"):
        part.invoke("x")  # type: ignore[arg-type]  # what is tested


def test_image_template_is_a_step() -> None:
    part = ImagePromptTemplate(template={"url": "{u}{v}"}, partial_variables={"v": "V"})
    assert part.input_variables == ["u"]
    assert part.format(u="U") == {"url": "UV"}
    assert part.invoke("U").to_messages() == [
        HumanMessage([{"type": "image_url", "image_url": {"url": "UV"}}])
    ]


def test_placeholder_holds_a_list_of_messages() -> None:
    placeholder = MessagesPlaceholder("h", n_messages=2)
    said = placeholder.format_messages(h=["a", ("ai", "b"), HumanMessage("c")])
    assert said == [AIMessage("b"), HumanMessage("c")]
    assert asyncio.run(placeholder.aformat_messages(h=[])) == []
    assert repr(placeholder) == "MessagesPlaceholder(variable_name='h', n_messages=2)"
    assert MessagesPlaceholder(variable_name="h", optional=True).format_messages() == []
    with pytest.raises(MissingVariableError, match=r"MessagesPlaceholder\('h'\)"):
        placeholder.format_messages(x=1)
    for value in ("text", 3, None, HumanMessage("x"), [3]):
        with pytest.raises(MessageError):
            placeholder.format_messages(h=value)
    with pytest.raises(ValueError, match="greater than 0"):
        MessagesPlaceholder("h", n_messages=0)


def test_own_message_templates_are_given_all_variables() -> None:
    seen: list[dict[str, Any]] = []

    class Twice(BaseMessagePromptTemplate):
        @property
        def input_variables(self) -> list[str]:
            return ["z"]

        def format_messages(self, **kwargs: Any) -> list[BaseMessage]:
            seen.append(kwargs)
            return [HumanMessage(kwargs["z"])] * 2

    prompt = ChatPromptTemplate([Twice(), "{q}"])
    assert prompt.input_variables == ["q", "z"]
    assert [m.content for m in prompt.invoke({"z": "Z", "q": "Q", "x": 1}).to_messages()] == ["Z", "Z", "Q"]
    assert seen == [{"z": "Z", "q": "Q", "x": 1}]
    assert "{z}" in prompt.pretty_repr()


def test_overridden_methods_count_in_chat_prompts() -> None:
    class Formats(HumanMessagePromptTemplate):
        def format(self, **kwargs: Any) -> BaseMessage:
            message = super().format(**kwargs)
            return AIMessage(f"<{message.content}>")

    class Text(StringPromptTemplate):
        def format(self, **kwargs: Any) -> str:
            return f"own {kwargs['x']}"

    class Longer(PromptTemplate):
        def format(self, **kwargs: Any) -> str:
            return super().format(**kwargs) + "!"

    text = Text(input_variables=["x"])
    longer = Longer.from_template("{x}")
    prompt = ChatPromptTemplate(
        [
            Formats.from_template("{x}"),
            HumanMessagePromptTemplate(prompt=text),
            HumanMessagePromptTemplate(prompt=longer),
            HumanMessagePromptTemplate(prompt=[text, longer]),
        ]
    )
    blocks = [{"type": "text", "text": "own 1"}, {"type": "text", "text": "1!"}]
    expected = [AIMessage("<1>"), HumanMessage("own 1"), HumanMessage("1!"), HumanMessage(blocks)]  # type: ignore[arg-type]
    assert prompt.invoke({"x": 1}).to_messages() == expected
    assert asyncio.run(prompt.ainvoke({"x": 1})).to_messages() == expected
    assert longer.invoke({"x": 1}).to_string() == "1!"


def test_overridden_async_methods_are_awaited_in_async_runs() -> None:
    class Slow(ChatPromptTemplate):
        def format_messages(self, **kwargs: Any) -> list[BaseMessage]:
            return [HumanMessage("sync")]

        async def aformat_messages(self, **kwargs: Any) -> list[BaseMessage]:
            await asyncio.sleep(0)
            return [HumanMessage("async")]

    prompt = Slow(["{x}"])
    assert prompt.invoke("x").to_messages() == [HumanMessage("sync")]
    assert asyncio.run(prompt.ainvoke("x")).to_messages() == [HumanMessage("async")]


def test_async_methods_of_parts_are_awaited_in_async_runs() -> None:
    class Text(StringPromptTemplate):
        def format(self, **kwargs: Any) -> str:
            return "sync"

        async def aformat(self, **kwargs: Any) -> str:
            await asyncio.sleep(0)
            return "async"

    text = Text(input_variables=["x"])
    part = HumanMessagePromptTemplate(prompt=text)
    prompt = ChatPromptTemplate([ChatPromptTemplate([part]), HumanMessagePromptTemplate(prompt=[text])])
    assert [m.text for m in prompt.invoke("x").to_messages()] == ["sync", "sync"]
    assert [m.text for m in asyncio.run(prompt.ainvoke("x")).to_messages()] == ["async", "async"]


@pytest.mark.parametrize("nested", [False, True])
def test_own_code_of_a_prompt_never_blocks_the_loop(nested: bool) -> None:
    async def run() -> Any:
        arrived = asyncio.Event()
        loop = asyncio.get_running_loop()

        def waits() -> str:
            return asyncio.run_coroutine_threadsafe(arrived.wait(), loop).result(5) and "done"

        text = PromptTemplate.from_template("{a}{b}", partial_variables={"a": waits} if nested else None)
        prompt = ChatPromptTemplate([HumanMessagePromptTemplate(prompt=text)])
        if not nested:
            prompt = prompt.partial(a=waits)
        formatted = asyncio.ensure_future(prompt.ainvoke("!"))
        await asyncio.sleep(0)
        arrived.set()
        return (await formatted).to_messages()

    assert asyncio.run(run()) == [HumanMessage("done!")]


class Upper(DictPromptTemplate):
    """A part of one's own, whose format goes round the library's."""

    def format(self, /, **kwargs: Any) -> dict[str, Any]:
        return {key: value.upper() for key, value in super().format(**kwargs).items()}


def test_a_part_of_ones_own_is_asked_for_its_format() -> None:
    prompt = HumanMessagePromptTemplate(
        prompt=[Upper(template={"x": "{a}"}), PromptTemplate.from_template("{b}")]
    )
    expected = [HumanMessage([{"x": "A"}])]
    assert prompt.format_messages(a="a", b="") == expected
    assert asyncio.run(prompt.aformat_messages(a="a", b="")) == expected
    assert ChatPromptTemplate([prompt]).invoke({"a": "a", "b": ""}).to_messages() == expected
