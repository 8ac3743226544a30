"""Can the training images be told from others by the generated ones? An audit, never a proof."""
