"""Do synthetic images help a classifier? A study of several arms, paired and repeated."""
