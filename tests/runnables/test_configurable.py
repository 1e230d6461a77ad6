"""Steps whose settings, or which themselves, a run's config decides."""

import asyncio
import copy
import gc
import pickle
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import ConfigDict, Field, ValidationError

from riverrun.exceptions import NotAStepError, UnknownOptionError
from riverrun.prompts import PromptTemplate
from riverrun.runnables import (
    ConfigurableField,
    ConfigurableFieldMultiOption,
    ConfigurableFieldSingleOption,
    ConfigurableFieldSpec,
    Runnable,
    RunnableConfigurableAlternatives,
    RunnableConfigurableFields,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnableRetry,
    RunnableSerializable,
    chain,
)
from riverrun.testing.collect import Collector


class Model(RunnableSerializable[Any, str]):
    """Says its settings, a chunk for each."""

    model_config = ConfigDict(populate_by_name=True)

    size: int = Field(default=1, description="how big", ge=0)
    kind_: str = Field(default="plain", alias="kind_of")

    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> str:
        return f"{self.size}{self.kind_}"

    def stream(self, input: Any, config: Any = None, **kwargs: Any) -> Iterator[str]:
        yield str(self.size)
        yield self.kind_

    def bind_tools(self, tools: list[str]) -> Runnable[Any, str]:
        return self.bind(tools=tools)

    def describe(self, prefix: str, config: Any = None) -> str:
        return prefix + self.kind_


SIZE = ConfigurableField(id="size", name="Size")


def configured(**values: Any) -> Any:
    return {"configurable": values}


def sized(**settings: Any) -> Any:
    return Model(**settings).configurable_fields(size=SIZE)


def either(**options: Any) -> Any:
    return Model().configurable_alternatives(ConfigurableField(id="which"), big=sized(size=9), **options)


WAYS: list[Callable[[Any, Any], Any]] = [
    lambda step, config: step.invoke("x", config),
    lambda step, config: asyncio.run(step.ainvoke("x", config)),
    lambda step, config: "".join(step.stream("x", config)),
    lambda step, config: asyncio.run(_joined(step.astream("x", config))),
    lambda step, config: step.batch(["x", "y"], config)[1],
    lambda step, config: asyncio.run(step.abatch(["x", "y"], config))[1],
]
every_way = pytest.mark.parametrize(
    "run", WAYS, ids=["invoke", "ainvoke", "stream", "astream", "batch", "abatch"]
)


async def _joined(chunks: Any) -> str:
    return "".join([chunk async for chunk in chunks])


# ----------------------------------------------------------------------------------------------------------- fields


@every_way
def test_a_field_is_what_the_config_says(run: Any) -> None:
    assert run(sized(), None) == "1plain"
    assert run(sized(), configured(size=5)) == "5plain"
    assert run(sized() | str.upper, configured(size=5)) == "5PLAIN"
    assert run(sized(), configured(other=5)) == "1plain"


def test_a_value_is_validated_as_the_step_does() -> None:
    assert sized().invoke("x", configured(size="7")) == "7plain"
    with pytest.raises(ValidationError, match="size"):
        sized().invoke("x", configured(size=-1))


def test_what_the_caller_says_wins_over_with_config() -> None:
    step = sized().with_config(configurable={"size": 4})
    assert step.invoke("x") == "4plain"
    assert step.invoke("x", configured(size=5)) == "5plain"
    assert (step | str.upper).with_config(configurable={"size": 6}).invoke("x") == "6PLAIN"


def test_each_input_of_a_batch_has_its_own_config() -> None:
    assert sized().batch(["x", "y"], [configured(size=2), configured(size=3)]) == ["2plain", "3plain"]


def test_a_field_also_goes_by_its_alias() -> None:
    step: Any = Model().configurable_fields(kind_of=ConfigurableField(id="k"))
    assert list(step.fields) == ["kind_"]
    assert step.invoke("x", configured(k="odd")) == "1odd"


def test_a_step_that_takes_aliases_only_is_made_anew_too() -> None:
    class Strict(RunnableSerializable[Any, str]):
        size: int = Field(default=1, alias="siz")

        def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> str:
            return str(self.size)

    step = Strict(siz=3).configurable_fields(size=SIZE, name=ConfigurableField(id="n"))
    assert step.invoke("x", configured(n="N")) == "3"
    assert step.invoke("x", configured(size=8)) == "8"


def test_fields_that_a_step_got_besides_are_kept() -> None:
    class Open(Model):
        model_config = ConfigDict(extra="allow")

        def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> str:
            return f"{self.size}{self.extra}"

    assert Open(extra="E").configurable_fields(size=SIZE).invoke("x", configured(size=2)) == "2E"


def test_more_fields_are_one_step_with_all_of_them() -> None:
    step = sized().configurable_fields(kind_=ConfigurableField(id="k"))
    assert isinstance(step.default, Model)
    assert step.invoke("x", configured(size=2, k="z")) == "2z"


def test_an_unknown_field_is_an_error_at_construction_that_names_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"Model has no field 'sise'.*: name, size, kind_"):
        Model().configurable_fields(sise=SIZE)
    with pytest.raises(TypeError, match="ConfigurableField describes size, not 3"):
        Model().configurable_fields(size=3)


def test_a_plain_step_has_the_keywords_of_its_constructor_as_fields() -> None:
    calls = []

    def fail(x: str) -> str:
        calls.append(x)
        raise ValueError(x)

    retry = RunnableRetry(fail, wait_exponential_jitter=False)
    step = retry.configurable_fields(max_attempt_number=ConfigurableField(id="tries"))
    with pytest.raises(ValueError, match="x"):
        step.invoke("x", configured(tries=5))
    assert len(calls) == 5
    with pytest.raises(ValueError, match="max_attempt_number is at least 1"):
        step.invoke("x", configured(tries=0))
    [spec] = step.config_specs
    assert (spec.annotation, spec.default) == (int, 3)


def test_a_step_is_made_anew_once_for_each_run_and_not_for_each_chunk() -> None:
    made = []

    class Counting(Model):
        def model_post_init(self, context: Any) -> None:
            made.append(self)

    step = Counting().configurable_fields(size=SIZE)
    del made[:]
    assert "".join(step.stream("x", configured(size=3))) == "3plain"
    assert len(made) == 1
    step.invoke("x")
    assert len(made) == 1
    left = weakref.ref(made.pop())
    gc.collect()
    assert left() is None


# ---------------------------------------------------------------------------------------------------------- options


def test_an_option_is_chosen_by_its_name() -> None:
    field = ConfigurableFieldSingleOption(
        id="style", options={"hi": "hi {a}", "bye": "bye {a}{b}"}, default="bye"
    )
    step: Any = PromptTemplate.from_template("{a}").configurable_fields(template=field)
    assert step.invoke({"a": 1, "b": 2}).to_string() == "bye 12"
    assert step.invoke({"a": 1}, configured(style="hi")).to_string() == "hi 1"
    assert set(step.get_input_schema().model_fields) == {"a", "b"}
    assert set(step.get_input_schema(configured(style="hi")).model_fields) == {"a"}


def test_several_options_are_chosen_by_a_list_of_names() -> None:
    class Said(RunnableSerializable[Any, list[str]]):
        words: list[str]

        def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> list[str]:
            return self.words

    options = {"hello": "HELLO", "bye": "BYE"}
    field = ConfigurableFieldMultiOption(id="words", options=options, default=["hello"])
    step = Said(words=[]).configurable_fields(words=field)
    assert step.invoke("x") == ["HELLO"]
    assert step.invoke("x", configured(words=["bye", "hello"])) == ["BYE", "HELLO"]
    with pytest.raises(UnknownOptionError, match="takes a list of its options, not 'bye'"):
        step.invoke("x", configured(words="bye"))


@pytest.mark.parametrize("said", ["low", ["hi"], None, 3])
def test_an_unknown_option_is_an_error_that_lists_the_known(said: Any) -> None:
    field = ConfigurableFieldSingleOption(id="style", options={"hi": "odd", "bye": "even"}, default="hi")
    step = Model().configurable_fields(kind_=field)
    with pytest.raises(
        UnknownOptionError, match=r"'style' has no option .*; there are 'hi', 'bye'"
    ) as caught:
        step.invoke("x", configured(style=said))
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, ValueError)


def test_a_default_that_is_no_option_is_an_error_at_construction() -> None:
    field = ConfigurableFieldSingleOption(id="style", options={"hi": "odd"}, default="low")
    with pytest.raises(UnknownOptionError, match="no option 'low'"):
        Model().configurable_fields(kind_=field)


def test_descriptions_of_fields_can_be_compared_and_hashed() -> None:
    options = {"a": [], "b": {}}
    fields = [
        ConfigurableField(id="a"),
        ConfigurableFieldSingleOption(id="a", options=options, default="a"),
        ConfigurableFieldMultiOption(id="a", options=options, default=["a"]),
    ]
    assert len({*fields, *(field._replace() for field in fields)}) == 3


# ----------------------------------------------------------------------------------------------------- alternatives


@every_way
def test_an_alternative_is_chosen_by_its_key(run: Any) -> None:
    step = either(made=lambda: sized(size=7))
    assert run(step, None) == run(step, configured(which="default")) == "1plain"
    assert run(step, configured(which="big")) == "9plain"
    assert run(step, configured(which="big", size=8)) == "8plain"
    assert run(step, configured(which="made", size=6)) == "6plain"


@every_way
def test_an_unknown_alternative_is_an_error_that_lists_the_known(run: Any) -> None:
    step = RunnableLambda(lambda x: x) | either()
    with pytest.raises(
        UnknownOptionError, match="'which' has no alternative 'nope'; there are 'big', 'default'"
    ) as caught:
        run(step, configured(which="nope"))
    assert caught.value.__notes__ == ["in step 2: Model"]


@every_way
def test_an_unknown_alternative_is_handled_as_any_error_of_a_step(run: Any) -> None:
    assert (
        run(either().with_fallbacks([RunnableLambda(lambda x: "else")]), configured(which="nope")) == "else"
    )
    beside = RunnableParallel(a=either(), b=Model())
    with pytest.raises(UnknownOptionError):
        run(beside | (lambda x: x["a"] + x["b"]), configured(which="nope"))


def test_an_unknown_alternative_is_returned_where_exceptions_are() -> None:
    configs = [configured(which="big"), configured(which="nope")]
    big, error = either().batch(["x", "y"], configs, return_exceptions=True)
    assert big == "9plain"
    assert isinstance(error, UnknownOptionError)


def test_a_function_that_makes_an_alternative_is_called_when_it_is_chosen() -> None:
    made = []

    def make() -> Model:
        made.append(Model(size=7))
        return made[-1]

    step = either(made=make)
    assert (step.config_specs, step.invoke("x"), made) == (either(made=make).config_specs, "1plain", [])
    assert step.invoke("x", configured(which="made")) == "7plain"
    assert list(step.stream("x", configured(which="made"))) == ["7", "plain"]
    assert len(made) == 2


def test_an_alternative_is_whatever_can_be_a_step() -> None:
    step = Model().configurable_alternatives(
        ConfigurableField(id="which"), both={"a": Model(), "b": Model(size=2)}
    )
    assert step.invoke("x", configured(which="both")) == {"a": "1plain", "b": "2plain"}
    with pytest.raises(NotAStepError):
        Model().configurable_alternatives(ConfigurableField(id="which"), none=3)
    with pytest.raises(ValueError, match="'big' is the key of the default"):
        either().configurable_alternatives(ConfigurableField(id="w"), default_key="big", big=Model())


def test_the_default_goes_by_the_key_that_it_is_given() -> None:
    step = Model().configurable_alternatives(
        ConfigurableField(id="w"), default_key="small", big=Model(size=9)
    )
    assert step.invoke("x", configured(w="small")) == "1plain"
    with pytest.raises(UnknownOptionError, match="there are 'big', 'small'"):
        step.invoke("x", configured(w="default"))


def nested() -> Any:
    inner = sized(size=2).configurable_alternatives(
        ConfigurableField(id="v"), prefix_keys=True, c=sized(size=3)
    )
    return sized().configurable_alternatives(ConfigurableField(id="w"), prefix_keys=True, b=inner)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"w==default/size": 5}, "5plain"),
        ({"size": 6}, "6plain"),
        ({"w==default/size": 5, "size": 6}, "5plain"),
        ({"w==b/v==default/size": 5, "size": 6}, "6plain"),
        ({"w": "b", "w==b/v==default/size": 5, "w==default/size": 6}, "5plain"),
        ({"w": "b", "w==b/v": "c", "w==b/v==c/size": 5, "v==c/size": 6, "size": 7}, "5plain"),
        ({"w": "b", "v": "c", "v==c/size": 6}, "6plain"),
    ],
)
def test_prefixed_keys_reach_their_alternative_alone(said: dict[str, Any], expected: str) -> None:
    assert nested().invoke("x", configured(**said)) == expected


def test_a_prefixed_key_leaves_other_steps_and_the_name_of_the_run_alone() -> None:
    step = (sized() | RunnableParallel(said=lambda x: x, next=nested())).with_config(run_name="all")
    said = step.invoke("x", configured(**{"size": 4, "w==default/size": 5}))
    assert said == {"said": "4plain", "next": "5plain"}
    name = RunnableLambda(lambda x: x).configurable_alternatives(ConfigurableField(id="w"), prefix_keys=True)
    seen = []

    class Listener:
        def port(self, run: Any) -> None:
            seen.append(run.name)

    name.invoke("x", {"run_name": "mine", "callbacks": [Listener()], **configured(**{"w==default/z": 1})})
    assert seen == ["mine"]


def test_fields_of_alternatives_are_those_of_the_default() -> None:
    step = either().configurable_fields(kind_=ConfigurableField(id="k"))
    assert isinstance(step, RunnableConfigurableAlternatives)
    assert step.invoke("x", configured(k="z")) == "1z"


# ------------------------------------------------------------------------------------------------ as one of the default


def test_attributes_are_those_of_the_default() -> None:
    step = sized(size=3)
    assert (step.size, either().size) == (3, 1)
    assert step.bind_tools(["t"]).kwargs == {"tools": ["t"]}
    with pytest.raises(AttributeError, match="nope"):
        _ = step.nope


def test_a_method_that_takes_a_config_is_of_the_step_that_the_config_decides_on() -> None:
    step: Any = Model().configurable_fields(kind_=ConfigurableField(id="k"))
    assert step.describe("a ") == "a plain"
    assert step.describe("a ", configured(k="b")) == step.describe("a ", config=configured(k="b")) == "a b"
    assert step.with_config(configurable={"k": "c"}).describe("a ") == "a c"


def test_prepare_gives_the_step_and_its_config() -> None:
    step, config = either().prepare(configured(which="big", size=4))
    assert step == Model(size=4)
    assert config["configurable"] == {"which": "big", "size": 4}


def test_a_run_is_that_of_the_step_decided_on() -> None:
    collector = Collector()
    step = (RunnableLambda(str, name="first") | either()).with_config(tags=["t"])
    step.invoke("x", {"callbacks": [collector], **configured(which="big", size=2)})
    collector.check()
    assert [note.name for note in collector.notes if note.kind == "start"] == [
        "RunnableSequence",
        "first",
        "Model",
    ]


def test_overriding_methods_and_mocks_see_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    step = sized()
    monkeypatch.setattr(step, "invoke", lambda x, config=None, **kwargs: "mock")
    assert (RunnableLambda(str) | step).invoke("x") == "mock"


def test_a_configurable_step_can_be_copied_compared_and_pickled() -> None:
    step = sized(size=3).configurable_alternatives(ConfigurableField(id="w"), big=Model(size=9))
    for twin in (copy.copy(step), copy.deepcopy(step), pickle.loads(pickle.dumps(step))):
        assert twin == step
        assert twin.invoke("x", configured(w="big")) == "9plain"
    assert step != step.with_config(configurable={"w": "big"})


def test_a_repr_shows_what_it_was_made_of() -> None:
    assert repr(sized()) == f"RunnableConfigurableFields(default={Model()!r}, fields={{'size': {SIZE!r}}})"


def test_the_constructors_take_keywords() -> None:
    fields: Any = RunnableConfigurableFields(
        default=Model(), fields={"size": SIZE}, config=configured(size=2)
    )
    assert fields.invoke("x") == "2plain"
    step: Any = RunnableConfigurableAlternatives(
        which=ConfigurableField(id="w"), default=fields, alternatives={}, default_key="d", prefix_keys=False
    )
    assert (step.which.id, step.default, step.alternatives, step.default_key, step.prefix_keys) == (
        "w",
        fields,
        {},
        "d",
        False,
    )


# ------------------------------------------------------------------------------------------------------------ specs


def test_specs_describe_what_can_be_configured() -> None:
    field = ConfigurableField(id="k", annotation=bytes, description="what kind", is_shared=True)
    assert sized().configurable_fields(kind_=field).config_specs == [
        ConfigurableFieldSpec("k", bytes, None, "what kind", "plain", is_shared=True),
        ConfigurableFieldSpec("size", int, "Size", "how big", 1),
    ]


def test_specs_of_alternatives_are_prefixed_when_asked() -> None:
    assert [(spec.id, spec.default) for spec in nested().config_specs] == [
        ("w", "default"),
        ("w==b/v", "default"),
        ("w==b/v==c/size", 3),
        ("w==b/v==default/size", 2),
        ("w==default/size", 1),
    ]
    shared = Model().configurable_fields(size=ConfigurableField(id="size", is_shared=True))
    step = shared.configurable_alternatives(ConfigurableField(id="w"), prefix_keys=True)
    assert [spec.id for spec in step.config_specs] == ["size", "w"]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda step: RunnableLambda(str) | step,
        lambda step: {"a": step} | RunnableLambda(str),
        lambda step: step.map(),
        lambda step: step.bind(a=1),
        lambda step: step.with_config(tags=["t"]),
        lambda step: step.with_retry(),
        lambda step: Model().with_fallbacks([step]),
        lambda step: RunnableLambda(str).assign(a=step),
        lambda step: RunnableLambda(lambda x: step.invoke(x)),
        lambda step: RunnableLambda(lambda x: step),
    ],
)
def test_specs_are_collected_through_composites(wrap: Any) -> None:
    assert [spec.id for spec in wrap(sized()).config_specs] == ["size"]


def test_equal_specs_are_one_and_different_ones_an_error() -> None:
    assert RunnableParallel(a=either(), b=either()).config_specs == either().config_specs
    with pytest.raises(ValueError, match="two steps mean different things by the configurable 'size'"):
        _ = RunnableParallel(a=sized(), b=sized(size=2)).config_specs


def test_a_function_may_refer_to_the_chain_that_it_is_part_of() -> None:
    @chain
    def again(x: int) -> Any:
        return whole if x else again

    whole = sized() | again
    assert [spec.id for spec in again.config_specs] == [spec.id for spec in whole.config_specs] == ["size"]


def test_specs_of_a_users_own_are_kept() -> None:
    class Own(Runnable[Any, str]):
        @property
        def config_specs(self) -> list[ConfigurableFieldSpec]:
            return [ConfigurableFieldSpec("user_id", str, "User", default="", is_shared=True)]

        def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> str:
            return str((config or {})["configurable"]["user_id"])

    step = sized() | Own()
    assert [spec.id for spec in step.config_specs] == ["size", "user_id"]
    assert step.invoke("x", configured(user_id="u")) == "u"


def test_schemas_are_those_of_the_step_that_the_config_decides_on() -> None:
    one, other = PromptTemplate.from_template("{a}"), PromptTemplate.from_template("{b}{c}")
    step = one.configurable_alternatives(ConfigurableField(id="which"), other=other) | sized()
    assert set(step.input_schema.model_fields) == {"a"}
    assert set(step.get_input_schema(configured(which="other")).model_fields) == {"b", "c"}
    assert set(step.with_config(configured(which="other")).input_schema.model_fields) == {"b", "c"}
    assigned = RunnablePassthrough.assign(c=str) | step
    assert set(assigned.get_input_schema(configured(which="other")).model_fields) == {"b"}


def test_config_schema_shows_what_is_configurable() -> None:
    assert (RunnableLambda(str) | either()).get_config_jsonschema(include=["tags"]) == {
        "$defs": {
            "Configurable": {
                "properties": {
                    "size": {"default": 9, "description": "how big", "title": "Size", "type": "integer"},
                    "which": {"$ref": "#/$defs/which", "default": "default"},
                },
                "title": "Configurable",
                "type": "object",
            },
            "which": {"enum": ["big", "default"], "title": "which", "type": "string"},
        },
        "properties": {
            "configurable": {"$ref": "#/$defs/Configurable", "default": None},
            "tags": {"default": None, "items": {"type": "string"}, "title": "Tags", "type": "array"},
        },
        "title": "RunnableSequenceConfig",
        "type": "object",
    }


def test_config_schema_validates_what_is_configurable() -> None:
    schema = nested().config_schema()
    assert schema.__name__ == "RunnableConfigurableAlternativesConfig"
    said = schema(configurable={"w": "b", "w==b/v==c/size": "4"}).configurable
    assert said.model_dump()["w==b/v==c/size"] == 4
    with pytest.raises(ValidationError, match="w"):
        schema(configurable={"w": "nope"})


def test_config_schema_takes_the_keys_of_a_config_only() -> None:
    everything = Model().config_schema(include=["run_id", "metadata", "max_concurrency"])
    assert list(everything.model_fields) == ["metadata", "max_concurrency", "run_id"]
    with pytest.raises(ValueError, match="no key 'tag'; its keys are tags, metadata"):
        Model().config_schema(include=["tag"])


def test_names_of_options_may_be_any_text() -> None:
    options = {name: name for name in ("gpt-4 o", "mro", "_x", "__y__", "", "1")}
    field = ConfigurableFieldSingleOption(id="k", options=options, default="mro")
    step = Model().configurable_fields(kind_=field)
    schema = step.get_config_jsonschema()["$defs"]["k"]
    assert schema["enum"] == list(options)
    assert step.invoke("x", configured(k="__y__")) == "1__y__"
