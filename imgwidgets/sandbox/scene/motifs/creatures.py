# ruff: noqa: E501 (a shape is one line)
# ruff: noqa: E501 (a shape is one line)
"""Creatures seen from the side or above, as drawings."""

from __future__ import annotations

from imgwidgets.sandbox.scene.motifs.drawing import Motif

__all__ = ["CREATURES"]

BIRD = """
|legs line 1.8 44,78 43,97
legs line 1.8 43,97 50,98.5
legs line 1.8 57,97 64,98.5
legs line 1.8 43,97 38,98.5
main-3 blob 26,52! -4,58! 2,66! -2,70! 28,72
main blob 62,16 78,22 84,36 80,58 66,76 46,80 28,72 20,60 26,48 40,40 48,26
cream blob 82,44 76,62 62,75 48,78 52,66 64,58 72,48
main-2 blob 62,44! 66,58 52,70 32,72 16,66! 30,60 40,48
2:main-4@7 line 1.1 58,56 46,64 28,67
2:main-4@7 line 1.1 58,50 46,58 33,63
gold blob 82,28! 98,33! 82,38
2:gold-3 line 0.8 83,33 95,33.4
ink oval 71,31 3.4 3.8
white oval 72.2,29.6 1.3 1.3
2:pink@6 oval 74,40 4 2.6
"""


DUCK = """
main blob 66,10 78,14 82,26 76,38 78,52 88,60 84,78 66,88 34,88 12,78 2,54! 16,60 34,56 50,52 56,40 54,22
main-1 blob 66,58! 60,76 40,80 20,72! 36,60 52,56
2:main-3@6 line 1.1 60,66 46,74 32,72
gold blob 80,22! 96,26 97,31 80,34
3:gold-3 line 0.8 82,29 94,29.4
ink oval 70,22 2.8 3.2
white oval 71,20.8 1 1
"""


FISH = """
main-2 blob 44,24! 60,8 72,18! 66,30
main-2 blob 48,74! 58,90 66,82! 60,70
main-1 blob 18,50 2,26! 6,46 6,54 2,74!
main blob 96,50 84,32 62,24 38,30 16,50! 38,70 62,76 84,68
cream@8 blob 94,54 82,67 62,74 40,69 30,62 56,64 78,60
2:main-3 blob 60,25 66,25.4 62,50 64,75 58,76 54,50
2:main-3 blob 42,29 48,27 44,50 47,73 41,71 37,50
main-3 blob 62,52! 52,64 48,58! 54,48
3:main-3@7 line 0.8 72,36 68,50 72,64
white oval 81,44 6 6
ink oval 82,44 3.4 3.8
white oval 83.2,42.6 1.2 1.2
2:ink line 1 93,57 89,59 85,56
"""


WHALE = """
main-2 blob 6,44! -4,26 -16,20! -16,34 -8,40 -12,50 -20,54! -8,62 4,60
main blob 92,62 94,48 82,34 62,30 40,38 22,50 6,44! 4,58 12,76 34,88 64,88 86,78
cream blob 93,58 88,76 66,88 40,88.4 30,86 46,80 64,72 80,66
2:main-2@7 line 0.8 88,72 72,78 52,82
2:main-2@7 line 0.8 86,76 72,82.4 56,85.4
2:main-2@7 line 0.8 91,66 76,72 62,77
main-2 blob 56,72! 62,86 54,97! 44,88
ink oval 80,56 2.6 3
white oval 80.8,55 0.9 0.9
2:ink line 1 93,60 87,64 80,62
spray line 2.4 66,29 66,16 57,6 50,11
spray line 2.4 66,29 66,16 75,6 82,11
2:spray line 1.8 66,26 66,8
"""


HORSE = """
mane line 6 10,50 2,62 4,82
main-2 blob 22,58 30,60 31,76 28,99! 22,99! 23,78
main-2 blob 62,62 70,60 69,78 67,99! 61,99! 62,80
main blob 12,48 22,40 44,44 58,42 66,30 74,12 80,8 84,13 92,24 96,32 92,38 84,36 79,32 76,44 74,58 66,68 44,67 26,66 14,62
main blob 12,54 26,58 26,74 21,84 22,99! 15,99! 14,82 10,66
main blob 66,58 76,56 76,72 74,84 75,99! 68,99! 68,82
dark poly 15,94.6 22,94.6 22.4,99.4 14.4,99.4
dark poly 68,94.6 75,94.6 75.5,99.4 67.4,99.4
dark poly 22,94.6 28.4,94.6 28.6,99.4 21.8,99.4
dark poly 61,94.6 67.2,94.6 67.4,99.4 60.8,99.4
mane blob 80,8 74,6 66,18 58,34 55,44 62,46 70,32 76,20 82,12
main blob 79,10! 82,-1! 85,12!
2:mane blob 81,8 87,14 86,20 83,14
ink oval 85,19 1.7 2
white oval 85.6,18.3 0.6 0.6
2:cream@7 blob 90,20 95,30 92,30 88,22
2:dark oval 93.4,32.4 0.9 1.2
"""


DEER = """
horn line 2 78,16 70,4 72,-10 68,-18
horn line 1.6 71,0 62,-6
horn line 1.6 72,-8 78,-14
horn line 2 82,15 88,4 86,-10 90,-18
horn line 1.6 87,0 96,-6
horn line 1.6 86,-8 80,-15
main-2 blob 24,62 31,62 31,78 28.6,99! 24,99! 24,80
main-2 blob 62,64 68,62 67,80 66,99! 61.6,99! 62,82
cream blob 14,50 6,46 8,56 14,60
main blob 12,52 20,46 42,48 58,46 66,36 72,20 80,14 86,18 95,26 94,31 84,32 79,34 77,46 74,58 66,66 44,67 26,66 14,62
cream blob 30,64 46,61 60,62 66,66 46,69
main blob 13,56 26,60 25,74 20,84 20.6,99! 16,99! 15,82 11,66
main blob 66,58 75,56 74,72 72,84 73,99! 68.4,99! 68,82
dark poly 16,95 20.7,95 21,99.4 15.4,99.4
dark poly 68.4,95 73,95 73.5,99.4 68,99.4
dark poly 24,95 28.6,95 28.8,99.4 23.6,99.4
dark poly 61.7,95 66,95 66.2,99.4 61.2,99.4
main-1 blob 77,17! 66,12! 70,20
2:cream oval 26,53 1.6 1.3
2:cream oval 33,51.6 1.7 1.3
2:cream oval 40,53.4 1.6 1.3
2:cream oval 30,57 1.4 1.2
3:cream oval 37,57.6 1.4 1.2
3:cream oval 46,52 1.4 1.1
cream blob 75,40 79,36 78,48 74,56
ink oval 84,21.4 1.8 2.1
white oval 84.6,20.6 0.7 0.7
ink oval 94.4,27.6 1.8 1.6
"""


SHEEP = """
dark blob 30,74 36,74 35,98! 29,98!
dark blob 64,74 70,74 70,98! 64,98!
dark blob 38,76 43,76 43,98! 38,98!
dark blob 56,76 61,76 61,98! 56,98!
main oval 50,56 32 24
main oval 26,46 12 12
main oval 40,36 13 12
main oval 58,36 13 12
main oval 74,50 12 12
main oval 26,64 12 12
main oval 72,66 12 11
main oval 48,76 13 8
2:main-1 line 1.2 38,52 44,47 49,53
2:main-1 line 1.2 52,64 58,59 63,65
2:main-1 line 1.2 30,64 35,60 40,66
dark blob 78,28 90,32 94,46 88,58 80,60 72,50 71,36
dark+1 blob 71,36! 60,38! 70,44
main oval 78,28 9 7
white oval 84,42 2.6 3
ink oval 84.8,42.4 1.5 1.9
"""


ELEPHANT = """
main-2 blob 26,64 38,64 38,98! 27,98!
main-2 blob 52,66 62,64 62,98! 52,98!
main-2 line 2 10,48 4,62 6,70
main blob 10,50 16,32 38,26 56,28 66,24 82,26 90,38 92,54 94,74 98,84 94,90 88,84 84,66 80,58 76,70 64,74 30,74 14,68
main blob 12,60 26,64 27,98! 15,98!
main blob 62,62 74,62 74,98! 62,98!
2:cream oval 17.5,96.6 1.6 1.6
2:cream oval 23.5,96.6 1.6 1.6
2:cream oval 65,96.6 1.6 1.6
2:cream oval 71,96.6 1.6 1.6
main-1 blob 62,26 70,32 72,48 66,60 54,56 50,42 53,30
pink@5 blob 61,32 66,37 67,47 63,53 57,50 55,42 57,34
ink oval 81,40 2 2.3
white oval 81.7,39.2 0.7 0.7
white blob 84,58! 92,66 99,62! 92,59
"""


BUTTERFLY = """
|main blob 52,40 64,14 88,6 96,20 90,42 72,54 53,52
|main-1 blob 53,54 70,56 84,68 78,86 64,88 54,70
|main+4 oval 80,24 8 7
|2:main-4 oval 88,16 3 3
|2:main+4 oval 70,72 5 6
|2:gold oval 66,40 4 4
ink blob 50,32 53,40 52.4,62 50,78 47.6,62 47,40
ink oval 50,31 3.4 3.8
|ink line 0.9 51,29 55,18 62,12
|ink oval 62,12 1.3 1.3
"""


TURTLE = """
skin-1 blob 22,80 34,82 32,97 20,97
skin-1 blob 62,80 74,80 76,97 64,97
skin blob 10,80 2,84! 12,88
skin blob 76,66 82,50 94,48 99,58 94,68 86,74 80,82
main blob 8,80 14,56 36,42 58,44 76,60 82,80
main-2 blob 5,78 45,76 85,78 84,86 45,88 6,86
2:main+2 blob 36,48 50,48 56,58 46,66 34,60
2:main+2 blob 26,52 30,62 22,72 14,68 18,58
2:main+2 blob 60,52 70,60 72,70 62,70 58,62
2:main+1 blob 36,66 48,70 46,76 30,76 28,72
ink oval 92,56 1.8 2.2
2:ink line 0.8 97,63 93,64.6
"""


CREATURES: tuple[Motif, ...] = (
    Motif(
        "bird",
        "bird birds sparrow robin_bird songbird robin",
        BIRD,
        {"main": "#4f8fc0", "legs": "#8a5a3a"},
        size=0.4,
        head=(66, 17, 26),
    ),
    Motif(
        "duck",
        "duck ducks swan swans goose duckling",
        DUCK,
        {"main": "#f6e9c8"},
        habitat="water",
        size=0.4,
        level=12,
        head=(68, 11, 22),
    ),
    Motif(
        "fish",
        "fish fishes goldfish koi",
        FISH,
        {"main": "#f08a3c"},
        habitat="under",
        size=0.4,
        natural={"golden": "#f4a72c"},
    ),
    Motif(
        "whale",
        "whale whales orca",
        WHALE,
        {"main": "#3f7fb0", "spray": "#e8f6fb"},
        habitat="water",
        size=0.48,
        level=16,
    ),
    Motif(
        "horse",
        "horse horses pony foal stallion mare unicorn",
        HORSE,
        {"main": "#a4683c", "mane": "#4a2f2a", "dark": "#3a2a2c"},
        size=0.62,
        natural={"white": "#f2ede4"},
    ),
    Motif(
        "deer",
        "deer stag doe reindeer elk fawn",
        DEER,
        {"main": "#b9783f", "horn": "#7a5638", "dark": "#3f2b2a"},
        size=0.66,
    ),
    Motif("sheep", "sheep lamb lambs goat", SHEEP, {"main": "#f7f2e6", "dark": "#4a4450"}, size=0.42),
    Motif("elephant", "elephant elephants mammoth", ELEPHANT, {"main": "#94a0b2"}, size=0.58),
    Motif(
        "butterfly", "butterfly butterflies moth", BUTTERFLY, {"main": "#ee8434"}, habitat="sky", size=0.34
    ),
    Motif("turtle", "turtle turtles tortoise", TURTLE, {"main": "#6f9a4d", "skin": "#a9c172"}, size=0.36),
)
