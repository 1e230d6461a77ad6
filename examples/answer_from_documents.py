"""A question answered from documents: a retriever, a prompt, a model and a parser in one chain.

    python examples/answer_from_documents.py

The model answers from a script and the embedding counts letters, so it needs no key and no network.
"""

from riverrun.documents import Document
from riverrun.embeddings import Embeddings
from riverrun.language_models import FakeStreamingListLLM
from riverrun.prompts import PromptTemplate, format_document
from riverrun.runnables import RunnableLambda, RunnablePassthrough
from riverrun.vectorstores import InMemoryVectorStore


class LetterCounts(Embeddings):
    """Texts are alike when they use the same letters as often."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return [text.lower().count(letter) + 0.1 for letter in "abcdefghijklmnopqrstuvwxyz"]


store = InMemoryVectorStore.from_documents(
    [
        Document("The heron waits in shallow water.", metadata={"page": 12}, id="heron"),
        Document("The swift sleeps on the wing.", metadata={"page": 48}, id="swift"),
        Document("The dipper walks under water.", metadata={"page": 53}, id="dipper"),
    ],
    LetterCounts(),
)
retriever = store.as_retriever(search_kwargs={"k": 2})
one = PromptTemplate.from_template("[{page}] {page_content}")


def written(documents: list[Document]) -> str:
    return "\n".join(format_document(document, one) for document in documents)


prompt = PromptTemplate.from_template("Answer from these notes:\n{notes}\n\nQuestion: {question}\n")
chain = (
    {"notes": retriever | RunnableLambda(written), "question": RunnablePassthrough()}
    | prompt
    | FakeStreamingListLLM(responses=["Dippers do [53]."])
)

if __name__ == "__main__":
    question = "Who walks under water?"
    print((retriever | RunnableLambda(written)).invoke(question))
    for token in chain.stream(question):
        print(token, end="|")
    print()
