"""Codes, names, phones and websites in one spelling."""

import pytest
from django.core.exceptions import ValidationError

from loudou.customers import registration

PUBLISHED = {
    "Tencent": "91440300708461136T",
    "Huawei": "914403001922038216",
    "Alibaba": "91330100799655058B",
    "Quanjude": "91110000101623741K",
    "Changfeng hospital": "911101066976941872",
    "example of the standard's explanation": "91350100M000100Y43",
}


@pytest.mark.parametrize("code", PUBLISHED.values(), ids=PUBLISHED.keys())
def test_published_codes_pass(code):
    assert registration.is_credit_code(code)


@pytest.mark.parametrize("code", PUBLISHED.values(), ids=PUBLISHED.keys())
def test_any_single_wrong_character_is_noticed(code):
    for position in range(18):
        for other in registration.CREDIT_CODE_ALPHABET:
            if other != code[position]:
                assert not registration.is_credit_code(code[:position] + other + code[position + 1 :])


@pytest.mark.parametrize("code", PUBLISHED.values(), ids=PUBLISHED.keys())
def test_neighbours_swapped_are_noticed(code):
    for position in range(17):
        left, right = code[position], code[position + 1]
        if left != right:
            swapped = code[:position] + right + left + code[position + 2 :]
            assert not registration.is_credit_code(swapped)


@pytest.mark.parametrize(
    "code", ["", "9144030070846113", "91440300708461136TT", "9144030070846113IT", "91440300708461136t"]
)
def test_wrong_length_and_forbidden_letters_fail(code):
    assert not registration.is_credit_code(code)


def test_the_sentence_says_what_is_wrong():
    def sentence(code):
        with pytest.raises(ValidationError) as caught:
            registration.validate_credit_code(code)
        return caught.value.messages[0]

    assert "18 characters, this one has 4" in sentence("9144")
    assert "I O" in sentence("9144030070846113OI")
    assert "check character" in sentence("914403007084611360")


def test_pasted_codes_lose_spaces_dashes_and_width():
    assert registration.normalize_credit_code(" ９１44-0300 7084 6113 6t ") == "91440300708461136T"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("138 0013 8000", "13800138000"),
        ("021-5555 1234", "02155551234"),
        ("(021) 5555-1234 转 801", "02155551234x801"),
        ("0086 138-0013-8000", "+8613800138000"),
        ("+1 (212) 555-0100 ext. 7", "+12125550100x7"),
        ("１３８００１３８０００", "13800138000"),
        ("call  reception", "call reception"),
        ("", ""),
    ],
)
def test_phones_have_one_spelling(typed, kept):
    assert registration.normalize_phone(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("WWW.Example.COM/", "https://www.example.com"),
        ("http://Example.com/Products/", "http://example.com/Products"),
        ("example.com?x=1", "https://example.com?x=1"),
        ("", ""),
    ],
)
def test_websites_have_one_spelling(typed, kept):
    assert registration.normalize_website(typed) == kept


def test_hosts_compare_without_www():
    assert registration.website_host("www.Example.com/a") == registration.website_host("http://example.com")


@pytest.mark.parametrize(
    "address", ["javascript://alert(1)", "ftp://example.com", "https://nowhere", "https://a b.com"]
)
def test_only_web_addresses_are_links(address):
    with pytest.raises(ValidationError):
        registration.validate_website(address)


def test_lists_lose_empty_items_and_repetitions():
    assert registration.normalize_each(["138 0013 8000", "", "13800138000"], registration.normalize_phone) == [
        "13800138000"
    ]
