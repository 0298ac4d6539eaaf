"""Every word of the desk can be translated: none stands bare in a template or a script."""

from pathlib import Path

import pytest

from tests.site.template_text import handed_over, spoken_in_script, untranslated

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "arw_site" / "static" / "desk").glob("*.js"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_has_no_bare_words_in_a_template(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert untranslated(source) + handed_over(source) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_it_has_no_words_for_people_in_a_script(path: Path) -> None:
    assert spoken_in_script(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello there</p>", ["Hello there"]),
        ('<p>{% translate "Hello there" %}</p>', []),
        ("{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}", []),
        ('<a aria-label="Close it">×</a>', ["Close it"]),
        ("<a aria-label=\"{% translate 'Close it' %}\">×</a>", []),
        ("{% comment %}Words about it{% endcomment %}<code>persona.mara</code>", []),
        ("<p>{{ name }} by {{ who }}</p>", ["by"]),
        ("<td>v{{ version }} · {{ when }}</td>", []),
    ],
)
def test_it_finds_bare_words_in_templates(source: str, found: list[str]) -> None:
    assert untranslated(source) == found


def test_it_finds_bare_words_that_a_partial_is_given() -> None:
    said = '{% include "part.html" with title=_("Nothing waits") text="For now" kind="error" %}'
    assert handed_over(said) == ["For now"]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('element.textContent = "Saved";', ["Saved"]),
        ('button.setAttribute("aria-label", "Close");', ["Close"]),
        ('const message = "The connection was lost.";', ["The connection was lost."]),
        ("element.textContent = element.dataset.saved;", []),
        ('root.querySelector("dialog textarea[name=rationale]");', []),
        ('// "A remark in prose"\nstart("queue");', []),
        ("element.textContent = `${hours}:${minutes}`;", []),
    ],
)
def test_it_finds_words_for_people_in_scripts(source: str, found: list[str]) -> None:
    assert spoken_in_script(source) == found
