"""Finds words in templates and scripts that no translation can reach."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.template.base import Lexer, TokenType

# What is said in them is for machines, or is a name in every language.
SILENT = {"code", "kbd", "pre", "script", "style", "samp"}
SPOKEN = {"alt", "aria-label", "aria-description", "aria-roledescription", "label"}
SPOKEN_TOO = {"placeholder", "summary", "title", "content-label"}
NAMES = ("ARW Personas", "JSON Lines")
MACHINE = re.compile(r"\b[a-z_]+[./:][\w./:…-]*")
HIDDEN = {"comment": "endcomment", "blocktranslate": "endblocktranslate", "verbatim": "endverbatim"}
_GIVEN = re.compile(r"\b(?:title|text|label|more|text_on|text_off)=[\"']([^\"']*)[\"']")
WORD = re.compile(r"[^\W\d_]{2,}")


def untranslated(source: str) -> list[str]:
    """The texts and spoken attributes of a template with words outside of translation tags."""
    finder = _Finder()
    finder.feed(_markup(source))
    finder.close()
    return finder.found


def handed_over(source: str) -> list[str]:
    """Words that a template hands to a partial without marking them for translation."""
    tags = [token.contents for token in Lexer(source).tokenize()]
    given = (text for tag in tags if tag.startswith("include ") for text in _GIVEN.findall(tag))
    return [text for text in given if WORD.search(text)]


def _markup(source: str) -> str:
    """What the template says by itself: its tags and variables are gone."""
    kept, until = [], ""
    for token in Lexer(source).tokenize():
        name = token.contents.split(None, 1)[0] if token.contents.strip() else ""
        if token.token_type == TokenType.BLOCK:
            if until:
                until = "" if name == until else until
            elif token.contents.split()[:2] == ["block", "bodyclass"]:
                until = "endblock"
            else:
                until = HIDDEN.get(name, "")
        elif token.token_type == TokenType.TEXT and not until:
            kept.append(token.contents)
    return "".join(kept)


class _Finder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent.append(tag)
        for name, value in attrs:
            if name in SPOKEN | SPOKEN_TOO:
                self._look(value or "")

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self._look(data)

    def _look(self, text: str) -> None:
        for name in NAMES:
            text = text.replace(name, "")
        text = MACHINE.sub("", text)
        if WORD.search(text):
            self.found.append(" ".join(text.split()))


_COMMENTS = re.compile(r"/\*.*?\*/|(?<![:\"'`\w])//[^\n]*", re.DOTALL)
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'|`((?:[^`\\]|\\.)*)`')
_SAID = re.compile(
    r"(?:\.(?:textContent|innerText|title|placeholder|ariaLabel)\s*\+?=|"
    r"setAttribute\(\s*[\"'](?:aria-label|title|alt|placeholder)[\"']\s*,|"
    r"\b(?:alert|confirm|prompt|toast)\()\s*([\"'`])((?:(?!\1).)*)\1"
)
_PROSE = re.compile(r"^(?=[A-Z]|.*[.!?…]$)[^\W\d_][\w’',-]* (?:[\w’',-]+ )*[\w’',-]+[.!?…]?$")
_HOLE = re.compile(r"\$\{[^}]*\}")


def spoken_in_script(source: str) -> list[str]:
    """Literals of a script that a person would read: prose, and whatever is put on the page."""
    code = _COMMENTS.sub("", source)
    said = [match[2] for match in _SAID.finditer(code) if WORD.search(_HOLE.sub("", match[2]))]
    prose = []
    for match in _STRING.finditer(code):
        text = next((group for group in match.groups() if group is not None), "")
        if text != "use strict" and len(WORD.findall(text)) > 1 and _PROSE.match(text):
            prose.append(text)
    return said + [text for text in prose if text not in said]
