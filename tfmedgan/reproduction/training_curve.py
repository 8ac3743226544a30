"""Kind "training_curve": the means that one training's log has for some of its epochs."""

from tfmedgan.reproduction.plan import Cell
from tfmedgan.reproduction.results import Result
from tfmedgan.reproduction.study import Study
from tfmedgan.run_directory import RunDirectory


def measure(study: Study, run: RunDirectory, seed: int, cells: list[Cell]) -> list[Result]:
    """Results of all cells, each from its row of metrics.csv."""
    history = run.history()
    experiment = run.experiment
    protocol = {
        "log": "mean over the epoch",
        "batch_size": experiment.batch_size,
        "images": len(run.data["trained_on"]),
        "reference_digest": run.data["digest"],
        "image_size": list(experiment.model.image_shape),
    }
    return [
        Result(cell.table.key, cell.row.label, seed, metric, history[cell.epochs - 1][metric],
               protocol=protocol, run=run.path.name, epochs=cell.epochs)
        for cell in cells
        for metric in cell.table.metrics
    ]  # fmt: skip
