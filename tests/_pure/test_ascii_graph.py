"""Graphs drawn with characters."""

import pytest

from growth import Work, assert_linear
from riverrun._pure.ascii_graph import draw
from riverrun.runnables import RunnableLambda
from riverrun.runnables.graph import Edge
from riverrun.runnables.graph_ascii import draw_ascii


def test_a_line_stands_in_the_middle() -> None:
    drawn = """\
  +---+
  | a |
  +---+
    *
    *
    *
+-------+
| below |
+-------+"""
    assert draw({"1": "a", "2": "below"}, [("1", "2", False)]) == drawn


def test_a_conditional_edge_is_dotted() -> None:
    drawn = draw_ascii({"1": "a", "2": "b"}, [Edge("1", "2", conditional=True)])
    assert drawn.splitlines()[3:6] == ["  ."] * 3


def test_every_box_is_whole_whatever_edges_pass_it() -> None:
    def first(x: int) -> int:
        return x

    chain = RunnableLambda(first) | {"one": first, "another": RunnableLambda(first) | str} | len
    drawn = chain.get_graph().draw_ascii()
    for node in chain.get_graph().nodes.values():
        assert f"| {node.name} |" in drawn
    assert drawn.count("+") == 4 * len(chain.get_graph().nodes)


def test_a_circle_is_drawn_once() -> None:
    drawn = draw({"a": "a", "b": "b"}, [("a", "b", False), ("b", "a", False), ("a", "a", False)])
    assert drawn.count("+---+") == 4 and "*" in drawn


def test_nothing_is_drawn_of_nothing() -> None:
    assert draw({}, []) == ""


def test_print_ascii_prints_the_drawing(capsys: pytest.CaptureFixture[str]) -> None:
    graph = RunnableLambda(len).get_graph()
    graph.print_ascii()
    assert capsys.readouterr().out == graph.draw_ascii() + "\n"


def test_g05_a_drawing_costs_linear_time() -> None:
    def make(size: int) -> Work:
        labels = {str(i): f"step {i}" for i in range(size)}
        edges = [(str(i), str(i + 1), False) for i in range(size - 1)]
        return lambda: draw(labels, edges)

    assert_linear(make, 100)
