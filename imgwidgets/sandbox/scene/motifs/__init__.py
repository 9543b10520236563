"""Everything the renderer can draw by name.

To add a motif, add a drawing and a line to one of the tables in this folder.

Examples
--------
>>> named("kitten").name
'cat'
"""

from __future__ import annotations

from imgwidgets.sandbox.scene.motifs.animals import ANIMALS
from imgwidgets.sandbox.scene.motifs.creatures import CREATURES
from imgwidgets.sandbox.scene.motifs.drawing import Motif, draw, outline_box
from imgwidgets.sandbox.scene.motifs.nature import NATURE
from imgwidgets.sandbox.scene.motifs.places import PLACES
from imgwidgets.sandbox.scene.motifs.things import THINGS

__all__ = ["MOTIFS", "WORDS", "Motif", "draw", "named", "outline_box"]

MOTIFS: dict[str, Motif] = {motif.name: motif for motif in (*ANIMALS, *CREATURES, *NATURE, *THINGS, *PLACES)}
WORDS: dict[str, str] = {
    word.replace("_", " "): motif.name for motif in MOTIFS.values() for word in motif.words.split()
}


def named(word: str) -> Motif:
    """Give the motif that ``word`` means; KeyError if there is none."""
    return MOTIFS[WORDS.get(word, word)]
