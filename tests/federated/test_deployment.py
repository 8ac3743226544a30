"""What a site and the coordinator say to each other where they are different machines."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("flwr", reason="needs the extra federated")

from flwr.app import Error, Message
from flwr.supercore.task_identity import TaskIdentity

from tfmedgan.config import Federation
from tfmedgan.errors import InputError
from tfmedgan.federated import messages
from tfmedgan.federated.averaging import Update
from tfmedgan.federated.deployed_coordinator import ConnectedNodes, _record
from tfmedgan.federated.deployed_site import DeployedSite
from tfmedgan.federated.exchange import SILENT, Exchange

WHO = {"images": 5, "counts": '{"train": {"A": 2, "all": 5}}', "similarity": 0.1}


@pytest.fixture(autouse=True)
def within_a_run():
    """Flower's messages are of a run."""
    TaskIdentity.task_id, TaskIdentity.run_id, TaskIdentity.node_id = 1, 1, 1


class FakeGrid:
    """Answers in place of nodes."""

    def __init__(self, answers):
        self.answers = answers  # node → content of its reply, or None: an error of Flower's

    def get_node_ids(self):
        return list(self.answers)

    def send_and_receive(self, sent):
        for message in sent:
            content = self.answers[message.metadata.dst_node_id]
            message.metadata.__dict__["_message_id"] = "1"
            reply = Message(content or Error(code=5, reason="gone"), reply_to=message)
            if content is None:  # as the SuperLink answers for a node that is gone
                reply.metadata.__dict__["_src_node_id"] = 1
            yield reply


def introduced(**names):
    return {int(n[1:]): messages.facts(site=site, **WHO) for n, site in names.items()}


def test_sites_introduce_themselves_once_and_may_come_back_under_another_number():
    nodes = ConnectedNodes("{}")
    grid = FakeGrid(introduced(n1="north", n2="south"))
    assert [who["site"] for who in nodes.wait_for(grid, 2)] == ["north", "south"]
    assert nodes.names(FakeGrid({1: None})) == {1: "north"}
    assert nodes.absent(["north"]) == {"south": "is not connected"}
    back = FakeGrid({1: None, **introduced(n7="south")})
    assert nodes.names(back) == {1: "north", 7: "south"} and not nodes.absent(["north", "south"])


def test_two_sites_of_one_name_and_one_that_cannot_take_part_are_refused():
    with pytest.raises(InputError, match="two sites are called north"):
        ConnectedNodes("{}").wait_for(FakeGrid(introduced(n1="north", n2="north")), 2)
    with pytest.raises(InputError, match="a site cannot take part: no class B"):
        ConnectedNodes("{}").wait_for(FakeGrid({1: messages.facts(reason="no class B")}), 1)


def test_who_does_not_answer_is_left_out():
    nodes = ConnectedNodes("{}")
    nodes.wait_for(FakeGrid(introduced(n11="north", n12="south", n13="west")), 3)
    arrays = [np.ones(3, np.float32)]
    good = messages.answer(Update("north", 4, arrays, {"d_loss": 1.0}))
    grid = FakeGrid({11: good, 12: None, 13: messages.facts(reason="its weights are odd")})
    result = Exchange(grid, nodes)(1, arrays)
    assert [u.site for u in result.updates] == ["north"]
    assert result.left_out == {"south": SILENT, "west": "its weights are odd"}
    assert result.bytes_to_sites == 3 * (128 + 12) and result.bytes_from_sites == 128 + 12


def test_the_coordinator_counts_and_names_no_image():
    record = _record([{"site": "north", **WHO}, {"site": "south", **WHO}])
    assert record["counts"] == {"train": {"A": 4, "all": 10}}
    assert record["sites"]["south"] == {"counts": {"train": {"A": 2, "all": 5}}}


def test_a_site_trains_on_what_it_has_kept(experiment, tmp_path):
    asked = replace(
        experiment, federation=Federation("2", local_steps=1),
        data=replace(experiment.data, source="", classes=()),
    )  # fmt: skip
    config = {"site": "north", "data": "phantom:chest:6", "folder": str(tmp_path / "north")}
    site = DeployedSite.of(config, asked.to_json())
    with pytest.raises(InputError, match="has not been introduced"):
        site.opened()
    who = site.introduce()
    opened = DeployedSite.of(config, asked.to_json()).opened()
    assert who["site"] == opened.name == "north" and len(opened.images) == who["images"]
    assert not any(name in str(who) for name in opened.images.names)


def test_a_node_without_its_configuration_is_told_what_it_lacks():
    with pytest.raises(InputError, match="--node-config lacks data, folder"):
        DeployedSite.of({"site": "north"}, "{}")
