"""What all reports share: printed numbers, tables, the style of charts, grids of images, pages."""
