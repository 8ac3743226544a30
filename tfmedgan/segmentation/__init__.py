"""Segmentation: a U-Net that learns the masks of images, and what it scores.

`UNET` is the default `SegmentationExperiment`. What a classifier and a U-Net share is in
`tfmedgan.supervised`; the data with masks come from `tfmedgan.data.masks`.
"""

from tfmedgan.segmentation.config import UNET, SegmentationExperiment, UNetConfig
