"""From sound to airings: what is heard in the last seconds, and one airing for each time that a track is played."""
