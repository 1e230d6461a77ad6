"""What importing riverrun brings along."""

import subprocess
import sys

HEAVY = {
    "pydantic",
    "pydantic_core",
    "openai",
    "httpx",
    "httpx2",
    "numpy",
    "fastapi",
    "yaml",
    "requests",
    "tiktoken",
}
STDLIB_THAT_COSTS = {"asyncio", "json", "logging", "concurrent"}


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; before = set(sys.modules); {statement}; print(*(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_g23_importing_riverrun_loads_the_front_door_only() -> None:
    loaded = loaded_by("import riverrun")
    assert not loaded & (HEAVY | STDLIB_THAT_COSTS), loaded


def test_g23_importing_the_engine_and_messages_loads_no_third_party_package() -> None:
    loaded = loaded_by(
        "import riverrun.runnables, riverrun.messages, riverrun.outputs, riverrun.prompt_values"
    )
    assert not loaded & HEAVY
    third_party = {name for name in loaded if name not in sys.stdlib_module_names and name != "riverrun"}
    assert third_party == set()


def test_g23_a_chat_model_loads_no_provider() -> None:
    assert not loaded_by("from riverrun import ChatPromptTemplate, StrOutputParser, BaseChatModel") & (
        HEAVY - {"pydantic", "pydantic_core"}
    )


def test_a_chain_composes_whichever_module_is_imported_first() -> None:
    for names in ("GenericFakeChatModel, StrOutputParser", "StrOutputParser, GenericFakeChatModel"):
        loaded_by(
            f"from riverrun import {names}; GenericFakeChatModel(messages=iter(['a'])) | StrOutputParser()"
        )
    loaded_by("from riverrun.output_parsers import StrOutputParser; StrOutputParser() | str")
    loaded_by(
        "from riverrun.language_models import GenericFakeChatModel as G; G(messages=iter([])).bind(a=1)"
    )
