"""Prompts: templates of text and of messages."""

from langchain_core.documents import Document
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.prompts import (
    AIMessagePromptTemplate,
    ChatMessagePromptTemplate,
    ChatPromptTemplate,
    FewShotChatMessagePromptTemplate,
    FewShotPromptTemplate,
    HumanMessagePromptTemplate,
    MessagesPlaceholder,
    PromptTemplate,
    SystemMessagePromptTemplate,
    format_document,
)

plain = PromptTemplate.from_template("Tell a {kind} story about {topic}.")
print(plain.input_variables, plain.invoke({"kind": "short", "topic": "rain"}))
print(plain.partial(kind="long").format(topic="snow"))
print((plain + " In {language}.").format(kind="k", topic="t", language="l"))
print(
    PromptTemplate.from_template(
        "Hi {{name}} {{#items}}<{{.}}>{{/items}}", template_format="mustache"
    ).format(name="Ann", items=["a", "b"])
)
print(repr(plain))

chat = ChatPromptTemplate.from_messages(
    [
        ("system", "You are {role}."),
        MessagesPlaceholder("history", optional=True),
        ("human", "{question}"),
        ("placeholder", "{scratch}"),
    ]
)
print(chat.input_variables, chat.optional_variables)
print(chat.format_messages(role="a poet", question="Why?"))
print(chat.invoke({"role": "r", "question": "q", "history": [("ai", "before")], "scratch": [AIMessage("s")]}))
print(chat.invoke({"role": "r", "question": "q"}).to_string())
print(len(chat), chat[0], chat[1:].input_variables)
chat.pretty_print()
print(chat.partial(role="partial").format(question="?"))
print((chat + HumanMessage("more") + "and {more}").input_variables)
print((SystemMessage("s") + HumanMessage("h") + "{x}").format_messages(x="1"))
print(chat.input_schema.model_json_schema()["required"])

other = ChatPromptTemplate(
    [
        SystemMessagePromptTemplate.from_template("s {a}"),
        HumanMessagePromptTemplate.from_template("h {b}"),
        AIMessagePromptTemplate.from_template("a {c}"),
        ChatMessagePromptTemplate.from_template("c {d}", role="critic"),
    ]
)
print(other.format_messages(a=1, b=2, c=3, d=4))
picture = ChatPromptTemplate.from_messages(
    [
        (
            "human",
            [
                {"type": "text", "text": "what is {x}?"},
                {"type": "image_url", "image_url": {"url": "{address}"}},
            ],
        )
    ]
)
print(picture.format_messages(x="this", address="https://example.com/a.png"))
print(
    ChatPromptTemplate.from_messages([("human", "{{q}}")], template_format="mustache").format_messages(q="?")
)

few = FewShotPromptTemplate(
    examples=[{"i": "2", "o": "4"}, {"i": "3", "o": "9"}],
    example_prompt=PromptTemplate.from_template("{i} -> {o}"),
    prefix="Square.",
    suffix="{n} ->",
    input_variables=["n"],
)
print(few.format(n=5))
shots = FewShotChatMessagePromptTemplate(
    examples=[{"i": "2", "o": "4"}],
    example_prompt=ChatPromptTemplate.from_messages([("human", "{i}"), ("ai", "{o}")]),
)
print(
    ChatPromptTemplate.from_messages([("system", "Square."), shots, ("human", "{n}")]).format_messages(n="7")
)
print(
    format_document(
        Document(page_content="text", metadata={"page": 1}),
        PromptTemplate.from_template("{page}: {page_content}"),
    )
)
for wrong in ({}, {"role": "r"}):
    try:
        chat.invoke(wrong)
    except KeyError as error:
        print(type(error).__mro__[-4:-1], "question" in str(error))
