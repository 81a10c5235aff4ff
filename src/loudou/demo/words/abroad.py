"""Names of people at customers abroad, as people of the place are called."""

from __future__ import annotations

from typing import NamedTuple

from loudou.demo.words import Pair

# fmt: off


class Names(NamedTuple):
    """The names of a country; numbers of given names and surnames have no common factor, so that pairs repeat late."""

    surnames: tuple[Pair, ...]
    men: tuple[Pair, ...]
    women: tuple[Pair, ...]
    surname_first: bool = False

    def full(self, number: int, *, is_woman: bool) -> tuple[Pair, str]:
        """The name of the country's n-th man or woman, and the part of a mail address before the @."""
        given_names = self.women if is_woman else self.men
        given, surname = given_names[number % len(given_names)], self.surnames[number % len(self.surnames)]
        mailbox = f"{given[1]}.{surname[1]}".lower().replace(" ", "").translate(_PLAIN)
        if self.surname_first:
            return (surname[0] + given[0], f"{surname[1]} {given[1]}"), mailbox
        return (f"{given[0]}·{surname[0]}", f"{given[1]} {surname[1]}"), mailbox


_PLAIN = str.maketrans("áéíóúñłńśźżćęą", "aeiounlnszzcea")

NAMES: dict[str, Names] = {
    # By English name of the country
    "Vietnam": Names(
        (("阮", "Nguyen"), ("陈", "Tran"), ("黎", "Le"), ("范", "Pham"), ("武", "Vu"), ("裴", "Bui")),
        (("文雄", "Van Hung"), ("明俊", "Minh Tuan"), ("光海", "Quang Hai"), ("德英", "Duc Anh"), ("国勇", "Quoc Dung")),
        (("氏兰", "Thi Lan"), ("玉梅", "Ngoc Mai"), ("氏秋", "Thi Thu"), ("清香", "Thanh Huong"), ("碧玉", "Bich Ngoc")),
        surname_first=True,
    ),
    "Indonesia": Names(
        (("桑托索", "Santoso"), ("维查亚", "Wijaya"), ("苏桑托", "Susanto"), ("哈迪", "Hadi"), ("普拉塔马", "Pratama"), ("库苏马", "Kusuma")),
        (("布迪", "Budi"), ("阿古斯", "Agus"), ("里兹基", "Rizky"), ("亨德拉", "Hendra"), ("巴玉", "Bayu")),
        (("黛薇", "Dewi"), ("斯丽", "Sri"), ("普特丽", "Putri"), ("拉特娜", "Ratna"), ("英丹", "Indah")),
    ),
    "Thailand": Names(
        (("西里瓦", "Siriwat"), ("乍仑", "Charoen"), ("通猜", "Thongchai"), ("素旺", "Suwan"), ("汶密", "Boonmee"), ("立塔纳", "Rattana")),
        (("颂猜", "Somchai"), ("阿南", "Anan"), ("吉拉育", "Jirayu"), ("威猜", "Wichai"), ("那隆", "Narong")),
        (("素帕", "Supa"), ("玛丽", "Malee"), ("颂西", "Somsri"), ("康雅", "Kanya"), ("帕妮达", "Panida")),
    ),
    "Malaysia": Names(
        (("伊斯迈", "Ismail"), ("拉赫曼", "Rahman"), ("奥斯曼", "Osman"), ("哈桑", "Hassan"), ("优素福", "Yusof"), ("易卜拉欣", "Ibrahim")),
        (("艾哈迈德", "Ahmad"), ("法兹", "Faiz"), ("哈菲兹", "Hafiz"), ("阿兹兰", "Azlan"), ("赞里", "Zamri")),
        (("西蒂", "Siti"), ("努鲁", "Nurul"), ("艾莎", "Aisyah"), ("法蒂玛", "Fatimah"), ("罗斯娜", "Rosnah")),
    ),
    "Poland": Names(
        (("诺瓦克", "Nowak"), ("武伊奇克", "Wójcik"), ("马祖尔", "Mazur"), ("克鲁尔", "Król"), ("杜达", "Duda"), ("皮耶特拉克", "Pietrzak")),
        (("彼得", "Piotr"), ("马雷克", "Marek"), ("托马什", "Tomasz"), ("雅采克", "Jacek"), ("安杰伊", "Andrzej")),
        (("安娜", "Anna"), ("马格达", "Magda"), ("埃娃", "Ewa"), ("卡塔日娜", "Katarzyna"), ("阿加塔", "Agata")),
    ),
    "Spain": Names(
        (("加西亚", "García"), ("马丁内斯", "Martínez"), ("洛佩斯", "López"), ("桑切斯", "Sánchez"), ("纳瓦罗", "Navarro"), ("伊万涅斯", "Ibáñez")),
        (("哈维尔", "Javier"), ("卡洛斯", "Carlos"), ("巴勃罗", "Pablo"), ("米格尔", "Miguel"), ("塞尔希奥", "Sergio")),
        (("卡门", "Carmen"), ("劳拉", "Laura"), ("皮拉尔", "Pilar"), ("露西娅", "Lucía"), ("埃莱娜", "Elena")),
    ),
}
