"""Sphinx: `sphinx-build -W --keep-going -b html docs docs/_build`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import tfmedgan
from tfmedgan.cli.console import start_tensorflow

start_tensorflow()  # here, where its start-up lines are held back

project = "tfmedgan"
author = "the tfmedgan authors"
copyright = "the tfmedgan authors, Apache 2.0"
release = tfmedgan.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "made_from_code",
]
exclude_patterns = [
    "_build",
    "_ext",
    "jupyter_execute",
    "notebooks/.ipynb_checkpoints",
    "notebooks/runs",
]
suppress_warnings = ["myst.header"]  # tables made by benchmarks/ begin at the third level

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # notebooks carry the outputs of a real run
nb_merge_streams = True

default_role = "code"  # docstrings write `name`, as Markdown does
napoleon_google_docstring = True
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autodoc_class_signature = "mixed"
python_maximum_signature_line_length = 80

html_theme = "furo"
html_title = f"tfmedgan {release}"
html_static_path = ["_static"]
html_css_files = ["tfmedgan.css"]
html_show_sphinx = False
html_copy_source = False
