"""Several sources become one catalog: what is the same, why, and how it is taken apart again."""
