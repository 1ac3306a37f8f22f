"""Landmarks: a fingerprint that finds music under voices, noise and at other speeds.

Peaks of the spectrogram (`peaks`, found by `finder`), three of them a key to look up (`triplets`), and a comparison of
all peaks at a place that was proposed (`check`). What is stored of a reference are its strongest peaks, packed
(`packing`).
"""
