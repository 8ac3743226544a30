"""What a classifier and a U-Net share: training by labels or masks, to a finished run.

An experiment is trained to its best epoch by `fitting`, in the directory of a `run`.
"""
