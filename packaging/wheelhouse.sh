#!/bin/sh
# All that `pip install bacnet-bridge` needs, in one folder and one file, for machines without internet: `make wheelhouse`.
# The versions and hashes are those of requirements.lock; wheels are of this machine's processor and Python.
set -eu
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin
version=$("$bin/python" -c 'import bacnet_bridge; print(bacnet_bridge.__version__)')
house=${WHEELHOUSE:-$PWD/dist/wheelhouse}

rm -rf "$house"
mkdir -p "$house"
needed=$(mktemp)
trap 'rm -f "$needed"' EXIT
"$bin/uv" pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header \
    --python "$bin/python" --constraint requirements.lock --output-file "$needed" pyproject.toml
"$bin/python" -m pip --disable-pip-version-check download --quiet --quiet --no-deps --require-hashes --only-binary :all: \
    --requirement "$needed" --dest "$house"
"$bin/python" -m build --wheel --no-isolation --outdir "$house" . >/dev/null
tar -C "$(dirname "$house")" -czf "$(dirname "$house")/bacnet-bridge-$version-wheelhouse.tar.gz" "$(basename "$house")"
echo "$(dirname "$house")/bacnet-bridge-$version-wheelhouse.tar.gz: $(find "$house" -name '*.whl' | wc -l) wheels"
