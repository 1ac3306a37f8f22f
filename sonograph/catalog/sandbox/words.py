"""Title words: patterns with words for English titles, written-out titles for the other languages."""

# ruff: noqa: RUF001  # titles and names in many scripts: letters that look like Latin ones are meant

from collections.abc import Iterator
from dataclasses import dataclass

from sonograph.catalog.sandbox.draw import Draw


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Patterns hold {a} an adjective, {n} and {m} two different nouns, {v} a verb."""

    patterns: tuple[str, ...]
    adjectives: tuple[str, ...]
    nouns: tuple[str, ...]
    verbs: tuple[str, ...]


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split())


VOCABULARIES = {
    "club": Vocabulary(
        ("{n}", "{a} {n}", "{n} Theory", "{v} the {n}", "{a} {n} 0{d}", "{n} & {m}", "{v} It", "{n} in {m}", "No {n}"),
        _split("Velvet Static Copper Late Parallel Humid Concrete Violet Slow Infra Second Tidal Neon Hollow"),
        _split("Pressure Lantern Circuit Meridian Basement Turbine Signal Platform Prism Carousel Antenna Voltage "
               "Corridor Monsoon Ferry Pulse"),
        _split("Hold Bend Carry Fold Chase Tilt Lift Mind Follow"),
    ),
    "drift": Vocabulary(
        ("{n}", "{a} {n}", "{n} / {m}", "{n}, {a}", "{n} for {m}", "{a} {n}, Part {d}", "Where the {n} Is", "{n} {d}"),
        _split("Glass Distant Lowland Pale Unlit Winter Magnetic Soft Submerged Thirteenth Cloudy Patient Faint"),
        _split("Estuary Archive Lichen Beacon Orbit Window Satellite Snowfield Tape Aquarium Lamplight Pylon Moss "
               "Radiator Fog Horizon"),
        _split("Dissolve Wander Listen Settle Drift"),
    ),
    "street": Vocabulary(
        ("{n} Talk", "{a} {n}", "{v} That {n}", "{n} on {m}", "All {n}, No {m}", "{n} Money", "{n} (Skit)",
         "{a} & {b}"),
        _split("Cold Spare Heavy Golden Borrowed Quick Corner Midnight Silent Crooked"),
        _split("Bus Receipt Sneaker Rooftop Kitchen Elevator Dollar Cipher Alley Mango Ledger Fridge Payphone Laundry"),
        _split("Count Flip Keep Spend Watch Move"),
    ),
    "amps": Vocabulary(
        ("{n}", "{a} {n}", "{v} Your {n}", "The {n} Song", "{n} Won't {v}", "My {n}, Your {m}", "{a} {n} Club",
         "I Was a {a} {n}", "Goodbye, {n}", "{v} {v2} {v3}"),
        _split("Rusty Broken Teenage Plastic Electric Sleepy Haunted Second-Hand Suburban Crooked Yellow"),
        _split("Bicycle Parking-Lot Kerosene Wallpaper Staircase Dishwasher Avalanche Lifeguard Trombone Motel "
               "Umbrella Ceiling Satellite Hurricane"),
        _split("Burn Leave Borrow Ruin Wreck Paint Swallow"),
    ),
    "iron": Vocabulary(
        ("{n} of {m}", "{a} {n}", "{n}{m2}", "Upon the {a} {n}", "{v} the {n}", "Seventh {n}", "Beneath {n} and {m}",
         "Hymn to {a} {m}"),
        _split("Frozen Blackened Iron Sunken Starless Nameless Ashen Crimson Rotten Ancient"),
        _split("Throne Glacier Anvil Wolf Tomb Thunder Serpent Furnace Oath Raven Citadel Plague Storm Marrow"),
        _split("Raise Shatter Bury Summon Forge Defy"),
    ),
    "heart": Vocabulary(
        ("{n}", "{a} {n}", "{v} Me, {n}", "{n} Love", "Love Is a {n}", "{v} With Me", "{n} in My {m}",
         "Call It {n}", "{a} Heart, {a} {n}", "When the {n} Comes", "Only {n}"),
        _split("Sweet Lonely Silver Foolish Brand-New Sugar Restless Gentle Summer Paper Honest"),
        _split("Telephone Sunday Perfume Mirror Champagne Letter Balcony Weekend Jukebox Raincoat Honey Window "
               "Postcard Chandelier"),
        _split("Dance Stay Call Forgive Hold Kiss Believe"),
    ),
    "blue": Vocabulary(
        ("{n} Blues", "{a} {n}", "{n} for {m}", "{a} {n} Stomp", "{n} Waltz", "Blues in {k} Minor",
         "{v} That {n}", "{n} at {d} A.M.", "Mister {n}", "{a} on {n} Street"),
        _split("Crooked Lowdown Easy Broke Tender Smoky Blue Hasty Second"),
        _split("Kettle Riverboat Sparrow Waiter Suitcase Pigeon Porch Molasses Trombone Ferryboat Turnip Gravel "
               "Lamppost Coffee"),
        _split("Shake Mend Sell Bring Blame"),
    ),
    "road": Vocabulary(
        ("{n} Road", "The {a} {n}", "{n} and {m}", "{v} Me Back to {n}", "The {n}'s Daughter", "{a} {n} Creek",
         "{n} on the Hill", "Farewell to {n}", "{d} Miles to {n}"),
        _split("Dusty Lonesome Wild Crooked Old Yonder Whiskey Bitter Morning Silver"),
        _split("Juniper Ferryman Wagon Harvest Miller Lantern Sparrow Tobacco Orchard Weaver Barley Gatehouse Thistle "
               "Heron"),
        _split("Carry Lead Take Sing Send"),
    ),
    "sun": Vocabulary(
        ("{n}", "{a} {n}", "{n} Dub", "{v} the {n}", "{n} Come Down", "{n} Market", "{a} {n} Rock", "{n} of {m}",
         "Mama {n}", "{n} Nights"),
        _split("Sweet Righteous Coconut Golden Mighty Hot Seaside Ripe Morning Gentle"),
        _split("Tamarind Harbour Papaya Lion Drummer Pelican Verandah Fisherman Market Trumpet Hibiscus Mountain "
               "Sandal Cinnamon"),
        _split("Light Share Carry Praise Cool Shake"),
    ),
    "hall": Vocabulary(
        ("Nocturne No. {d} in {k} Minor", "Sonata No. {d} in {k} Major: II. Adagio",
         "String Quartet No. {d}: I. Allegro",
         "Prelude No. {d} in {k}", "Fugue in {k} Minor, Op. {d}", "{a} Dances: No. {d}, {n}", "Étude No. {d}, “{n}”",
         "Missa Ventorum: Kyrie", "Suite “The {a} {n}”: {d}. Gavotte"),
        _split("Forgotten Pastoral Northern Winter Seven Drowned Quiet Hungarian"),
        _split("Windmill Nightingale Clockmaker Fountain Cathedral Harvest Mirror Swan Archipelago Weathervane"),
        _split("Sing"),
    ),
    "screen": Vocabulary(
        ("Main Title", "The {a} {n}", "{n} Theme", "Escape from the {n}", "Level {d}: {a} {n}", "{n} and {m}",
         "The {n} Chase", "Act {d}, Scene {e}: {n}", "End Credits", "Return to the {n}"),
        _split("Clockwork Sunken Last Secret Burning Invisible Seventh Crystal"),
        _split("Lighthouse Castle Submarine Caravan Detective Observatory Train Lagoon Fortress Machine Museum"),
        _split("Run"),
    ),
    "spoken": Vocabulary(
        ("Chapter {d}: The {n}", "Letter to a {n}", "The {n} Who Could Not {v}", "On {n}s", "{a} {n}, Distant",
         "Joke About a {n}", "Goodnight, {n}", "{n} (Close Microphone)", "The {a} {n}'s Winter"),
        _split("Old Rusty Tiny Sleepy Heavy Polite Wooden"),
        _split("Harbour Kettle Goose Elevator Postman Typewriter Hedgehog Tractor Staircase Snowman Umbrella Gate"),
        _split("Sleep Whistle Swim Sneeze"),
    ),
}  # fmt: skip

# Written by hand: simple everyday titles, at least as many as their artist's releases need.
TITLES = {
    "ru": ("Зимний вокзал", "Стеклянные яблоки", "Не спеши", "Последний троллейбус", "Тишина на проводе", "Ёлка в мае",
           "Письмо без адреса", "Синий чемодан", "Дождь и радио", "Снова осень", "Полночь в библиотеке", "Мост",
           "Дорога к морю", "Чай вдвоём"),
    "uk": ("Їжак у тумані міста", "Вечірня пристань", "Ґанок", "Сонячний пил", "Де ти була", "Тиха вода", "Колискова",
           "Жовтий потяг", "Яблуневий сад"),
    "ja": ("紙風鈴", "夜の自動販売機", "雨のち金魚", "さよならエレベーター", "ガラスの地図", "東口で待つ", "ひとりごと",
           "月曜日のクジラ", "冬の観覧車", "電線", "小さな台風", "レモン色の手紙", "イントロ"),
    "zh": ("青苔邮局", "下雨的阳台", "夜班地铁", "纸船", "远方的灯", "星期三", "旧雨伞", "海边的电话亭", "慢一点",
           "茶凉了",
           "影子列车"),
    "ko": ("파란 계단", "새벽 편의점", "우산 없는 날", "종이비행기", "너의 정류장", "겨울 수족관",
           "느린 엘리베이터", "달력",
           "안녕, 골목", "비밀번호"),
    "ar": ("مقهى المنارة", "ليل المدينة", "رسالة إلى البحر", "يا قمر الشرفة", "قطار الجنوب", "شاي بالنعناع", "مطر خفيف",
           "باب أزرق", "عودة الصياد"),
    "he": ("תחנת הלימון", "לילה בלי חשמל", "מכתב מהגג", "הרכבת האחרונה", "גשם קל", "שקט בבקשה", "אופניים כחולים"),
    "el": ("Χάρτινα καΐκια", "Το μπλε μπαλκόνι", "Νύχτα στο λιμάνι", "Βροχή", "Ο φάρος κοιμάται", "Σίσυφος", "Γράμμα",
           "Καλημέρα, Αύγουστε", "Δρόμος με πεύκα"),
    "th": ("สถานีมะม่วง", "ฝนตกตอนเช้า", "จดหมายสีฟ้า", "ถนนสายเก่า", "คืนวันเสาร์", "ร่มคันเดิม", "ปลาตัวเล็ก"),
    "hi": ("नीली पतंग", "बारिश का डाकघर", "आख़िरी रेल", "चाँद की खिड़की", "धीमी शाम", "पुराना रेडियो", "घर"),
    "ka": ("ლურჯი ფანჯარა", "წვიმის ქუჩა", "ძველი ხიდი", "ღამის მატარებელი", "ზამთარი", "წერილი", "ბაღი"),
    "vi": ("Trạm sương mù", "Ngõ nhỏ mùa đông", "Thư gửi biển", "Chiếc ô cũ", "Đêm thứ bảy", "Cà phê một mình", "Cầu"),
    "is": ("Þokuvörðurinn", "Ísbrú", "Æðarfugl", "Síðasti strætó", "Undir yfirborði", "Vetrarsól", "Óskrifað bréf",
           "Ö"),
    "pl": ("Żółty peron", "Ćma w kuchni", "Ślady na śniegu", "Gęsia skórka", "Źdźbło", "Późny tramwaj",
           "Łódź z papieru"),
    "tr": ("Islak Iskele", "İnce Yağmur", "Çay Bahçesi", "Son Vapur", "Gökyüzü Kapalı", "Şemsiyesiz", "Ağır Ağır"),
    "fr": ("L'été des câbles", "Où va la pluie ?", "Ça n'existe pas", "Le funambule du quai nord", "Cœur en grève",
           "Déjà l'aube", "Mélodie pour un garçon de café", "À bientôt, Hélène", "Noël en août"),
    "es": ("Ñandú eléctrico", "¿Dónde está el tranvía?", "Corazón de cartón", "La niña del ferri", "Mañana, quizás",
           "¡Qué calor!", "Sábado sin luna", "Canción para un paraguas", "El último búho"),
    "pt": ("Farol de açúcar", "Canção do elevador", "Coração no varal", "Amanhã é longe", "Maré mansa", "Três pães",
           "Saudade do bonde", "Avião de papel", "João e a chuva"),
    "de": ("Größenwahn im Gewächshaus", "Straße ohne Namen", "Übermorgen", "Der müde Föhn", "Süßer Regen",
           "Käfig aus Glas",
           "Türen öffnen sich"),
    "sv": ("Ångbåt överallt", "Sista bussen hem", "Ö i dimman", "Kärlek på burk", "Där åskan bor",
           "Fönster mot väster"),
    "yo": ("Ẹ káàárọ̀", "Òṣùmàrè", "Ọjà Alẹ́", "Ìlú Àyọ̀", "Ọkọ̀ Ojú Omi", "Orin Ọmọdé", "Ẹyẹ Ìgbó"),
    "it": ("Perché no, Città?", "Il faro di zucchero", "Lunedì", "Più tardi", "La virtù del ragù", "Caffè alle tre",
           "Gelato d'inverno", "Però ti amo"),
}  # fmt: skip


def titles(key: str, language: str, words: str) -> Iterator[str]:
    """Endless different titles for artist `key`, or the written ones of a language."""
    if language:
        yield from TITLES[language]
        return
    vocabulary, draw, seen = VOCABULARIES[words], Draw(f"titles/{key}"), set[str]()
    while True:
        noun, other = draw.some(vocabulary.nouns, 2)
        adjective, second = draw.some(vocabulary.adjectives, 2)
        verbs = draw.some(vocabulary.verbs, 3) * 3
        title = draw.pick(vocabulary.patterns).format(
            a=adjective, b=second, n=noun, m=other, m2=other.lower(), v=verbs[0], v2=verbs[1], v3=verbs[2],
            d=draw.number(2, 9), e=draw.number(1, 4), k=draw.pick("ABCDEFG"),
        )  # fmt: skip
        if title not in seen:
            seen.add(title)
            yield title
