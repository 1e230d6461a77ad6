"""A model asks for tools, they run, and it answers from what they found.

    python examples/call_tools.py

The model answers from a script, so it needs no key and no network; put any chat model that calls tools in its place.
"""

from typing import Annotated

from riverrun.language_models import FakeMessagesListChatModel
from riverrun.messages import AIMessage, BaseMessage, HumanMessage
from riverrun.tools import InjectedToolArg, tool
from riverrun.utils.function_calling import convert_to_openai_tool


@tool(parse_docstring=True)
def temperature(city: str) -> float:
    """The temperature of a city at this moment.

    Args:
        city: The city, without its country.
    """
    return {"Oslo": -3.5, "Rome": 14.0}[city]


@tool
def note(text: str, user: Annotated[str, InjectedToolArg] = "nobody") -> str:
    """Write a note for the user."""
    return f"noted for {user}: {text}"


tools = {each.name: each for each in (temperature, note)}
model = FakeMessagesListChatModel(
    responses=[
        AIMessage(
            content="",
            tool_calls=[
                {"name": "temperature", "args": {"city": "Oslo"}, "id": "call_1"},
                {"name": "temperature", "args": {"city": "Rome"}, "id": "call_2"},
                {"name": "note", "args": {"text": "pack a coat"}, "id": "call_3"},
            ],
        ),
        AIMessage(content="Oslo is 17.5 degrees colder than Rome. Pack a coat."),
    ]
)


def answer(question: str) -> str:
    """Ask the model, run what it asks for, and ask again, until it asks for nothing more."""
    talk: list[BaseMessage] = [HumanMessage(question)]
    while True:
        said = model.invoke(talk)
        talk.append(said)
        if not said.tool_calls:
            return str(said.content)
        for call in said.tool_calls:
            result = tools[call["name"]].invoke(call)
            print(f"{call['name']}({call['args']}) = {result.content}")
            talk.append(result)


if __name__ == "__main__":
    for each in tools.values():
        print(convert_to_openai_tool(each)["function"])
    print(answer("Where is it colder, in Oslo or in Rome?"))
