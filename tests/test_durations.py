from tfmedgan.durations import in_words


def test_in_words():
    assert [in_words(s) for s in (0.4, 59.6, 3599, 3600, 7384)] == [
        "0 min 0 s", "1 min 0 s", "59 min 59 s", "1 h 0 min", "2 h 3 min",
    ]  # fmt: skip
