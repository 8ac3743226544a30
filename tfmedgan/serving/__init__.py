"""A trained generator for other programs: SavedModel, ONNX and LiteRT, each with a model card."""
