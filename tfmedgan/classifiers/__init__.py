"""Classifiers of images: networks, training, calibration, and what they score.

`CLASSIFIERS` maps each name of `--network` to a default `ClassifierExperiment`. The networks
are in `tfmedgan.classifiers.networks`, one file a family, loaded only when one is built.
"""

from tfmedgan.classifiers.catalogue import CLASSIFIERS
from tfmedgan.classifiers.config import ClassifierExperiment
