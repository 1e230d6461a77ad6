"""What models on Bedrock say through its older API: as Anthropic's, which most of them are, or as text."""

from __future__ import annotations

from riverrun.messages.block_translators.anthropic import translate_content, translate_content_chunk

__all__ = ["translate_content", "translate_content_chunk"]
