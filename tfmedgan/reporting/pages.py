"""Pages from templates: HTML that holds all its pictures and loads nothing, and Markdown."""

import base64
from functools import cache
from importlib.resources import files
from typing import Any

import tfmedgan
from tfmedgan.reporting.formatting import interval, number, percent, with_interval


def render(template: str, **values: Any) -> str:
    """A page as text.

    Args:
        template: its path within the package, as "evaluation/report.html". In HTML values are
            escaped; in other templates they become one line without Markdown or HTML of its own.
    """
    page = _environment(template.endswith(".html")).get_template(template)
    return page.render(version=tfmedgan.__version__, **values)


def data_url(content: bytes, form: str = "png") -> str:
    """A picture as the address of an image in HTML."""
    kind = {"svg": "svg+xml"}.get(form, form)
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


@cache
def _environment(html: bool) -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(lambda name: files("tfmedgan").joinpath(name).read_text("utf-8")),
        autoescape=html, finalize=None if html else _one_line, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"number": number, "percent": percent, "with_interval": with_interval}
    environment.globals["interval"] = interval
    return environment


def _one_line(value: Any) -> Any:
    """Names come from users' folders: they must neither end a table nor begin a tag."""
    if not isinstance(value, str):
        return value
    return " ".join(value.splitlines()).replace("|", "\\|").replace("<", "&lt;")
