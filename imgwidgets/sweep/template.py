"""Prompt templates: ``"a {animal}, {style}"``; ``{{`` is a brace."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.catalog import Problem
from imgwidgets.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Template"]

_BRACE = "write {{ and }} for braces that belong to the prompt"


class Template(msgspec.Struct, frozen=True):
    """A prompt with fields.

    Attributes
    ----------
    text : str
        As it was given.
    parts : tuple of (str, str, str)
        Literal text, then the field after it (empty at the end) and its format (``.1f``; usually empty).

    Examples
    --------
    >>> template = Template.read("a {animal} says {{hello}}")
    >>> template.fields, template.fill({"animal": "fox"})
    (('animal',), 'a fox says {hello}')
    """

    text: str
    parts: tuple[tuple[str, str, str], ...]

    @classmethod
    def read(cls, text: Any) -> Template:
        """Read a template.

        Raises
        ------
        ParameterError
            For something that is no text, a single brace, or a field that is no plain name.
        """
        if not isinstance(text, str):
            raise _fault(text, f"a prompt template is a text, not {type(text).__name__}")
        parts = []
        try:
            for literal, field, spec, conversion in string.Formatter().parse(text):
                if field is not None:
                    if not field or not all(c.isalnum() or c in "_- " for c in field) or field.isdigit():
                        raise _fault(
                            text,
                            f"the field {{{field}}} of the prompt template is no plain name: {_BRACE}",
                        )
                    if conversion or "{" in (spec or ""):
                        raise _fault(text, f"the field {{{field}}} has a conversion: {_BRACE}")
                parts.append((literal, field or "", spec or ""))
        except ValueError as error:
            if isinstance(error, ParameterError):
                raise
            raise _fault(text, f"the prompt template cannot be read ({error}): {_BRACE}") from None
        return cls(text, tuple(parts))

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its fields, in the order in which they first occur."""
        return tuple(dict.fromkeys(field for _, field, _ in self.parts if field))

    def fill(self, values: Mapping[str, Any]) -> str:
        """Give the prompt; None leaves a field empty.

        Raises
        ------
        ParameterError
            Where a value does not go with its field's format.
        """
        words = []
        for literal, field, spec in self.parts:
            words.append(literal)
            if field and (value := values[field]) is not None:
                try:
                    words.append(format(value, spec) if spec else str(value))
                except (TypeError, ValueError) as error:
                    said = f"{field}={value!r:.80} does not go with {{{field}:{spec}}}: {error}"
                    raise ParameterError([Problem(parameter=field, value=value, message=said)]) from None
        return "".join(words)


def _fault(text: Any, message: str) -> ParameterError:
    return ParameterError([Problem(parameter="prompt", value=text, message=message)])
