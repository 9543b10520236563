# ruff: noqa: E501 (tables read best one entry a line, and some are Chinese)
# ruff: noqa: E501 (tables read best one entry a line, and some are Chinese)
"""What the words of a prompt mean, as tables: colours, times, weather, places, styles, moods."""

from __future__ import annotations

__all__ = [
    "CHINESE",
    "COLOURS",
    "COUNTS",
    "EXTRAS",
    "MOODS",
    "PLACES",
    "SEASONS",
    "STYLES",
    "TIMES",
    "WEATHER",
]


def _table(**groups: str) -> dict[str, str]:
    return {word.replace("_", " "): name for name, words in groups.items() for word in words.split()}


# harmonious rather than pure: these sit well together in one picture
COLOURS: dict[str, str] = {
    "red": "#d63b36", "crimson": "#b5223c", "scarlet": "#e2382c", "maroon": "#7d2433", "ruby": "#b81f45",
    "orange": "#ee8330", "amber": "#f0a028", "coral": "#f27a62", "peach": "#f8b894", "salmon": "#f08f7c",
    "yellow": "#f5c93a", "gold": "#eab53a", "golden": "#eab53a", "lemon": "#f7e06a", "mustard": "#d2a02c",
    "green": "#4f9f50", "emerald": "#1f9b6c", "olive": "#86893c", "lime": "#a2cc3c", "mint": "#9ad9b8",
    "sage": "#9fb48c", "jade": "#3fa383", "teal": "#1f8f90", "turquoise": "#35bdb8", "cyan": "#38c3dc",
    "aqua": "#5fd0d4", "blue": "#2f6fc4", "navy": "#22355f", "azure": "#3f96e4", "cobalt": "#2650b0",
    "indigo": "#46409c", "violet": "#8a55c2", "purple": "#7f459f", "lavender": "#b7a2dc", "lilac": "#c8a8d8",
    "magenta": "#cf3f96", "pink": "#f08cab", "fuchsia": "#dc4aa4", "brown": "#8a5a38", "beige": "#dfcba8",
    "tan": "#cba47a", "cream": "#f7ead0", "ivory": "#f6f0e0", "white": "#f6f3ec", "black": "#34303c",
    "grey": "#8f939c", "gray": "#8f939c", "silver": "#bcc3cb", "bronze": "#a9743c", "copper": "#c2703f", "ginger": "#dd8038", "charcoal": "#45454f", "chestnut": "#8e4f30",
}  # fmt: skip

TIMES = _table(
    dawn="dawn sunrise daybreak morning",
    day="day noon midday daytime daylight sunny afternoon",
    sunset="sunset evening golden_hour sundown",
    dusk="dusk twilight gloaming nightfall blue_hour",
    night="night midnight nighttime moonlit moonlight starry nocturnal stars",
)
SEASONS = _table(
    winter="winter wintry snow snowy snowfall snowing ice icy frozen frost blizzard arctic christmas antarctica",
    autumn="autumn autumnal fall october harvest",
    spring="spring springtime april blossoms cherry",
    summer="summer summertime july",
)
WEATHER = _table(
    snow="snow snowy snowfall snowing snowflakes blizzard snowstorm",
    rain="rain rainy raining drizzle storm stormy thunderstorm shower",
    fog="fog foggy mist misty haze hazy foggy",
    cloud="cloudy overcast clouds",
)
PLACES = _table(
    mountain="mountain mountains alps alpine peaks peak himalaya volcano matterhorn summit",
    hill="hill hills hillside meadow field fields countryside valley grassland grass prairie farm vineyard park garden",
    desert="desert dunes dune sahara sand sandy canyon mars mesa",
    forest="forest woods woodland jungle grove wood rainforest",
    sea="sea ocean beach coast shore seaside bay waves wave harbor harbour island lagoon surf",
    lake="lake pond reflection reflections loch fjord",
    river="river stream creek brook",
    town="town city village skyline street streets downtown houses rooftops buildings metropolis roofs cityscape",
    space="space galaxy planet planets cosmos universe orbit nebula asteroid astronaut moonscape",
    underwater="underwater reef seabed aquarium undersea coral_reef",
    table="table indoors kitchen desk room interior window still_life shelf cafe",
)
EXTRAS = _table(
    moon="moon moonlit moonlight crescent full_moon",
    sun="sun sunny",
    stars="star stars starry constellation milky",
    rainbow="rainbow",
    aurora="aurora borealis northern_lights",
    beach="beach sand sandy shore seaside",
    birds="birds seagulls gulls",
    blossoms="blossoms flowers wildflowers poppies",
    fireflies="fireflies magic magical enchanted fairy",
    abstract="abstract geometric bauhaus minimalist minimalism composition kandinsky suprematism shapes",
)
STYLES = _table(
    ink="ink line linework lineart sumi calligraphy engraving woodcut etching line_art line_drawing",
    watercolour="watercolor watercolour aquarelle watercolors wash gouache",
    clay="clay claymation plasticine 3d plastic toy pixar",
    pixel="pixel pixelated 8bit 8_bit pixelart retro_game 16bit 16_bit voxel",
    neon="neon cyberpunk synthwave vaporwave glowing",
    sketch="pencil sketch sketched charcoal_drawing graphite drawing crayon doodle",
    oil="oil impasto impressionist impressionism painterly gogh monet painting acrylic",
    poster="poster flat vector minimal_poster papercut paper_cut linocut screenprint risograph ukiyo",
)
MOODS = _table(
    lonely="lonely loneliness alone solitude sad sadness melancholy sorrow grief silence silent empty emptiness nostalgia",
    joyful="happy happiness joy joyful cheerful party celebration fun playful",
    calm="calm peace peaceful serene quiet serenity tranquil zen hope",
    dramatic="anger angry fear war chaos dramatic epic passion danger",
    dreamy="dream dreams dreamy fantasy surreal imagination wonder mystery mysterious memory",
)
COUNTS = {
    "two": 2, "pair": 2, "couple": 2, "both": 2, "three": 3, "four": 4, "five": 5, "several": 4, "many": 5, "some": 3,
    "flock": 5, "herd": 4, "group": 4, "bouquet": 3, "2": 2, "3": 3, "4": 4, "5": 5,
}  # fmt: skip

# longest first when matching: several are parts of others
CHINESE: dict[str, str] = {
    "玫瑰花": "rose", "玫瑰": "rose", "向日葵": "sunflower", "郁金香": "tulip", "花": "flower", "草帽": "straw hat",
    "帽子": "hat", "帽": "hat", "猫": "cat", "狗": "dog", "狐狸": "fox", "兔子": "rabbit", "兔": "rabbit", "熊猫": "panda",
    "熊": "bear", "猫头鹰": "owl", "鸟": "bird", "小鸟": "bird", "鸭子": "duck", "企鹅": "penguin", "鱼": "fish",
    "鲸鱼": "whale", "鲸": "whale", "马": "horse", "鹿": "deer", "羊": "sheep", "大象": "elephant", "蝴蝶": "butterfly",
    "乌龟": "turtle", "树": "tree", "松树": "pine", "仙人掌": "cactus", "蘑菇": "mushroom", "船": "boat", "灯塔": "lighthouse",
    "热气球": "balloon", "气球": "balloon", "雨伞": "umbrella", "伞": "umbrella", "杯子": "cup", "茶壶": "teapot",
    "茶": "cup", "咖啡": "cup", "汽车": "car", "车": "car", "火车": "train", "自行车": "bicycle", "飞机": "plane",
    "火箭": "rocket", "机器人": "robot", "人": "person", "女孩": "girl", "男孩": "boy", "书": "book", "苹果": "apple",
    "吉他": "guitar", "灯笼": "lantern", "房子": "house", "城堡": "castle", "桥": "bridge", "雪人": "snowman",
    "红色": "red", "红": "red", "橙色": "orange", "黄色": "yellow", "金色": "golden", "绿色": "green", "绿": "green",
    "青色": "teal", "蓝色": "blue", "蓝": "blue", "紫色": "purple", "粉色": "pink", "粉红色": "pink", "棕色": "brown",
    "白色": "white", "黑色": "black", "灰色": "grey", "山": "mountain", "海": "sea", "大海": "sea", "湖": "lake",
    "河": "river", "森林": "forest", "沙漠": "desert", "草原": "meadow", "城市": "city", "小镇": "town", "村庄": "village",
    "太空": "space", "天空": "sky", "月亮": "moon", "太阳": "sun", "星星": "stars", "星空": "starry", "彩虹": "rainbow",
    "夜晚": "night", "夜": "night", "日出": "dawn", "早晨": "morning", "黄昏": "dusk", "日落": "sunset", "夕阳": "sunset",
    "春天": "spring", "夏天": "summer", "秋天": "autumn", "冬天": "winter", "雪": "snow", "雨": "rain", "雾": "fog",
    "水墨": "ink", "水彩": "watercolor", "油画": "oil", "素描": "sketch", "像素": "pixel", "霓虹": "neon",
    "海报": "poster", "两": "two", "三": "three", "和": "and", "在": "in", "一个": "a",
}  # fmt: skip
