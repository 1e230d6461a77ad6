"""Fields of models that hold models, prompts, tools and stores."""

from typing import Any

from langchain_core.chat_history import BaseChatMessageHistory, InMemoryChatMessageHistory
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings
from langchain_core.language_models import (
    BaseLanguageModel,
    FakeListChatModel,
    FakeListLLM,
)
from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.output_parsers import BaseOutputParser, StrOutputParser
from langchain_core.prompts import BasePromptTemplate, ChatPromptTemplate
from langchain_core.rate_limiters import BaseRateLimiter, InMemoryRateLimiter
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from langchain_core.tools import BaseTool, tool
from langchain_core.vectorstores import InMemoryVectorStore, VectorStore
from pydantic import BaseModel, ConfigDict, Field


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


@tool
def t(x: int) -> int:
    """T."""
    return x


class App(BaseModel):
    llm: BaseLanguageModel
    prompt: BasePromptTemplate = Field(default_factory=lambda: ChatPromptTemplate.from_template("{x}"))
    tools: list[BaseTool] = []
    parser: BaseOutputParser = StrOutputParser()
    vs: VectorStore | None = None
    emb: Embeddings | None = None
    hist: BaseChatMessageHistory = Field(default_factory=InMemoryChatMessageHistory)
    chain: Runnable | None = None
    step: Runnable[Any, str] | None = None
    cfg: RunnableConfig | None = None
    rl: BaseRateLimiter | None = None
    model_config = ConfigDict(arbitrary_types_allowed=True)

    def run(self, x):
        return (self.prompt | self.llm | self.parser).invoke({"x": x}, self.cfg)


e = DeterministicFakeEmbedding(size=2)
a = App(
    llm=FakeListChatModel(responses=["r"]),
    tools=[t],
    vs=InMemoryVectorStore(e),
    emb=e,
    chain=RunnableLambda(lambda x: x) | str,
    step=RunnableLambda(str),
    cfg={"tags": ["a"]},
    rl=InMemoryRateLimiter(),
)
print(a.run("q"), a.tools[0].name, a.cfg, a.chain.invoke(1), type(a.hist).__name__)
tried("badllm", lambda: App(llm="x"))
tried("badtool", lambda: App(llm=FakeListChatModel(responses=["r"]), tools=["x"]))
tried("badrun", lambda: App(llm=FakeListChatModel(responses=[]), chain=3))
print(a.model_copy().run("z"))
print(App(llm=FakeListLLM(responses=["l"])).run(1))
print(a.prompt is a.model_copy().prompt)


class MyChain(Runnable):
    def __init__(self, llm):
        self.llm = llm

    def invoke(self, input, config=None, **kw):
        return self.llm.invoke(input, config).content


print(MyChain(a.llm).invoke("x"), (MyChain(a.llm) | str.upper).batch(["a"]))


class H(BaseModel):
    messages: list[BaseMessage]
    config: dict[str, Any] = {}


print(H(messages=[HumanMessage("a")]).model_dump_json())
