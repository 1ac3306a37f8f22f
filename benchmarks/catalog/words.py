"""Words of titles and names: 300 real title words in order of frequency, then any number made of syllables."""

from random import Random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Roughly in the order in which titles of songs use them.
TITLE_WORDS = _words(
    "the you love i me my a of in to it night on time heart life baby no your we dont go feel all is like one day be "
    "want home light fire world girl down dream away back good know never let soul man up dance out for sun come moon "
    "star blue rain forever black eyes summer dark free high this over song so money way heaven river sky little again "
    "lost body with bad sweet crazy tonight what alone angel from who get can now tell gone hold make road another "
    "somebody boy mind wild old cold last city without kiss take shadow gold ghost break run wait stay only sea more "
    "deep here water too when thing call out red white stop new house live die fall long christmas part true play "
    "intro dreams stars lights waiting people falling walking into where why how just cant wont isnt aint wanna gonna "
    "people party beautiful lonely broken silver golden thunder lightning wind ocean mountain island bird wings fly "
    "train car street highway window door room mirror picture letter radio television telephone machine magic voodoo "
    "devil god jesus holy prayer church bells paradise hell king queen prince princess hero soldier war peace freedom "
    "power glory fame fortune diamond pearl crystal glass stone rock roll blues jazz funk disco house techno bass drum "
    "guitar piano violin trumpet voice sound silence noise echo rhythm melody harmony symphony interlude outro prelude "
    "finale reprise theme waltz tango samba bossa serenade lullaby ballad anthem hymn morning evening midnight sunset "
    "sunrise winter spring autumn january july sunday monday friday saturday yesterday today tomorrow always sometimes "
    "maybe everything nothing something everybody nobody anyone smile tears cry laugh scream whisper touch taste burn "
    "bleed breathe believe remember forget forgive promise secret truth lie game fool stranger friend lover mother "
    "father sister brother child children woman women men lady darling honey sugar candy cherry rose flower garden"
)  # fmt: skip
SINGLE_WORD_TITLES = (
    "Love", "Intro", "Home", "Interlude", "Outro", "Fire", "Alone", "Forever", "Hello", "Stay",
    "Paradise", "Dreams", "Angel", "Runaway", "Breathe", "Heaven", "Sunrise", "Time", "Gold", "Lost",
)  # fmt: skip
FIRST_NAMES = _words(
    "John Maria David Anna Michael Sarah James Laura Daniel Emma Chris Julia Alex Nina Max Sofia Leo Eva Paul Kate Sam "
    "Lisa Tom Ella Ben Mia Nick Zoe Jack Lucy Carlos Elena Marco Giulia Pierre Camille José André Zoë Björn Ingrid "
    "Yuki Hana Kenji Mei Ali Leila Omar Fatima Søren Łukasz Jürgen François Núria Çağla"
)
_SYLLABLES = _words(
    "ka zo mi ra len dor vas tel nor bri ston man son ski ez ov ini ard elle aux berg feld wick ton ham ley shi mura "
    "naga oka chi ven dra kov ric tan gar lo ma ri no sa be de fa go hu ji ke pa qua su ti vi wa xa ya plin tre cor "
    "flu gra mel nes pol rin sten tor ul vex wen zel ash bel cas dun er fen"
)
_ACCENTED = str.maketrans("eoauni", "éöáüñí")
_CYRILLIC = str.maketrans("abcdefghijklmnopqrstuvwxyz", "абцдефгхийклмнопкрстувшхыз")
_KANA = tuple("アイウエオカキクケコサシスセソタチツテトナニノハヒフヘホマミムメモヤユヨラリルレロワン")


def made_up_words(random: Random, count: int, syllables: tuple[int, ...]) -> list[str]:
    """Different words in lower case; `syllables` are the lengths to choose from. 4 % have an accent."""
    words: dict[str, None] = {}
    while len(words) < count:
        word = "".join(random.choices(_SYLLABLES, k=random.choice(syllables)))
        words[word[0] + word[1:].translate(_ACCENTED) if random.random() < 0.04 else word] = None
    return list(words)


def in_cyrillic(word: str) -> str:
    return word.lower().translate(_CYRILLIC).capitalize()


def in_kana(random: Random) -> str:
    return "".join(random.choices(_KANA, k=random.randint(3, 7)))
