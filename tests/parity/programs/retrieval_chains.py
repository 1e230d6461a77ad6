"""Answers from documents, with a history of the chat."""

from operator import itemgetter

from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import RunnableBranch, RunnableLambda, RunnableParallel, RunnablePassthrough
from langchain_core.vectorstores import InMemoryVectorStore


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


vs = InMemoryVectorStore.from_texts(
    ["harrison worked at kensho", "bears like honey"], DeterministicFakeEmbedding(size=16)
)
ret = vs.as_retriever(search_kwargs={"k": 1})
llm = FakeListChatModel(responses=["kensho"])


def fmt(docs):
    return "\n\n".join(d.page_content for d in docs)


prompt = ChatPromptTemplate.from_template("Answer based on:\n{context}\n\nQuestion: {question}")
chain = {"context": ret | fmt, "question": RunnablePassthrough()} | prompt | llm | StrOutputParser()
print(chain.invoke("harrison worked at kensho"), list(chain.stream("bears like honey")))
withs = RunnableParallel({"context": ret, "question": RunnablePassthrough()}).assign(
    answer=RunnablePassthrough.assign(context=lambda x: fmt(x["context"])) | prompt | llm | StrOutputParser()
)
r = withs.invoke("bears like honey")
print({k: ([d.page_content for d in v] if k == "context" else v) for k, v in r.items()})
print(sorted(key for c in withs.stream("bears like honey") for key in c))
contextualize = ChatPromptTemplate.from_messages(
    [("system", "rephrase"), MessagesPlaceholder("chat_history"), ("human", "{question}")]
)
cq = contextualize | llm | StrOutputParser()


def q(inp):
    return cq if inp.get("chat_history") else inp["question"]


rag = (
    RunnablePassthrough.assign(context=RunnableLambda(q) | ret | fmt)
    | ChatPromptTemplate.from_messages(
        [("system", "ctx {context}"), MessagesPlaceholder("chat_history"), ("human", "{question}")]
    )
    | (lambda v: [type(m).__name__ for m in v.to_messages()])
)
print(rag.invoke({"question": "bears like honey", "chat_history": []}))
print(rag.invoke({"question": "x", "chat_history": [HumanMessage("a"), AIMessage("b")]}))
br = RunnableBranch((lambda x: not x.get("chat_history"), itemgetter("question") | ret), cq | ret)
print(br.invoke({"question": "bears like honey"})[0].page_content)
print(
    (
        {
            "context": itemgetter("question") | ret | fmt,
            "question": itemgetter("question"),
            "language": itemgetter("language"),
        }
        | ChatPromptTemplate.from_template("{context} {question} {language}")
    )
    .invoke({"question": "bears like honey", "language": "it"})
    .to_string()
)
print([p.messages[0].prompt.template[:6] for p in chain.get_prompts()])
