"""The files of a scored study: rows, answers one by one, and a page about them."""

import json
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from tfmedgan.files import csv_text, finite, write_text
from tfmedgan.reader_study.answers import Responses
from tfmedgan.reader_study.scores import ALL, TITLES, ReaderRow
from tfmedgan.reader_study.study import REAL, SYNTHETIC
from tfmedgan.reader_study.verdict import verdict
from tfmedgan.reporting.charts import BLUE, ORANGE, encoded, panels
from tfmedgan.reporting.grids import grid
from tfmedgan.reporting.pages import data_url, render
from tfmedgan.synthetic_png import encode_png, encode_real_png

SHOWN = 8  # images of each kind
LIMITS = (
    "That readers cannot tell synthetic from real images does not make the images medically "
    "right, new, or private: copies of training images look real, too. See the check for copies.",
    "It holds for these images, at this size, on these screens, for readers like these. Two or "
    "three readers say little of others: the interval is wide, and where their accuracies differ "
    "much it is still too narrow.",
    "“Undecided” is not “cannot be told apart”: the interval says what is still possible.",
    "Readers who know that half of the images are synthetic answer otherwise than in their work.",
    "p-values are of single figures; nothing is corrected for their number.",
    "Nothing here is validated for clinical use. Synthetic images are not for diagnosis.",
)


def write_report(
    responses: Responses, rows: list[ReaderRow], images: Path, out: Path
) -> dict[str, Path]:
    """report.html, rows.jsonl, table.csv and answers.csv in `out`, each replaced in one step.

    Args:
        images: the study's folder of that name; pictures are left out where it is gone.
    """
    out.mkdir(parents=True, exist_ok=True)
    names = {"report": "html", "rows": "jsonl", "table": "csv", "answers": "csv"}
    paths = {name: out / f"{name}.{ending}" for name, ending in names.items()}
    lines = [finite(row.to_dict()) for row in rows]
    write_text(
        paths["rows"], "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    )
    flat = [line | {"protocol": line["protocol"]["study"]} for line in lines]
    write_text(paths["table"], csv_text(flat))
    write_text(paths["answers"], csv_text(_answers(responses)))
    write_text(paths["report"], page(responses, rows, images))
    return paths


def page(responses: Responses, rows: list[ReaderRow], images: Path) -> str:
    """report.html; pictures are left out where the study's images are gone."""
    study = responses.study
    word, sentence = verdict(rows, study.ask)
    return render(
        "reader_study/report.html",
        made=datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        study=study,
        n_real=int(responses.real.sum()),
        responses=responses,
        word=word,
        sentence=sentence,
        pooled=[row for row in rows if row.reader == ALL],
        titles=TITLES,
        readers=_by_reader(rows),
        chart=data_url(_chart(rows), "svg"),
        confusion=_confusion(responses) if study.ask == "class" else {},
        pictures=_pictures(responses, images),
        limits=LIMITS,
    )


def _by_reader(rows: list[ReaderRow]) -> dict[str, dict[str, ReaderRow]]:
    readers = dict.fromkeys(row.reader for row in rows if row.reader != ALL)
    return {name: {row.metric: row for row in rows if row.reader == name} for name in readers}


def _chart(rows: list[ReaderRow]) -> bytes:
    """SVG: the accuracy of each reader and over all, with intervals, beside that of guessing."""
    shown = [row for row in reversed(rows) if row.metric == "accuracy"]
    figure, (axis,) = panels(1, (6, 1.0 + 0.35 * len(shown)))
    for place, row in enumerate(shown):
        colour = ORANGE if row.reader == ALL else BLUE
        axis.plot([row.low, row.high], [place, place], color=colour, linewidth=3)
        axis.plot(row.value, place, "o", color=colour, markeredgecolor="white")
    names = ["all" if row.reader == ALL else f"reader {row.reader}" for row in shown]
    axis.set_yticks(range(len(shown)), names)
    axis.set_ylim(-0.6, len(shown) - 0.4)
    axis.set_xlim(-0.02, 1.02)
    axis.axvline(shown[0].chance, color="black", linewidth=0.8)
    axis.set_xlabel("accuracy, with 95 % interval; line: guessing")
    return encoded(figure, "svg")


def _confusion(responses: Responses) -> dict[str, list[list[int]]]:
    """For real and synthetic images: the class down, the answer across, all readers together."""
    size, tables = len(responses.study.choices), {}
    for name, chosen in (("Real", responses.real), ("Synthetic", ~responses.real)):
        table = np.zeros((size, size), int)
        truth = np.broadcast_to(responses.truth[chosen], responses.answers[:, chosen].shape)
        np.add.at(table, (truth, responses.answers[:, chosen]), 1)
        tables[name] = table.tolist()
    return tables


def _pictures(responses: Responses, folder: Path) -> list[dict]:
    """The images that most readers got wrong, and those that most got right, of each kind."""
    right, pictures = responses.correct.mean(0), []
    for origin, chosen in ((SYNTHETIC, ~responses.real), (REAL, responses.real)):
        places = np.flatnonzero(chosen)
        order = places[np.argsort(right[places], kind="stable")]
        count = min(SHOWN, len(order) // 2)
        shown = {"most often mistaken": order[:count], "most often recognised": order[::-1][:count]}
        for what, some in shown.items():
            paths = [folder / f"{responses.study.items[place].id}.png" for place in some]
            if all(path.is_file() for path in paths):
                shares = ", ".join(f"{100 * right[place]:.0f}" for place in some)
                title = f"{origin.capitalize()}, {what}"
                source = data_url(_row(paths, origin))
                pictures.append({"title": title, "shares": shares, "source": source})
    return pictures


def _row(paths: list[Path], origin: str) -> bytes:
    from PIL import Image

    images = [np.atleast_3d(np.asarray(Image.open(path))) for path in paths]
    encode = encode_png if origin == SYNTHETIC else encode_real_png
    return encode(grid([images]))


def _answers(responses: Responses) -> list[dict]:
    """One row per reader and image, for other programs."""
    study, lines = responses.study, []
    for row, reader in enumerate(responses.readers):
        shown = {item.id: place + 1 for place, item in enumerate(study.order(reader))}
        for place, item in enumerate(study.items):
            lines.append(
                {
                    "reader": reader,
                    "shown": shown[item.id],
                    "item": item.id,
                    "origin": item.origin,
                    "class": item.label,
                    "name": item.name,
                    "answer": study.choices[responses.answers[row, place]],
                    "confidence": int(responses.confidence[row, place]),
                    "seconds": float(responses.seconds[row, place]),
                }
            )
    return lines
