"""Reader studies: pages on which people tell real images from synthetic ones, and their scores."""
