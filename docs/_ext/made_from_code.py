"""Parts of pages that are made from the code: `<!-- made from the code: NAME -->`.

Whatever the code knows of itself (commands, networks, presets, metrics) is written into the
page when the site is built, so that it cannot go stale.
"""

import re
from pathlib import Path

import command_table
import public_names
import tables

MARK = re.compile(r"^<!-- made from the code: (\S+) -->$", re.MULTILINE)
MAKERS = {
    "commands": command_table.commands,
    "networks": tables.networks,
    "classifiers": tables.classifiers,
    "presets": tables.presets,
    "metrics": tables.metrics,
    "steps": tables.steps,
    "data-sets": tables.data_sets,
    "public-names": public_names.sections,
}


def fill(app, docname, source) -> None:
    """Sphinx's source-read event: replace the marks of a page."""
    source[0] = MARK.sub(lambda mark: MAKERS[mark.group(1)](), source[0])


def always_read(app, env, added, changed, removed) -> list[str]:
    """Sphinx's env-get-outdated event: the code may have changed although the page has not."""
    pages = {name: Path(env.doc2path(name)) for name in env.found_docs}
    return [name for name, path in pages.items() if MARK.search(path.read_text())]


def setup(app):
    app.connect("source-read", fill)
    app.connect("env-get-outdated", always_read)
    return {"parallel_read_safe": True}
