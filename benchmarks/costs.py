"""Count what a training image costs: python benchmarks/costs.py [NAME …].

Writes tfmedgan/costs.json, from which `tfmedgan-train --list` reckons the cost of a run:
for each name, 10⁹ floating-point operations of convolutions and matrix products a real image,
counted in the graph of a step. They do not depend on the machine, so that a test holds them.
"""

import json
import sys

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import Experiment
from tfmedgan.costs import COSTS
from tfmedgan.papers import PRESETS
from tfmedgan.training.loop import build
from tfmedgan.training.step_graph import multiplications, step_graph


def cost_of_image(experiment: Experiment) -> float:
    images = experiment.model.images_per_step(experiment.batch_size)
    graph = step_graph(build(experiment), experiment.batch_size)
    return round(multiplications(graph) / images / 1e9, 3)


def main() -> None:
    experiments = {e.name: e for e in (*ARCHITECTURES.values(), *PRESETS.values())}
    known, counted = json.loads(COSTS.read_text()), {}
    for name in sys.argv[1:] or experiments:
        e = experiments[name]
        step = (e.model, e.batch_size, e.ema, e.augment)
        if step not in counted:
            counted[step] = cost_of_image(e)
        known[name] = counted[step]
        print(name, known[name], flush=True)
    costs = {name: known[name] for name in experiments if name in known}
    COSTS.write_text(json.dumps(costs, indent=2) + "\n")


if __name__ == "__main__":
    main()
