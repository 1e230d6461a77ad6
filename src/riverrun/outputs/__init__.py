"""What models make: generations of text or messages, and the results that hold them."""

from __future__ import annotations

from riverrun.outputs.chat_generation import ChatGeneration, ChatGenerationChunk
from riverrun.outputs.chat_result import ChatResult
from riverrun.outputs.generation import Generation, GenerationChunk
from riverrun.outputs.llm_result import LLMResult
from riverrun.outputs.run_info import RunInfo

__all__ = [
    "ChatGeneration",
    "ChatGenerationChunk",
    "ChatResult",
    "Generation",
    "GenerationChunk",
    "LLMResult",
    "RunInfo",
]
