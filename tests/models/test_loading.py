"""What a run leaves is read by a process that has built no network."""

import subprocess
import sys
from dataclasses import fields, replace

from tfmedgan import models
from tfmedgan.architectures import ARCHITECTURES

FEW = {"ngf": 4, "ndf": 4, "lstm_units": 16, "label_dim": 8, "channel_base": 128}
CODE = """
import sys
from tfmedgan.models.sampling import load_generator, sample
for path in sys.argv[1:]:
    assert len(sample(load_generator(path), 2, 0)) == 2
"""


def test_a_fresh_process_loads_the_generator_of_every_architecture(tmp_path):
    for name, experiment in ARCHITECTURES.items():
        own = {field.name for field in fields(experiment.model)}
        few = {key: value for key, value in FEW.items() if key in own}
        model = models.create(replace(experiment.model, **few), seed=1)
        model.generator.save(tmp_path / f"{name}.keras")
    paths = sorted(map(str, tmp_path.iterdir()))
    assert len(paths) == len(ARCHITECTURES)
    done = subprocess.run([sys.executable, "-c", CODE, *paths], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
