"""A model that calls tools, and the loop around it."""

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolCall, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import RunnablePassthrough
from langchain_core.tools import tool
from langchain_core.utils.function_calling import convert_to_openai_tool


def tried(label, make):
    """What `make` gives, or that it raises."""
    try:
        print(label, "->", repr(make()))
    except Exception:
        print(label, "-> raises")


class ToolModel(BaseChatModel):
    def bind_tools(self, tools, *, tool_choice=None, **kw):
        return self.bind(tools=[convert_to_openai_tool(t) for t in tools], tool_choice=tool_choice, **kw)

    def _generate(self, messages, stop=None, run_manager=None, tools=None, **kw):
        if isinstance(messages[-1], ToolMessage):
            m = AIMessage(f"answer: {messages[-1].content}")
        else:
            m = AIMessage(
                "",
                tool_calls=[
                    ToolCall(name=t["function"]["name"], args={"a": i, "b": 2}, id=f"c{i}")
                    for i, t in enumerate(tools or [])
                ],
            )
        return ChatResult(generations=[ChatGeneration(message=m)])

    @property
    def _llm_type(self):
        return "tm"


@tool
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


@tool
def sub(a: int, b: int) -> int:
    """Sub."""
    return a - b


m = ToolModel().bind_tools([add, sub], tool_choice="any")
ai = m.invoke("q")
print(ai.tool_calls, m.kwargs["tool_choice"], [t["function"]["name"] for t in m.kwargs["tools"]])
tm = {"add": add, "sub": sub}
msgs = [HumanMessage("q"), ai]
for c in ai.tool_calls:
    msgs.append(tm[c["name"]].invoke(c))
print(m.invoke(msgs).content)
print(msgs)
chain = m | (lambda x: [tm[c["name"]].invoke(c["args"]) for c in x.tool_calls])
print(chain.invoke("x"))


def call(msg):
    return RunnablePassthrough.assign(output=lambda c: tm[c["name"]].invoke(c["args"]))


print((m | (lambda x: x.tool_calls) | call(None).map()).invoke("x"))


class Plain(ToolModel):
    bind_tools = BaseChatModel.bind_tools


tried("nobind", lambda: Plain().bind_tools([add]))
print(next(iter(m.stream("x"))).tool_calls)
agg = None
for c in m.stream("x"):
    agg = c if agg is None else agg + c
print(agg.tool_calls)
