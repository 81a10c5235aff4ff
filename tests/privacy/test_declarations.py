"""Every field that can hold words has a decision about personal data."""

from loudou.core import personal_data
from loudou.core.personal_data import Treatment


def test_every_field_that_can_hold_words_is_decided():
    personal_data.load()
    undecided = {
        f"{label}.{name}"
        for label, model in personal_data.models_to_decide().items()
        for name in personal_data.fields_to_decide(model)
        if label not in personal_data.DECLARATIONS or name not in personal_data.DECLARATIONS[label].fields
    }
    assert undecided == set(), "say in the module's personal_data.py what becomes of these when a contact is erased"


def test_every_model_is_declared_and_nothing_else():
    personal_data.load()
    assert set(personal_data.DECLARATIONS) == set(personal_data.models_to_decide())
    gone = {
        f"{label}.{name}"
        for label, declaration in personal_data.DECLARATIONS.items()
        for name in declaration.fields
        if name not in personal_data.fields_to_decide(personal_data.models_to_decide()[label])
    }
    assert gone == set()


def test_what_is_kept_has_a_reason_and_what_is_handled_a_keeper():
    personal_data.load()
    declared = personal_data.DECLARATIONS.values()
    assert [each.label for each in declared if each.named(Treatment.KEPT) and not each.because] == []
    handled = {each.label for each in declared if each.named(Treatment.HANDLED)}
    assert handled == {
        *personal_data.KEEPERS,
        "people.auditentry",
    }  # the audit is blackened last, by the erasure itself
