"""Documents' tables, measured again: trainings over seeds, results, reports beside the claims."""
