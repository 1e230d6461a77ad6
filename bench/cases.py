"""The timed work: each case is one source for both packages, which share every name below their import root.

Run as a script (`cases.py ROOT NAME REPEAT`) it times one case in this interpreter and prints a line of JSON:
`{"time": ...}` in the case's unit, or `{"missing": ...}` when the package lacks a name that the case uses.
Only the standard library is imported here, so that the harness can read the catalogue on any interpreter.
"""

import asyncio
import importlib
import json
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

PEER, OURS, BARE = "langchain_core", "riverrun", "bare"

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Case:
    """A piece of work, the units it is counted in, and what riverrun has to reach.

    `prepare` is given a package and returns the work to time; a string is what a fresh interpreter executes instead,
    with the import root for `{root}`, timed with nothing imported before it.
    """

    prepare: "Callable[[Package], Work] | str"
    units: int
    unit: str
    floor: float | None = None  # the least ratio peer / riverrun
    bare: bool = False  # plain Python can do it too
    ceiling: float | None = None  # the largest ratio riverrun / plain Python
    slow: bool = False  # the peer takes minutes and is timed once


CASES = {
    "import_core": Case(
        "from {root}.runnables import RunnableLambda; from {root}.messages import AIMessage", 1, "ms", 6
    ),
    "import": Case(
        "from {root}.runnables import RunnableLambda; from {root}.messages import AIMessage; "
        "from {root}.prompts import ChatPromptTemplate; "
        "from {root}.output_parsers import StrOutputParser, JsonOutputParser; "
        "from {root}.language_models import BaseChatModel; from {root}.tools import tool",
        1,
        "ms",
        2.5,
    ),
    "import_vocabulary": Case(
        "from {root}.runnables import RunnableLambda; from {root}.messages import AIMessage; "
        "from {root}.prompts import ChatPromptTemplate; from {root}.output_parsers import StrOutputParser; "
        "from {root}.language_models import BaseChatModel; from {root}.tools import tool; "
        "from {root}.retrievers import BaseRetriever; from {root}.vectorstores import VectorStore; "
        "from {root}.chat_history import InMemoryChatMessageHistory",
        1,
        "ms",
        2.5,
    ),
}


def case(
    units: int, unit: str, floor: float | None = None, **options: Any
) -> "Callable[[Callable[[Package], Work]], Callable[[Package], Work]]":
    """Enters a function into the catalogue under its own name."""

    def enter(prepare: Callable[[Package], Work]) -> Callable[[Package], Work]:
        CASES[prepare.__name__] = Case(prepare, units, unit, floor, **options)
        return prepare

    return enter


class Package:
    """The modules below one import root, and the chain that most cases run."""

    def __init__(self, root: str) -> None:
        self.root = root

    def __getattr__(self, name: str) -> Any:
        return importlib.import_module(f"{self.root}.{name}")

    def model(self, tokens: list[str]) -> Any:
        """A chat model that streams `tokens`, as a user would write it."""
        messages, outputs = self.messages, self.outputs

        class Scripted(self.language_models.BaseChatModel):
            tokens: list

            @property
            def _llm_type(self):
                return "scripted"

            def _generate(self, messages_, stop=None, run_manager=None, **kwargs):
                answer = messages.AIMessage(content="".join(self.tokens))
                return outputs.ChatResult(generations=[outputs.ChatGeneration(message=answer)])

            def _stream(self, messages_, stop=None, run_manager=None, **kwargs):
                for token in self.tokens:
                    yield outputs.ChatGenerationChunk(message=messages.AIMessageChunk(content=token))

            async def _astream(self, messages_, stop=None, run_manager=None, **kwargs):
                for token in self.tokens:
                    yield outputs.ChatGenerationChunk(message=messages.AIMessageChunk(content=token))

        return Scripted(tokens=tokens)

    def chain(self, n: int) -> Any:
        """prompt | model | parser, with an answer of `n` chunks."""
        prompt = self.prompts.ChatPromptTemplate.from_template("tell me {x}")
        return prompt | self.model(words(n)) | self.output_parsers.StrOutputParser()


class Bare(Package):
    """The same chain in plain Python: it makes riverrun's message chunks and hands them through generators."""

    def __init__(self) -> None:
        super().__init__(OURS)

    def chain(self, n: int) -> "BareChain":
        return BareChain(self.messages.HumanMessage, self.messages.AIMessageChunk, words(n))


class BareChain:
    """The least that a chain can be: the prompt formatted once, a generator for the model, one for the parser."""

    def __init__(self, human: Any, chunk: Any, tokens: list[str], then: Callable[[Any], Any] = aiter) -> None:
        self.human, self.chunk, self.tokens, self.then = human, chunk, tokens, then

    def prompt(self, x: dict[str, str]) -> list[Any]:
        return [self.human(content="tell me {x}".format(**x))]

    def stream(self, x: dict[str, str]) -> Any:
        def model(messages):
            for token in self.tokens:
                yield self.chunk(content=token)

        def parser(chunks):
            for chunk in chunks:
                yield chunk.content

        return parser(model(self.prompt(x)))

    def astream(self, x: dict[str, str]) -> Any:
        async def model(messages):
            for token in self.tokens:
                yield self.chunk(content=token)

        async def parser(chunks):
            async for chunk in chunks:
                yield chunk.content

        return self.then(parser(model(self.prompt(x))))

    def __or__(self, step: Callable[[Any], Any]) -> "BareChain":
        return BareChain(self.human, self.chunk, self.tokens, step)


def words(n: int) -> list[str]:
    return [f"tok{i} " for i in range(n)]


def json_pieces(countries: int) -> list[str]:
    """A JSON document in pieces of four characters."""
    items = [{"name": f"country {i}", "population": i * 1000} for i in range(countries)]
    text = json.dumps({"items": items})
    return [text[i : i + 4] for i in range(0, len(text), 4)]


def count(xs: Any) -> int:
    return sum(1 for _ in xs)


async def acount(xs: Any) -> int:
    n = 0
    async for _ in xs:
        n += 1
    return n


@case(5000, "us/chunk", 12, bare=True)
def stream(package: Package) -> Work:
    chain = package.chain(5000)
    return lambda: count(chain.stream({"x": "a"}))


@case(5000, "us/chunk", 80, bare=True, ceiling=5)
def astream(package: Package) -> Work:
    chain = package.chain(5000)
    return lambda: asyncio.run(acount(chain.astream({"x": "a"})))


@case(5000, "us/chunk", 40)
def events_v2(package: Package) -> Work:
    chain = package.chain(5000)
    return lambda: asyncio.run(acount(chain.astream_events({"x": "a"}, version="v2")))


@case(500, "us/chunk", 30)
def events_v1(package: Package) -> Work:
    chain = package.chain(500)
    return lambda: asyncio.run(acount(chain.astream_events({"x": "a"}, version="v1")))


@case(500, "us/chunk", 25)
def log(package: Package) -> Work:
    chain = package.chain(500)
    return lambda: asyncio.run(acount(chain.astream_log({"x": "a"})))


def parse_json(package: Package, countries: int) -> Work:
    chain = package.model(json_pieces(countries)) | package.output_parsers.JsonOutputParser()
    return lambda: count(chain.stream("a"))


@case(1122, "us/chunk", 30)
def json_4kB(package: Package) -> Work:
    return parse_json(package, 100)


@case(4647, "us/chunk", 200)
def json_19kB(package: Package) -> Work:
    return parse_json(package, 400)


@case(19047, "us/chunk", 1000, slow=True)
def json_76kB(package: Package) -> Work:
    return parse_json(package, 1600)


@case(5000, "us/chunk", 12)
def aggregate(package: Package) -> Work:
    Chunk, tokens = package.messages.AIMessageChunk, words(5000)

    def add_up():
        total = None
        for token in tokens:
            chunk = Chunk(content=token)
            total = chunk if total is None else total + chunk
        return total

    return add_up


@case(1000, "us/call", 60)
def invoke_3_lambdas(package: Package) -> Work:
    Lambda = package.runnables.RunnableLambda
    steps = Lambda(lambda x: x) | Lambda(lambda x: x) | Lambda(lambda x: x)
    return lambda: [steps.invoke(1) for _ in range(1000)]


@case(300, "us/call", 6)
def parallel_invoke(package: Package) -> Work:
    Lambda, Parallel = package.runnables.RunnableLambda, package.runnables.RunnableParallel
    steps = Parallel(a=Lambda(lambda x: x), b=Lambda(lambda x: x))
    return lambda: [steps.invoke(1) for _ in range(300)]


@case(2000, "us/item", 60)
def batch(package: Package) -> Work:
    Lambda = package.runnables.RunnableLambda
    steps = Lambda(lambda x: x) | Lambda(lambda x: x) | Lambda(lambda x: x)
    return lambda: steps.batch(list(range(2000)))


@case(2000, "us/item", 50)
def abatch(package: Package) -> Work:
    Lambda = package.runnables.RunnableLambda

    async def same(x):
        return x

    steps = Lambda(same) | Lambda(same) | Lambda(same)
    return lambda: asyncio.run(steps.abatch(list(range(2000))))


@case(4000, "us/chunk", 12)
def parallel_astream(package: Package) -> Work:
    Parallel = package.runnables.RunnableParallel
    both = Parallel(a=package.model(words(2000)), b=package.model(words(2000)))
    return lambda: asyncio.run(acount(both.astream("a")))


@case(20000, "us/chunk", 80, bare=True)
def concurrent_200(package: Package) -> Work:
    chain = package.chain(100)

    async def all_at_once():
        await asyncio.gather(*[acount(chain.astream({"x": "a"})) for _ in range(200)])

    return lambda: asyncio.run(all_at_once())


@case(5000, "us/chunk", 50, bare=True)
def generator_step(package: Package) -> Work:
    async def upper(xs):
        async for x in xs:
            yield x.upper()

    chain = package.chain(5000) | upper
    return lambda: asyncio.run(acount(chain.astream({"x": "a"})))


def ten_messages(package: Package) -> Any:
    roles = ["system", *["human", "ai"] * 4, "human"]
    said = [(role, f"{i}: tell {{a}} about {{b}}") for i, role in enumerate(roles)]
    return package.prompts.ChatPromptTemplate.from_messages(said)


@case(1000, "us/prompt", 5)
def prompt_format(package: Package) -> Work:
    prompt = ten_messages(package)
    return lambda: [prompt.format_messages(a="x", b="y") for _ in range(1000)]


@case(1000, "us/prompt", 5)
def prompt_invoke(package: Package) -> Work:
    prompt = ten_messages(package)
    return lambda: [prompt.invoke({"a": "x", "b": "y"}) for _ in range(1000)]


@case(10000, "us/message")
def convert_messages(package: Package) -> Work:
    function = {"name": "look", "arguments": '{"at": "the sky"}'}
    said = [
        {"role": "user", "content": "why?"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"id": "1", "type": "function", "function": function}],
        },
        {"role": "tool", "content": "blue", "tool_call_id": "1"},
        {"role": "assistant", "content": "because"},
    ] * 2500
    return lambda: package.messages.convert_to_messages(said)


@case(1000, "us/message")
def dump_message(package: Package) -> Work:
    message = package.messages.AIMessage("because", id="1", response_metadata={"model_name": "m"})
    return lambda: [message.model_dump() for _ in range(1000)]


@case(100, "us/tool")
def tool_definition(package: Package) -> Work:
    def look(place: str, times: int = 1) -> str:
        """Look somewhere."""
        return place * times

    def define():
        for _ in range(100):
            made = package.tools.tool(look)
            package.utils.function_calling.convert_to_openai_tool(made)

    importlib.import_module(f"{package.root}.utils.function_calling")
    return define


@case(1000, "us/call")
def tool_call(package: Package) -> Work:
    @package.tools.tool
    def look(place: str, times: int = 1) -> str:
        """Look somewhere."""
        return place * times

    call = {"type": "tool_call", "name": "look", "id": "1", "args": {"place": "here", "times": 2}}
    return lambda: [look.invoke(call) for _ in range(1000)]


@case(200, "us/turn")
def history_turn(package: Package) -> Work:
    History = package.chat_history.InMemoryChatMessageHistory
    chain = package.runnables.RunnableWithMessageHistory(
        package.model(["so", "it", "is"]), lambda _: History()
    )
    config = {"configurable": {"session_id": "1"}}
    return lambda: [chain.invoke("why?", config) for _ in range(200)]


@case(20, "us/search")
def vector_search(package: Package) -> Work:
    embedding = package.embeddings.DeterministicFakeEmbedding(size=256)
    store = package.vectorstores.InMemoryVectorStore(embedding)
    store.add_texts([str(i) for i in range(5000)])
    return lambda: [store.similarity_search(str(i), k=4) for i in range(20)]


def lacks(error: Exception, root: str) -> bool:
    """Whether `error` says that the package has no such name, rather than that the work failed."""
    if isinstance(error, ImportError):
        return (error.name or "").split(".")[0] == root
    if isinstance(error, AttributeError):
        owner = error.obj.__name__ if isinstance(error.obj, ModuleType) else type(error.obj).__module__
        return owner.split(".")[0] in (root, __name__)
    return isinstance(error, NotImplementedError)


def time_case(root: str, name: str, repeat: int) -> dict[str, Any]:
    package = Bare() if root == BARE else Package(root)
    chosen = CASES[name]
    try:
        work = chosen.prepare(package)
        best = float("inf")
        for _ in range(repeat):
            began = time.perf_counter()
            work()
            best = min(best, time.perf_counter() - began)
    except (ImportError, AttributeError, NotImplementedError) as error:
        if not lacks(error, package.root):
            raise
        return {"missing": str(error)}
    return {"time": best / chosen.units * 1e6}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps(time_case(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
