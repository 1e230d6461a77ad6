"""Loaders, blobs, transformers and an index."""

import asyncio
import os
import tempfile
from pathlib import Path

from langchain_core.document_loaders import BaseBlobParser, BaseLoader, Blob
from langchain_core.documents import BaseDocumentCompressor, BaseDocumentTransformer, Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.indexing import InMemoryRecordManager, aindex, index
from langchain_core.vectorstores import InMemoryVectorStore


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


class Lines(BaseLoader):
    def __init__(self, path):
        self.path = path

    def lazy_load(self):
        with open(self.path) as f:
            for i, line in enumerate(f):
                yield Document(
                    line.strip(), metadata={"line_number": i, "source": os.path.basename(self.path)}
                )

    async def alazy_load(self):
        for d in self.lazy_load():
            yield d


p = os.path.join(tempfile.mkdtemp(), "meow.txt")
Path(p).write_text("meow meow\n purr\n hiss\n")
loader = Lines(p)
print(loader.load())
print(next(iter(loader.lazy_load())))
print(asyncio.run(loader.aload()))


async def main():
    return [d async for d in loader.alazy_load()]


print(len(asyncio.run(main())))


class OnlyLoad(BaseLoader):
    def load(self):
        return [Document("x")]


print(list(OnlyLoad().lazy_load()), asyncio.run(OnlyLoad().aload()))


class BP(BaseBlobParser):
    def lazy_parse(self, blob):
        with blob.as_bytes_io() as f:
            for i, line in enumerate(f):
                yield Document(
                    line.decode().strip(),
                    metadata={"n": i, "source": blob.source and os.path.basename(blob.source)},
                )


print(BP().parse(Blob.from_path(p)))
b = Blob(data=b"some data\nmore")
print(list(BP().lazy_parse(b)), b.encoding, b.as_bytes(), b.as_string(), b.metadata, b.source, b.mimetype)
print(Blob.from_data("x", mime_type="text/plain", metadata={"a": 1}), Blob.from_path(p).mimetype)
tried("nodata", lambda: Blob())


class Up(BaseDocumentTransformer):
    def transform_documents(self, documents, **kw):
        return [Document(d.page_content.upper()) for d in documents]


print(Up().transform_documents(loader.load())[0], asyncio.run(Up().atransform_documents(loader.load()))[1])


class Comp(BaseDocumentCompressor):
    k: int = 1

    def compress_documents(self, documents, query, callbacks=None):
        return [d for d in documents if query in d.page_content][: self.k]


print(
    Comp(k=2).compress_documents(loader.load(), "r"),
    asyncio.run(Comp().acompress_documents(loader.load(), "hiss")),
)
vs = InMemoryVectorStore(DeterministicFakeEmbedding(size=4))
rm = InMemoryRecordManager(namespace="n")
rm.create_schema()
docs = loader.load()
print(index(docs, rm, vs, cleanup="incremental", source_id_key="source", key_encoder="sha256"))
print(index(docs, rm, vs, cleanup="incremental", source_id_key="source", key_encoder="sha256"))
print(index(docs[:2], rm, vs, cleanup="full", source_id_key="source", key_encoder="sha256"))
print(index([], rm, vs, cleanup="full", source_id_key="source", key_encoder="sha256"))
print(index(loader, rm, vs, cleanup=None, key_encoder="sha256"))
print(asyncio.run(aindex(docs + docs, rm, vs, cleanup=None, key_encoder="sha256", force_update=True)))
tried("nosrc", lambda: index(docs, rm, vs, cleanup="incremental"))
tried("bad", lambda: index(docs, rm, vs, cleanup="zz"))
print(len(rm.list_keys()), rm.exists(["q"]))
tried("old docs", lambda: sorted(d.id for d in vs.similarity_search("x", k=9))[:1] and "ok")
