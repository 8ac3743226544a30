"""Durations as people say them."""


def in_words(seconds: float) -> str:
    """ "2 h 5 min" from an hour on, else "3 min 20 s"."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"
