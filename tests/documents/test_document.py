"""Texts with what is known about them, and raw data."""

import copy
import pickle
from pathlib import Path

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from riverrun.documents import Document
from riverrun.documents.base import BaseMedia, Blob
from riverrun.exceptions import InputError


class Shelf(BaseModel):
    first: Document
    rest: list[Document] = []


class Rated(Document):
    score: float
    notes: list[str] = []  # noqa: RUF012  # as one writes fields of a model


def test_document_prints_as_its_fields() -> None:
    assert repr(Document("a")) == "Document(metadata={}, page_content='a')"
    assert repr(Document("a", id="1", metadata={"k": 2})) == (
        "Document(id='1', metadata={'k': 2}, page_content='a')"
    )
    assert str(Document("a", id="1")) == "page_content='a'"
    assert str(Document("a", metadata={"k": 2})) == "page_content='a' metadata={'k': 2}"


def test_document_takes_its_text_by_place_or_by_name_and_an_id_of_any_kind() -> None:
    assert Document("a") == Document(page_content="a")
    assert Document("a", id=3).id == "3"  # type: ignore[arg-type]  # numbers will do
    assert Document("a").type == "Document"


def test_documents_are_equal_by_their_fields_and_not_hashable() -> None:
    assert Document("a", metadata={"k": 1}) == Document("a", metadata={"k": 1})
    assert Document("a", id="1") != Document("a")
    assert Document("a") != "a"
    with pytest.raises(TypeError):
        hash(Document("a"))


def test_document_dumps_copies_and_validates() -> None:
    document = Document("a", id="1", metadata={"k": [1]})
    dump = {"id": "1", "metadata": {"k": [1]}, "page_content": "a", "type": "Document"}
    assert document.model_dump() == dump and list(document.model_dump()) == list(dump)
    assert (
        document.model_dump_json() == '{"id":"1","metadata":{"k":[1]},"page_content":"a","type":"Document"}'
    )
    assert Document("a").model_dump(exclude_defaults=True) == {"page_content": "a"}
    assert Document.model_validate(dump) == document
    assert Document.model_validate_json(document.model_dump_json()) == document
    assert document.model_copy(update={"page_content": "b"}).page_content == "b"
    assert document.model_copy(deep=True).metadata["k"] is not document.metadata["k"]
    for twin in (copy.deepcopy(document), pickle.loads(pickle.dumps(document))):
        assert twin == document and twin.metadata is not document.metadata


def test_each_document_has_metadata_of_its_own() -> None:
    Document("a").metadata["k"] = 1
    assert Document("b").metadata == {}


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"page_content": 3}, "page_content"),
        ({"page_content": "a", "metadata": 3}, "metadata"),
        ({"page_content": "a", "id": ["1"]}, "id"),
        ({"page_content": "a", "type": "x"}, "type"),
        ({"page_content": "a", "source": "x"}, "source"),
    ],
)
def test_bad_input_names_the_field_of_a_document(fields: dict[str, object], named: str) -> None:
    with pytest.raises(InputError, match=named) as caught:
        Document(**fields)  # type: ignore[arg-type]  # that is the test
    assert isinstance(caught.value, ValueError) and isinstance(caught.value, TypeError)


def test_bad_input_of_a_dict_names_the_field_that_a_document_lacks() -> None:
    with pytest.raises(InputError, match="page_content"):
        Document.model_validate({"metadata": {}})
    with pytest.raises(ValidationError, match="page_content"):
        Shelf.model_validate({"first": {"metadata": {}}})


def test_document_stands_in_pydantic_models() -> None:
    shelf = Shelf(first=Document("a"), rest=[{"page_content": "b"}])  # type: ignore[list-item]  # pydantic reads it
    assert shelf.rest == [Document("b")]
    assert Shelf.model_validate_json(shelf.model_dump_json()) == shelf
    assert repr(shelf) == (
        "Shelf(first=Document(metadata={}, page_content='a'), rest=[Document(metadata={}, page_content='b')])"
    )
    schema = TypeAdapter(Document).json_schema()
    assert schema["required"] == ["page_content"]
    assert schema["properties"]["page_content"] == {"type": "string", "title": "Page Content"}


def test_subclass_of_document_declares_fields_by_annotating_them() -> None:
    rated = Rated("a", score=0.5)
    assert repr(rated) == "Rated(metadata={}, page_content='a', score=0.5)"
    assert repr(Rated("a", score=1, notes=["b"])) == (
        "Rated(metadata={}, page_content='a', score=1, notes=['b'])"
    )
    assert rated.model_dump()["score"] == 0.5
    assert rated == Rated("a", score=0.5) != Rated("a", score=0.6)
    assert rated.notes is not Rated("b", score=1).notes
    assert Rated.model_validate(rated.model_dump()) == rated
    assert rated.model_copy(update={"score": 1.0}).score == 1.0
    with pytest.raises(InputError, match="score"):
        Rated("a")


def test_media_have_an_id_and_metadata() -> None:
    assert repr(BaseMedia(id="3")) == "BaseMedia(id='3', metadata={})"
    assert Document.is_lc_serializable() and Document.get_lc_namespace() == [
        "langchain",
        "schema",
        "document",
    ]


def test_blob_gives_what_it_holds_in_every_form() -> None:
    for data in ("é", b"\xe9"):
        blob = Blob.from_data(data, encoding="latin-1", mime_type="text/plain")
        assert blob.as_string() == "é"
        assert blob.as_bytes() == b"\xe9"
        with blob.as_bytes_io() as file:
            assert file.read() == b"\xe9"


def test_blob_reads_its_file_when_it_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    blob = Blob.from_path(path)
    with pytest.raises(FileNotFoundError):
        blob.as_string()
    path.write_text("é", encoding="utf-8")
    assert blob.as_string() == "é"
    assert blob.as_bytes() == "é".encode()
    with blob.as_bytes_io() as file:
        assert file.read() == "é".encode()
    assert file.closed


def test_blob_knows_its_source_and_type(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    assert Blob.from_path(path).mimetype == "text/plain"
    assert Blob.from_path(path, guess_type=False).mimetype is None
    assert Blob.from_path(path, mime_type="a/b").mimetype == "a/b"
    assert Blob.from_path(path).source == str(path)
    assert Blob.from_path(path, metadata={"source": "u"}).source == "u"
    assert Blob.from_data("a").source is None
    assert repr(Blob.from_data("a", path="p")).endswith(" p")
    assert str(Blob.from_data("a", metadata={"k": 1})) == "metadata={'k': 1} data='a'"


def test_blob_needs_data_or_a_path() -> None:
    with pytest.raises(InputError, match="data or a path"):
        Blob()
    with pytest.raises(InputError, match="data"):
        Blob(data=3)  # type: ignore[arg-type]
    assert Blob(data="").as_bytes() == b""
