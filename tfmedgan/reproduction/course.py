"""Kind "course": the means that one training's log has for some of its epochs."""

from tfmedgan.reproduction.results import Result
from tfmedgan.reproduction.study import Study
from tfmedgan.run_directory import RunDirectory
from tfmedgan.studies.claims import Table, TableRow


def measure(
    study: Study, run: RunDirectory, epochs: int, seed: int, cells: list[tuple[Table, TableRow]]
) -> list[Result]:
    """Results of all cells, from the row of metrics.csv after `epochs` epochs."""
    logged = run.history()[epochs - 1]
    experiment = run.experiment
    protocol = {
        "log": "mean over the epoch",
        "batch_size": experiment.batch_size,
        "updates": logged["step"],
        "images": len(run.data["trained_on"]),
        "reference_digest": run.data["digest"],
        "image_size": list(experiment.model.image_shape),
    }
    return [
        Result(table.key, row.label, seed, metric, logged[metric], protocol=protocol,
               run=run.path.name, epochs=epochs)
        for table, row in cells
        for metric in table.metrics
    ]  # fmt: skip
