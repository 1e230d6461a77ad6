"""The code samples of the reference documents, run as they stand there, with the import root changed and nothing else.

Cells are run as in a notebook: one namespace, `await` at the top level, and the last expression's value is shown. What
they print is compared with what the documents show. A model stands behind them that says what the document's model said,
in the same pieces, or a provider's recorded answer over real HTTP.

Samples of the documents that are not here, and the issue that brings them:

* 3: none of their own; `ChatPromptTemplate` from `langchain_classic.prompts` is the same class and is here.
* 4: `JsonOutputParser` streaming the countries (here a stand-in yields its documented partials for the functions behind
  it), and the example that is "done right".
* 5: `astream_events` v1 and v2 in all documents, its filters by name, tag and type, the tables of events, the truncated
  event list of the chat models document, `reverse_and_double` as events, `astream_log`.
* 6: `ChatAnthropic` and `init_chat_model(..., model_provider="groq")` themselves (here scripted models bear their names).
* 7: `FAISS`, `OpenAIEmbeddings`, `as_retriever` and the repr of `Document` (here a function stands in for the retriever).
* 8: `bad_tool` and `correct_tool` (`@tool`, whose base comes with 3 and whose events come with 5).

The FastAPI sample of the overview document is in tests/test_fastapi_sample.py.
"""

import ast
import asyncio
import inspect
import re
import textwrap
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

from riverrun.language_models import BaseChatModel
from riverrun.messages import AIMessageChunk, BaseMessage
from riverrun.outputs import ChatGenerationChunk
from riverrun.testing.replay import ReplayServer, replay

RECORDED = Path(__file__).parent.parent / "recorded" / "openai-chat-text.json"
RECORDED_TOKENS = ["The", " capital", " of", " the", " UK", " is", " London", "."]

ROOTS = re.compile(r"\blangchain(_core|_openai|_anthropic|_community|_classic)?\b(?=[.\s])")


class Notebook:
    """The cells of a document, run one after another."""

    def __init__(self, capsys: pytest.CaptureFixture[str], **names: Any) -> None:
        self._capsys = capsys
        self.names = names

    def __call__(self, cell: str) -> str:
        """Run a cell; what it prints and, after it, the value of its last expression."""
        tree = ast.parse(ROOTS.sub("riverrun", textwrap.dedent(cell)))
        last = tree.body.pop().value if isinstance(tree.body[-1], ast.Expr) else None  # type: ignore[attr-defined]
        self._run(compile(tree, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT))
        shown = None
        if last is not None:
            shown = self._run(compile(ast.Expression(last), "cell", "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT))
        printed = self._capsys.readouterr().out + ("" if shown is None else repr(shown))
        return re.sub(r"(?<=lc_run--)[0-9a-f-]{36}", "ID", printed)

    def _run(self, code: Any) -> Any:
        value = eval(code, self.names)
        return asyncio.run(value) if inspect.iscoroutine(value) else value


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Notebook:
    return Notebook(capsys)


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReplayServer]:
    """OpenAI, as far as `ChatOpenAI()` can tell."""
    with replay(RECORDED) as server:
        monkeypatch.setenv("OPENAI_API_KEY", "any")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        yield server


class Scripted(BaseChatModel):
    """Says the same to everything, in these pieces."""

    pieces: Sequence[str]
    asked: list[str] = Field(default_factory=list)

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        self.asked.append(str(messages[-1].content))
        for piece in self.pieces:
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))


class ChatAnthropic(Scripted):
    """A scripted model of the name that the documents use."""

    pieces: Sequence[str] = ("Here", " is", " a", " |1|", " verse", " song", " about", " gol", "dfish", ":")
    model: str = "none"


def pieces_of(printed: str) -> list[str]:
    """The pieces of an answer that a document shows with `end="|"`."""
    assert printed.endswith("|")
    return printed[:-1].split("|")


# -------------------------------------------------------------------------- how-to-stream-runnables-notebook.md

SKY = "|The| color| of| the| sky| can| vary| depending| on| several| factors|.| On| cloudy| or| over|cast| days|,| the| sky| may| appear| gray|.||"
PARROT = "|Why| did| the| par|rot| wear| a| rain|coat|?\n\n|Because| it| wanted| to| be| a| poly|-uns|aturated| bird|!| 🦜|☔|️||"

COUNTRIES = (
    "output a list of the countries france, spain and japan and their populations in JSON format. "
    'Use a dict with an outer key of "countries" which contains a list of countries. '
    "Each country should have the key `name` and `population`"
)


def test_notebook_3_to_7_a_model_streams_and_its_chunks_add_up(run: Notebook, recorded: ReplayServer) -> None:
    run("""
        from langchain_openai import ChatOpenAI
        model = ChatOpenAI(model="gpt-4o-mini")
    """)
    printed = run("""
        chunks = []
        for chunk in model.stream("what color is the sky?"):
            chunks.append(chunk)
            print(chunk.content, end="|", flush=True)
    """)
    assert printed == "|" + "|".join(RECORDED_TOKENS) + "||"  # '' first, then the tokens, '' last
    printed = run("""
        chunks = []
        async for chunk in model.astream("what color is the sky?"):
            chunks.append(chunk)
            print(chunk.content, end="|", flush=True)
    """)
    assert printed == "|" + "|".join(RECORDED_TOKENS) + "||"
    chunks = run("chunks")
    assert chunks.startswith(
        "[AIMessageChunk(content='', additional_kwargs={}, response_metadata={'model_provider': 'openai'}, id='lc_run--ID'), "
        "AIMessageChunk(content='The', additional_kwargs={}, response_metadata={'model_provider': 'openai'}, id='lc_run--ID'), "
    )
    assert run("chunks[0] + chunks[1] + chunks[2] + chunks[3] + chunks[4]") == (
        "AIMessageChunk(content='The capital of the', additional_kwargs={}, "
        "response_metadata={'model_provider': 'openai'}, id='lc_run--ID')"
    )
    body = recorded.requests[0].json()
    assert body["model"] == "gpt-4o-mini"
    assert body["messages"] == [{"content": "what color is the sky?", "role": "user"}]


@pytest.mark.parametrize("method", ["for chunk in model.stream", "async for chunk in model.astream"])
def test_notebook_4_and_5_every_chunk_is_printed_as_it_was_said(run: Notebook, method: str) -> None:
    run.names["model"] = Scripted(pieces=pieces_of(SKY))
    printed = run(f"""
        chunks = []
        {method}("what color is the sky?"):
            chunks.append(chunk)
            print(chunk.content, end="|", flush=True)
    """)
    assert printed == SKY


def test_notebook_10_a_chain_streams_what_its_model_says(run: Notebook) -> None:
    run.names["model"] = model = Scripted(pieces=pieces_of(PARROT))
    printed = run("""
        from langchain_core.output_parsers import StrOutputParser
        from langchain_core.prompts import ChatPromptTemplate

        prompt = ChatPromptTemplate.from_template("tell me a joke about {topic}")
        parser = StrOutputParser()
        chain = prompt | model | parser

        async for chunk in chain.astream({"topic": "parrot"}):
            print(chunk, end="|", flush=True)
    """)
    assert printed == PARROT
    assert model.asked == ["tell me a joke about parrot"]


def partials(chunks: Iterator[Any]) -> Iterator[Any]:
    """What the document shows of the JSON parser, in its place: it comes with the issue on streaming JSON."""
    for _ in chunks:
        pass
    countries: list[dict[str, Any]] = []
    yield {}
    yield {"countries": []}
    for name, population in ("France", 65273511), ("Spain", 46754778), ("Japan", 126476461):
        for country in {}, {"name": ""}, {"name": name}, {"name": name, "population": population}:
            yield {"countries": [*countries, country]}
        countries.append(country)


def test_notebook_15_a_function_of_the_finished_value_breaks_streaming(run: Notebook) -> None:
    run.names |= {
        "model": Scripted(pieces=["{", "}"]),
        "JsonOutputParser": lambda: partials,
        "asked": COUNTRIES,
    }
    printed = run("""
        # A function that operates on finalized inputs
        # rather than on an input_stream
        def _extract_country_names(inputs):
            \"\"\"A function that does not operates on input streams and breaks streaming.\"\"\"
            if not isinstance(inputs, dict):
                return ""

            if "countries" not in inputs:
                return ""

            countries = inputs["countries"]

            if not isinstance(countries, list):
                return ""

            country_names = [
                country.get("name") for country in countries if isinstance(country, dict)
            ]
            return country_names


        chain = model | JsonOutputParser() | _extract_country_names

        async for text in chain.astream(asked):
            print(text, end="|", flush=True)
    """)
    assert printed == "['France', 'Spain', 'Japan']|"


def test_notebook_20_a_generator_function_reads_the_stream(run: Notebook) -> None:
    run.names |= {
        "model": Scripted(pieces=["{", "}"]),
        "JsonOutputParser": lambda: partials,
        "asked": COUNTRIES,
    }
    printed = run("""
        async def _extract_country_names_streaming(input_stream):
            \"\"\"A function that operates on input streams.\"\"\"
            country_names_so_far = set()

            async for input in input_stream:
                if not isinstance(input, dict):
                    continue

                if "countries" not in input:
                    continue

                countries = input["countries"]

                if not isinstance(countries, list):
                    continue

                for country in countries:
                    name = country.get("name")
                    if not name:
                        continue
                    if name not in country_names_so_far:
                        yield name
                        country_names_so_far.add(name)


        chain = model | JsonOutputParser() | _extract_country_names_streaming

        async for text in chain.astream(asked):
            print(text, end="|", flush=True)
    """)
    assert printed == "France|Spain|Japan|"


KENSHO = "|H|arrison| worked| at| Kens|ho|.| Kens|ho| is| a| vibrant| tech| company| known| for| its| innovative| approach|.||"


def test_notebook_21_to_23_what_does_not_stream_lets_the_rest_stream(run: Notebook) -> None:
    found = ["harrison worked at kensho", "harrison likes spicy food"]
    run("from langchain_core.runnables import RunnableLambda")
    run.names["retriever"] = run.names["RunnableLambda"](lambda query: found)
    run.names["model"] = model = Scripted(pieces=pieces_of(KENSHO))
    run('''
        from langchain_core.output_parsers import StrOutputParser
        from langchain_core.prompts import ChatPromptTemplate
        from langchain_core.runnables import RunnablePassthrough

        template = """Answer the question based only on the following context:
        {context}

        Question: {question}
        """
        prompt = ChatPromptTemplate.from_template(template)
    ''')
    assert run("""
        chunks = [chunk for chunk in retriever.stream("where did harrison work?")]
        chunks
    """) == repr([found])
    run("""
        retrieval_chain = (
            {
                "context": retriever.with_config(run_name="Docs"),
                "question": RunnablePassthrough(),
            }
            | prompt
            | model
            | StrOutputParser()
        )
    """)
    printed = run("""
        for chunk in retrieval_chain.stream(
            "Where did harrison work? " "Write 3 made up sentences about this place."
        ):
            print(chunk, end="|", flush=True)
    """)
    assert printed == KENSHO
    assert model.asked == [
        f"Answer the question based only on the following context:\n{found}\n\n"
        "Question: Where did harrison work? Write 3 made up sentences about this place.\n"
    ]


# ------------------------------------------------------------------------------ how-to-stream-runnables-page.md


def test_page_a_model_streams_and_its_chunks_add_up(run: Notebook) -> None:
    run.names["model"] = Scripted(pieces=["The", " sky", " appears", " blue", " during", " the", " day", "."])
    for method in "for chunk in model.stream", "async for chunk in model.astream":
        printed = run(f"""
            chunks = []
            {method}("what color is the sky?"):
                chunks.append(chunk)
                print(chunk.content, end="|", flush=True)
        """)
        assert printed == "The| sky| appears| blue| during| the| day|.|"
        shown = (
            "AIMessageChunk(content='{}', additional_kwargs={{}}, response_metadata={{}}, id='lc_run--ID')"
        )
        assert run("chunks[0]") == shown.format("The")
        total = run("chunks[0] + chunks[1] + chunks[2] + chunks[3] + chunks[4]")
        assert total == shown.format("The sky appears blue during")


def test_page_runnables_called_in_lambdas_and_chains_run(run: Notebook) -> None:
    run("""
        from langchain_core.runnables import RunnableLambda

        def reverse_word(word: str):
            return word[::-1]

        reverse_word = RunnableLambda(reverse_word)
    """)
    assert run('reverse_word.invoke("hello")') == "'olleh'"
    assert (
        run("""
        async def reverse_and_double(word: str):
            return await reverse_word.ainvoke(word) * 2

        reverse_and_double = RunnableLambda(reverse_and_double)

        await reverse_and_double.ainvoke("1234")
    """)
        == "'43214321'"
    )
    assert (
        run("""
        from langchain_core.runnables import chain

        @chain
        async def reverse_and_double(word: str):
            return await reverse_word.ainvoke(word) * 2

        await reverse_and_double.ainvoke("1234")
    """)
        == "'43214321'"
    )
    assert run("[chunk async for chunk in reverse_and_double.astream('1234')]") == "['43214321']"


# ------------------------------------------------------------------------------ streaming-runnables-overview.md


def test_overview_1_a_model_alone(run: Notebook, recorded: ReplayServer) -> None:
    printed = run("""
        from langchain_openai import ChatOpenAI
        llm = ChatOpenAI(streaming=True)

        for chunk in llm.stream("Explain streaming runnables"):
            print(chunk.content, end="")
    """)
    assert printed == "".join(RECORDED_TOKENS)


def test_overview_2_a_lambda_a_prompt_and_a_model(run: Notebook, recorded: ReplayServer) -> None:
    printed = run("""
        from langchain_openai import ChatOpenAI
        from langchain_core.runnables import RunnableLambda
        from langchain_classic.prompts import ChatPromptTemplate

        prompt = ChatPromptTemplate.from_template(
            "Explain this concept briefly:\\n{topic}"
        )

        chain = (
            RunnableLambda(lambda x: {"topic": x})
            | prompt
            | ChatOpenAI(streaming=True)
        )

        for chunk in chain.stream("Runnable streaming"):
            print(chunk.content, end="")
    """)
    assert printed == "".join(RECORDED_TOKENS)
    [message] = recorded.requests[-1].json()["messages"]
    assert message["content"] == "Explain this concept briefly:\nRunnable streaming"


def test_overview_3_parallel_branches_stream_each_on_its_own(run: Notebook, recorded: ReplayServer) -> None:
    printed = run("""
        from langchain_core.runnables import RunnableParallel
        from langchain_openai import ChatOpenAI

        parallel = RunnableParallel(
            short=ChatOpenAI(streaming=True, model="gpt-3.5-turbo"),
            detailed=ChatOpenAI(streaming=True, model="gpt-4")
        )

        for output in parallel.stream("Explain RAG"):
            print(output)
    """)
    lines = printed.splitlines()
    for branch in "short", "detailed":
        own = [line for line in lines if line.startswith(f"{{'{branch}': ")]
        assert own[:-1] == [
            f"{{'{branch}': AIMessageChunk(content={token!r}, additional_kwargs={{}}, "
            "response_metadata={'model_provider': 'openai'}, id='lc_run--ID')}"
            for token in ["", *RECORDED_TOKENS]
        ]
        assert own[-1].startswith(f"{{'{branch}': AIMessageChunk(content='', ")
    assert len(lines) == 2 * (len(RECORDED_TOKENS) + 2)
    assert {request.json()["model"] for request in recorded.requests} == {"gpt-3.5-turbo", "gpt-4"}


# ---------------------------------------------------------------------------------- runnable-interface-notes.md


class Joker(Scripted):
    """Answers with what it was asked."""

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        for word in re.split("(?= )", str(messages[-1].content)):
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))


@pytest.fixture
def notes(run: Notebook) -> Notebook:
    run.names["ChatOpenAI"] = lambda: Joker(pieces=())
    run("""
        from langchain_core.prompts import ChatPromptTemplate

        model = ChatOpenAI()
        prompt = ChatPromptTemplate.from_template("tell me a joke about {topic}")
        chain = prompt | model
    """)
    return run


def test_notes_input_and_output_schemas(notes: Notebook) -> None:
    of_prompt = {
        "properties": {"topic": {"title": "Topic", "type": "string"}},
        "required": ["topic"],
        "title": "PromptInput",
        "type": "object",
    }
    # The input schema of the chain is the input schema of its first part, the prompt.
    assert notes("chain.input_schema.schema()") == repr(of_prompt)
    assert notes("prompt.input_schema.schema()") == repr(of_prompt)
    of_model = ast.literal_eval(notes("model.input_schema.schema()"))
    assert {"type": "string"} in of_model["anyOf"] and of_model["title"] == "JokerInput"
    # The output schema of the chain is the output schema of its last part, in this case a ChatModel.
    of_answer = notes("chain.output_schema.schema()")
    assert of_answer == notes("model.output_schema.schema()")
    answer = ast.literal_eval(of_answer)["$defs"]["AIMessage"]
    assert answer["properties"].keys() >= {"content", "tool_calls", "usage_metadata", "id"}


def test_notes_stream_invoke_and_batch_in_both_colours(notes: Notebook) -> None:
    assert (
        notes("""
        for s in chain.stream({"topic": "bears"}):
            print(s.content, end="", flush=True)
    """)
        == "tell me a joke about bears"
    )
    message = "AIMessage(content='tell me a joke about {}', additional_kwargs={{}}, response_metadata={{}}, id='lc_run--ID')"
    bears, cats = message.format("bears"), message.format("cats")
    assert notes('chain.invoke({"topic": "bears"})') == bears
    assert notes('chain.batch([{"topic": "bears"}, {"topic": "cats"}])') == f"[{bears}, {cats}]"
    assert (
        notes("""
        async for s in chain.astream({"topic": "bears"}):
            print(s.content, end="", flush=True)
    """)
        == "tell me a joke about bears"
    )
    assert notes('await chain.ainvoke({"topic": "bears"})') == bears
    assert notes('await chain.abatch([{"topic": "bears"}])') == f"[{bears}]"


class Meeting:
    """A place where `number` calls must be at once; without the others none of them goes on."""

    def __init__(self, number: int) -> None:
        self.barrier = threading.Barrier(number)

    def __call__(self) -> None:
        self.barrier.wait(timeout=5)  # raises when the others don't come


class Meets(Joker):
    """Begins to answer when as many requests are in flight as the meeting asks for."""

    meeting: Any

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        self.meeting()
        yield from super()._stream(messages)


def test_notes_parallelism_of_branches_and_of_batches(notes: Notebook) -> None:
    run = notes
    run.names["model"] = model = Meets(pieces=(), meeting=Meeting(1))
    run("""
        from langchain_core.runnables import RunnableParallel

        chain1 = ChatPromptTemplate.from_template("tell me a joke about {topic}") | model
        chain2 = (
            ChatPromptTemplate.from_template("write a short (2 line) poem about {topic}")
            | model
        )
        combined = RunnableParallel(joke=chain1, poem=chain2)
    """)

    def said(number: int, cell: str) -> Any:
        """The contents of what a cell gives, in whose run `number` requests were in flight at once."""
        model.meeting = Meeting(number)
        run(f"answer = {cell}")
        return contents_of(run.names["answer"])

    joke, poem = "tell me a joke about {}", "write a short (2 line) poem about {}"
    topics = '[{"topic": "bears"}, {"topic": "cats"}]'
    assert said(1, 'chain1.invoke({"topic": "bears"})') == joke.format("bears")
    assert said(1, 'chain2.invoke({"topic": "bears"})') == poem.format("bears")
    both = {"joke": joke.format("bears"), "poem": poem.format("bears")}
    assert said(2, 'combined.invoke({"topic": "bears"})') == both
    assert said(2, f"chain1.batch({topics})") == [joke.format("bears"), joke.format("cats")]
    assert said(2, f"chain2.batch({topics})") == [poem.format("bears"), poem.format("cats")]
    pairs = [{"joke": joke.format(topic), "poem": poem.format(topic)} for topic in ("bears", "cats")]
    assert said(4, f"combined.batch({topics})") == pairs
    assert said(2, 'await combined.ainvoke({"topic": "bears"})') == both
    assert said(4, f"await combined.abatch({topics})") == pairs


def contents_of(value: Any) -> Any:
    """Messages in lists and dicts, replaced by their contents."""
    if isinstance(value, dict):
        return {key: contents_of(each) for key, each in value.items()}
    return [contents_of(each) for each in value] if isinstance(value, list) else value.content


def test_notes_streaming_a_model_by_a_name_of_the_community(run: Notebook) -> None:
    run.names["ChatAnthropic"] = ChatAnthropic
    printed = run("""
        model = ChatAnthropic()

        chunks = []
        async for chunk in model.astream("hello. tell me something about yourself"):
            chunks.append(chunk)
            print(chunk.content, end="|", flush=True)
    """)
    assert printed == "Here| is| a| |1|| verse| song| about| gol|dfish|:|"
    chunk = "AIMessageChunk(content={!r}, additional_kwargs={{}}, response_metadata={{}}, id='lc_run--ID')"
    assert run("chunks[0]") == chunk.format("Here")
    total = run("chunks[0] + chunks[1] + chunks[2] + chunks[3] + chunks[4]")
    assert total == chunk.format("Here is a |1| verse")
    printed = run("""
        from langchain_core.output_parsers import StrOutputParser
        from langchain_core.prompts import ChatPromptTemplate

        prompt = ChatPromptTemplate.from_template("tell me a joke about {topic}")
        parser = StrOutputParser()
        chain = prompt | model | parser

        async for chunk in chain.astream({"topic": "parrot"}):
            print(chunk, end="|", flush=True)
    """)
    assert printed == "Here| is| a| |1|| verse| song| about| gol|dfish|:|"


# --------------------------------------------------------------------------------- how-to-stream-chat-models.md


GOLDFISH = """Here| is| a| |1| |verse| song| about| gol|dfish| on| the| moon|:|

Floating| up| in| the| star|ry| night|,|
Fins| a|-|gl|im|mer| in| the| pale| moon|light|.|
Gol|dfish| swimming|,| peaceful| an|d free|,|
Se|ren|ely| |drif|ting| across| the| lunar| sea|.|"""


@pytest.mark.parametrize("method", ["for chunk in chat.stream", "async for chunk in chat.astream"])
def test_chat_models_stream_in_both_colours(run: Notebook, method: str) -> None:
    run.names["ChatAnthropic"] = ChatAnthropic
    run('chat = ChatAnthropic(model="claude-3-haiku-20240307")')
    run.names["chat"].pieces = pieces_of(GOLDFISH)
    printed = run(f"""
        {method}("Write me a 1 verse song about goldfish on the moon"):
            print(chunk.content, end="|", flush=True)
    """)
    assert printed == GOLDFISH


def test_chat_models_without_streaming_yield_a_single_value(run: Notebook) -> None:
    run.names["chat"] = ChatAnthropic(disable_streaming=True)
    printed = run("""
        for chunk in chat.stream("Write me a 1 verse song about goldfish on the moon"):
            print(chunk.content, end="|", flush=True)
    """)
    assert printed == "Here is a |1| verse song about goldfish:|"
