"""Embeddings and vector stores of one's own."""

import asyncio

from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings, FakeEmbeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.vectorstores import InMemoryVectorStore, VectorStore


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


class Parrot(Embeddings):
    def __init__(self, model):
        self.model = model

    def embed_documents(self, texts):
        return [[float(len(t)), float(t.count("a")), 1.0] for t in texts]

    def embed_query(self, text):
        return self.embed_documents([text])[0]


e = Parrot("x")
print(e.embed_query("abc"), asyncio.run(e.aembed_documents(["q", "aa"])), asyncio.run(e.aembed_query("aaa")))
vs = InMemoryVectorStore(e)
ids = vs.add_documents(
    [
        Document("apple banana", metadata={"s": 1}, id="1"),
        Document("zzz", metadata={"s": 2}, id="2"),
        Document("aaaa", id="3", metadata={"s": 1}),
    ]
)
print(ids)
print(vs.similarity_search("aaa", k=2))
print([(d.id, round(s, 4)) for d, s in vs.similarity_search_with_score("aaa", k=3)])
print(vs.similarity_search("a", k=3, filter=lambda d: d.metadata["s"] == 1))
print(vs.get_by_ids(["2", "9", "1"]))
vs.delete(["1"])
print(vs.get_by_ids(["1"]))
print(vs.add_texts(["t1", "t2"], metadatas=[{"a": 1}, {"b": 2}], ids=["x", "y"]))
print([d.id for d in vs.max_marginal_relevance_search("t", k=2, fetch_k=4)])
r = vs.as_retriever(search_kwargs={"k": 1})
print(r.invoke("t"))
print(r.tags, r.search_type, type(r).__name__)
print(repr(vs.as_retriever(search_type="mmr", search_kwargs={"k": 1}))[:60])
tried("badtype", lambda: vs.as_retriever(search_type="zz"))
tried("thresh", lambda: vs.as_retriever(search_type="similarity_score_threshold"))


async def main():
    print(
        await vs.asimilarity_search("t", k=1),
        await vs.aadd_documents([Document("n", id="n")]),
        await vs.aget_by_ids(["n"]),
    )
    await vs.adelete(["n"])
    print(await vs.aget_by_ids(["n"]), await r.ainvoke("zz"))
    v2 = await InMemoryVectorStore.afrom_texts(["q"], e)
    print(len(await v2.asimilarity_search("q")))


asyncio.run(main())
print(InMemoryVectorStore.from_documents([Document("d", id="i")], e).similarity_search("d"))
print(InMemoryVectorStore.from_texts(["d"], e, metadatas=[{"m": 1}], ids=["k"]).similarity_search("d"))


class MyVS(VectorStore):
    def __init__(self, embedding):
        self.e = embedding
        self.d = {}

    @property
    def embeddings(self):
        return self.e

    def add_texts(self, texts, metadatas=None, *, ids=None, **kw):
        out = []
        for i, t in enumerate(texts):
            k = ids[i] if ids else str(len(self.d))
            self.d[k] = Document(t, metadata=(metadatas or [{}] * 99)[i], id=k)
            out.append(k)
        return out

    def similarity_search(self, query, k=4, **kw):
        return [d for d in self.d.values() if query in d.page_content][:k]

    @classmethod
    def from_texts(cls, texts, embedding, metadatas=None, *, ids=None, **kw):
        s = cls(embedding)
        s.add_texts(texts, metadatas, ids=ids)
        return s

    def _select_relevance_score_fn(self):
        return self._cosine_relevance_score_fn


m = MyVS.from_texts(["one two", "two"], e)
print(
    m.similarity_search("two"),
    m.search("one", "similarity"),
    m.as_retriever().invoke("two"),
    asyncio.run(m.asimilarity_search("one")),
)
tried("mmr", lambda: m.max_marginal_relevance_search("x"))
tried("score", lambda: m.similarity_search_with_score("x"))
tried("del", lambda: m.delete(["1"]))
print(
    m.add_documents([Document("three", id="33")]),
    m.similarity_search("three"),
    m.as_retriever(tags=["q"]).tags,
)
d = DeterministicFakeEmbedding(size=3)
print(
    [round(float(x), 6) for x in d.embed_query("hi")],
    d.embed_query("hi") == d.embed_query("hi"),
    len(FakeEmbeddings(size=4).embed_documents(["a", "b"])),
)
tried("search bad", lambda: m.search("q", "nope"))

print(isinstance(r, BaseRetriever), r.allowed_search_types, (r | (lambda ds: len(ds))).invoke("t"))
