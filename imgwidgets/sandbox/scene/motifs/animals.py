"""Animals that sit and look at us, as drawings."""

from __future__ import annotations

from imgwidgets.sandbox.scene.motifs.drawing import Motif

__all__ = ["ANIMALS"]

FOX = """
main blob 60,93 78,98 95,88 99,66 88,44! 84,58 76,72 62,80
cream blob 88,44! 99,62 97,74 90,72 84,74 81,64
main blob 50,44 66,56 73,78 69,98! 31,98! 27,78 34,56
|main-1 oval 32,88 11 11
cream blob 50,48 60,58 59,74 50,86 41,74 40,58
|main+1 blob 41,66 47,70 48,97 37,97 36,80
|dark blob 37,86 48,86 48.6,98.5! 36,98.5!
main blob 50,15 64,17 75,27 86,41! 69,50 57,57 50,59 43,57 31,50 14,41! 25,27 36,17
|main blob 59,19! 80,-4! 81,32!
|dark blob 67,17! 78,1! 79.5,26!
|cream blob 50,59 58,57 70,50 86,41! 72,39 62,41 55,47 50,50!
3:cream@6 blob 50,17 53,28 50,44 47,28
|ink oval 62.5,34 3.4 4.2
|white oval 61.2,32.4 1.2 1.2
ink blob 45.5,49 50,47.6 54.5,49 50,54.5
2:ink line 0.9 50,54 50,56.4
2:ink line 0.9 44.6,55.4 47,57.4 50,56.4! 53,57.4 55.4,55.4
|3:dark@5 line 0.6 62,47 74,46
|3:dark@5 line 0.6 62,49 73,51
|4:main-2@6 line 0.8 40,62 41,66
|4:main-2@6 line 0.8 34,60 35,65
4:main-2@6 line 0.9 86,58 89,66
4:main-2@6 line 0.9 80,72 83,80
"""


CAT = """
main line 8.5 66,92 84,93 92,80 86,66 90,56
2:main-3 line 8.6 91.4,74 91.6,78
2:main-3 line 8.6 86.2,63 87,66
main blob 50,44 65,56 72,78 69,98! 31,98! 28,78 35,56
|main-1 oval 32,88 11 11
cream blob 50,50 59,60 57,76 50,84 43,76 41,60
|main+1 blob 41,68 47,70 48,97.5 37,97.5 37,80
|cream blob 36,92 42,90 48.6,92 48.6,98.5! 35.5,98.5!
|main blob 57,20! 75,2! 80,34!
|pink blob 64,19! 74,8! 76.5,27!
main blob 50,15 68,19 79,33 76,47 64,56 50,58 36,56 24,47 21,33 32,19
|cream blob 50,58 60,57 68,51 64,44 56,43 50,46!
2:main-3 blob 50,15 53,16 51.2,25! 48.8,25! 47,16
|2:main-3 blob 56,16 60,17 57,25!
|3:main-3 blob 79,36 78.6,39 70,38!
|3:main-3 blob 78,42 76.6,45 69,42!
|iris oval 62,36 5.2 5.6
|ink oval 62,36 2.5 4.8
|white oval 60.4,33.8 1.4 1.4
pink blob 46.6,45.4 53.4,45.4 50,49
2:ink line 0.9 50,48.6 50,51
2:ink line 0.9 44.6,50.4 47,52.4 50,51! 53,52.4 55.4,50.4
|2:ink@6 line 0.5 60,48 78,45
|2:ink@6 line 0.5 60,50 78,51
|4:main-2@6 line 0.8 33,64 36,66
|4:main-2@6 line 0.8 30,72 33,74
"""


DOG = """
main line 7.5 66,88 80,84 86,70
main blob 50,44 66,56 73,78 70,98! 30,98! 27,78 34,56
|main-1 oval 31,88 11.5 11
cream blob 50,54 60,62 59,78 50,88 41,78 40,62
|main+1 blob 40,68 47,70 48,97.5 36,97.5 36,80
|cream blob 35,91 41,89 48.6,91 48.6,98.5! 34.5,98.5!
main blob 50,12 66,15 76,29 75,46 64,57 50,60 36,57 25,46 24,29 34,15
cream blob 50,13 54,26 62,40 65,50 58,58 50,60 42,58 35,50 38,40 46,26
|main-3 blob 65,15 78,13 88,28 87,46 79,50 74,38 71,26
|ink oval 61.5,34 3.6 4.3
|white oval 60.2,32.2 1.3 1.3
|2:main-4 line 1.6 57,25.5 61,24 65,25.5
#e5646b blob 46.5,54 53.5,54 53,62 50,65 47,62
ink blob 43,42 50,40.4 57,42 54,48.5 50,50.5 46,48.5
2:white@7 oval 47.4,43 2 0.9
2:ink line 1.1 41,52 45.4,55 50,52.6! 54.6,55 59,52
2:ink line 1.1 50,50 50,52.6
collar blob 34,60 50,65.5 66,60 67,64.5 50,71 33,64.5
gold oval 50,71.5 3.4 3.4
"""


RABBIT = """
cream oval 71,86 8 8
main blob 50,50 64,60 71,80 68,98! 32,98! 29,80 36,60
|main-1 oval 33,88 11 11
cream blob 50,58 59,66 58,82 50,90 42,82 41,66
|main+1 blob 42,74 47.4,76 48.4,97.5 38.6,97.5 38.6,84
|cream oval 34,96.4 9 3.4
|main blob 54,34 55,12 61,-4 67,-4 70,10 66,36
|pink blob 58,30 59,12 63,2 65.6,12 63.4,30
main blob 50,28 65,31 74,43 70,56 60,62 50,63 40,62 30,56 26,43 35,31
|cream blob 50,63 58,62 65,57 62,51 55,50 50,52.4!
|ink oval 63,45 3.6 4.6
|white oval 61.8,43 1.4 1.4
|2:pink@6 oval 68,53 4.2 2.6
pink blob 46.8,50.6 53.2,50.6 50,54
2:ink line 0.9 45.4,55.6 47.6,57.4 50,56! 52.4,57.4 54.6,55.6
white rect 47.6,57 52.4,61 1
|3:ink@4 line 0.5 58,54 74,52
|3:ink@4 line 0.5 58,56 74,57
"""


BEAR = """
main blob 50,40 70,52 78,76 74,98! 26,98! 22,76 30,52
|main-1 blob 27,56 20,70 24,84 34,80 36,64
cream blob 50,56 63,64 64,82 50,92 36,82 37,64
|main-1 oval 32,94 13 6.5
|cream-2 oval 30,95 6 3.4
|main oval 70,16 9 9
|pink-2 oval 70,16 5 5
main blob 50,10 68,15 78,31 74,47 62,56 50,58 38,56 26,47 22,31 32,15
cream blob 50,35 61,39 63,48 57,55 50,56.4 43,55 37,48 39,39
|ink oval 63,32 3 3.6
|white oval 62,30.6 1.1 1.1
ink blob 44.4,40 50,38.6 55.6,40 53,45 50,46.4 47,45
2:ink line 1 50,46 50,49.6
2:ink line 1 44.6,48.8 47,51 50,49.6! 53,51 55.4,48.8
|2:pink@5 oval 70,41 4.4 2.8
"""


PANDA = (
    BEAR.replace("|main-1 oval 32", "|dark oval 32")
    .replace("|main-1 blob", "|dark blob")
    .replace("|main oval 70,16", "|dark oval 70,16")
    .replace("|pink-2 oval 70,16 5 5", "|dark+1 oval 70,16 5 5")
    .replace("|ink oval 63,32 3 3.6", "|dark oval 63.5,32.5 7 8 25\n|ink oval 63,32 3 3.6")
)


OWL = """
|main-2 blob 60,90 69,93 67,106 57,101
main blob 50,14 68,20 77,40 77,66 68,88 50,95 32,88 23,66 23,40 32,20
cream blob 50,50 63,58 65,74 58,87 50,91 42,87 35,74 37,58
|2:main-1 blob 55,62 59,66 63,62 61,69 57,69
|2:main-1 blob 51,70! 55,74 59,70! 57,77 53,77
|3:main-1 blob 55,79! 58.6,82.6 62,79! 60,85 57,85
3:main-1 blob 46,62! 50,66 54,62! 52,69 48,69
4:main-1 blob 46,79! 50,83 54,79! 52,86 48,86
|main-2 blob 70,40 79,46 82,64 76,82 68,88! 69,72 66,56
|3:main-4@6 line 1 74,56 77,66 74,76
|3:main-4@6 line 1 71,60 73,70 71,80
|main blob 52,22! 74,5! 77,34!
main blob 50,14 70,20 78,34 70,50 50,54 30,50 22,34 30,20
|cream oval 63,35 14 14
|3:cream-2@7 oval 63,35 12 12
|iris oval 62,35 9 9
|ink oval 61.4,35 5.4 5.8
|white oval 59.4,32.4 2.1 2.1
|main-2 blob 50,26! 60,19 74,12 70,20 58,24
beak blob 45.8,38! 50,36 54.2,38! 50,49!
|beak-1 oval 60,95.5 2.2 4.2
|beak-1 oval 56,96 2.2 4.2
|beak-1 oval 64,95 2 4
"""


PENGUIN = """
|gold oval 40,97 9 3.6
main blob 50,8 66,14 72,32 78,58 74,84 62,96 38,96 26,84 22,58 28,32 34,14
cream blob 50,36 63,46 67,66 62,86 50,93 38,86 33,66 37,46
|cream blob 50,30 52,22 60,20 66,28 62,40 50,44
|main-3 blob 72,42 82,56 86,76 80,80 73,68
|ink oval 60,28 2.8 3.4
|white oval 59,26.8 1 1
|2:pink@7 oval 65,35 3.6 2.4
gold blob 44,33! 50,30.5 56,33! 50,39
2:gold-3 line 0.7 44.6,33.6 50,35 55.4,33.6
"""


ANIMALS: tuple[Motif, ...] = (
    Motif(
        "fox",
        "fox foxes vixen",
        FOX,
        {"main": "#e0702e", "dark": "#4b2d2b"},
        head=(50, 17, 40),
        natural={"red": "#d4512a", "orange": "#e8772e"},
    ),
    Motif(
        "cat",
        "cat cats kitten kitty tabby",
        CAT,
        {"main": "#e39a4c", "iris": "#8fbf5a"},
        head=(50, 17, 42),
        natural={"black": "#3b3644", "white": "#f4efe6", "grey": "#8f95a3"},
    ),
    Motif(
        "dog",
        "dog dogs puppy hound corgi",
        DOG,
        {"main": "#c98a4f", "collar": "#d24b4b"},
        head=(50, 15, 40),
        natural={"black": "#433f4c", "white": "#f1ece2"},
    ),
    Motif(
        "rabbit",
        "rabbit rabbits bunny hare bunnies",
        RABBIT,
        {"main": "#c9b09a"},
        head=(50, 30, 34),
        natural={"white": "#f3efe8"},
    ),
    Motif("bear", "bear bears teddy", BEAR, {"main": "#9a6a44"}, head=(50, 11, 40)),
    Motif(
        "panda",
        "panda pandas",
        PANDA,
        {"main": "#f3f0ea", "dark": "#35313c", "cream": "#fffaf0"},
        head=(50, 11, 40),
    ),
    Motif(
        "owl",
        "owl owls owlet",
        OWL,
        {"main": "#97704f", "iris": "#f5b93a", "beak": "#e7a03c"},
        habitat="perch",
        head=(50, 17, 40),
    ),
    Motif("penguin", "penguin penguins", PENGUIN, {"main": "#3a4560"}, head=(50, 9, 30)),
)
