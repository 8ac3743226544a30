"""The reference of the commands, from their Typer applications."""

from command_apps import command_apps, subcommands
from tables import table


def commands() -> str:
    """A section per command, with its usage, arguments and options."""
    return "\n".join(_command(name, app) for name, app in command_apps().items())


def _command(name: str, app) -> str:
    parts = subcommands(app)
    if "" in parts:
        return f"## {name}\n\n{_usage(name, parts[''])}"
    sections = [f"### {name} {part}\n\n{_usage(f'{name} {part}', c)}" for part, c in parts.items()]
    return f"## {name}\n\n{_plain(app.help)}\n\n" + "\n".join(sections)


def _usage(name: str, command) -> str:
    arguments = [p for p in command.params if not p.opts[0].startswith("-")]
    options = [p for p in command.params if p.opts[0].startswith("-")]
    line = " ".join([name, *map(_placeholder, arguments), "[OPTIONS]" if options else ""])
    parts = [f"```text\n{line.strip()}\n```\n", _plain(command.help or "") + "\n"]
    if any(p.help for p in arguments):
        parts.append(table(("argument", ""), [(f"`{_placeholder(p)}`", p.help) for p in arguments]))
    if options:
        parts.append(table(("option", "", "default"), [_option(p) for p in options]))
    return "\n".join(parts)


def _placeholder(argument) -> str:
    text = argument.metavar or argument.name.upper()
    return text if argument.required else f"[{text}]"


def _option(option) -> tuple[str, str, str]:
    names = "/".join([*option.opts, *option.secondary_opts])
    value = "" if option.is_flag else f" {_value_of(option)}"
    default = option.default
    shown = "" if default in (None, False, "") else f"`{_default(option)}`"
    shown = "required" if option.required else shown
    return f"`{names}{value}`", option.help or "", shown


def _value_of(option) -> str:
    plain = option.name.upper().replace("_", "-")
    if option.metavar:
        return option.metavar
    if hasattr(option, "type_descriptor"):
        return {int: "N", float: "X"}.get(option.type_descriptor.annotation, plain)
    kind = option.type.name.partition(" ")[0]  # Typer before 0.21, which Flower asks for
    return {"integer": "N", "float": "X"}.get(kind, plain)


def _default(option) -> str:
    if option.is_flag:
        return option.opts[0] if option.default else option.secondary_opts[0]
    return str(option.default)


def _plain(text: str) -> str:
    """A docstring without its indentation."""
    return "\n".join(line.strip() for line in text.split("\n"))
