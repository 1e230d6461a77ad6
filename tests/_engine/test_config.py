"""What a config says: checked where a public method begins, merged on the way down."""

import threading
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel, ValidationError

from riverrun._engine.config import config_list
from riverrun.exceptions import ConfigError
from riverrun.runnables import RunnableConfig, RunnableLambda, RunnableParallel
from riverrun.testing.collect import Collector

show = RunnableLambda(lambda x, config: config, name="show")
"""Gives the config that its function sees."""


def seen(step: Any, config: Any = None) -> dict[str, Any]:
    got = dict(step.invoke(1, config))
    del got["callbacks"]
    return got


def test_a_function_sees_the_defaults() -> None:
    assert seen(show) == {"tags": [], "metadata": {}, "recursion_limit": 25, "configurable": {}}


def test_what_is_said_outside_passes_inside_but_the_name_of_the_run() -> None:
    config = {
        "tags": ["a"],
        "metadata": {"k": 1},
        "run_name": "outer",
        "max_concurrency": 2,
        "configurable": {"c": 3},
    }
    assert seen(RunnableLambda(lambda x: x) | show, config) == {
        "tags": ["a"],
        "metadata": {"k": 1},
        "max_concurrency": 2,
        "recursion_limit": 25,
        "configurable": {"c": 3},
    }


def test_unknown_keys_stand_under_configurable() -> None:
    assert seen(show, {"session": "s"})["configurable"] == {"session": "s"}


def test_of_the_configurable_values_only_the_model_describes_the_run() -> None:
    configurable = {"session": "s", "model": "gpt", "password": "secret", "checkpoint_ns": "n"}
    described = {"model": "gpt", "checkpoint_ns": "n"}
    assert seen(show, {"configurable": configurable})["metadata"] == described
    assert seen(show, {"configurable": configurable, "metadata": {"model": "m"}})["metadata"]["model"] == "m"
    assert seen(show, {"configurable": {"model": object()}})["metadata"] == {}


def test_with_config_lies_beneath_what_the_caller_says() -> None:
    bound = show.with_config(tags=["in"], metadata={"k": "in", "j": 1}, configurable={"c": "in"})
    got = seen(bound, {"tags": ["out"], "metadata": {"k": "out"}, "configurable": {"c": "out"}})
    assert got["tags"] == ["in", "out"]
    assert got["metadata"]["k"] == "out" and got["metadata"]["j"] == 1
    assert got["configurable"] == {"c": "out"}
    assert seen(show.with_config(recursion_limit=7))["recursion_limit"] == 7
    assert seen(show.with_config(recursion_limit=7), {"recursion_limit": 5})["recursion_limit"] == 5


def test_with_config_in_user_code_lies_above_what_holds_around_it() -> None:
    inner = show.with_config(tags=["w"], metadata={"k": "with", "j": 1}, configurable={"c": "with", "d": 1})
    config = {"tags": ["x"], "metadata": {"k": "around", "i": 1}, "configurable": {"c": "around", "e": 1}}

    got = seen(RunnableLambda(lambda x: inner.invoke(x)), config)
    assert got["tags"] == ["x", "w"]
    assert got["metadata"] == {"k": "with", "j": 1, "i": 1}
    assert got["configurable"] == {"c": "with", "d": 1, "e": 1}

    said: Any = {"tags": ["a"], "metadata": {"k": "said"}, "configurable": {"c": "said"}}
    got = seen(RunnableLambda(lambda x: inner.invoke(x, said)), config)
    assert got["tags"] == ["x", "a", "w"]
    assert got["metadata"] == {"k": "said", "j": 1, "i": 1}
    assert got["configurable"] == {"c": "said", "d": 1, "e": 1}

    chain = RunnableLambda(lambda x: x) | inner  # no call of its own: what it is passed wins, as everywhere
    assert seen(RunnableLambda(lambda x: chain.invoke(x)), config)["configurable"]["c"] == "around"


def test_run_name_and_run_id_name_one_run_only() -> None:
    collector, run_id = Collector(), uuid4()
    chain = RunnableLambda(lambda x: x, name="first") | RunnableParallel(a=show)
    chain.invoke(1, {"callbacks": [collector], "run_name": "mine", "run_id": run_id})
    starts = [note for note in collector.notes if note.kind == "start"]
    assert [note.name for note in starts] == ["mine", "first", "RunnableParallel<a>", "show"]
    assert [note.run == str(run_id) for note in starts] == [True, False, False, False]
    assert all(UUID(note.run) for note in starts)


def test_ids_made_here_are_version_7_and_ordered_in_time() -> None:
    collector = Collector()
    for _ in range(3):
        show.invoke(1, {"callbacks": [collector]})
    ids = [UUID(note.run) for note in collector.notes if note.kind == "start"]
    assert {run_id.version for run_id in ids} == {7} and {run_id.variant for run_id in ids} == {
        "specified in RFC 4122"
    }
    moments = [run_id.int >> 80 for run_id in ids]
    assert moments == sorted(moments)


def test_a_config_passed_on_by_hand_nests_even_where_there_is_no_context() -> None:
    collector = Collector()
    inner = RunnableLambda(lambda x: x + 1, name="inner")

    def outer(x: int, config: RunnableConfig) -> int:
        got: list[int] = []
        thread = threading.Thread(target=lambda: got.append(inner.invoke(x, config)))
        thread.start()
        thread.join()
        return got[0]

    assert RunnableLambda(outer).invoke(1, {"callbacks": [collector], "tags": ["t"]}) == 2
    assert [note.path for note in collector.notes if note.kind == "start"] == [("outer",), ("outer", "inner")]
    collector.check()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tags", "a"),
        ("tags", [1]),
        ("metadata", ["a"]),
        ("callbacks", "a"),
        ("callbacks", [object()]),
        ("run_name", 3),
        ("run_id", "no uuid"),
        ("max_concurrency", 0),
        ("max_concurrency", "3"),
        ("max_concurrency", True),
        ("recursion_limit", -1),
        ("configurable", [1]),
    ],
)
def test_a_known_key_with_a_value_of_the_wrong_type_is_named(key: str, value: Any) -> None:
    for use in (
        lambda: show.invoke(1, {key: value}),
        lambda: show.stream(1, {key: value}),
        lambda: show.batch([1], {key: value}),
        lambda: show.with_config({key: value}),
    ):
        with pytest.raises(ConfigError, match=key) as caught:
            use()
        assert isinstance(caught.value, TypeError) and isinstance(caught.value, ValueError)


def test_what_is_no_config_at_all_is_refused() -> None:
    with pytest.raises(ConfigError, match="dict"):
        show.invoke(1, ["tags"])  # type: ignore[arg-type]


def test_a_list_of_configs_goes_with_the_inputs() -> None:
    assert [dict(got)["tags"] for got in show.batch([1, 2], [{"tags": ["a"]}, {"tags": ["b"]}])] == [
        ["a"],
        ["b"],
    ]
    with pytest.raises(ConfigError, match="1 configs for 2 inputs"):
        show.batch([1, 2], [{}])


def test_a_run_id_names_the_first_run_of_a_batch() -> None:
    config: RunnableConfig = {"run_id": uuid4(), "tags": ["a"]}
    first, *rest = config_list(config, 3)
    assert first == config and rest == [{"tags": ["a"]}] * 2


@pytest.mark.parametrize(
    ("said", "meant"), [("max_concurency", "max_concurrency"), ("callback", "callbacks"), ("tag", "tags")]
)
def test_a_slip_in_a_key_is_refused_and_the_key_named(said: str, meant: str) -> None:
    with pytest.raises(ConfigError, match=f"no key '{said}'; did you mean '{meant}'"):
        RunnableLambda(len).invoke("a", {said: ["x"]})  # type: ignore[misc]
    with pytest.raises(ConfigError, match=meant):
        RunnableLambda(len).with_config({said: ["x"]})  # type: ignore[misc]


def test_a_config_stands_in_a_field_of_a_model() -> None:
    class Job(BaseModel):
        config: RunnableConfig | None = None

    job = Job.model_validate({"config": {"tags": ["a"], "run_id": "12345678-1234-5678-1234-567812345678"}})
    assert job.config == {"tags": ["a"], "run_id": UUID("12345678-1234-5678-1234-567812345678")}
    assert Job.model_validate_json(job.model_dump_json()) == job
    with pytest.raises(ValidationError, match="tags"):
        Job.model_validate({"config": {"tags": 3}})
    assert "RunnableConfig" in Job.model_json_schema()["$defs"]
