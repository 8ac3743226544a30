"""The private parts of TensorFlow, Keras and Flower that the toolkit uses, and whether they moved.

setup.cfg bounds these packages from above because of them. A test that fails here names what a new
version moved; the tests named in the list tell whether the part still does the same.
"""

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path

import keras
import pytest
import tensorflow as tf

import tfmedgan

ROOT = Path(tfmedgan.__file__).parent


def _context():
    from tensorflow.python.eager import context

    return context.context().function_call_options.config_proto_serialized


def _adam():
    adam, variable = keras.optimizers.Adam(), keras.Variable([0.0])
    adam.build([variable])
    return adam, variable


def _batch_norm():
    return keras.layers.BatchNormalization()


def _lstm_cell():
    return keras.layers.LSTM(1, dropout=0.5).cell


def _simulation_engine():
    pytest.importorskip("flwr", reason="needs the extra federated")
    from flwr.server.superlink.fleet.vce import vce_api

    return vce_api


def _graph_function():
    return tf.Graph()._get_function


PRIVATE = {  # how to reach it, its parameters or None, who uses it, the test of what it does
    "tensorflow.python.eager.context": (
        _context, None, "determinism.py", "test_determinism.py",
    ),
    "Graph._get_function": (
        _graph_function, ("name",), "training/step_graph.py", "training/test_step_graph.py",
    ),
    "Adam._get_variable_index": (
        lambda: _adam()[0]._get_variable_index, ("variable",), "models/optimizers.py",
        "models/test_optimizers.py",
    ),
    "Adam._momentums": (
        lambda: _adam()[0]._momentums[0], None, "models/optimizers.py", "models/test_optimizers.py",
    ),
    "Adam._velocities": (
        lambda: _adam()[0]._velocities[0], None, "models/optimizers.py",
        "models/test_optimizers.py",
    ),
    "vce_api._register_nodes": (
        lambda: _simulation_engine()._register_nodes, ("num_nodes", "state_factory"),
        "federated/simulation.py", "federated/test_simulation.py",
    ),
    "vce_api._register_node_info_stores": (
        lambda: _simulation_engine()._register_node_info_stores,
        ("nodes_mapping", "run", "app_dir"),
        "federated/simulation.py", "federated/test_simulation.py",
    ),
    "BatchNormalization._moments": (
        lambda: _batch_norm()._moments, ("inputs", "mask"), "models/replicas.py",
        "training/test_replicas.py",
    ),
    "LSTMCell._create_dropout_mask": (
        lambda: _lstm_cell()._create_dropout_mask, ("step_input", "dropout_rate"),
        "models/replicas.py", "training/test_replicas.py",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PRIVATE)
def test_the_packages_still_have_the_private_part(name):
    reach, parameters, user, proof = PRIVATE[name]
    part = reach()
    if parameters is not None:
        assert tuple(inspect.signature(part).parameters) == parameters
    attribute = name.rpartition(".")[2]
    assert attribute in (ROOT / user).read_text(), f"{user} uses it no more: take it off the list"
    assert (Path(__file__).parent / proof).is_file()


def test_no_other_private_part_is_used():
    """Names with an underscore that no file here defines; tensorflow.python, keras.src."""
    trees = [ast.parse(path.read_text()) for path in ROOT.rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    own = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    own |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    own |= {node.attr for node in attributes if isinstance(node.ctx, ast.Store)}
    used = {node.attr for node in attributes if _is_private(node.attr)}
    words = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    used |= {
        word for word in words if word.isidentifier() and _is_private(word) and _of_keras(word)
    }
    modules = {n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.module}
    inner = {m for m in modules if m.startswith(("tensorflow.python", "keras.src"))}
    known = {name.rpartition(".")[2] for name in PRIVATE}
    assert used - own - known == set()
    assert inner == {"tensorflow.python.eager"}


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _of_keras(name: str) -> bool:
    """Whether a layer, a model or an optimizer has such an attribute: a string may mean it."""
    things = (_batch_norm(), _lstm_cell(), _adam()[0], keras.Sequential())
    return any(hasattr(thing, name) for thing in things)


def test_no_method_hides_a_private_one_of_a_base_class():
    """A class of the toolkit must not replace by chance what Keras calls on itself."""
    hidden = {}
    for module in _modules():
        for cls in vars(module).values():
            if inspect.isclass(cls) and cls.__module__ == module.__name__:
                ours = ("tfmedgan", "typing")  # a protocol has private marks of its own
                others = [base for base in cls.__mro__ if not base.__module__.startswith(ours)]
                names = {n for n in vars(cls) if _is_private(n)} - {"_abc_impl"}
                clash = {n for n in names if any(n in vars(base) for base in others)}
                if clash:
                    hidden[cls.__qualname__] = clash
    assert not hidden


def _modules():
    for part in ("models", "training", "classifiers.networks", "evaluation"):
        package = importlib.import_module(f"tfmedgan.{part}")
        for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(info.name)
