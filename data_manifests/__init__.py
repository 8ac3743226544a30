"""The manifests, one YAML file per data set; installed as `tfmedgan.data_manifests`."""
