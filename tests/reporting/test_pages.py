"""Pages hold everything, charts are the same each time."""

import pytest
from jinja2 import UndefinedError

from tfmedgan.reporting.charts import encoded, panels
from tfmedgan.reporting.pages import data_url, render


@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_chart_is_the_same_each_time_it_is_drawn(form):
    def drawn():
        figure, axes = panels(2, (2.0, 2.0), sharey=True)
        axes[0].plot([0, 1], [1, 0], label="a")
        axes[0].legend()
        return encoded(figure, form)

    assert drawn() == drawn()


def test_pictures_are_part_of_the_page():
    assert data_url(b"abc", "svg") == "data:image/svg+xml;base64,YWJj"
    assert data_url(b"abc").startswith("data:image/png;base64,")


def test_a_page_without_its_values_is_an_error():
    with pytest.raises(UndefinedError):
        render("reproduction/report.html")
