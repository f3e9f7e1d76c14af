"""The icon in every size and format, drawn from the one SVG by Qt."""

from __future__ import annotations

import shutil
from pathlib import Path

import build_paths
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SOURCE = build_paths.ROOT / "resources" / "icons" / "tidewire.svg"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZE, ICNS_SIZE = 256, 512


def make(folder: Path) -> None:
    """Write ``<size>.png`` for every size, ``tidewire.svg``, and the formats of Windows and macOS."""
    folder.mkdir(parents=True)
    app = QGuiApplication.instance() or QGuiApplication(["icons"])
    for size in SIZES:
        _write(_drawn(size), folder / f"{size}.png", "PNG")
    _write(_drawn(ICO_SIZE), folder / "tidewire.ico", "ICO")
    _write(_drawn(ICNS_SIZE), folder / "tidewire.icns", "ICNS")
    shutil.copyfile(SOURCE, folder / "tidewire.svg")
    del app  # alive until the last pixel


def _drawn(size: int) -> QImage:
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(SOURCE)).render(painter)
    painter.end()
    return image


def _write(image: QImage, path: Path, kind: str) -> None:
    if not image.save(str(path), kind):
        raise OSError(f"{path} cannot be written as {kind}")
