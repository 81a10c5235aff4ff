"""Migrations can be taken back, and bring the same database again."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

_OBJECTS = """
    SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable, generation_expression)
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL
    SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    UNION ALL
    SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT 'trigger', tgname, pg_get_triggerdef(pg_trigger.oid) || obj_description(pg_trigger.oid, 'pg_trigger')
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT 'function', proname, md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


def _objects() -> set[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_OBJECTS)
        return set(cursor.fetchall())


def _tables_of(label: str) -> set[str]:
    return {model._meta.db_table for model in apps.get_app_config(label).get_models() if not model._meta.proxy}


def _end_of_migration(action: str, *_: object) -> None:
    """All of them run in the test's one transaction; outside of a test each ends with a commit."""
    if action in {"apply_success", "unapply_success"}:
        _check_what_waits()


def _check_what_waits() -> None:
    """Check rows as a commit does: no table is altered while checks on its rows wait."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.slow
@pytest.mark.django_db
def test_all_migrations_go_back_to_nothing_and_forward_to_the_same_database() -> None:
    ours = [config.label for config in apps.get_app_configs() if config.name.startswith("loudou.")]
    before = _objects()

    executor = MigrationExecutor(connection, _end_of_migration)
    _check_what_waits()
    ours = [label for label in ours if label in executor.loader.migrated_apps]
    newest = [node for node in executor.loader.graph.leaf_nodes() if node[0] in ours]
    executor.migrate([(label, None) for label in ours])

    left = set(connection.introspection.table_names())
    assert not left & {table for label in ours for table in _tables_of(label)}

    MigrationExecutor(connection, _end_of_migration).migrate(newest)
    assert _objects() == before
