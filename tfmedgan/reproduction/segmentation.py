"""Kind "segmentation": does a U-Net gain from synthetic images with masks? One row for each arm.

A row that is no arm holds what the document reports of a generator that is not trained here.
"""

from dataclasses import replace

from tfmedgan.config import DataConfig, Experiment
from tfmedgan.data.masks import image_channels
from tfmedgan.data.steps import ToRGB, adapted
from tfmedgan.downstream.config import MaskStudy, PairSource, alone, drawn_by_unet
from tfmedgan.downstream.directory import MaskStudyDirectory
from tfmedgan.files import read_json_if_there
from tfmedgan.papers import PRESETS
from tfmedgan.papers.reported import Scale, Table
from tfmedgan.recipes import showing
from tfmedgan.reporting.formatting import counted
from tfmedgan.reproduction.arms import as_trained, jobs_of, place_of, tested_on
from tfmedgan.reproduction.material import SPLIT_SEED, at_hand
from tfmedgan.reproduction.provenance import Provenance, changes, data_facts
from tfmedgan.reproduction.scaling import scaled
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
    """Those of each table that is not finished, which alone needs images."""
    todo = []
    for table in tables:
        if left := study.cells_left([table]):
            planned = mask_study(study, table)
            todo += jobs_of(study, table, planned, _results, SECONDS, more=SECONDS)
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


def provenance(study: Study, table: Table, results: list[Result]) -> Provenance:
    """Data and deviations, as the study's own folder has them."""
    place = place_of(study, table)
    done: MaskStudy = place.study
    presets = {name: PRESETS[preset] for name, preset in table.generators}
    sources = [source for source in done.sources if source.name in presets]
    pairs = [(presets[s.name], as_trained(place, s, presets[s.name])) for s in sources]
    times = done.generator_seeds or done.seeds
    deviations = [
        *dict.fromkeys(d for preset in presets.values() for d in preset.deviations),
        f"U-Net of width {done.unet.network.width} and depth {done.unet.network.depth}, at most "
        f"{done.unet.epochs} epochs",
        f"{counted(times, 'training')} of each generator for {done.seeds} seeds of the U-Net",
        *changes(pairs),
    ]
    unstated = dict.fromkeys(u for preset in presets.values() for u in preset.unstated)
    facts = data_facts(read_json_if_there(place.path / "data.json")) | tested_on(place)
    return Provenance(tuple(deviations), tuple(unstated), facts)


def points(summary) -> tuple[list, float | None]:
    """What the figure of Dice against KID shows: the sources, and the Dice of real images."""
    from tfmedgan.downstream.unet_findings import point_of

    cells, found = {line.label: line.cells for line in summary.lines}, []
    for name, _ in summary.table.generators:
        for source in (name, drawn_by_unet(name)):
            own = cells[alone(source)]
            dice, kid = own["dice"].mean, own["kid"].mean
            if dice and kid:
                found.append(point_of(source, kid.value, dice, dice.seeds))
    base = cells[summary.table.baseline]["dice"].mean
    return found, base.value if base else None
