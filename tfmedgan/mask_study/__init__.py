"""Do synthetic images with masks help a U-Net? A study of several arms, paired and repeated."""
