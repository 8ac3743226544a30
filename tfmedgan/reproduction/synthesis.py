"""Kind "synthesis": a trained generator beside the real images that no training saw."""

from dataclasses import asdict

import numpy as np

from tfmedgan.errors import InputError
from tfmedgan.files import write_bytes
from tfmedgan.reproduction.material import prepared
from tfmedgan.reproduction.stages import Cell
from tfmedgan.reproduction.study import Result, Study
from tfmedgan.run_directory import RunDirectory
from tfmedgan.synthetic_png import encode_real_png, write_png

STRIP = 8  # images of a row that are kept as a picture


def measure(study: Study, run: RunDirectory, seed: int, cells: list[Cell]) -> list[Result]:
    """Results of all cells that the run's generator belongs to; each metric is measured once."""
    count = max(study.scale_of(cell.table).fakes for cell in cells)
    metrics = tuple(dict.fromkeys(name for cell in cells for name in cell.table.metrics))
    epochs = cells[0].epochs
    found, reasons = _rows(study, run, epochs, seed, count, metrics)
    results = []
    for cell in cells:
        own = {"table": cell.table.key, "row": cell.row.label, "seed": seed, "epochs": epochs}
        for metric in cell.table.metrics:
            if metric in found:
                results.append(_result(own, metric, found[metric]))
            else:
                reason = reasons[metric]
                results.append(Result(metric=metric, value=None, note=reason, run=_id(run), **own))
    return results


def _rows(study, run, epochs, seed, count, metrics):
    """Rows by the metric's own name, and the reasons for those that are not possible."""
    from tfmedgan.evaluation.cache import FeatureCache
    from tfmedgan.evaluation.comparison import EvaluatedSet, evaluate
    from tfmedgan.evaluation.images import joined
    from tfmedgan.evaluation.inputs import pools_of, run_inputs
    from tfmedgan.evaluation.report import base_name

    data = prepared(run.experiment.data)
    inputs = run_inputs(run.path, num=count, seed=seed, data=data)
    _keep_strips(study, run, epochs, inputs)
    everything = joined(list(pools_of(data).values()), "all real images")
    found, reasons = {}, {}
    for metric, names in _groups(metrics).items():
        whole = metric == "iut2023_one_vs_all"  # its protocol: every real image
        real, called = (everything, "all images") if whole else (
            inputs.reference, inputs.reference_name
        )  # fmt: skip
        try:
            rows = evaluate(
                inputs.fake, real, names, study.extractor, seed=seed,
                evaluated=EvaluatedSet(_id(run), called), cache=FeatureCache(study.cache),
            )  # fmt: skip
            found |= {base_name(row): row for row in rows}
        except InputError as error:
            reasons |= dict.fromkeys(names, f"not measured: {error}")
    return found, reasons


def _groups(metrics: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Names by the metric that gives them, so that one that is impossible spoils no other."""
    from tfmedgan.evaluation.metrics import select

    return select(metrics)


def _result(own: dict, metric: str, row) -> Result:
    protocol = asdict(row.protocol)
    return Result(
        metric=metric, value=row.value, low=row.low, high=row.high, protocol=protocol,
        run=row.run, note=row.note, **own,
    )  # fmt: skip


def _id(run: RunDirectory) -> str:
    return run.path.name


def _keep_strips(study: Study, run: RunDirectory, epochs: int, inputs) -> None:
    """A line of generated images of this run, and one of real images of that size."""
    study.sample_strips.mkdir(exist_ok=True)
    shape = "x".join(map(str, inputs.reference.shape))
    fakes, reals = (
        np.concatenate(list(pool.stack(range(min(STRIP, len(pool))))), axis=1)
        for pool in (inputs.fake, inputs.reference)
    )
    write_png(study.sample_strips / f"{_id(run)}-epoch-{epochs}.png", fakes)
    write_bytes(study.sample_strips / f"real-{shape}.png", encode_real_png(reals))
