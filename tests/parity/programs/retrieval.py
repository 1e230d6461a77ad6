"""Documents, embeddings, vector stores and retrievers."""

import asyncio

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnablePassthrough
from langchain_core.tools import create_retriever_tool
from langchain_core.vectorstores import InMemoryVectorStore


class Letters(Embeddings):
    """Counts letters."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return [float(text.count(letter)) + 0.01 for letter in "abcdef"]


class Fixed(BaseRetriever):
    documents: list[Document]

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [d for d in self.documents if query in d.page_content]


documents = [
    Document("aaa bb", metadata={"n": 1}, id="1"),
    Document(page_content="ccc", metadata={"n": 2}, id="2"),
    Document("aac", id="3"),
]
print(documents)
print(str(documents[0]), documents[0] == Document("aaa bb", metadata={"n": 1}, id="1"))
retriever = Fixed(documents=documents)
print(retriever.invoke("aa"), retriever.batch(["c"]))
print(asyncio.run(retriever.ainvoke("bb")))

store = InMemoryVectorStore.from_documents(documents, Letters())
print(store.similarity_search("aaaa", k=2))
print([(d.id, round(s, 4)) for d, s in store.similarity_search_with_score("c", k=3)])
print([d.id for d in store.max_marginal_relevance_search("ac", k=2, fetch_k=3)])
print(store.add_texts(["ddd"], metadatas=[{"n": 4}], ids=["4"]))
print(store.get_by_ids(["4", "2"]))
store.delete(["4"])
print(store.get_by_ids(["4"]))
print([d.id for d in store.similarity_search("a", filter=lambda d: d.metadata.get("n") == 2)])
print([d.id for d in store.as_retriever(search_kwargs={"k": 1}).invoke("c")])
print([d.id for d in store.as_retriever(search_type="mmr", search_kwargs={"k": 2}).invoke("c")])
try:
    store.as_retriever(search_type="nonsense")
except ValueError as error:
    print(type(error).__name__)
print(asyncio.run(store.asimilarity_search("c", k=1)))

prompt = ChatPromptTemplate.from_template("{context}\n{question}")
chain = {"context": retriever, "question": RunnablePassthrough()} | prompt
print(chain.invoke("bb").to_string())
look = create_retriever_tool(retriever, "look", "Look it up.")
print(look.invoke({"query": "aa"}), look.name, look.args)
print([round(float(x), 6) for x in DeterministicFakeEmbedding(size=3).embed_query("a")])
