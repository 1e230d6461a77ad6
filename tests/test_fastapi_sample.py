"""The FastAPI sample of the overview document, over a real server, with a model that streams over real HTTP."""

import http.client
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from riverrun.chat_models import ChatOpenAI
from riverrun.prompts import ChatPromptTemplate
from riverrun.runnables import RunnableLambda
from riverrun.testing.replay import ReplayServer, replay

TEXT = Path(__file__).parent / "recorded" / "openai-chat-text.json"
TOKENS = [b"The", b" capital", b" of", b" the", b" UK", b" is", b" London", b"."]
DELAY = 0.02


@dataclass
class Served:
    port: int
    upstream: ReplayServer

    def ask(self, path: str) -> http.client.HTTPResponse:
        self.client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        self.client.request("GET", f"{path}?q=streaming")
        return self.client.getresponse()


def sample(upstream: ReplayServer) -> FastAPI:
    prompt = ChatPromptTemplate.from_template("Explain this concept briefly:\n{topic}")
    model = ChatOpenAI(streaming=True, base_url=upstream.url, api_key="any")
    chain = RunnableLambda(lambda x: {"topic": x}) | prompt | model

    app = FastAPI()

    @app.get("/chat")
    def chat(q: str) -> StreamingResponse:
        def token_stream() -> Iterator[str]:
            for chunk in chain.stream(q):
                yield chunk.content

        return StreamingResponse(token_stream(), media_type="text/plain")

    @app.get("/achat")
    async def achat(q: str) -> StreamingResponse:
        async def token_stream() -> AsyncIterator[str]:
            async for chunk in chain.astream(q):
                yield chunk.content

        return StreamingResponse(token_stream(), media_type="text/plain")

    return app


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with replay(TEXT, delay=DELAY) as upstream:
        config = uvicorn.Config(
            sample(upstream), port=0, log_level="error", lifespan="off", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.005)
        yield Served(server.servers[0].sockets[0].getsockname()[1], upstream)
        server.should_exit = True
        thread.join()


@pytest.fixture(params=["/chat", "/achat"], ids=["sync", "async"])
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_sample_streams_token_by_token(served: Served, path: str) -> None:
    response = served.ask(path)
    pieces, times = [], []
    while piece := response.read1(1000):
        pieces.append(piece)
        times.append(time.monotonic())
    served.client.close()
    assert b"".join(pieces) == b"".join(TOKENS)
    assert response.headers["content-type"].startswith("text/plain")
    assert len(pieces) >= len(TOKENS) - 1  # two may meet on their way
    assert times[-1] - times[0] > DELAY * (len(TOKENS) - 2)
    assert served.upstream.requests[-1].json()["messages"][0]["content"].endswith("streaming")


def test_g01_the_sample_closes_upstream_when_its_client_leaves(served: Served, path: str) -> None:
    response = served.ask(path)
    assert response.read1(3) == b"The"
    request = served.upstream.requests[-1]
    [connection] = [each for each in served.upstream.connections if request in each.requests]
    response.close()
    served.client.close()
    assert connection.wait_closed()
    assert connection.closed_by == "client"
    assert request.events < len(TOKENS)
