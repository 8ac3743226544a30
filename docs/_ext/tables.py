"""Tables in Markdown of what the code knows of itself."""

import io
import json
from contextlib import redirect_stdout
from dataclasses import fields


def networks() -> str:
    """The networks with their trainable parameters, and how they are trained by default."""
    from tfmedgan import models
    from tfmedgan.architectures import ARCHITECTURES

    built, trained = [], []
    for name, experiment in ARCHITECTURES.items():
        model = models.create(name)
        labels = {"unused": "no", "optional": "`--conditional`", "required": "yes"}
        counts = [_trainable(network) for network in (model.generator, model.discriminator)]
        sizes = ", ".join(map(str, experiment.model.possible_sizes()))
        size, _, channels = experiment.model.image_shape
        built.append(
            (f"`{name}`", f"{size}×{size}×{channels}", sizes, labels[experiment.model.labels],
             *(f"{count:,}" for count in counts))
        )  # fmt: skip
        augment = type(experiment.augment).__name__ if experiment.augment else "none"
        trained.append(
            (f"`{name}`", experiment.data.source, experiment.batch_size, experiment.epochs,
             experiment.ema, augment)
        )  # fmt: skip
    parts = ("`--arch`", "image", "possible sizes", "labels", "generator", "discriminator")
    values = ("`--arch`", "without `--data`", "batch", "epochs", "average", "augmentation")
    return f"{table(parts, built)}\n{table(values, trained)}"


def classifiers() -> str:
    """One row per classifier."""
    from tfmedgan.classifiers import CLASSIFIERS

    rows = [
        (f"`{name}`", "×".join(map(str, e.network.image_shape)), e.paper or "this toolkit",
         "; ".join(e.unstated), "; ".join(e.deviations))
        for name, e in CLASSIFIERS.items()
    ]  # fmt: skip
    return table(("`--network`", "image", "document", "left out by it", "departures"), rows)


def presets() -> str:
    """One section per document, one row per preset."""
    from tfmedgan.papers import PRESETS

    listed = _listed()
    documents = {}
    for experiment in PRESETS.values():
        row = listed[experiment.name]
        documents.setdefault(experiment.name.split("/")[0], []).append((experiment, row))
    return "\n".join(_document(name, entries) for name, entries in documents.items())


def _listed() -> dict:
    """What tfmedgan-train --list says, by name."""
    from tfmedgan.cli.listing import print_names

    with redirect_stdout(io.StringIO()) as printed:
        print_names(as_json=True)
    return {entry["name"]: entry for entry in json.loads(printed.getvalue())}


def _document(name: str, entries: list) -> str:
    head = (
        "`--preset`",
        "network",
        "data",
        "size",
        "batch",
        "epochs",
        "updates, about",
        "PFLOP, about",
    )
    rows = [
        (f"`{row['name']}`", e.model.family, row["data"].split(":")[1], row["size"], row["batch"],
         row["epochs"], f"{row['updates']:,}", _counted(row["PFLOP"]))
        for e, row in entries
    ]  # fmt: skip
    notes = []
    for title, field in (("Left out by the document", "unstated"), ("Departures", "deviations")):
        said = dict.fromkeys(note for e, _ in entries for note in getattr(e, field))
        if said:
            notes.append(f"{title}:\n\n" + "\n".join(f"- {note}" for note in said) + "\n")
    return f"### {name}\n\n{table(head, rows)}\n" + "\n".join(notes)


def _counted(cost) -> str:
    """Empty for a preset that benchmarks/costs.py has not counted yet."""
    return "" if cost == "" else f"{cost:g}"


def metrics() -> str:
    """One row per metric with what its registration says, and its caveat below."""
    from tfmedgan.evaluation.metrics import METRICS

    ranked = sorted(METRICS.items(), key=lambda item: item[1].rank)
    rows = [
        (f"`{name}`", ", ".join(f"`{g}`" for g in m.gives), m.needs, _better(m),
         m.minimum, m.default)
        for name, m in ranked
    ]  # fmt: skip
    head = ("metric", "gives", "looks at", "better", "least images", "by default")
    caveats = "\n".join(f"- `{name}`: {m.caveat}." for name, m in ranked if m.caveat)
    return f"{table(head, rows)}\n{caveats}\n"


def _better(metric) -> str:
    """One word, or one for each number that the metric gives."""
    words = [metric.better_of(name) for name in metric.gives]
    return words[0] if len(set(words)) == 1 else ", ".join(words)


def steps() -> str:
    """One row per step of preprocessing: how to write it, and what it does."""
    from tfmedgan.data import steps as module
    from tfmedgan.serialization import CONFIGURATIONS

    rows = []
    for name, step in sorted(vars(module).items()):
        if name in CONFIGURATIONS:
            arguments = ", ".join(field.name for field in fields(step))
            what = step.__doc__.strip().split("\n")[0]
            rows.append((f"`{name}({arguments})`", what))
    return table(("step", "what it does"), rows)


def data_sets() -> str:
    """One row per manifest that comes with the toolkit."""
    from tfmedgan.data.manifest_file import load_manifest, packaged

    manifests = [load_manifest(path) for path in packaged().values()]
    rows = [
        (f"`manifest:{m.name}:DIR`", m.title, sum(c.count or 0 for c in m.classes) or "",
         len(m.classes) or "", m.licence, "yes" if m.redistribution else "no")
        for m in manifests
    ]  # fmt: skip
    head = ("source", "data set", "images", "classes", "licence", "images may be passed on")
    return table(head, rows)


def table(head: tuple, rows: list) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(value) -> str:
    return str(value).replace("|", "\\|")


def _trainable(network) -> int:
    return sum(int(v.value.shape.num_elements()) for v in network.trainable_variables)
