"""The index of each catalog's references: folders on this machine that follow the database.

`follower` keeps them up to date, `rebuilding` makes them anew beside those in use, `status` tells how they stand. What
they consist of is written and searched by `sonograph.recognition.segments`.
"""
