"""Configurable fields and alternatives, and what configs come to."""

from langchain_core.language_models import FakeListChatModel, FakeListLLM
from langchain_core.prompts import PromptTemplate
from langchain_core.runnables import ConfigurableField, RunnableLambda
from langchain_core.runnables.config import (
    RunnableConfig,
    ensure_config,
    get_config_list,
    merge_configs,
    patch_config,
)
from langchain_core.runnables.configurable import (
    ConfigurableFieldSingleOption,
)


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


llm = FakeListLLM(responses=["a"]).configurable_fields(
    responses=ConfigurableField(id="resp", name="R", description="D")
)
print(
    llm.invoke("x"),
    llm.with_config(configurable={"resp": ["z"]}).invoke("x"),
    llm.invoke("x", {"configurable": {"resp": ["q"]}}),
)
print(llm.config_specs)
print(llm.get_config_jsonschema()["$defs"]["Configurable"])
alt = PromptTemplate.from_template("joke {t}").configurable_alternatives(
    ConfigurableField(id="prompt"),
    default_key="joke",
    poem=PromptTemplate.from_template("poem {t}"),
    fn=lambda: PromptTemplate.from_template("fn {t}"),
)
print(
    alt.invoke({"t": 1}),
    alt.with_config(configurable={"prompt": "poem"}).invoke({"t": 1}),
    alt.invoke({"t": 1}, {"configurable": {"prompt": "fn"}}),
)
tried("unknown", lambda: alt.invoke({"t": 1}, {"configurable": {"prompt": "nope"}}))
chain = alt | llm
print(chain.with_config(configurable={"prompt": "poem", "resp": ["LL"]}).invoke({"t": 2}))
print([s.id for s in chain.config_specs])
print(chain.config_schema().model_json_schema()["$defs"]["Configurable"]["properties"].keys())

m = FakeListChatModel(responses=["x"]).configurable_alternatives(
    ConfigurableField(id="llm"),
    default_key="a",
    prefix_keys=True,
    b=FakeListChatModel(responses=["y"]).configurable_fields(responses=ConfigurableField(id="r")),
)
print(
    m.with_config({"configurable": {"llm": "b"}}).invoke("q").content,
    m.invoke("q").content,
    [s.id for s in m.config_specs],
    m.with_config({"configurable": {"llm": "b", "llm==b/r": ["W"]}}).invoke("q").content,
)


def f(x, config: RunnableConfig):
    return (x, sorted(config["tags"]), config["metadata"], config.get("configurable"), config.get("run_name"))


r = RunnableLambda(f)
print(r.invoke(1, {"tags": ["a"], "metadata": {"m": 1}, "configurable": {"thread": "t"}}))
print(r.with_config(tags=["w"], metadata={"z": 2}).invoke(1, {"tags": ["a"]}))
print(r.batch([1, 2], [{"tags": ["x"]}, {"tags": ["y"]}]))
tried("len", lambda: r.batch([1, 2], [{}]))
print(ensure_config({"tags": ["a"]}))
print(
    merge_configs(
        {"tags": ["a"], "metadata": {"x": 1}, "configurable": {"c": 1}},
        {"tags": ["b"], "metadata": {"y": 1}, "run_name": "n"},
    )
)
print(patch_config({"tags": ["a"]}, run_name="q", recursion_limit=3))
print(len(get_config_list({"tags": ["q"]}, 3)))
s = FakeListLLM(responses=["a"]).configurable_fields(
    responses=ConfigurableFieldSingleOption(id="o", options={"one": ["1"], "two": ["2"]}, default="one")
)
print(s.invoke("x"), s.with_config(configurable={"o": "two"}).invoke("x"))
tried("bad field", lambda: FakeListLLM(responses=["a"]).configurable_fields(nope=ConfigurableField(id="x")))
print((r.with_config(run_name="RN")).get_name() in ("f", "RN"))
