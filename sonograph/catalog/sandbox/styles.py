"""Styles of music: which genres, tempi, lengths and words their tracks have.

Genres are canonical: a main genre by its number (several share their name with a subgenre), subgenres by name.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    main: int
    subgenres: tuple[str, ...]
    bpm: tuple[int, int] | None  # None: the tempo is not steady, nobody states one
    seconds: tuple[int, int]
    words: str  # a vocabulary of `words`
    mixes: bool = False  # singles come as Original Mix, Extended Mix, remixes


STYLES = {
    "house": Style(
        100,
        ("Deep House", "Tech House", "Afro House", "Amapiano", "Acid House", "Funky House", "French House",
         "Lo-Fi House", "Melodic House", "Italo House", "Organic House"),
        (112, 128), (280, 480), "club", mixes=True,
    ),
    "techno": Style(
        200,
        ("Melodic Techno", "Dub Techno", "Detroit Techno", "Acid Techno", "Hard Techno", "Minimal Techno", "Electro"),
        (124, 148), (300, 560), "club", mixes=True,
    ),
    "trance": Style(
        300, ("Uplifting Trance", "Psytrance", "Goa Trance", "Progressive Trance"), (130, 146), (320, 600), "club",
        mixes=True,
    ),
    "jungle": Style(
        400, ("Jungle", "Liquid Drum & Bass", "Neurofunk", "Halftime", "Jump Up"), (165, 178), (220, 400), "club",
        mixes=True,
    ),
    "bass": Style(
        500, ("Dubstep", "Grime", "Future Bass", "Footwork", "Brazilian Funk"), (128, 160), (150, 300), "street",
        mixes=True,
    ),
    "garage": Style(
        600, ("UK Garage", "2-Step", "Breakbeat", "Broken Beat", "Big Beat"), (118, 140), (180, 360), "club",
        mixes=True,
    ),
    "hard": Style(
        700, ("Hardstyle", "Gabber", "Happy Hardcore", "Breakcore", "Makina"), (150, 210), (160, 340), "iron",
        mixes=True,
    ),
    "electronica": Style(
        800, ("IDM", "Glitch", "Downtempo", "Trip Hop", "Chiptune", "Vaporwave", "Leftfield"), (70, 140), (120, 420),
        "drift",
    ),
    "ambient": Style(
        900, ("Dark Ambient", "Drone", "New Age", "Field Recordings"), None, (240, 1500), "drift",
    ),
    "disco": Style(
        1000, ("Disco", "Nu-Disco", "Italo Disco", "Eurodance", "Hi-NRG", "Boogie", "Dance-Pop", "Indie Dance"),
        (108, 134), (180, 420), "heart", mixes=True,
    ),
    "synth": Style(
        1100, ("Synth-Pop", "Synthwave", "EBM", "Darkwave", "Coldwave", "Noise"), (96, 132), (170, 340), "drift",
    ),
    "pop": Style(
        1200, ("Indie Pop", "Art Pop", "Ballad", "Easy Listening", "Power Pop"), (72, 128), (140, 260), "heart",
    ),
    "chanson": Style(1200, ("Chanson", "Schlager", "Europop"), (80, 124), (150, 280), "heart"),
    "asian-pop": Style(1200, ("J-Pop", "K-Pop", "C-Pop"), (84, 150), (170, 280), "heart"),
    "rock": Style(
        1300,
        ("Hard Rock", "Folk Rock", "Prog Rock", "Psychedelic Rock", "Garage Rock", "Surf", "Krautrock", "Stoner Rock",
         "Rockabilly"),
        (92, 164), (150, 480), "amps",
    ),
    "indie": Style(
        1400, ("Indie Rock", "Post-Rock", "Post-Punk", "Shoegaze", "Math Rock", "Emo", "Lo-Fi"), (84, 168), (150, 520),
        "amps",
    ),
    "punk": Style(1500, ("Hardcore Punk", "Pop Punk", "Ska Punk", "Oi!"), (150, 220), (48, 190), "amps"),
    "metal": Style(
        1600, ("Doom Metal", "Black Metal", "Power Metal", "Folk Metal", "Metalcore", "Death Metal"), (70, 220),
        (200, 760), "iron",
    ),
    "hip-hop": Style(
        1700, ("Boom Bap", "Trap", "Jazz Rap", "Drill", "Instrumental Hip-Hop", "Turntablism", "Conscious"), (72, 146),
        (120, 270), "street",
    ),
    "soul": Style(
        1800, ("Neo Soul", "Funk", "Gospel", "New Jack Swing", "Contemporary R&B"), (68, 118), (160, 340), "heart",
    ),
    "jazz": Style(
        1900, ("Bebop", "Cool Jazz", "Free Jazz", "Fusion", "Swing", "Big Band", "Latin Jazz", "Ragtime"), (60, 240),
        (150, 840), "blue",
    ),
    "blues": Style(2000, ("Delta Blues", "Electric Blues", "Jump Blues", "Chicago Blues"), (60, 140), (140, 330),
                   "blue"),
    "country": Style(
        2100, ("Bluegrass", "Honky Tonk", "Alt-Country", "Americana", "Western Swing"), (76, 150), (140, 270), "road",
    ),
    "folk": Style(2200, ("Singer-Songwriter", "Celtic", "Traditional", "Neofolk"), (70, 130), (120, 320), "road"),
    "reggae": Style(
        2300, ("Dub", "Roots Reggae", "Ska", "Rocksteady", "Dancehall", "Lovers Rock"), (66, 140), (170, 380), "sun",
    ),
    "latin": Style(
        2400, ("Bossa Nova", "Salsa", "Cumbia", "Tango", "Samba", "Reggaeton", "Bolero", "Flamenco"), (80, 190),
        (140, 320), "sun",
    ),
    "african": Style(2500, ("Afrobeat", "Highlife", "Soukous", "Rai", "Afrobeats"), (96, 136), (190, 720), "sun"),
    "global": Style(
        2600, ("Balkan", "Klezmer", "Indian", "Middle Eastern", "Caribbean", "Asian"), (70, 170), (150, 520), "sun",
    ),
    "classical": Style(
        2700, ("Baroque", "Romantic", "Modern Classical", "Choral", "Chamber", "Opera"), None, (90, 1100), "hall",
    ),
    "screen": Style(2800, ("Score", "Musical", "Video Game", "Theme"), None, (60, 300), "screen"),
    "spoken": Style(
        2900, ("Spoken Word", "Audiobook", "Children's", "Sound Effects", "Holiday", "Comedy"), None, (30, 1900),
        "spoken",
    ),
}  # fmt: skip
