"""The commands, one file each; thin, and free of TensorFlow until the arguments are checked."""
