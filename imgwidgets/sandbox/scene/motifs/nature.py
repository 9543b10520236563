# ruff: noqa: E501 (a shape is one line)
# ruff: noqa: E501 (a shape is one line)
"""Plants, stones and things in the sky, as drawings."""

from __future__ import annotations

from imgwidgets.sandbox.scene.motifs.drawing import Motif

__all__ = ["NATURE"]

TREE = """
trunk blob 45,100! 47,80 46,60 54,60 53,80 55,100! 59,102! 41,102!
trunk line 2.4 49,72 42,60 36,54
trunk line 2.4 51,70 58,60 64,54
main-2 oval 31,46 19 17
main-2 oval 69,46 19 17
main-1 oval 50,54 26 13
main oval 38,30 20 19
main oval 63,30 20 19
main oval 50,18 20 17
main oval 50,38 22 18
2:main+2 oval 42,17 9 6 -20
2:main+2 oval 29,36 7 5 -20
2:main+2 oval 58,32 8 5 -20
3:main-3@6 line 1 60,44 64,47 68,46
3:main-3@6 line 1 36,48 40,51 44,50
3:main-3@6 line 1 44,30 48,33 52,32
4:main+3 oval 50,10 2.2 1.6
4:main+3 oval 35,24 2.2 1.6
4:main+3 oval 66,22 2.2 1.6
"""

PINE = """
trunk rect 46,84 54,101
main-2 blob 50,44! 66,66 78,90! 62,88 50,92 38,88 22,90! 34,66
main-1 blob 50,24! 62,44 72,64! 60,63 50,67 40,63 28,64! 38,44
main blob 50,0! 58,18 66,38! 57,37 50,41 43,37 34,38! 42,18
2:main+2@5 blob 50,0! 46,20 42,35! 34,38! 42,18
2:main+2@4 blob 50,30! 44,46 38,61! 28,64! 38,44
2:main+2@4 blob 46,52! 40,72 32,87! 22,90! 34,66
"""

ROSE = """
leaf-2 line 2.6 50,46 49,72 51,101
leaf blob 50,82! 58,72 72,68 78,62! 76,76 66,84 56,86
leaf-1 blob 50,74! 40,66 30,64 22,58! 25,70 34,76 44,78
3:leaf-3 line 0.8 50,82 62,76 75,66
3:leaf-3 line 0.8 50,74 38,69 25,61
leaf-1 blob 40,44! 50,54 60,44! 58,52 50,57 42,52
main-2 blob 24,26 28,42 42,50 50,51 58,50 72,42 76,26 66,16 50,12 34,16
main blob 22,20 34,14 50,20 48,40 42,49 28,42
main blob 78,20 66,14 50,20 52,40 58,49 72,42
main-1 blob 33,14 50,4 67,14 66,30 50,38 34,30
main+1 blob 37,16 50,8 63,16 60,28 50,33 40,28
main-2 blob 42,18 50,12 58,18 56,26 50,29 44,26
main line 1.6 53,24 48,25 46,20 51,17 55,20
2:main+3@6 line 1 26,24 34,19 44,22
2:main+3@6 line 1 74,24 66,19 57,22
main blob 30,32 40,32 50,40 60,32 70,32 62,46 50,51 38,46
2:main-2@7 line 1 33,33 42,37 50,46 58,37 67,33
"""

FLOWER = """
leaf-2 line 2.4 50,44 51,70 50,101
leaf blob 50,88! 60,74 74,70 82,66! 78,80 66,88
leaf-1 blob 50,80! 42,68 30,66 20,62! 25,74 36,80
main oval 50,13 10 14
main oval 50,51 10 14
main oval 69,32 14 10
main oval 31,32 14 10
main-1 oval 63.5,18.5 10 14 45
main-1 oval 36.5,18.5 10 14 -45
main-1 oval 63.5,45.5 10 14 -45
main-1 oval 36.5,45.5 10 14 45
heart oval 50,32 10 10
2:heart-2 oval 52,34 6 6
2:heart+2 oval 47.5,29 3 3
"""

TULIP = """
leaf-2 line 2.6 50,46 50,72 50,101
leaf blob 50,100! 40,88 32,64 34,52! 44,70 50,86
leaf-1 blob 50,100! 60,90 68,72 67,60! 57,76 50,90
main-1 blob 50,4! 60,20 58,48 42,48 40,20
main blob 32,8! 44,20 54,46 46,51 36,46 30,30
main blob 68,8! 56,20 46,46 54,51 64,46 70,30
2:main+2@6 line 1.2 36,20 38,32 44,44
"""

SUNFLOWER = FLOWER.replace(
    "main oval 50,13 10 14",
    "main-1 oval 58,14 6 14 22\nmain-1 oval 42,14 6 14 -22\nmain-1 oval 58,50 6 14 -22\nmain-1 oval 42,50 6 14 22\nmain-1 oval 68,24 6 14 68\nmain-1 oval 32,24 6 14 -68\nmain-1 oval 68,40 6 14 -68\nmain-1 oval 32,40 6 14 68\nmain oval 50,13 7 14",
).replace("heart oval 50,32 10 10", "heart oval 50,32 14 14")

CACTUS = """
main-1 line 13 50,78 72,74 76,58 76,44
main-1 line 12 50,66 28,64 25,52 25,38
main blob 39,100! 38,40 42,14 50,8 58,14 62,40 61,100!
2:main-3@7 line 1 45,18 44,50 44,97
2:main-3@7 line 1 50,14 50,50 50,97
2:main-3@7 line 1 55,18 56,50 56,97
3:white@8 line 0.6 41,40 37,38
3:white@8 line 0.6 60,52 64,50
3:white@8 line 0.6 41,68 37,66
3:white@8 line 0.6 60,82 64,80
bloom oval 46,9 4 5 -30
bloom oval 54,9 4 5 30
bloom+1 oval 50,7 4 6
"""

PALM = """
trunk blob 44,101! 48,76 56,52 62,36 67,37 62,56 56,78 54,101!
2:trunk-3 line 1 50,80 56,82
2:trunk-3 line 1 54,64 60,66
2:trunk-3 line 1 59,50 64,52
main-1 blob 64,36! 80,26 98,34 104,50! 92,42 78,40
main blob 64,36! 76,14 96,10 110,20! 94,22 78,30
main-1 blob 64,36! 48,28 32,34 24,52! 36,44 50,42
main blob 64,36! 52,14 34,10 20,18! 36,22 52,30
main+1 blob 64,36! 62,18 70,4 84,-2! 76,12 70,26
main-2 blob 64,36! 72,46 76,58 74,70! 68,56 63,46
trunk-2 oval 61,39 4 4
trunk-2 oval 67,40 4 4
"""

MUSHROOM = """
cream blob 40,52 60,52 60,78 66,99! 34,99! 40,78
2:cream-2@6 blob 52,54 60,54 60,78 66,99! 52,99! 54,78
main blob 6,54! 12,28 34,12 50,10 66,12 88,28 94,54! 74,60 50,62 26,60
cream-2 blob 16,56! 50,61 84,56! 68,62 50,64 32,62
white oval 36,28 8 6.4 -15
white oval 62,24 6 4.6 15
white oval 76,42 6.4 6 20
white oval 52,46 6.4 5
2:white oval 22,44 5 5 -20
"""

STAR = """
main poly 50,4 62,36 96,38 69,59 79,92 50,73 21,92 31,59 4,38 38,36
2:main+4@7 poly 50,4 50,50 38,36
2:main+4@7 poly 4,38 50,50 31,59
2:main-2@5 poly 79,92 50,50 50,73
2:main-2@5 poly 96,38 50,50 69,59
"""

HEART = """
main blob 50,92! 22,66 6,42 12,20 30,12 50,28! 70,12 88,20 94,42 78,66
2:white@5 blob 18,36 22,24 32,20 26,28
"""

MOON = """
main oval 50,50 44 44
2:main-2@6 oval 36,36 9 8
2:main-2@6 oval 64,58 12 11
2:main-2@6 oval 40,68 6 6
2:main-2@6 oval 62,28 5 5
"""

SUN = """
main+3@4 oval 50,50 48 48
main+3@5 oval 50,50 41 41
main oval 50,50 33 33
"""

CLOUD = """
white oval 30,62 22 20
white oval 52,46 26 26
white oval 74,60 20 20
white rect 14,60 92,82 11
"""

ROCK = """
main blob 4,100! 10,64 30,44 58,40 84,58 98,100!
2:main+2 blob 12,66! 30,46 56,42! 48,60 26,68
2:main-2 blob 98,100! 84,58! 62,72 60,100!
"""

NATURE: tuple[Motif, ...] = (
    Motif(
        "tree",
        "tree trees oak maple willow",
        TREE,
        {"main": "#5f9a4c", "trunk": "#6b4632"},
        size=0.7,
        scenery=True,
    ),
    Motif(
        "pine",
        "pine pines fir spruce christmas_tree conifer",
        PINE,
        {"main": "#3c7a58", "trunk": "#60402f"},
        size=0.7,
        scenery=True,
    ),
    Motif(
        "palm",
        "palm palms coconut_tree",
        PALM,
        {"main": "#4f9d58", "trunk": "#94683f"},
        size=0.7,
        scenery=True,
    ),
    Motif("rose", "rose roses peony", ROSE, {"main": "#cf2f45", "leaf": "#4f8a4d"}, size=0.62),
    Motif(
        "sunflower",
        "sunflower sunflowers",
        SUNFLOWER,
        {"main": "#f6b92e", "leaf": "#5a8f45", "heart": "#6b4128"},
        size=0.66,
    ),
    Motif("tulip", "tulip tulips", TULIP, {"main": "#e2557a", "leaf": "#5a9a55"}, size=0.6),
    Motif(
        "flower",
        "flower flowers daisy daisies blossom lily lotus bouquet",
        FLOWER,
        {"main": "#f7f0f4", "leaf": "#5a9650", "heart": "#f2b33a"},
        size=0.6,
    ),
    Motif(
        "cactus",
        "cactus cacti saguaro",
        CACTUS,
        {"main": "#5c9460", "bloom": "#ee6f8d"},
        size=0.6,
        scenery=True,
    ),
    Motif("mushroom", "mushroom mushrooms toadstool", MUSHROOM, {"main": "#d8453e"}, size=0.48),
    Motif("star", "", STAR, {"main": "#f8cf52"}, habitat="sky", size=0.45),
    Motif("heart", "heart hearts love", HEART, {"main": "#e2455c"}, habitat="sky", size=0.5),
    Motif("moon", "", MOON, {"main": "#f8efcf"}, habitat="sky", size=0.4),
    Motif("sun", "", SUN, {"main": "#ffd45e"}, habitat="sky", size=0.4),
    Motif("cloud", "", CLOUD, {"main": "#ffffff"}, habitat="sky", size=0.35),
    Motif("rock", "rock rocks stone boulder", ROCK, {"main": "#8b8794"}, size=0.32, scenery=True),
)
