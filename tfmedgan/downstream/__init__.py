"""Do synthetic images help a classifier or, with masks, a U-Net? Arms, paired and repeated."""
