import gzip
from pathlib import Path

import pytest

from journey_client.importing.rows import FileRow, Source, format_of


def rows(path: Path, form: str) -> list[FileRow]:
    source = Source(path, form)
    try:
        return list(source)
    finally:
        source.close()


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "rows"
    path.write_bytes(content)
    return path


def test_csv_rows_know_their_lines_and_columns(tmp_path: Path) -> None:
    found = rows(written(tmp_path, b"a,b\n1,2\n\n3,4\n"), "csv")
    assert [(row.line, dict(row.columns)) for row in found] == [
        (2, {"a": "1", "b": "2"}),
        (4, {"a": "3", "b": "4"}),
    ]


def test_a_quoted_field_may_go_over_lines(tmp_path: Path) -> None:
    found = rows(written(tmp_path, b'a,b\n"1\n1",2\n3,4\n'), "csv")
    assert [(row.line, row.columns["a"]) for row in found] == [(2, "1\n1"), (4, "3")]
    assert found[0].raw == '"1\n1",2'


def test_a_row_with_too_few_columns_is_broken_and_the_next_is_not(tmp_path: Path) -> None:
    found = rows(written(tmp_path, b"a,b\n1\n3,4\n"), "csv")
    assert [row.broken for row in found] == ["1 columns instead of 2", ""]
    assert found[0].raw == "1"


def test_bytes_that_are_no_text_break_their_row_alone(tmp_path: Path) -> None:
    found = rows(written(tmp_path, b"a,b\n\xff,2\n3,4\n"), "csv")
    assert [row.broken for row in found] == ["not UTF-8", ""]


def test_packed_files_are_read_alike(tmp_path: Path) -> None:
    packed = written(tmp_path, gzip.compress(b"a,b\n1,2\n"))
    assert [dict(row.columns) for row in rows(packed, "csv")] == [{"a": "1", "b": "2"}]


def test_a_packed_file_that_is_cut_off_is_an_error(tmp_path: Path) -> None:
    content = b"a,b\n" + b"".join(b"%d,x\n" % (number * 7919) for number in range(20_000))
    packed = written(tmp_path, gzip.compress(content)[:-4_000])
    with pytest.raises(OSError, match="damaged"):
        rows(packed, "csv")


def test_json_objects_become_columns_with_dots(tmp_path: Path) -> None:
    content = b'{"a": {"b": 1, "c": true}, "d": null, "e": ["x"]}\n\n[1]\n{"a"\n'
    found = rows(written(tmp_path, content), "jsonl")
    assert dict(found[0].columns) == {"a.b": "1", "a.c": "true", "d": "", "e": '["x"]'}
    assert [row.line for row in found] == [1, 3, 4]
    assert found[1].broken == "no JSON object"
    assert found[2].broken.startswith("no JSON: ")


def test_cloud_events_must_be_cloud_events(tmp_path: Path) -> None:
    content = (
        b'{"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": {"sku": "A"}}\n'
        b'{"id": "2", "source": "s"}\n'
    )
    whole, broken = rows(written(tmp_path, content), "cloudevents")
    assert whole.broken == ""
    assert whole.columns["data.sku"] == "A"
    assert broken.broken == "no CloudEvent: lacks specversion, type"


def test_the_share_of_the_file_that_was_read_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, b"a\n" + b"1\n" * 100_000)
    source = Source(path, "csv")
    assert source.done < 0.5
    assert len(list(source)) == 100_000
    assert source.done == 1.0
    source.close()


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("x.csv", "csv"),
        ("x.csv.gz", "csv"),
        ("x.ndjson", "jsonl"),
        ("x.JSONL.GZ", "jsonl"),
        ("x.parquet", ""),
        ("x", ""),
    ],
)
def test_the_name_tells_the_format(name: str, form: str) -> None:
    assert format_of(Path(name)) == form
