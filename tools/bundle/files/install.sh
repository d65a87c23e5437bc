#!/bin/sh
# Installs gridmap from this folder, without a network: ./install.sh [FOLDER]
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 2
for python in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
  if "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
    exec "$python" "$here/install.py" "$@"
  fi
done
echo "[GM802] there is no Python that this bundle is for" >&2
echo "  where: this machine" >&2
echo "  fix:   install Python 3.11, 3.12 or 3.13, or name one: PYTHON=/path/to/python3.12 ./install.sh" >&2
exit 2
