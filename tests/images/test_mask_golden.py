"""Masks that were drawn once and are kept as files: what a recipe means does not change, here or elsewhere.

Each is a pair in ``golden/``: the recipe as JSON, and its alpha as a gray PNG. After a change that is
meant, ``python tests/images/test_mask_golden.py`` writes them anew.
"""

import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from imgwidgets.images import Mask
from imgwidgets.images.operations import Operation

FOLDER = Path(__file__).parent / "golden"
SIZE = (256, 192)


def _stored(mask):
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    soft = ((rows * 7 + columns * columns) % 256).astype(np.uint8)
    soft[:, 100:] = 255
    return Mask.from_array(soft).stroke([(180, 90)], radius=30) & ~mask.rectangle((0, 150, 256, 192))


GOLDEN = {
    "stroke": lambda m: m.stroke([(20, 30), (200.5, 90.25), (130, 170)], radius=[4, 17.5, 9]),
    "soft-stroke": lambda m: m.stroke(
        [(20, 30), (200.5, 90.25), (130, 170)], radius=[4, 17.5, 9], softness=0.6
    ),
    "shapes": lambda m: (
        m.ellipse((10.5, 10, 150, 120))
        .rectangle((40, 30, 90, 60.5), erase=True)
        .polygon([(200, 10), (250, 180), (160, 60), (255, 90), (150, 190)])
    ),
    "soft-shapes": lambda m: m.ellipse((30, 40, 200, 160), softness=0.4).polygon(
        [(20, 20), (240, 100), (60, 180)], softness=0.3, erase=True
    ),
    "lasso-and-bucket": lambda m: (
        m.lasso([(20, 20), (200, 30), (60, 150), (90, 10), (180, 170)])
        .rectangle((0, 100, 256, 104))
        .fill(at=(250, 150))
        .fill(at=(100, 60), erase=True)
    ),
    "morphology": lambda m: m.rectangle((50, 60, 120, 90)).grow(13.5).shrink(4).feather(6).grow(2),
    "algebra": lambda m: (
        (m.ellipse((10, 10, 150, 150)) ^ m.ellipse((60, 40, 230, 190))) - m.fill().feather(3).invert()
    ),
    "stored-pixels": _stored,
}


def files(name):
    return FOLDER / f"{name}.json", FOLDER / f"{name}.png"


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_masks_keep_their_pixels_and_their_text(name):
    recipe, picture = files(name)
    drawn = GOLDEN[name](Mask.blank(SIZE))
    with Image.open(picture) as image:
        alpha = np.asarray(image)
    assert np.array_equal(drawn.alpha, alpha)
    assert np.array_equal(Mask.from_json(recipe.read_bytes()).alpha, alpha)
    assert Mask.from_json(drawn.to_json()).operations == drawn.operations


def test_each_operation_is_among_the_golden_ones():
    said = "".join(files(name)[0].read_text() for name in GOLDEN)
    for tag in (op.__struct_config__.tag for op in get_args(Operation)):
        assert f'"do":"{tag}"' in said, tag
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 100_000


def test_a_recipe_gives_the_same_pixels_where_there_is_no_opencv():
    code = (
        "import sys; sys.modules['cv2'] = None\n"
        "import numpy as np\nfrom pathlib import Path\nfrom PIL import Image\n"
        "from imgwidgets.images import Mask\n"
        "for recipe in sorted(Path(sys.argv[1]).glob('*.json')):\n"
        "    with Image.open(recipe.with_suffix('.png')) as image: alpha = np.asarray(image)\n"
        "    assert np.array_equal(Mask.from_json(recipe.read_bytes()).alpha, alpha), recipe\n"
        "    print(recipe.stem)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(FOLDER)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.split() == sorted(GOLDEN), done.stderr


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each, draw in GOLDEN.items():
        made = draw(Mask.blank(SIZE))
        files(each)[0].write_text(made.to_json())
        Image.fromarray(made.alpha).save(files(each)[1], optimize=True)
