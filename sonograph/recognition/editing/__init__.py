"""References that editors write and remove one by one, as against imports, which bring many."""
