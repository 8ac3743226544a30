"""What may be shared among replicas, and how."""

from dataclasses import replace

import numpy as np
import pytest

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.errors import InputError
from tfmedgan.training.cluster import Task
from tfmedgan.training.shares import check_shares, rows_of_worker


def test_each_update_is_shared_equally():
    """Each replica holds its part of the images of every critic update."""
    base = ARCHITECTURES["wgan-gp64"]
    experiment = replace(base, batch_size=8, model=replace(base.model, critic_steps=2))
    workers = [Task("multiworker", number, 2) for number in range(2)]
    first, second = (rows_of_worker(experiment, worker, 4) for worker in workers)
    np.testing.assert_array_equal(first, [[0, 1, 8, 9], [2, 3, 10, 11]])
    np.testing.assert_array_equal(second, [[4, 5, 12, 13], [6, 7, 14, 15]])
    same = replace(experiment, model=replace(experiment.model, fresh_reals=False))
    np.testing.assert_array_equal(rows_of_worker(same, workers[1], 2), [[4, 5, 6, 7]])


@pytest.mark.parametrize(
    ("arch", "fields", "message"),
    [
        ("cgan", {"batch_size": 18}, "2 replicas cannot share the 9 real .* that they can is 20"),
        ("dcgan", {"batch_size": 33}, "cannot share the 33 real images .* is 34"),
        ("wgan-gp64", {"batch_size": 33}, "cannot share the 33 real images .* is 34"),
        ("dcgan", {"jit": True, "deterministic": False}, "--jit: not with --strategy mirrored"),
        ("dcgan", {"precision": "mixed_float16"}, "--precision mixed_float16: not with"),
    ],
)
def test_what_replicas_cannot_do_is_refused(arch, fields, message):
    experiment = replace(ARCHITECTURES[arch], **fields)
    with pytest.raises(InputError, match=message):
        check_shares(experiment, "mirrored", 2)


def test_what_replicas_can_share_is_accepted():
    check_shares(replace(ARCHITECTURES["cgan"], batch_size=24), "mirrored", 4)
