"""Chat prompts: roles, placeholders, partials, sums."""

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.prompts import (
    AIMessagePromptTemplate,
    ChatMessagePromptTemplate,
    ChatPromptTemplate,
    MessagesPlaceholder,
    SystemMessagePromptTemplate,
)


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


c = ChatPromptTemplate.from_messages(
    [("system", "You are {name}."), ("human", "Hello"), ("ai", "Hi"), ("human", "{user_input}")]
)
print(c.invoke({"name": "Bob", "user_input": "q"}))
print(c.format_messages(name="B", user_input="z"))
print(c.format(name="B", user_input="z"))
print(repr(c))
print(c.input_variables)
c.pretty_print()
print(len(c), c[0], c[1:3])
c2 = ChatPromptTemplate([("system", "s"), ("placeholder", "{conv}"), ("human", "{q}")])
print(c2.invoke({"q": "x"}))
print(c2.invoke({"q": "x", "conv": [("human", "h"), ("ai", "a")]}))
print(c2.input_variables, c2.optional_variables)
c3 = ChatPromptTemplate([MessagesPlaceholder("hist", optional=True, n_messages=2), ("human", "{q}")])
print(c3.invoke({"q": "x", "hist": [("human", "1"), ("ai", "2"), HumanMessage("3")]}))
print(c3.invoke({"q": "w"}))
tried("ph missing", lambda: ChatPromptTemplate([MessagesPlaceholder("h")]).invoke({}))
tried("ph missing2", lambda: ChatPromptTemplate([MessagesPlaceholder("h")]).format_messages())
tried("ph bad", lambda: ChatPromptTemplate([MessagesPlaceholder("h")]).invoke({"h": 3}))
print(ChatPromptTemplate.from_template("{x}").invoke("only"))
print(ChatPromptTemplate([("user", "{x}")]).invoke({"x": 1, "extra": 2}))
tried("role", lambda: ChatPromptTemplate([("wizard", "{x}")]))
print(
    ChatPromptTemplate(
        [
            ChatMessagePromptTemplate.from_template("{x}", role="wizard"),
            SystemMessagePromptTemplate.from_template("{y}"),
            AIMessagePromptTemplate.from_template("{z}"),
            (HumanMessage, "{w}"),
            "str {v}",
            SystemMessage("lit {not}"),
        ]
    ).invoke({"x": 1, "y": 2, "z": 3, "w": 4, "v": 5})
)
p = c.partial(name="Zed")
print(p.input_variables, p.partial_variables, p.invoke({"user_input": "u"}))
p = c.partial(name=lambda: "fn")
print(p.invoke({"user_input": "u"}))
s = SystemMessage("sys") + HumanMessage("h") + AIMessage("a") + "{input}"
print(type(s).__name__, s.input_variables, s.invoke({"input": "q"}))
t = (
    ChatPromptTemplate([("system", "a {b}")])
    + ChatPromptTemplate([("human", "{c}")])
    + [("ai", "x")]
    + HumanMessage("y")
)
print(t)
print(t.format(b=1, c=2))
c.append(("human", "{more}"))
c.extend([("ai", "z")])
print(len(c))
print(
    ChatPromptTemplate(
        [{"role": "user", "content": "{x}"}, {"role": "system", "content": [{"type": "text", "text": "{y}"}]}]
    ).invoke({"x": 1, "y": 2})
)
print(c._prompt_type)
print(c2.get_input_schema().model_fields.keys())
print(
    ChatPromptTemplate([("human", "{a}")], partial_variables={"a": "1"}).invoke({}),
    ChatPromptTemplate([("human", "{a}")], name="nm").get_name(),
)
