"""Audio of the sandbox: songs that we synthesise, so that recognition can be tried without owning any music.

`python -m sonograph.recognition.sandbox` makes anew what is shipped of them, `references.msgpack`; with `--wav FOLDER`
it writes the songs themselves.
"""
