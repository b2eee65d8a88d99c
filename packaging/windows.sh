#!/bin/sh
# One zip for Windows without internet: all wheels, launchers and a short README. `make windows`. It is made on any system;
# what is in it is for 64-bit Windows with Python $PYTHON_VERSION. docs/windows.md says what of it was tried.
set -eu
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin
python=${PYTHON_VERSION:-3.13}
version=$("$bin/python" -c 'import bacnet_bridge; print(bacnet_bridge.__version__)')
out=${WINDOWS_OUT:-$PWD/dist}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/bacnet-bridge-$version
mkdir -p "$root/wheelhouse" "$out"

"$bin/uv" pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header --python-platform windows \
    --python-version "$python" --constraint requirements.lock --output-file "$work/needed.txt" pyproject.toml
"$bin/python" -m pip --disable-pip-version-check download --quiet --quiet --no-deps --require-hashes --only-binary :all: \
    --platform win_amd64 --implementation cp --python-version "$python" --requirement "$work/needed.txt" \
    --dest "$root/wheelhouse"
"$bin/python" -m build --wheel --no-isolation --outdir "$root/wheelhouse" . >/dev/null
for file in packaging/windows/*; do # Windows wants its own ends of lines
    sed -e "s/@VERSION@/$version/g" -e "s/@PYTHON@/$python/g" -e 's/$/\r/' "$file" >"$root/$(basename "$file")"
done
cp -r docs point_mappings LICENSE CHANGELOG.md "$root"
(cd "$work" && "$bin/python" -m zipfile --create "$out/bacnet-bridge-$version-windows-py$python.zip" "bacnet-bridge-$version")
echo "$out/bacnet-bridge-$version-windows-py$python.zip: $(find "$root/wheelhouse" -name '*.whl' | wc -l) wheels"
