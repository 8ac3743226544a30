"""Kind "segmentation": does a U-Net gain from synthetic images with masks? One row for each arm.

A row that is no arm holds what the document reports of a generator that is not trained here.
"""

from dataclasses import replace
from functools import lru_cache, partial
from itertools import product
from pathlib import Path

from tfmedgan.config import DataConfig, Experiment
from tfmedgan.data.masks import image_channels
from tfmedgan.data.steps import ToRGB, adapted
from tfmedgan.downstream.config import alone
from tfmedgan.files import locked, read_json_if_there
from tfmedgan.mask_study.config import MaskStudy, PairSource, drawn_by_unet
from tfmedgan.mask_study.directory import MaskStudyDirectory
from tfmedgan.papers import PRESETS
from tfmedgan.papers.reported import Scale, Table
from tfmedgan.recipes import showing
from tfmedgan.reproduction.material import SPLIT_SEED, at_hand
from tfmedgan.reproduction.provenance import Provenance, changes, data_facts, precision_of
from tfmedgan.reproduction.scaling import scaled
from tfmedgan.reproduction.statistics import Mean
from tfmedgan.reproduction.study import Job, Result, Study
from tfmedgan.segmentation.config import UNET, UNetConfig
from tfmedgan.segmentation.scores import SCORES as OF_IMAGES

SCORES = {name: score.better for name, score in OF_IMAGES.items()}
QUALITY = ("kid", "fid")
SECONDS = 15.0  # of a U-Net, roughly
IMAGES = 700  # training images, to plan the length of generators before any is read
ELSEWHERE = "not trained here: the document's generator, on its own images"
SHARED = "measured once, as the generator is one for all seeds"


def mask_study(study: Study, table: Table) -> MaskStudy:
    """The table's study at this scale, on the images at hand."""
    scale = study.scale_of(table)
    pairs = [(name, scaled(PRESETS[preset], scale)) for name, preset in table.generators]
    first = pairs[0][1]
    size, _, channels = first.model.image_shape
    shape = (size, size, image_channels(channels))
    fractions = scale.fractions or first.data.fractions
    config = DataConfig(
        source=first.data.source, steps=(ToRGB(), *adapted(first.data.steps[1:-1], shape)),
        fractions=fractions, images=scale.at_most, allow_missing=first.data.allow_missing,
        masks=True,
    )  # fmt: skip
    config = at_hand(study, table, config)
    width, depth = scale.unet_width or UNET.network.width, scale.unet_depth or UNET.network.depth
    network, epochs = UNetConfig(shape, width, depth), scale.unet_epochs or UNET.epochs
    unet = replace(
        UNET, data=config, network=network, epochs=epochs, patience=min(UNET.patience, epochs),
        precision=scale.precision,
    )  # fmt: skip
    sources = tuple(source for name, pair in pairs for source in _sources(name, pair, scale))
    return MaskStudy(
        unet, sources, seeds=study.plan.seeds, generator_seeds=int(scale.one_generator),
        replicates=200 if study.plan.scale == "smoke" else 1000, features=study.plan.features,
        fakes=scale.fakes, data_seed=SPLIT_SEED, name=f"{table.key}: {table.title}",
        paper=table.key,
    )  # fmt: skip


def _sources(name: str, pair: Experiment, scale: Scale) -> tuple[PairSource, PairSource]:
    """A generator of images with masks, and the same of images alone."""
    size, _, channels = pair.model.image_shape
    model = replace(pair.model, image_shape=(size, size, image_channels(channels)))
    plain = replace(pair, model=model, data=replace(pair.data, masks=False))
    limit = scale.at_most or IMAGES
    shown = [showing(e, scale.kimg, limit) if scale.kimg else e for e in (pair, plain)]
    return (
        PairSource(name, shown[0]),
        PairSource(drawn_by_unet(name), shown[1], beside_reals=False),
    )


def jobs(study: Study, tables: list[Table]) -> list[Job]:
    """Per seed, one job for the arms of real images and one for each source of synthetic ones."""
    todo = []
    for table in tables:
        left = study.cells_left([table])
        if not left:  # so that a finished table needs no images
            continue
        planned = mask_study(study, table)
        for seed, number in product(range(study.plan.seeds), range(1 + len(planned.sources))):
            arms = _arms(planned, number)
            cells = frozenset((table.key, arm, seed) for arm in arms)
            if cells & left:
                work = SECONDS * len(arms) + (0 if number == 0 else SECONDS)
                run = partial(_run, study, table, planned, number, seed)
                todo.append(Job(f"{table.key}, {arms[0]}, seed {seed}", work, run, cells))
        todo += _elsewhere(table, planned, left)
    return todo


def _elsewhere(table: Table, planned: MaskStudy, left: set) -> list[Job]:
    """What is said of rows that only the document has."""
    cells = [cell for cell in sorted(left) if cell[1] not in planned.arms]
    results = [
        Result(key, row, seed, metric, None, note=ELSEWHERE)
        for key, row, seed in cells
        for metric in table.metrics
    ]
    whole = frozenset(cells)
    return [Job(f"{table.key}, reported", 0.1, lambda: results, whole)] if cells else []


def _arms(planned: MaskStudy, number: int) -> tuple[str, ...]:
    """Arms that one job trains: those of real images, or those of a source."""
    return planned.sources[number - 1].arms if number else planned.arms_of_reals


def _place(study: Study, table: Table) -> MaskStudyDirectory:
    return MaskStudyDirectory(study.path / "segmentation" / table.name)


def _run(study: Study, table: Table, planned: MaskStudy, number: int, seed: int) -> list[Result]:
    """Train the arms of a job; the last job of all writes the study's own report, too."""
    from tfmedgan.mask_study.report import write_report

    with locked(study.path / "claims" / f"{table.name}.lock"):
        trainings = _trainings(planned, _place(study, table).path)
    if number == 0:
        trainings.arms_of_real_images(seed)
    else:
        trainings.arms_of_source(planned.sources[number - 1], seed)
    results = [
        result
        for arm in _arms(planned, number)
        for result in _results(table, planned, trainings.place, number, arm, seed)
    ]
    if trainings.place.is_finished(planned):
        write_report(trainings.place)
    return results


@lru_cache(maxsize=1)
def _trainings(planned: MaskStudy, path: Path):
    """The study in work; kept for the next job, with its images and its traced U-Net."""
    from tfmedgan.mask_study.run import MaskTrainings

    return MaskTrainings.begin(planned, path)


def _results(table, planned: MaskStudy, place: MaskStudyDirectory, number: int, arm: str, seed):
    """Scores of an arm, and the quality of its images once for each training of the generator."""
    scores, test = place.outcome(arm, seed).scores, place.test
    protocol = {
        "test_images": len(test["names"]),
        "reference_digest": test["sha256"],
        "unet_width": planned.unet.network.width,
        "image_size": list(planned.unet.network.image_shape),
    }
    for metric in table.metrics:
        if metric in scores:
            yield Result(table.key, arm, seed, metric, scores[metric], protocol=protocol)
        elif number == 0:
            yield Result(table.key, arm, seed, metric, None, note="real images alone")
        elif planned.generator_seed(seed) != seed:
            yield Result(table.key, arm, seed, metric, None, note=SHARED)
        else:
            found = place.quality(planned.sources[number - 1].name, seed)[metric]
            yield Result(table.key, arm, seed, metric, **found)


def differences(study: Study, table: Table) -> dict[tuple[str, str], Mean]:
    """Paired differences from real images alone, resampled over test images and seeds.

    Their intervals hold for all arms of the table together; one seed has none. Nothing is said
    before the study is finished.
    """
    from tfmedgan.mask_study.report import MaskFindings

    place, seeds = _place(study, table), study.plan.seeds
    if not place.is_finished(replace(place.study, seeds=seeds)):
        return {}
    means = {}
    for result in MaskFindings(place).results:
        for metric, figure in result.joint.items():
            low, high = (figure.low, figure.high) if seeds > 1 else (None, None)
            means[result.arm, metric] = Mean(figure.value, low, high, seeds)
    return means


def provenance(study: Study, table: Table, results: list[Result]) -> Provenance:
    """Data and deviations, as the study's own folder has them."""
    place = _place(study, table)
    done: MaskStudy = place.study
    presets = {name: PRESETS[preset] for name, preset in table.generators}
    sources = [source for source in done.sources if source.name in presets]
    pairs = [
        (presets[s.name], _as_trained(place, s, presets[s.name])) for s in sources
    ]  # fmt: skip
    times = done.generator_seeds or done.seeds
    deviations = [
        *dict.fromkeys(d for preset in presets.values() for d in preset.deviations),
        f"U-Net of width {done.unet.network.width} and depth {done.unet.network.depth}, at most "
        f"{done.unet.epochs} epochs",
        f"{times} training{'s' if times > 1 else ''} of each generator for {done.seeds} seeds of "
        "the U-Net",
        *changes(pairs),
    ]
    unstated = dict.fromkeys(u for preset in presets.values() for u in preset.unstated)
    record, test = read_json_if_there(place.path / "data.json"), place.test
    facts = {
        **data_facts(record),
        "test images": f"{len(test['names'])}, SHA-256 {test['sha256'][:16]}",
    }
    return Provenance(tuple(deviations), tuple(unstated), facts)


def _as_trained(place, source: PairSource, document: Experiment) -> Experiment:
    """The source's experiment in the precision of its trainings, on the document's images."""
    assert source.experiment is not None
    precision = precision_of(Path(place.path) / "generators" / source.name)
    return replace(source.experiment, data=document.data, precision=precision)


def points(summary) -> tuple[list, float | None]:
    """What the figure of Dice against KID shows: the sources, and the Dice of real images."""
    from tfmedgan.mask_study.report import point_of

    cells, found = {line.label: line.cells for line in summary.lines}, []
    for name, _ in summary.table.generators:
        for source in (name, drawn_by_unet(name)):
            own = cells[alone(source)]
            dice, kid = own["dice"].mean, own["kid"].mean
            if dice and kid:
                found.append(point_of(source, kid.value, dice, dice.seeds))
    base = cells[summary.table.baseline]["dice"].mean
    return found, base.value if base else None
