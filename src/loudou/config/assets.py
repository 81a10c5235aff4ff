"""Static files under names that change with their content, our ES modules' imports included."""

from typing import Any

import brotli
from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

_IMPORTS = HashedFilesMixin._js_module_import_aggregation_patterns[1]  # type: ignore[attr-defined]


class QuickCompressor(Compressor):  # type: ignore[misc]  # WhiteNoise carries no types
    """Compresses in a tenth of the usual time, a tenth less well: the first start waits for it."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        """Compress once, for all browsers that matter."""
        compressed: bytes = brotli.compress(data, quality=9)
        return compressed


class AssetStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise carries no types
    """Hashed, compressed files; addresses in our modules' `import` statements are rewritten as in stylesheets."""

    support_js_module_import_aggregation = True
    # Only our own modules: packages' scripts mention imports that are none.
    _js_module_import_aggregation_patterns = ("loudou/js/*.js", _IMPORTS)

    def create_compressor(self, **options: Any) -> Compressor:
        """Choose how files are compressed."""
        return QuickCompressor(**options)
