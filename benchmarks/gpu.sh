#!/usr/bin/env bash
# What is to be known of a machine with GPUs, in one go: installs the toolkit with its GPU libraries into .venv-gpu, runs the tests
# of models and training there, and writes benchmarks/gpu.md. Usage: benchmarks/gpu.sh [options of gpu.py]
set -euo pipefail
cd "$(dirname "$0")/.."

extras=gpu,test
if ! command -v nvidia-smi > /dev/null; then
    echo "no nvidia-smi: installing without GPU libraries; what needs a GPU is left out by name"
    extras=test
fi
python=${PYTHON:-python3}
[[ -x .venv-gpu/bin/python ]] || "$python" -m venv .venv-gpu
.venv-gpu/bin/pip install --quiet -e ".[$extras]"
.venv-gpu/bin/python benchmarks/gpu.py --write "$@"
