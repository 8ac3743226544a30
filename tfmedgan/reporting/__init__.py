"""What all reports share: printed numbers, the style of charts, grids of images, and pages."""
