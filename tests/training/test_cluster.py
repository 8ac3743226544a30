"""TF_CONFIG: who the chief is, and one line for everything that can be wrong with it."""

import json

import pytest

from tfmedgan.errors import InputError
from tfmedgan.training.cluster import Task, task

PAIR = {"worker": ["a:2222", "b:2222"]}
CHIEF = {"chief": ["c:1"], "worker": ["a:1", "b:1"]}


def place(cluster, kind="worker", index=0) -> Task:
    config = {"cluster": cluster, "task": {"type": kind, "index": index}}
    return task("multiworker", {"TF_CONFIG": json.dumps(config)})


def test_the_first_worker_or_the_chief_writes():
    assert place(PAIR) == Task("multiworker", 0, 2, "a:2222") and place(PAIR).is_chief
    assert (
        place(PAIR, index=1) == Task("multiworker", 1, 2, "b:2222")
        and not place(PAIR, index=1).is_chief
    )
    assert place(CHIEF, "chief").is_chief
    assert place(CHIEF, "worker", 0) == Task("multiworker", 1, 3, "a:1")


def test_other_strategies_ask_for_nothing():
    assert task("none", {"TF_CONFIG": "{"}) == Task()
    assert task("mirrored", {}) == Task("mirrored") and task("mirrored", {}).is_chief


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "TF_CONFIG is not set; each worker's environment needs one"),
        ("{'cluster': 1}", "TF_CONFIG: not JSON"),
        ("[]", 'TF_CONFIG: no "cluster"'),
        ("{}", 'TF_CONFIG: no "cluster"'),
        ('{"cluster": {"worker": "a:1"}}', 'cluster["worker"] must be a list of "host:port"'),
        ('{"cluster": {"worker": ["a"]}}', 'must be a list of "host:port"'),
        ('{"cluster": {"worker": ["a:99999"]}}', 'must be a list of "host:port"'),
        ('{"cluster": {"ps": ["a:1"]}}', "cluster has ps; known are chief and worker"),
        ('{"cluster": {"worker": ["a:1", "a:1"]}}', "a:1 is given twice"),
        ('{"cluster": {"chief": ["a:1", "b:1"]}}', "more than one chief"),
        ('{"cluster": {"worker": ["a:1"]}}', 'TF_CONFIG: no "task"'),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text, message):
    with pytest.raises(InputError) as caught:
        task("multiworker", {"TF_CONFIG": text})
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "index", "message"),
    [
        ("worker", 2, "task index 2; the cluster's worker has 0 to 1"),
        ("worker", "0", "task index '0'"),
        ("worker", True, "task index True"),
        ("chief", 0, "task type 'chief' is not in the cluster; it has worker"),
        (None, 0, "task type None"),
    ],
)
def test_a_place_that_is_not_in_the_cluster_is_refused(kind, index, message):
    with pytest.raises(InputError, match=message):
        place(PAIR, kind, index)


def test_an_unknown_strategy_is_refused():
    with pytest.raises(InputError, match="horovod: unknown; valid: none, mirrored, multiworker"):
        task("horovod", {})
