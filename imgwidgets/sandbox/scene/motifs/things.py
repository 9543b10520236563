"""Things people make and hold, and people, as drawings."""

from __future__ import annotations

from imgwidgets.sandbox.scene.motifs.drawing import Motif

__all__ = ["THINGS"]

STRAW_HAT = """
main-2 oval 50,74 49 17
main oval 50,71 49 16
2:main-2@6 oval 50,70 41 12
2:main oval 50,69.6 38 11
2:main-2@5 oval 50,69 32 9
main blob 24,68! 26,44 34,28 50,23 66,28 74,44 76,68! 64,74 50,76 36,74
band blob 24,68! 25,56 37,62.4 50,64 63,62.4 75,56 76,68! 64,74 50,76 36,74
3:main-3@6 line 0.7 29,46 40,51 50,52 60,51 71,46
3:main-3@6 line 0.7 32,38 41,42 50,43 59,42 68,38
3:main-3@6 line 0.7 38,30 44,33 50,33.6 56,33 62,30
3:main-3@5 line 0.6 50,24 50,62
3:main-3@5 line 0.6 40,27 36,60
3:main-3@5 line 0.6 60,27 64,60
2:band+2 blob 70,60! 84,62 88,76! 82,76 78,82! 72,70
4:main+3@7 line 0.7 8,72 26,80 50,83 74,80 92,72
4:main-3@7 line 0.6 5,70 24,60
4:main-3@7 line 0.6 95,70 80,61
"""

TOP_HAT = """
main-1 oval 50,84 44 11
main oval 50,82 44 10
main blob 26,82! 24,22! 50,18 76,22! 74,82! 50,88
main-2 oval 50,22 26 6
band blob 25.6,70! 50,75 74.4,70! 74,81! 50,87 26,81!
2:white@3 line 2.4 32,30 33,62
"""

UMBRELLA = """
wood line 2.2 50,6 50,90 47,97 40,97 38,90
main blob 50,8! 74,14 92,34 96,54! 88,49 80,54! 65,47 50,54! 35,47 20,54! 12,49 4,54! 8,34 26,14
main-2 blob 50,8! 40,24 35,47! 28,48 20,54! 12,49 4,54! 8,34 26,14
main+2 blob 50,8! 60,24 65,47! 57.5,48 50,54! 42,48 35,47! 40,24
wood line 2.4 50,2 50,9
"""

CUP = """
white@6 line 1.6 40,26 36,18 43,10 39,2
white@6 line 1.6 54,26 50,18 57,10 53,2
main-3 oval 47,96 40 5.4
main+2 oval 47,94 40 5
main-1 line 5.4 76,46 92,46 93,64 74,72
main blob 16,36! 78,36! 77,60 69,82 58,92! 36,92! 25,82 17,60
main-2 oval 47,36 31 6.4
drink oval 47,37 27.6 4.8
2:white@6 line 3 25,50 27,64 34,76
3:white@5 oval 58,62 7 7
3:main-2@5 oval 58,62 4 4
"""

TEAPOT = """
main-1 line 6 20,48 4,44 4,66 22,72
main-1 blob 74,70! 88,58 90,42! 99,40! 97,56 86,80 74,84!
main blob 48,34 68,38 79,58 74,80 62,92! 34,92! 22,80 17,58 28,38
main-2 oval 48,93 17 3.4
main-2 oval 48,36 19 4
main+1 blob 31,35! 36,26 48,23 60,26 65,35! 48,39
gold oval 48,20 4.6 4.6
2:white@6 line 3 28,54 29,66 35,76
2:accent oval 52,64 6 6
2:accent+3 oval 52,64 2.6 2.6
3:accent oval 42,70 3.6 3.6
3:accent oval 62,70 3.6 3.6
3:leaf oval 46,60 4 2 35
3:leaf oval 59,60 4 2 -35
"""

BOOK = """
main-2 blob 2,34! 24,28 50,36! 76,28 98,34! 98,90! 76,86 50,94! 24,86 2,90!
cream-1 blob 6,30! 26,24 50,33! 50,88! 26,80 6,85!
cream blob 94,30! 74,24 50,33! 50,88! 74,80 94,85!
cream-3 line 1 50,33 50,88
2:ink@5 line 1.2 13,39 27,36 43,41
2:ink@5 line 1.2 13,48 27,45 43,50
2:ink@5 line 1.2 13,57 27,54 43,59
2:ink@5 line 1.2 13,66 27,63 38,66
2:ink@5 line 1.2 57,41 73,36 87,39
2:ink@5 line 1.2 57,50 73,45 87,48
accent@8 oval 72,63 9 8
2:main blob 62,31! 68,29! 68,58! 65,54! 62,59!
"""

APPLE = """
wood line 3 50,26 51,14 57,6
leaf blob 53,18! 62,4 80,4 86,8! 80,20 66,24
main blob 50,28 62,21 82,26 93,46 86,76 66,97 50,94 34,97 14,76 7,46 18,26 38,21
main-2 blob 38,24 50,31 62,24 54,28 46,28
2:white@6 blob 18,50 20,38 30,30 34,34 24,44
3:leaf-3 line 0.8 56,18 68,13 82,9
3:main+3@6 oval 70,52 1 1.4
3:main+3@6 oval 62,66 1 1.4
3:main+3@6 oval 76,68 1 1.4
"""

GUITAR = """
wood rect 46,4 54,52
wood-3 rect 43.5,-6 56.5,9 2
main-2 blob 50,42 62,42 69,50 66,60 72,70 76,82 68,96 50,100 32,96 24,82 28,70 34,60 31,50 38,42
main blob 50,43.4 61,43.4 67,50 64,60 70,70 74,82 66.6,94.6 50,98 33.4,94.6 26,82 30,70 36,60 33,50 39,43.4
wood-2 rect 46.4,8 53.6,60
wood-4 oval 50,65 9 9
2:gold line 1 50,56 59,65 50,74 41,65 50,56
wood-3 rect 39,83 61,87 1
2:cream line 0.5 48,2 48,85
2:cream line 0.5 50,2 50,85
2:cream line 0.5 52,2 52,85
|2:cream oval 58,-3 1.6 1.6
|2:cream oval 58,2 1.6 1.6
2:cream@8 line 0.6 46.4,20 53.6,20
2:cream@8 line 0.6 46.4,30 53.6,30
2:cream@8 line 0.6 46.4,40 53.6,40
2:white@4 line 2 33,78 36,88 42,94
"""

LANTERN = """
wood line 2 50,0 50,12
gold rect 36,12 64,18 2
glow@3 oval 50,52 48 46
main blob 34,18! 66,18! 82,36 84,54 78,72 66,86! 34,86! 22,72 16,54 18,36
main+3@8 oval 50,50 16 26
2:main-3@7 line 1 42,18 32,36 31,54 34,72 42,86
2:main-3@7 line 1 58,18 68,36 69,54 66,72 58,86
gold rect 36,86 64,92 2
gold-2 line 1.2 50,92 50,108
gold-2 line 1.2 46,92 45,105
gold-2 line 1.2 54,92 55,105
"""

CROWN = """
main blob 8,84! 2,34! 26,56! 50,16! 74,56! 98,34! 92,84! 50,90
main-2 blob 8,84! 9,74! 50,80 91,74! 92,84! 50,92
jewel oval 50,66 6 7
accent oval 26,68 4 5
accent oval 74,68 4 5
main+3 oval 2,33 4.6 4.6
main+3 oval 98,33 4.6 4.6
main+3 oval 50,14 5.4 5.4
"""

CAKE = """
cream-2 oval 50,92 46 7
main blob 16,52! 84,52! 84,88! 50,95 16,88!
main+3 blob 16,52! 16,64 24,70 30,62 38,74 46,64 54,72 62,62 70,73 77,64 84,66 84,52! 50,58
main+3 oval 50,52 34 8
gold rect 48,26 52,50
#fff2b0 oval 50,20 3.4 6
#ff9a3c oval 50,21.4 1.8 3.6
|2:accent oval 70,50 4 3.6
|2:accent oval 60,54 4 3.6
2:accent oval 50,55 4 3.6
|3:gold oval 74,80 1.6 1.6
|3:accent oval 62,84 1.6 1.6
3:gold oval 50,82 1.6 1.6
"""

GIFT = """
main rect 12,44 88,96 3
main-1 rect 8,34 92,52 3
ribbon rect 44,34 56,96
|ribbon blob 51,34! 58,14 76,8 82,20 70,32
|ribbon-2 blob 54,32! 62,20 74,16 72,26
ribbon-1 oval 50,32 6 5
2:white@3 rect 12,52 88,55
"""

PERSON = """
trousers blob 42,64 50,62 50,98! 41,98!
trousers-1 blob 50,62 58,64 59,98! 50.6,98!
shoe blob 38,96 50,96 50,100.6! 35,100.6!
shoe blob 50.6,96 62,96 65,100.6! 50.6,100.6!
main-1 line 7 38,40 31,54 33,66
main-1 line 7 62,40 69,54 67,66
skin oval 33,68 3.4 3.6
skin oval 67,68 3.4 3.6
main blob 40,34 50,32 60,34 64,42 61,68! 39,68! 36,42
skin rect 46,27 54,36 2
skin blob 50,8 60,12 62,21 58,30 50,33 42,30 38,21 40,12
hair blob 37,22! 36,10 46,3 58,5 64,13 63,22! 59,15 50,13 42,14
2:scarf blob 41,33 50,35 59,33 60,38 50,40.4 40,38
2:scarf-1 blob 52,38! 58,38! 60,54! 54,54!
|ink oval 54.4,20.4 1.3 1.6
2:ink line 0.7 47.4,26 50,27.4 52.6,26
|2:pink@6 oval 57,24.4 2 1.3
"""

ROBOT = """
|metal-2 line 5 76,58 86,66 86,76
|metal oval 86,79 5 5
|metal-3 rect 55,84 66,96 2
|metal-2 blob 52,100.5! 53,94 60,91 68,94 70,100.5!
main rect 24,48 76,87 8
main-2 rect 24,78 76,87 6
panel rect 34,55 66,74 4
2:gold oval 41,61 3 3
2:accent oval 50,61 3 3
2:glow oval 59,61 3 3
2:metal-2 line 1.2 39,68.6 61,68.6
metal-2 rect 44,40 56,50
metal-2 line 1.8 50,14 50,4
accent oval 50,3 4 4
main rect 22,13 78,44 10
main-2 rect 15,23 23,34 2
main-2 rect 77,23 85,34 2
panel rect 29,19 71,38 8
|glow oval 61,28 6 6.4
|white oval 59.4,26 2 2
2:glow line 1.6 43,34 50,36 57,34
3:white@4 line 2 28,17 44,16
|3:metal-4 oval 72,52 1.1 1.1
|3:metal-4 oval 72,82 1.1 1.1
"""

SNOWMAN = """
white oval 50,78 29 23
white oval 50,46 21 19
white oval 50,21 15 14.6
|wood line 1.6 69,44 84,34 92,28
|wood line 1.2 84,34 92,38
|ink oval 55,18 1.8 2.1
#ee8a3a blob 50,22! 66,25! 50,26
ink oval 50,42 1.8 1.8
ink oval 50,51 1.8 1.8
ink oval 50,72 1.8 1.8
main blob 34,31 50,35 66,31 67,37 50,41 33,37
main-1 blob 58,37! 65,36! 68,56! 60,57!
ink blob 32,9! 68,9! 68,6! 32,6!
ink rect 38,-12 62,8 1
main rect 38,0 62,6
2:ink line 0.9 44,27 50,30 56,27
"""

BALL = """
main oval 50,50 46 46
2:main+4 blob 50,4 66,22 66,78 50,96 34,78 34,22
2:main-2@5 blob 88,24 96,50 84,80 50,96 78,74
"""

THINGS: tuple[Motif, ...] = (
    Motif(
        "straw hat",
        "straw_hat straw_hats hat hats sunhat boater",
        STRAW_HAT,
        {"main": "#ecc56f", "band": "#c2473f"},
        habitat="table",
        size=0.5,
        worn=1.7,
    ),
    Motif(
        "top hat",
        "top_hat tophat magician_hat",
        TOP_HAT,
        {"main": "#35303f", "band": "#b83a45"},
        habitat="table",
        size=0.5,
        worn=1.3,
    ),
    Motif(
        "umbrella",
        "umbrella umbrellas parasol",
        UMBRELLA,
        {"main": "#dd4f4a", "wood": "#7a5238"},
        size=0.62,
        held=2.6,
    ),
    Motif(
        "cup",
        "cup cups mug coffee tea espresso latte",
        CUP,
        {"main": "#e8eef0", "drink": "#6a4030"},
        habitat="table",
        size=0.52,
    ),
    Motif(
        "teapot",
        "teapot teapots kettle",
        TEAPOT,
        {"main": "#5f9ea6", "accent": "#e8738a", "leaf": "#3f7a4a"},
        habitat="table",
        size=0.5,
    ),
    Motif(
        "book",
        "book books novel diary notebook",
        BOOK,
        {"main": "#3f6fa3", "accent": "#e39a4c"},
        habitat="table",
        size=0.46,
    ),
    Motif(
        "apple",
        "apple apples",
        APPLE,
        {"main": "#d63c3a", "leaf": "#5f9f48", "wood": "#6b4632"},
        habitat="table",
        size=0.48,
        natural={"green": "#8cbf45"},
    ),
    Motif(
        "guitar",
        "guitar guitars ukulele violin cello",
        GUITAR,
        {"main": "#d2853c", "wood": "#6e452f"},
        habitat="table",
        size=0.72,
    ),
    Motif(
        "lantern",
        "lantern lanterns lamp",
        LANTERN,
        {"main": "#e2513f", "wood": "#6b4632", "glow": "#ffd98a"},
        habitat="sky",
        size=0.45,
    ),
    Motif(
        "crown",
        "crown crowns tiara",
        CROWN,
        {"main": "#f2bd45", "jewel": "#d6405a", "accent": "#3f8fc0"},
        habitat="table",
        size=0.42,
        worn=0.95,
    ),
    Motif(
        "cake",
        "cake cakes birthday",
        CAKE,
        {"main": "#c98558", "accent": "#dd4058"},
        habitat="table",
        size=0.5,
    ),
    Motif(
        "gift",
        "gift gifts present presents gift_box",
        GIFT,
        {"main": "#d9504f", "ribbon": "#f6d27a"},
        habitat="table",
        size=0.48,
    ),
    Motif(
        "person",
        "person man woman girl boy child people traveler traveller human figure lady kid girls boys "
        "children wanderer hiker",
        PERSON,
        {
            "main": "#d9604a",
            "skin": "#f0c2a0",
            "hair": "#4a3230",
            "trousers": "#3f5478",
            "shoe": "#4a3a36",
            "scarf": "#f2bd58",
        },
        size=0.56,
        head=(50, 8, 26),
    ),
    Motif(
        "robot",
        "robot robots android cyborg droid",
        ROBOT,
        {"main": "#6fa8b8", "metal": "#a8b4bd", "panel": "#24304a", "accent": "#ee6352", "glow": "#7df0e0"},
        size=0.6,
        head=(50, 14, 46),
    ),
    Motif("snowman", "snowman snowmen", SNOWMAN, {"main": "#d2483f", "wood": "#6b4632"}, size=0.6),
    Motif("ball", "ball balls beachball", BALL, {"main": "#e2574c"}, size=0.3),
)
