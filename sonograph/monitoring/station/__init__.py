"""The sandbox station: a radio of songs that we synthesise, so that everything can be tried without any other."""
