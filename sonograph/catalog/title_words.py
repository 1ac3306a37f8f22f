"""The vocabulary of versions and noise in titles, folded. `titles` says how it is read."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# An aside is noise when all its words are among these, years and ordinals, and at least one is of the first kind
# (or all are years).
NOISE = _words(
    "original album single lp explicit clean dirty uncensored official lyric lyrics visualizer visualiser video audio "
    "hd hq uhd 4k remaster remastered remasterizado remastering mono stereo bonus deluxe edition soundtrack ost"
)
NOISE_FILLER = _words(
    "mix version recording music track expanded anniversary digital digitally motion picture the from film movie "
    "series score in new high quality and"
)
# Noise without brackets too.
NOISE_ANYWHERE = _words("remaster remastered remasterizado official hd hq uhd 4k")
# Dropped from within a version: "Live 2011 Remaster" is live, "Official Remix" a remix, "MTV Unplugged" unplugged.
DROPPED = _words(
    "remaster remastered remastering remasterizado digital digitally hd hq uhd 4k official explicit clean video audio "
    "lyric lyrics bonus track mtv bbc"
)
# An aside that starts with "from" and quotes something or names one of these tells where the song was heard.
SOUNDTRACKS = _words("soundtrack film movie picture series musical ost score")
REMASTERS = _words("remaster remastered")

SYNONYMS = {
    "rmx": "remix",
    "remixed": "remix",
    "reworked": "rework",
    "mixed": "mix",
    "edited": "edit",
    "reedit": "edit",
    "acapella": "acappella",
    "accapella": "acappella",
    "acappela": "acappella",
    "acapela": "acappella",
    "inst": "instrumental",
    "instr": "instrumental",
    "alternative": "alternate",
    "alt": "alternate",
    "concert": "live",
    "vivo": "live",
    "directo": "live",
}
PHRASES = (("a cappella", "acappella"), ("a capella", "acappella"), ("re edit", "edit"), ("re mix", "remix"))

# One word says it all: "live at Wembley" is live. When such a word starts an aside, the next one is of its kind, or
# of the second set, or else the aside is a part of the title: "(Live and Let Die)".
STATES = _words("live acoustic instrumental acappella demo karaoke unplugged orchestral")
AFTER_STATE = _words("at in from on by version mix edit session sessions recording performance take tour en ao radio")
# The last word says what it is and the words before say whose: "fatboy slim remix", "dirty south instrumental".
NAMED = _words("remix rework refix bootleg mashup flip remake vip dub reconstruction") | STATES - {"live"}
MIXES = _words("mix edit version cover session sessions take reprise")
CANONICAL = {
    **dict.fromkeys(("radio edit", "radio mix", "radio version"), "radio edit"),
    **dict.fromkeys(("extended", "extended mix", "extended version", "extended edit"), "extended mix"),
    **dict.fromkeys(("club mix", "club version", "club edit"), "club mix"),
    **dict.fromkeys(("sped up", "sped up version"), "sped up"),
    **dict.fromkeys(("slowed", "slowed down", "slowed version"), "slowed"),
    **dict.fromkeys(("slowed reverb", "slowed and reverb"), "slowed reverb"),
    "dub mix": "dub",
    "dub version": "dub",
    "nightcore": "nightcore",
}
# Versions of nothing but these words are the same recording cut to another length: asked for one of them, the
# original will do.
WEAK = _words("radio extended club edit mix version short long full main single album original 7 12 inch")
# Written without brackets at the end of a title, as broadcasters do; "" is noise.
TAILS = {
    ("original", "mix"): "",
    ("original", "version"): "",
    ("album", "version"): "",
    ("single", "version"): "",
    ("official", "video"): "",
    ("official", "audio"): "",
    ("lyric", "video"): "",
    ("music", "video"): "",
    ("radio", "edit"): "radio edit",
    ("radio", "mix"): "radio edit",
    ("radio", "version"): "radio edit",
    ("extended", "mix"): "extended mix",
    ("extended", "version"): "extended mix",
    ("club", "mix"): "club mix",
}
