"""Kind "synthesis": a trained generator beside real images that no training saw, and the floor."""

from collections.abc import Iterable
from dataclasses import asdict, replace

import numpy as np

from tfmedgan.config import Experiment
from tfmedgan.data.prepare import PreparedData
from tfmedgan.errors import InputError
from tfmedgan.evaluation.cache import FeatureCache
from tfmedgan.evaluation.comparison import EvaluatedSet, evaluate
from tfmedgan.evaluation.images import ImagePool, array_pool, joined
from tfmedgan.evaluation.inputs import run_inputs
from tfmedgan.evaluation.metrics import select
from tfmedgan.evaluation.metrics.tint import made_grey
from tfmedgan.evaluation.run_images import held_out_of, pools_of, reference_of
from tfmedgan.federated.sites import dealt
from tfmedgan.files import write_bytes
from tfmedgan.papers.reported import FLOOR, Table
from tfmedgan.reproduction.material import prepared
from tfmedgan.reproduction.stages import Cell
from tfmedgan.reproduction.study import Result, Study
from tfmedgan.run_directory import RunDirectory
from tfmedgan.seeding import rng
from tfmedgan.synthetic_png import encode_real_png, write_png

SITES = 3  # of tables with rows by site
STRIP = 8  # images of a row that are kept as a picture
OF_ALL = "iut2023_one_vs_all"  # its protocol: one image against every real one, training's too


def measure(study: Study, run: RunDirectory, seed: int, cells: list[Cell]) -> list[Result]:
    """Results of all cells that the run's generator belongs to; each metric is measured once."""
    count = max(study.scale_of(cell.table).fakes for cell in cells)
    data, epochs, name = prepared(run.experiment.data), cells[0].epochs, run.path.name
    fake = run_inputs(run.path, num=count, seed=seed, data=data).fake
    everyone = _reference(study, run.experiment)
    _keep_strips(study, f"{name}-epoch-{epochs}", fake, everyone)
    others = {OF_ALL: joined(list(pools_of(data).values()), "all images")}
    results = []
    for site, grey in dict.fromkeys(cell.row.view for cell in cells):
        own = [cell for cell in cells if cell.row.view == (site, grey)]
        metrics = dict.fromkeys(name for cell in own for name in cell.table.metrics)
        real = _of_site(site, everyone, data, seed) if site else everyone
        seen = array_pool(fake.map(made_grey), f"{fake.name}, made grey") if grey else fake
        rows = _rows(study, name, seen, real, metrics, seed, others)
        results += [
            _result(rows[metric], cell.table, cell.row.label, seed, metric, run=name, epochs=epochs)
            for cell in own
            for metric in cell.table.metrics
        ]
    return results


def floor(study: Study, table: Table, experiment: Experiment, seed: int) -> list[Result]:
    """One half of the reference against the other: what a perfect generator would come to."""
    real = _reference(study, experiment).in_order_of_content()
    order = rng(seed, "study/halves").permutation(len(real))
    first, second = real.take(order[: len(real) // 2]), real.take(order[len(real) // 2 :])
    rows = _rows(study, FLOOR, first, second, table.metrics, seed, {})
    note = f"{len(first)} real images against {len(second)} others"
    return [
        _result(rows[metric], table, FLOOR, seed, metric, note=note) for metric in table.metrics
    ]


def _reference(study: Study, experiment: Experiment) -> ImagePool:
    """All real images held out; without those of the validation part if it chose a checkpoint."""
    parts = pools_of(prepared(experiment.data))
    if experiment.validation.every or not study.plan.whole_reference:
        return reference_of(parts)
    return held_out_of(parts) or reference_of(parts)


def _of_site(site: str, real: ImagePool, data: PreparedData, seed: int) -> ImagePool:
    """The images held out of one site, where patients are dealt out as a federation deals them."""
    site_of = dealt(data.split, SITES, seed)
    chosen = [i for i, name in enumerate(real.names) if site_of[name] == site]
    return replace(real.take(np.array(chosen, int)), name=f"{real.name} of {site}")


def _rows(study, name: str, fake, real, metrics: Iterable[str], seed: int, others: dict) -> dict:
    """By metric, a row or why there is none; one that is impossible spoils no other.

    Args:
        others: real images of metrics that take others than `real`, by the metric's name.
    """
    rows: dict = {}
    for metric, names in select(tuple(metrics)).items():
        pool = others.get(metric, real)
        try:
            measured = evaluate(
                fake, pool, names, study.extractor, seed=seed,
                evaluated=EvaluatedSet(name, pool.name), cache=FeatureCache(study.cache),
            )  # fmt: skip
            rows |= {row.estimate: row for row in measured}
        except InputError as error:
            rows |= dict.fromkeys(names, f"not measured: {error}")
    return rows


def _result(row, table: Table, label: str, seed: int, metric: str, note="", **own) -> Result:
    if isinstance(row, str):
        return Result(table.key, label, seed, metric, None, note=row, **own)
    return Result(
        table.key, label, seed, metric, row.value, row.low, row.high, asdict(row.protocol),
        note="; ".join(filter(None, (note, row.note))), **own,
    )  # fmt: skip


def _keep_strips(study: Study, name: str, fake: ImagePool, real: ImagePool) -> None:
    """A line of generated images of this run, and one of real images of that size."""
    study.sample_strips.mkdir(exist_ok=True)
    fakes, reals = (
        np.concatenate(list(pool.stack(range(min(STRIP, len(pool))))), axis=1)
        for pool in (fake, real)
    )
    write_png(study.sample_strips / f"{name}.png", fakes)
    write_bytes(study.real_strip(real.shape), encode_real_png(reals))
