"""A chat in the terminal, token by token: `prompt | model | parser`.

    python examples/stream_chat.py [question]

With OPENAI_API_KEY or OPENAI_BASE_URL set it asks that server (OPENAI_MODEL names the model). Without, a server on this
machine replays the recorded answer of a real provider over real HTTP, at the pace of a person who reads.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from riverrun.chat_models import ChatOpenAI
from riverrun.output_parsers import StrOutputParser
from riverrun.prompts import ChatPromptTemplate
from riverrun.testing.replay import replay

RECORDING = Path(__file__).parent / "recorded" / "mistral-thinking.json"
RECORDED_QUESTION = "How do I cross the street?"


@contextmanager
def some_model() -> Iterator[ChatOpenAI]:
    """A live model if there is one to ask, else a replayed one; says which."""
    if os.environ.get("OPENAI_API_KEY") or os.environ.get("OPENAI_BASE_URL"):
        # A server of one's own may ask for no key, but the client never sends none.
        key = os.environ.get("OPENAI_API_KEY") or "no-key"
        model = ChatOpenAI(model=os.environ.get("OPENAI_MODEL") or "gpt-4o-mini", api_key=key)
        say(f"live: {model.model} at {model.openai_api_base or 'https://api.openai.com/v1'}")
        yield model
    else:
        with replay(RECORDING, delay=0.02) as server:
            say(
                f"replayed: an answer that Mistral's magistral-medium gave to {RECORDED_QUESTION!r}, sent again over"
            )
            say(f"HTTP by {server.url}. Set OPENAI_API_KEY or OPENAI_BASE_URL to ask a live model.")
            yield ChatOpenAI(model="magistral-medium-latest", base_url=server.url, api_key="replayed")


def say(line: str) -> None:
    print(line, file=sys.stderr)


def answer(question: str) -> None:
    prompt = ChatPromptTemplate.from_messages(
        [("system", "You answer in a few plain sentences."), ("human", "{question}")]
    )
    with some_model() as model:
        chain = prompt | model | StrOutputParser()
        try:
            for token in chain.stream({"question": question}):
                print(token, end="", flush=True)
        finally:
            print()


def main() -> int:
    try:
        answer(" ".join(sys.argv[1:]) or RECORDED_QUESTION)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        line = str(error).partition("\n")[0]
        hints = [note for note in getattr(error, "__notes__", ()) if not note.startswith("in ")]
        say(f"{type(error).__name__}: {' - '.join([line, *hints])}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
