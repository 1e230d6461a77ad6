"""The demo, in both of its ways."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from riverrun.testing.replay import Recording, replay

ROOT = Path(__file__).parents[2]
TEXT = ROOT / "tests" / "recorded" / "openai-chat-text.json"


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.argv", ["stream_chat.py"])
    spec = importlib.util.spec_from_file_location("stream_chat", ROOT / "examples" / "stream_chat.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_demo_replays_a_recorded_answer_and_says_so(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "replay", lambda recording, delay: replay(recording))
    assert demo.main() == 0
    out, err = capsys.readouterr()
    assert out.startswith("To cross the street safely, follow these steps:")
    assert out.endswith("you can ensure a safe crossing.\n")
    assert "replayed: an answer that Mistral's magistral-medium gave" in err


def test_the_demo_asks_a_live_server_and_says_which(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with replay(TEXT) as server:
        url = server.url
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        monkeypatch.setattr("sys.argv", ["stream_chat.py", "What", "is", "it?"])
        assert demo.main() == 0
        assert server.requests[0].json()["messages"][1]["content"] == "What is it?"
    out, err = capsys.readouterr()
    assert out == "The capital of the UK is London.\n"
    assert err == f"live: gpt-4o-mini at {url}\n"


def test_a_failure_of_the_demo_is_one_line(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = "sk-secret-1234567890"
    body = f'{{"error": {{"message": "Incorrect API key provided: {key}"}}}}'.encode()
    with replay(Recording(body, 401, {"content-type": "application/json"}, "error")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", key)
        assert demo.main() == 1
    out, err = capsys.readouterr()
    _, line = err.splitlines()
    assert line.startswith("AuthenticationError: ")
    assert "check api_key= (OPENAI_API_KEY)" in line
    assert key not in err
    assert out == "\n"
