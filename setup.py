"""All packages below tfmedgan/ and the manifests at the root; setup.cfg has the rest."""

from setuptools import find_packages, setup

setup(packages=[*find_packages(include=["tfmedgan", "tfmedgan.*"]), "tfmedgan.data_manifests"])
