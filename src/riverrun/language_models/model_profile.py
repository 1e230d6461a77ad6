"""What is known of a model: what it takes, what it puts out, how much of it."""

from __future__ import annotations

from typing import TypeAlias, TypedDict

__all__ = ["ModelProfile", "ModelProfileRegistry"]


class ModelProfile(TypedDict, total=False):
    """The capabilities and limits of a model, as far as somebody has written them down."""

    name: str
    """A name for people."""
    status: str
    """Whether it is active, a preview, deprecated, ..."""
    release_date: str
    last_updated: str
    open_weights: bool

    max_input_tokens: int
    text_inputs: bool
    image_inputs: bool
    image_url_inputs: bool
    pdf_inputs: bool
    audio_inputs: bool
    video_inputs: bool
    image_tool_message: bool
    """Whether what a tool returns may hold images."""
    pdf_tool_message: bool

    max_output_tokens: int
    reasoning_output: bool
    reasoning_effort_levels: list[str]
    reasoning_effort_default: str
    text_outputs: bool
    image_outputs: bool
    audio_outputs: bool
    video_outputs: bool

    tool_calling: bool
    tool_choice: bool
    tool_call_streaming: bool
    structured_output: bool
    """Whether it can be held to a schema by the provider."""

    attachment: bool
    temperature: bool
    """Whether it takes a temperature."""
    mid_conversation_system_messages: bool
    mid_conversation_tools: bool


ModelProfileRegistry: TypeAlias = dict[str, ModelProfile]
"""Profiles by the names of their models."""
