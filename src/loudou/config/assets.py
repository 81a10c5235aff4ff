"""Static files under names that change with their content, our ES modules' imports included."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage


class AssetStorage(CompressedManifestStaticFilesStorage):
    """Hashed, compressed files; addresses in our modules' `import` statements are rewritten like those in stylesheets."""

    support_js_module_import_aggregation = True
    # Only our own modules: packages' scripts mention imports that are none.
    _js_module_import_aggregation_patterns = ("loudou/js/*.js", HashedFilesMixin._js_module_import_aggregation_patterns[1])
