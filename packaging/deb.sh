#!/bin/sh
# The Debian package, with a virtual environment of its own in /opt/bacnet-bridge: `make deb`. Installing it needs no internet.
# It is for the release and the processor of the machine that makes it: its wheels are those of one Python.
set -eu
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin
python=${PYTHON:-/usr/bin/python3} # Debian's own: what the package will run on
home=/opt/bacnet-bridge
out=${DEB_OUT:-$PWD/dist}
version=$("$bin/python" -c 'import bacnet_bridge; print(bacnet_bridge.__version__)')
minor=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
next=$("$python" -c 'import sys; print("%d.%d" % (sys.version_info[0], sys.version_info[1] + 1))')
arch=$(dpkg --print-architecture)
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

# ── the environment: made here, at home there ────────────────────────────────────────────────────────────────
WHEELHOUSE=$work/house/wheelhouse sh packaging/wheelhouse.sh
"$python" -m venv --without-pip "$root$home"
"$bin/uv" pip install --quiet --python "$root$home/bin/python" --no-index --find-links "$work/house/wheelhouse" \
    --link-mode copy "bacnet-bridge==$version"
rm -f "$root$home/.lock" # uv's own, which anybody may write
find "$root$home/bin" -type f ! -name bacnet-bridge -delete
sed -i "1s|^#!.*|#!$home/bin/python|" "$root$home/bin/bacnet-bridge"
ln -sf "/usr/bin/python$minor" "$root$home/bin/python3"
printf 'home = /usr/bin\ninclude-system-site-packages = false\nversion = %s\n' "$minor" >"$root$home/pyvenv.cfg"
find "$root$home" -name __pycache__ -prune -exec rm -rf {} +
"$python" -m compileall -q -s "$root" "$root$home/lib" >/dev/null

# ── what belongs elsewhere ───────────────────────────────────────────────────────────────────────────────────
install -d "$root/usr/bin" "$root/etc/bacnet-bridge/point_mappings" "$root/usr/share/doc/bacnet-bridge/examples"
install -d -m 700 "$root/etc/bacnet-bridge/secrets"
ln -s "$home/bin/bacnet-bridge" "$root/usr/bin/bacnet-bridge"
install -D -m 644 packaging/bacnet-bridge.service "$root/usr/lib/systemd/system/bacnet-bridge.service"
cp -r docs "$root/usr/share/doc/bacnet-bridge/docs"
cp point_mappings/* "$root/usr/share/doc/bacnet-bridge/examples/"
# What the documents lead to beside them.
install -d "$root/usr/share/doc/bacnet-bridge/packaging"
ln -s /usr/lib/systemd/system/bacnet-bridge.service "$root/usr/share/doc/bacnet-bridge/packaging/bacnet-bridge.service"
ln -s examples "$root/usr/share/doc/bacnet-bridge/point_mappings"
install -D -m 644 benchmarks/README.md "$root/usr/share/doc/bacnet-bridge/benchmarks/README.md"
cp LICENSE "$root/usr/share/doc/bacnet-bridge/copyright"
gzip -9n <CHANGELOG.md >"$root/usr/share/doc/bacnet-bridge/changelog.gz"

# ── the package ──────────────────────────────────────────────────────────────────────────────────────────────
install -d "$root/DEBIAN"
for script in postinst prerm postrm; do
    install -m 755 "packaging/debian/$script" "$root/DEBIAN/$script"
done
cat >"$root/DEBIAN/control" <<END
Package: bacnet-bridge
Version: $version
Architecture: $arch
Maintainer: BACnet Bridge <maintainers@localhost>
Installed-Size: $(du -sk "$root" | cut -f1)
Depends: python$minor, python3 (>= $minor), python3 (<< $next), passwd, init-system-helpers
Recommends: ca-certificates, systemd
Suggests: chrony | systemd-timesyncd
Section: net
Priority: optional
Description: reads a building's meters over BACnet/IP for the Wattics platform
 A service beside a building's BMS: it reads meters and points on the interval
 that the energy platform expects, packs them, and delivers every packet, in
 order, through any outage. Its Python packages are its own, in $home.
END
mkdir -p "$out"
open=$(find "$root" ! -type l -perm -o+w)
[ -z "$open" ] || { echo "others may write $open" >&2; exit 1; }
dpkg-deb --root-owner-group -Zxz --build "$root" "$out/bacnet-bridge_${version}_$arch.deb"
