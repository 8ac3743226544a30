"""Files are the old content or the new, and a failed write leaves nothing and names the file."""

import os
import stat

import pytest

from tfmedgan import files


def test_content_is_replaced_with_ordinary_permissions(tmp_path):
    path = tmp_path / "a.txt"
    files.write_text(path, "old")
    files.write_text(path, "new")
    assert path.read_text() == "new" and [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert stat.S_IMODE(path.stat().st_mode) & 0o600 == 0o600


def test_full_disk_keeps_the_old_content_and_names_the_file(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    files.write_text(path, "old")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        files.write_text(path, "new")
    assert caught.value.filename == str(path)
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_what_a_library_writes_replaces_the_file_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.keras"
    with files.replacing(path, ".keras") as temporary:
        assert temporary.suffix == ".keras" and not path.exists()
        temporary.write_text("whole")
    with pytest.raises(OSError) as caught, files.replacing(path) as temporary:
        temporary.write_text("ha")
        raise OSError(28, "No space left on device")
    assert caught.value.filename == str(path)
    assert path.read_text() == "whole" and [p.name for p in tmp_path.iterdir()] == ["a.keras"]


def test_files_are_added_to_a_folder_all_or_none(tmp_path):
    (tmp_path / "old.txt").write_text("stays")
    with files.adding_to(tmp_path / "new") as staging:
        (staging / "below").mkdir()
        (staging / "below" / "a.txt").write_text("a")
        assert not (tmp_path / "new").exists()
    with pytest.raises(KeyboardInterrupt), files.adding_to(tmp_path / "new") as staging:
        (staging / "b.txt").write_text("b")
        raise KeyboardInterrupt
    written = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*"))
    assert written == ["new", "new/below", "new/below/a.txt", "old.txt"]


def test_csv_has_the_keys_as_header():
    assert files.csv_text([{"a": 1, "b": 2.5}]) == "a,b\n1,2.5\n"
    assert files.csv_text([]) == ""
