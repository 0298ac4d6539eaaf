"""`make static`: the vendored front-end files, taken again from their packages and compared.

`arw_site/static/vendor/manifest.json` names each package, its version, and where each file comes
from. A file whose checksum differs from the manifest's stops it; `vendor.py --update` writes the
checksums anew after a version was changed by hand.
"""

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "arw_site" / "static" / "vendor" / "manifest.json"


def main() -> int:
    update = "--update" in sys.argv[1:]
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    wrong = [fault for package in manifest["packages"] for fault in fetch(package, update=update)]
    for fault in wrong:
        print(f"error: {fault}", file=sys.stderr)
    if update:
        MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return 1 if wrong else 0


def fetch(package: dict[str, Any], *, update: bool) -> list[str]:
    """Lays one package's files into its folder; returns what did not match the manifest."""
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        archive = pack(f"{package['name']}@{package['version']}", Path(folder))
        target = ROOT / package["folder"]
        target.mkdir(parents=True, exist_ok=True)
        for name, facts in package["files"].items():
            content = member(archive, f"package/{facts['source']}")
            checksum = hashlib.sha256(content).hexdigest()
            if update:
                facts["sha256"] = checksum
            elif facts["sha256"] != checksum:
                wrong.append(f"{package['name']}: {facts['source']} has another checksum")
                continue
            (target / name).write_bytes(content)
    return wrong


def pack(package: str, folder: Path) -> Path:
    command = ["npm", "pack", package, "--silent", "--pack-destination", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("*.tgz"))


def member(archive: Path, name: str) -> bytes:
    with tarfile.open(archive) as bundle:
        file = bundle.extractfile(name)
        if file is None:
            raise FileNotFoundError(name)
        return file.read()


if __name__ == "__main__":
    sys.exit(main())
