"""Documents' tables, measured again: trainings over seeds, and results beside reported ones.

In reading order, each file building on those before it:

- `scaling`: a document's experiment made smaller
- `study`: the folder of a study, its plan, its jobs and its results
- `material`: the images, one split for all rows and seeds
- `provenance`: what was done and how it departs from the document, in words
- the kinds of tables, each with its jobs and its provenance: `trained` (read off trainings, which
  `stages` plans; `synthesis` measures a generator), `downstream` and `segmentation` (which share
  `arms`), `classification`
- `table_kinds`: the kinds by name
- `run`: from what the user asked for to results, job after job
- `statistics`, `summary`: means over seeds, and what they say beside reported figures
- `report`, of one study, and `page`, of several, with `formatting`, `sample_strips`, `figures`
"""
