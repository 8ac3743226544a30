"""Documents' tables, measured again: trainings over seeds, and results beside reported ones."""
