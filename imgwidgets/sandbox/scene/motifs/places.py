# ruff: noqa: E501 (a shape is one line)
# ruff: noqa: E501 (a shape is one line)
"""Buildings and vehicles, as drawings."""

from __future__ import annotations

from imgwidgets.sandbox.scene.motifs.drawing import Motif

__all__ = ["PLACES"]

BOAT = """
mast rect 47,6 49.6,72
sail blob 50.6,8! 66,26 80,62! 50.6,64!
sail-1 blob 46,14! 36,36 22,62! 46,64!
2:main+1 blob 50.6,44! 73,44! 80,62! 50.6,64!
accent blob 48,6! 48,-3! 62,2!
main-2 blob 8,72! 92,72! 88,74! 12,74!
main blob 4,70! 96,70! 88,84 78,92 22,92 13,84
white blob 5,72! 95,72! 93,76! 7,76!
2:main-3@7 line 0.8 12,82 88,82
"""

LIGHTHOUSE = """
beam@0 oval 50,18 1 1
stone blob 20,101! 26,93 74,93 80,101!
white blob 38,30! 62,30! 68,94! 32,94!
main blob 37,42! 63,42! 64.4,55! 35.6,55!
main blob 34.4,67! 65.6,67! 67,80! 33,80!
2:ink@1 blob 56,30! 62,30! 68,94! 59,94!
stone-2 rect 33,27 67,31 1
|stone-3 line 0.9 65,20 65,28
|stone-3 line 0.9 59,20 59,28
stone-3 line 0.9 34,21 66,21
glass rect 41,12 59,28
glow oval 50,20 6 7
2:stone-3 line 0.9 47,12 47,28
2:stone-3 line 0.9 53,12 53,28
main-1 blob 37,13! 42,5 50,0 58,5 63,13!
main-2 oval 50,-1 2 2.4
stone-3 blob 45,94! 45,86 50,83 55,86 55,94!
2:glass-3 rect 47.6,58 52.4,64 1
2:glass-3 rect 47.8,34 52.2,39 1
"""

BALLOON = """
rope line 0.7 38,72 43,88
rope line 0.7 62,72 57,88
rope line 0.7 47,76 48,88
rope line 0.7 53,76 52,88
main blob 50,0 76,8 90,34 82,56 62,76! 38,76! 18,56 10,34 24,8
second blob 50,0 64,10 70,36 64,58 56,76! 44,76! 36,58 30,36 36,10
main blob 50,0 55,12 57,36 55,58 52,76! 48,76! 45,58 43,36 45,12
2:second-1 blob 50,0 76,8 90,34! 82,20 66,6
2:second-1 blob 50,0 24,8 10,34! 18,20 34,6
2:white@3 blob 20,22 28,10 32,12 24,32 22,42
main-3 blob 38,76! 62,76! 60,79! 40,79!
basket blob 42,87! 58,87! 56.6,99! 43.4,99!
2:basket-3 line 0.8 42.4,91 57.6,91
2:basket-3 line 0.8 43,95 57,95
basket-2 rect 41,86 59,88.6 1
"""

CAR = """
ink@2 oval 50,98 46 3
main-1 blob 24,60! 32,38 44,33 64,33 76,42 84,60!
glass blob 29,59! 35,43 46,38 51,38 51,59!
glass blob 54,59! 54,38 63,38 71,45 77,59!
main blob 3,82! 3,68 10,61 28,58 80,58 94,63 98,72 98,84! 60,87 20,87
main-2 rect 2,81 98,87 3
2:white@6 line 1.4 10,66 50,63 88,66
ink oval 24,86 12 12
ink oval 76,86 12 12
metal oval 24,86 6.4 6.4
metal oval 76,86 6.4 6.4
2:metal-3 oval 24,86 2.6 2.6
2:metal-3 oval 76,86 2.6 2.6
gold oval 94,70 3.4 4
#d84a3c oval 5,70 2.4 3.6
2:main-3 line 0.8 52.6,60 52.6,80
2:main-3 line 1.2 57,65 62,65
3:white@5 blob 33,57! 38,45 44,43! 40,57!
"""

ROCKET = """
#ffd95e@9 blob 42,84! 58,84! 60,100 50,122! 40,100
#ff8a3c blob 44.6,84! 55.4,84! 56,94 50,110! 44,94
|main-1 blob 63,54! 78,72 81,90! 62,80!
white blob 50,0 60,14 66,34 66,58 60,82! 40,82! 34,58 34,34 40,14
main blob 50,0 57,8 62,20! 50,23 38,20! 43,8
2:ink@1 blob 55,4 62,20 66,40 62,76! 55,82! 58,50
metal-3 rect 41,81 59,86 1
metal oval 50,39 10 10
glass oval 50,39 7.4 7.4
2:white@7 oval 47,36 2.4 2
2:main blob 39.2,78! 60.8,78! 60,82! 40,82!
2:metal oval 50,60 3.4 3.4
main blob 48,60! 50,56 52,60! 52,88! 50,92 48,88!
"""

PLANE = """
main-2 blob 42,52! 30,74 24,82! 34,80 58,58!
white blob 4,44 12,40 60,40 90,44 98,51 88,58 40,60 14,56
main blob 4,44 12,40! 2,20! 12,22 24,41! 16,56
main blob 48,52! 30,88! 42,88 68,56!
2:glass blob 84,44! 93,47 94,50! 84,50!
2:glass oval 74,47 2 2.4
2:glass oval 66,47 2 2.4
2:glass oval 58,47 2 2.4
2:glass oval 50,47 2 2.4
2:glass oval 42,47 2 2.4
main line 2 10,53 50,57 92,54
"""

BICYCLE = """
ink line 2.6 44,76 35.5,94 16,98 3,82 5,64 19,56 35,58 43,68 44,76
ink line 2.6 100,76 91.5,94 72,98 59,82 61,64 75,56 91,58 99,68 100,76
main line 3 23,77 40,46! 70,46 48,76! 23,77
main line 3 48,76 38,40
main line 3 79,77 68,38
ink line 3 30,39 46,39
ink line 2.4 67,38 76,34 80,40
metal oval 48,76 4.4 4.4
2:metal line 1.2 43,68 53,84
"""

TRAIN = """
ink@2 oval 50,99 50 2.4
main-1 rect 2,28 40,84 3
main-3 rect -2,22 44,30 2
glass rect 9,38 22,56 2
glass rect 26,38 35,56 2
main blob 40,48! 86,48! 92,56 92,76 86,84! 40,84!
main-2 blob 74,48! 72,26! 70,22! 88,22! 86,26! 84,48!
gold oval 58,46 7 5
ink blob 86,84! 100,96! 84,96!
gold oval 92,62 3 4.4
ink rect 0,82 90,88 2
ink oval 16,90 9 9
ink oval 38,90 9 9
ink oval 60,92 7 7
ink oval 78,92 7 7
metal oval 16,90 4 4
metal oval 38,90 4 4
metal oval 60,92 3 3
metal oval 78,92 3 3
white@8 oval 80,8 8 7
white@7 oval 68,-4 11 9
white@5 oval 50,-12 13 10
"""

HOUSE = """
roof-2 rect 70,14 80,40
wall rect 16,46 84,100
2:wall-2 rect 16,46 84,51
roof blob 50,8! 98,50! 90,54! 50,19! 10,54! 2,50!
wall blob 50,18! 84,48! 16,48!
roof blob 50,6! 97,49! 90,53! 50,18! 10,53! 3,49!
main rect 42,68 58,100 1
glow rect 22,60 36,76
glow rect 64,60 78,76
glow oval 50,38 6 6
|2:white line 1.4 71,60 71,76
|2:white line 1.4 64,68 78,68
2:gold oval 54.6,85 1.3 1.3
|3:leaf oval 74,98 10 6
|3:leaf+1 oval 68,99 6 4
"""

CASTLE = """
wall-2 rect 38,10 62,60
wall-1 rect 6,36 26,100
wall-1 rect 74,36 94,100
wall rect 20,52 80,100
wall poly 20,53 20,46 28,46 28,50 34,50 34,46 42,46 42,50 48,50 48,46 56,46 56,50 62,50 62,46 70,46 70,50 74,50 74,46 80,46 80,53
main blob 2,37! 16,8! 30,37!
main blob 70,37! 84,8! 98,37!
main blob 34,14! 50,-18! 66,14!
accent blob 50,-18! 50,-28! 62,-23!
accent blob 16,8! 16,0! 26,4!
accent blob 84,8! 84,0! 94,4!
ink line 0.9 50,-16 50,-29
ink line 0.9 16,9 16,-1
ink line 0.9 84,9 84,-1
wood blob 40,100! 40,80 50,70 60,80 60,100!
|glow blob 80.6,62! 80.6,54 84,50 87.4,54 87.4,62!
glow blob 46.6,34! 46.6,26 50,22 53.4,26 53.4,34!
|2:glow rect 66,64 71,73 2
|3:wall-2@6 rect 62,82 70,85
|3:wall-2@6 rect 66,92 76,95
2:wood-3 line 0.8 50,71 50,100
"""

WINDMILL = """
wall blob 38,40! 62,40! 70,100! 30,100!
roof blob 34,41! 50,18! 66,41!
main rect 44,82 56,100 1
2:glow rect 46,56 54,66 1
white@9 poly 51,36 88,6 93,13 54,39
white@9 poly 53,39 84,74 77,79 50,41
white@9 poly 49,41 12,72 7,65 47,38
white@9 poly 47,38 16,3 23,-2 50,36
wood line 1.6 50,38 92,9
wood line 1.6 50,38 81,77
wood line 1.6 50,38 8,69
wood line 1.6 50,38 19,0
wood oval 50,38 3.4 3.4
"""

TENT = """
main-3 blob 50,18! 92,100! 8,100!
main blob 50,18! 30,100! 4,100!
main blob 50,18! 70,100! 96,100!
glow blob 50,34! 62,100! 38,100!
2:main-2 blob 50,24! 46,60 36,100! 30,100!
2:main-2 blob 50,24! 54,60 64,100! 70,100!
wood line 1.6 50,20 47,10
wood line 1.6 50,20 53,10
"""

BRIDGE = """
main line 5 -30,66 20,56 50,53 80,56 130,66
main-2 line 2 -30,56 20,46 50,43 80,46 130,56
main-2 line 2 -16,64 -16,53
main-2 line 2 8,59 8,48
main-2 line 2 32,56 32,45
main-2 line 2 68,56 68,45
main-2 line 2 92,59 92,48
main-2 line 2 116,64 116,53
main-1 rect 12,58 17,96
main-1 rect 83,58 88,96
"""

_HOME = {
    "wall": "#f3e3c8",
    "roof": "#c1553f",
    "main": "#7a4a35",
    "glow": "#ffd780",
    "leaf": "#5f9150",
    "wood": "#6b4632",
}

PLACES: tuple[Motif, ...] = (
    Motif(
        "boat",
        "boat boats sailboat ship yacht sailing canoe rowboat",
        BOAT,
        {"main": "#c24a3f", "sail": "#fdf4e0", "mast": "#7a5238", "accent": "#e8a93c"},
        habitat="water",
        size=0.5,
        level=10,
    ),
    Motif(
        "lighthouse",
        "lighthouse lighthouses beacon",
        LIGHTHOUSE.replace("beam@0 oval 50,18 1 1\n", ""),
        {"main": "#d2473f", "stone": "#8c8896", "glass": "#bfe6ee", "glow": "#fff0a8"},
        size=0.72,
    ),
    Motif(
        "balloon",
        "balloon balloons hot_air_balloon airship",
        BALLOON,
        {"main": "#e2574c", "second": "#fbe7c2", "basket": "#9a6a42", "rope": "#6b4a38"},
        habitat="sky",
        size=0.56,
    ),
    Motif(
        "car",
        "car cars automobile taxi beetle sedan truck van bus",
        CAR,
        {"main": "#d9483f", "glass": "#bfe0ea", "metal": "#c9ced6"},
        size=0.4,
    ),
    Motif(
        "rocket",
        "rocket rockets spaceship spacecraft",
        ROCKET,
        {"main": "#e2503f", "metal": "#b9c0cc", "glass": "#6fc7e8"},
        habitat="sky",
        size=0.7,
    ),
    Motif(
        "plane",
        "plane planes airplane aeroplane aircraft jet",
        PLANE,
        {"main": "#3f7fc0", "glass": "#9fd4ee"},
        habitat="sky",
        size=0.36,
    ),
    Motif(
        "bicycle", "bicycle bike bicycles cycle", BICYCLE, {"main": "#3fa08f", "metal": "#b9c0cc"}, size=0.42
    ),
    Motif(
        "train",
        "train trains locomotive steam_train",
        TRAIN,
        {"main": "#b8423f", "glass": "#cfe6ea", "metal": "#b9c0cc"},
        size=0.46,
    ),
    Motif(
        "house",
        "house houses cottage hut home cabin barn",
        HOUSE,
        _HOME | {"main": "#5a7f8f"},
        size=0.56,
        scenery=True,
    ),
    Motif(
        "castle",
        "castle castles palace fortress tower",
        CASTLE,
        {"main": "#5a6fa8", "wall": "#d9cdbd", "accent": "#d9504f", "glow": "#ffd780", "wood": "#6b4632"},
        size=0.66,
        scenery=True,
    ),
    Motif("windmill", "windmill windmills mill", WINDMILL, _HOME, size=0.66, scenery=True),
    Motif(
        "tent",
        "tent tents camp camping",
        TENT,
        {"main": "#e08a3c", "glow": "#ffe6a0", "wood": "#6b4632"},
        size=0.42,
    ),
    Motif("bridge", "bridge bridges", BRIDGE, {"main": "#c2473f"}, size=0.3, scenery=True),
)
