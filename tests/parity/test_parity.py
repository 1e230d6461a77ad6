"""Porting is a change of imports: programs print here what they printed on langchain-core 1.8.1."""

from pathlib import Path

import pytest

from parity.record import printed_by, programs, recording_of


@pytest.mark.parametrize("program", programs(), ids=lambda path: path.stem)
def test_a_program_prints_what_it_printed_on_the_peer(program: Path) -> None:
    assert printed_by(program, "riverrun") == recording_of(program).read_text()


def test_every_recording_has_its_program() -> None:
    recorded = {path.stem for path in (Path(__file__).parent / "recorded").glob("*.txt")}
    assert recorded == {program.stem for program in programs()}
