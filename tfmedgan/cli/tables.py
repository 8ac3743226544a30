"""The one place where tables are laid out: names stay whole, whatever the terminal's width.

A table gives its columns what they need; where that is more than there is, text is broken
between words, and where even single words have no room, each row becomes a paragraph.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType, RenderResult
from rich.table import Table as RichTable
from rich.text import Text

GAPS = (2, 1)  # between columns; the second where the first is too wide
INDENT = "  "


@dataclass(frozen=True)
class Table:
    """Rows for a terminal; to be printed by Rich.

    Columns of figures, and the first `names`, are never broken; other text is, between words.
    """

    head: Sequence[str]
    rows: Sequence[Sequence]
    title: str = ""
    caption: str = ""
    names: int = 1  # leading columns that hold names
    heads_are_names: bool = False  # such as those of classes: not broken either
    styles: Sequence[str] = ()  # of the columns, as Rich calls them

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.title:
            yield Text(self.title, style="bold", overflow="fold")
        gap = next((gap for gap in GAPS if self.least_width(gap) <= options.max_width), None)
        if gap:
            yield self._grid(self._widths(options.max_width, gap), gap)
        else:
            yield from self._paragraphs()
        if self.caption:
            yield Text(self.caption, style="italic", overflow="fold")

    def least_width(self, gap: int = GAPS[0]) -> int:
        """Characters without which a name, a figure or a word would have to be cut."""
        least = [least for least, _ in self._needs()]
        return sum(least) + gap * (len(least) - 1)

    def _columns(self) -> list[list[str]]:
        return [[str(cell) for cell in column] for column in zip(*self.rows, strict=True)]

    def _needs(self) -> list[tuple[int, int]]:
        """For each column the least and the whole width."""
        needs = []
        for index, (head, cells) in enumerate(zip(self.head, self._columns(), strict=True)):
            unbroken = index < self.names or _figures(cells)
            cell = max(map(cell_len if unbroken else _longest_word, cells), default=0)
            title = (cell_len if self.heads_are_names else _longest_word)(head)
            needs.append((max(cell, title), max(map(cell_len, [head, *cells]))))
        return needs

    def _widths(self, width: int, gap: int) -> list[int]:
        """The least widths, and the room that is left in equal shares to those that want it."""
        widths, wanted = map(list, zip(*self._needs(), strict=True))
        free = width - self.least_width(gap)
        order = sorted(range(len(widths)), key=lambda i: wanted[i] - widths[i])
        for done, index in enumerate(order):
            share = min(wanted[index] - widths[index], free // (len(order) - done))
            widths[index] += share
            free -= share
        return widths

    def _grid(self, widths: list[int], gap: int) -> RichTable:
        grid = RichTable(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold")
        columns = self._columns()
        for index, (head, width) in enumerate(zip(self.head, widths, strict=True)):
            single = _figures(columns[index]) and not any(" " in cell for cell in columns[index])
            justify: JustifyMethod = "right" if single and index >= self.names else "left"
            style = self.styles[index] if self.styles else ""
            grid.add_column(Text(head), justify=justify, width=width, overflow="fold", style=style)
        for row in zip(*columns, strict=True):
            grid.add_row(*map(Text, row))
        return grid

    def _paragraphs(self) -> Iterator[RenderableType]:
        for row in zip(*self._columns(), strict=True):
            if name := INDENT.join(filter(None, row[: self.names])):
                yield Text(name, style="bold", overflow="fold")
            rest = zip(self.head[self.names :], row[self.names :], strict=True)
            yield Facts([(INDENT + head, cell) for head, cell in rest])


@dataclass(frozen=True)
class Facts:
    """Names with what is said of each, which is broken between words where it must."""

    entries: Sequence[tuple[str, object]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        longest = max((cell_len(name) for name, _ in self.entries), default=0)
        grid = RichTable(show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
        width = min(longest, options.max_width * 2 // 3)
        grid.add_column(style="bold", width=width, overflow="fold")
        grid.add_column(overflow="fold")
        for name, what in self.entries:
            grid.add_row(Text(name), Text(str(what)))
        yield grid


def without_shared(head: Sequence[str], rows: Sequence[Sequence]) -> tuple[list, list, str]:
    """Head and rows without the columns that are alike in all rows, and a caption that has them."""
    columns = list(zip(head, *rows, strict=True))
    alike = [column for column in columns if len(rows) > 1 and len(set(column[1:])) == 1]
    kept = [column for column in columns if column not in alike]
    caption = "; ".join(f"{name}: {value}" for name, value, *_ in alike)
    return [name for name, *_ in kept], list(zip(*(c[1:] for c in kept), strict=True)), caption


def _longest_word(text: str) -> int:
    return max(map(cell_len, text.split()), default=0)


def _figures(cells: Sequence[str]) -> bool:
    """Whether a column holds figures, or nothing."""
    return all(not cell or cell == "–" or cell.lstrip("+-−–× ")[:1].isdigit() for cell in cells)
