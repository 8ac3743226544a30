"""Manifests as YAML files: those of the package by name, others by path, every value checked."""

from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from tfmedgan.data.manifest import Listing, Manifest, ManifestClass
from tfmedgan.errors import InputError, require, require_known

LARGEST = 1_000_000  # bytes


def load_manifest(path: Path) -> Manifest:
    """The manifest of a YAML file.

    Raises:
        InputError: naming the file, the key and what would be right.
    """
    import yaml

    try:
        data = path.read_bytes()
        require(len(data) <= LARGEST, f"{path}: above {LARGEST} bytes; not a manifest")
        tree = yaml.load(data, Loader=_plain_loader(path))
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", see line {mark.line + 1}" if mark else ""
        raise InputError(f"{path}: not plain YAML in UTF-8{where}") from None
    return _manifest(tree, str(path))


def packaged() -> dict[str, Path]:
    """The manifests that come with the package, by name."""
    beside = Path(__file__).parents[2] / "data_manifests"  # a checkout
    installed = Path(__file__).parents[1] / "data_manifests"
    folder = installed if installed.is_dir() else beside
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def find_manifest(name: str) -> Manifest:
    """The manifest called `name`, or the one in the YAML file of that path.

    Raises:
        InputError: for an unknown name, listing those there are.
    """
    if Path(name).suffix.lower() in (".yaml", ".yml"):
        require(Path(name).is_file(), f"manifest {name} does not exist")
        return load_manifest(Path(name))
    known = packaged()
    require_known("unknown manifest", name, known)
    return load_manifest(known[name])


def _plain_loader(path: Path) -> type:
    """YAML's safe loader, for which a scalar is its text or nothing: the label `no` is not False.

    It has no key that is there twice, of which YAML would take the last, and no aliases, which a
    small file can blow up to gigabytes.
    """
    import yaml

    known = yaml.SafeLoader.yaml_implicit_resolvers
    nothing = {
        first: [(tag, fits) for tag, fits in pairs if tag.endswith(":null")]
        for first, pairs in known.items()
    }

    class PlainLoader(yaml.SafeLoader):
        yaml_implicit_resolvers = nothing

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                line = self.peek_event().start_mark.line + 1
                raise InputError(f"{path}: aliases are refused, see line {line}")
            return super().compose_node(parent, index)

        def compose_mapping_node(self, anchor: Any) -> Any:
            node = super().compose_mapping_node(anchor)
            earlier = set()
            for key, _ in node.value:
                name, line = str(key.value), key.start_mark.line + 1
                require(name not in earlier, f"{path}: key {name} is there twice, see line {line}")
                earlier.add(name)
            return node

    return PlainLoader


def _manifest(tree: Any, origin: str) -> Manifest:
    values = _checked(tree, Manifest, origin)
    for key, cls in (("classes", ManifestClass), ("layout", Listing)):
        items = _typed(values[key], list, f"{origin}: {key}")
        values[key] = tuple(
            _built(cls, item, f"{origin}: {key}[{number}]") for number, item in enumerate(items)
        )
    roots = _typed(values.get("roots", ["."]), list, f"{origin}: roots")
    values["roots"] = tuple(str(root) for root in roots)
    columns = _typed(values.get("columns", []), list, f"{origin}: columns")
    values["columns"] = tuple(str(column) for column in columns)
    sums = _typed(values.get("checksums", {}), dict, f"{origin}: checksums")
    values["checksums"] = tuple((str(path), str(digest)) for path, digest in sums.items())
    return _built(Manifest, values, origin)


def _built(cls: type, tree: Any, origin: str) -> Any:
    values = _checked(tree, cls, origin)
    try:
        return cls(**values)
    except InputError as error:
        raise InputError(f"{origin}: {error}") from None


def _typed(value: Any, kind: type, what: str) -> Any:
    noun = "list" if kind is list else "mapping"
    require(isinstance(value, kind), f"{what} must be a {noun}, not {value!r}")
    return value


def _checked(tree: Any, cls: type, origin: str) -> dict:
    """`tree` as keyword arguments of `cls`, with labels and names as text."""
    require(isinstance(tree, dict), f"{origin}: must be a mapping of keys to values")
    valid = {field.name: field for field in fields(cls)}
    unknown = sorted(str(key) for key in tree if key not in valid)
    require(not unknown, f"{origin}: unknown key {', '.join(unknown)}; valid: {', '.join(valid)}")
    needed = [n for n, f in valid.items() if f.default is MISSING and n not in tree]
    require(not needed, f"{origin}: key {', '.join(needed)} is missing")
    texts = {key: value for key, value in tree.items() if valid[key].type in (str, "str")}
    for key, value in texts.items():
        require(
            value is not None and not isinstance(value, list | dict),
            f"{origin}: {key} must be text, not {'empty' if value is None else repr(value)}",
        )
    texts = {key: str(value) for key, value in texts.items()}
    return tree | texts | _numbers(tree, origin)


def _numbers(tree: dict, origin: str) -> dict:
    """The keys whose values are no text."""
    truths = {"true": True, "yes": True, "false": False, "no": False}
    values: dict[str, Any] = {}
    if "redistribution" in tree:
        word = str(tree["redistribution"]).lower()
        require(word in truths, f"{origin}: redistribution must be true or false, not {word}")
        values["redistribution"] = truths[word]
    if tree.get("count") is not None:
        number = str(tree["count"])
        require(number.isdecimal(), f"{origin}: count must be a number, not {number!r}")
        values["count"] = int(number)
    return values
