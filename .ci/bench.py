"""`make bench`: runs every `tests/bench/bench_*.py`, one after the other, as modules."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    names = [path.stem for path in sorted((ROOT / "tests" / "bench").glob("bench_*.py"))]
    wanted = [name for name in names if not sys.argv[1:] or name in sys.argv[1:]]
    failed = []
    for name in wanted:
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", f"tests.bench.{name}"]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(name)
    print(f"{len(wanted) - len(failed)} benches done, {len(failed)} failed: {', '.join(failed)}")
    return 1 if failed or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
