"""Places, industries, names of customers and competitors, what is sold."""

from loudou.demo.words import Pair

# fmt: off

CHINA: Pair = ("中国", "China")

PLACES: dict[str, tuple[tuple[Pair, Pair, str], ...]] = {
    # English name of the team -> (province, city, six-digit division code used in credit codes)
    "Shanghai": (
        (("上海", "Shanghai"), ("上海", "Shanghai"), "310115"), (("上海", "Shanghai"), ("松江", "Songjiang"), "310117"),
        (("上海", "Shanghai"), ("嘉定", "Jiading"), "310114"),
    ),
    "Jiangsu": (
        (("江苏", "Jiangsu"), ("苏州", "Suzhou"), "320500"), (("江苏", "Jiangsu"), ("无锡", "Wuxi"), "320200"),
        (("江苏", "Jiangsu"), ("常州", "Changzhou"), "320400"), (("江苏", "Jiangsu"), ("南通", "Nantong"), "320600"),
        (("江苏", "Jiangsu"), ("盐城", "Yancheng"), "320900"),
    ),
    "Zhejiang": (
        (("浙江", "Zhejiang"), ("杭州", "Hangzhou"), "330100"), (("浙江", "Zhejiang"), ("宁波", "Ningbo"), "330200"),
        (("浙江", "Zhejiang"), ("嘉兴", "Jiaxing"), "330400"), (("浙江", "Zhejiang"), ("绍兴", "Shaoxing"), "330600"),
        (("浙江", "Zhejiang"), ("台州", "Taizhou"), "331000"),
    ),
    "Beijing and Tianjin": (
        (("北京", "Beijing"), ("北京", "Beijing"), "110105"), (("天津", "Tianjin"), ("天津", "Tianjin"), "120116"),
        (("河北", "Hebei"), ("唐山", "Tangshan"), "130200"), (("河北", "Hebei"), ("石家庄", "Shijiazhuang"), "130100"),
    ),
    "Shandong": (
        (("山东", "Shandong"), ("青岛", "Qingdao"), "370200"), (("山东", "Shandong"), ("济南", "Jinan"), "370100"),
        (("山东", "Shandong"), ("烟台", "Yantai"), "370600"), (("山东", "Shandong"), ("淄博", "Zibo"), "370300"),
    ),
    "Guangdong": (
        (("广东", "Guangdong"), ("广州", "Guangzhou"), "440100"), (("广东", "Guangdong"), ("佛山", "Foshan"), "440600"),
        (("广东", "Guangdong"), ("东莞", "Dongguan"), "441900"), (("广东", "Guangdong"), ("惠州", "Huizhou"), "441300"),
        (("广东", "Guangdong"), ("深圳", "Shenzhen"), "440300"),
    ),
    "Fujian": (
        (("福建", "Fujian"), ("厦门", "Xiamen"), "350200"), (("福建", "Fujian"), ("泉州", "Quanzhou"), "350500"),
        (("福建", "Fujian"), ("福州", "Fuzhou"), "350100"),
    ),
    "Sichuan and Chongqing": (
        (("四川", "Sichuan"), ("成都", "Chengdu"), "510100"), (("四川", "Sichuan"), ("绵阳", "Mianyang"), "510700"),
        (("重庆", "Chongqing"), ("重庆", "Chongqing"), "500112"), (("四川", "Sichuan"), ("德阳", "Deyang"), "510600"),
    ),
    "Northwest": (
        (("陕西", "Shaanxi"), ("西安", "Xi'an"), "610100"), (("甘肃", "Gansu"), ("兰州", "Lanzhou"), "620100"),
        (("陕西", "Shaanxi"), ("宝鸡", "Baoji"), "610300"), (("宁夏", "Ningxia"), ("银川", "Yinchuan"), "640100"),
    ),
}

ABROAD: tuple[tuple[Pair, Pair, str], ...] = (
    (("越南", "Vietnam"), ("胡志明市", "Ho Chi Minh City"), "USD"),
    (("印度尼西亚", "Indonesia"), ("雅加达", "Jakarta"), "USD"),
    (("泰国", "Thailand"), ("曼谷", "Bangkok"), "USD"),
    (("马来西亚", "Malaysia"), ("吉隆坡", "Kuala Lumpur"), "USD"),
    (("波兰", "Poland"), ("罗兹", "Łódź"), "EUR"),
    (("西班牙", "Spain"), ("萨拉戈萨", "Zaragoza"), "EUR"),
)

DIALLING: dict[str, tuple[str, str]] = {
    # English name of the city -> (area code, beginning of a mobile number; eight more digits make none that anybody can have)
    "Ho Chi Minh City": ("+84-28", "+84 55 "), "Jakarta": ("+62-21", "+62 55 "), "Bangkok": ("+66-2", "+66 55 "),
    "Kuala Lumpur": ("+60-3", "+60 55 "), "Łódź": ("+48-42", "+48 55 "), "Zaragoza": ("+34-976", "+34 55 "),
    "Shanghai": ("021", ""), "Songjiang": ("021", ""), "Jiading": ("021", ""), "Suzhou": ("0512", ""), "Wuxi": ("0510", ""),
    "Changzhou": ("0519", ""), "Nantong": ("0513", ""), "Yancheng": ("0515", ""), "Hangzhou": ("0571", ""),
    "Ningbo": ("0574", ""), "Jiaxing": ("0573", ""), "Shaoxing": ("0575", ""), "Taizhou": ("0576", ""),
    "Beijing": ("010", ""), "Tianjin": ("022", ""), "Tangshan": ("0315", ""), "Shijiazhuang": ("0311", ""),
    "Qingdao": ("0532", ""), "Jinan": ("0531", ""), "Yantai": ("0535", ""), "Zibo": ("0533", ""), "Guangzhou": ("020", ""),
    "Foshan": ("0757", ""), "Dongguan": ("0769", ""), "Huizhou": ("0752", ""), "Shenzhen": ("0755", ""),
    "Xiamen": ("0592", ""), "Quanzhou": ("0595", ""), "Fuzhou": ("0591", ""), "Chengdu": ("028", ""),
    "Mianyang": ("0816", ""), "Chongqing": ("023", ""), "Deyang": ("0838", ""), "Xi'an": ("029", ""),
    "Lanzhou": ("0931", ""), "Baoji": ("0917", ""), "Yinchuan": ("0951", ""),
}
NOBODYS_MOBILE = "154"
"""Mobile numbers of China begin so that nobody has them."""

NAME_WORDS: tuple[Pair, ...] = (
    ("拓岳", "Tuoyue"), ("启衡", "Qiheng"), ("沐泽", "Muze"), ("铭垚", "Mingyao"), ("澄屿", "Chengyu"), ("砺石", "Lishi"),
    ("云岫", "Yunxiu"), ("朔原", "Shuoyuan"), ("璟川", "Jingchuan"), ("泓毅", "Hongyi"), ("擎苍", "Qingcang"),
    ("柏舟", "Bozhou"), ("曜澜", "Yaolan"), ("恺元", "Kaiyuan"), ("昱坤", "Yukun"), ("鹭洲", "Luzhou"), ("岑峰", "Cenfeng"),
    ("锦溪", "Jinxi"), ("翊航", "Yihang"), ("禾颂", "Hesong"), ("瀚屿", "Hanyu"), ("屹安", "Yi'an"), ("晟垒", "Shenglei"),
    ("霁远", "Jiyuan"), ("墨霖", "Molin"), ("臻固", "Zhengu"), ("骁业", "Xiaoye"), ("乾砚", "Qianyan"), ("宸谷", "Chengu"),
    ("淞源", "Songyuan"), ("钧陶", "Juntao"), ("峻禾", "Junhe"), ("望舒", "Wangshu"), ("承桓", "Chenghuan"),
    ("汇澄", "Huicheng"), ("旌阳岭", "Jingyangling"), ("鲲池", "Kunchi"), ("苍梧", "Cangwu"), ("星桥", "Xingqiao"),
    ("川页", "Chuanye"), ("榕野", "Rongye"), ("麓山南", "Lushannan"), ("潮生", "Chaosheng"), ("稷丰", "Jifeng"),
    ("岱宸", "Daichen"), ("沃垣", "Woyuan"), ("弘砺", "Hongli"), ("裕澎", "Yupeng"), ("景瓯", "Jing'ou"), ("凌溯", "Lingsu"),
)

INDUSTRIES: tuple[tuple[Pair, Pair, int], ...] = (
    # (industry, word in the company's name, weight)
    (("化工", "Chemicals"), ("化工", "Chemical"), 14),
    (("水务环保", "Water and environment"), ("水务", "Water"), 12),
    (("制药", "Pharmaceuticals"), ("药业", "Pharmaceutical"), 9),
    (("食品饮料", "Food and beverage"), ("食品", "Foods"), 9),
    (("电力", "Power"), ("能源", "Energy"), 8),
    (("冶金", "Metals"), ("钢铁", "Steel"), 7),
    (("造纸", "Pulp and paper"), ("纸业", "Paper"), 6),
    (("纺织印染", "Textiles and dyeing"), ("印染", "Textile"), 6),
    (("新材料", "Advanced materials"), ("新材料", "Materials"), 8),
    (("锂电", "Batteries"), ("新能源", "Battery"), 8),
    (("机械制造", "Machinery"), ("机械", "Machinery"), 8),
    (("汽车零部件", "Auto parts"), ("汽车部件", "Auto Parts"), 5),
)

LEGAL_FORMS: tuple[tuple[Pair, int], ...] = (
    (("有限公司", "Co., Ltd."), 62), (("有限责任公司", "LLC"), 10), (("股份有限公司", "Corporation"), 18),
    (("科技有限公司", "Technology Co., Ltd."), 10),
)
GROUP: Pair = ("集团有限公司", "Group Co., Ltd.")
DEALER_WORDS: tuple[Pair, ...] = (
    ("机电设备", "Electromechanical"), ("流体设备", "Fluid Equipment"), ("工业设备", "Industrial Supply"), ("泵业贸易", "Pump Trading"),
)
CONTRACTOR_WORDS: tuple[Pair, ...] = (("建设工程", "Construction"), ("工程安装", "Engineering"), ("环境工程", "Environmental Engineering"))
OWNER_WORDS: tuple[Pair, ...] = (("工程设计", "Design Institute"), ("市政设计", "Municipal Design"))

STREETS: tuple[Pair, ...] = (
    ("工业园区创新路", "Chuangxin Road, Industrial Park"), ("经济开发区滨河路", "Binhe Road, Development Zone"),
    ("高新区科苑路", "Keyuan Road, High-Tech Zone"), ("化工园区纬三路", "Weisan Road, Chemical Park"),
    ("临港新区海港大道", "Haigang Avenue, Lingang"),
)

COMPETITORS: tuple[tuple[Pair, Pair, Pair, float], ...] = (
    # (name, strengths, weaknesses, how much it lowers our chance in a stage, in log odds)
    (("赛沃泵业", "Saiwo Pumps"), ("价格低，交货快", "Low prices, short delivery"), ("寿命短，备件贵", "Short life, dear spare parts"), -0.30),
    (("海德流控", "Haide Flow Control"), ("品牌知名度高", "Well-known brand"), ("价格高，响应慢", "Expensive, slow to answer"), -0.12),
    (("欧曼泰克", "Aumantec"), ("进口品质，规格书常被指定", "Imported quality, often specified"), ("交期长", "Long delivery"), -0.38),
    (("巨峰阀门", "Jufeng Valves"), ("阀门品种齐全", "Wide range of valves"), ("不做成套", "Sells no packages"), -0.10),
    (("瑞昇压缩机", "Ruisheng Compressors"), ("能效数据好", "Good efficiency figures"), ("服务网点少", "Few service points"), -0.20),
    (("北辰自控", "Beichen Automation"), ("控制方案强", "Strong in control"), ("机械部分外购", "Buys in its mechanics"), -0.15),
)

SOURCES: tuple[tuple[Pair, int], ...] = (
    (("老客户", "Existing customer"), 30), (("展会", "Trade fair"), 16), (("转介绍", "Referral"), 17),
    (("网站询盘", "Website enquiry"), 14), (("电话开发", "Cold call"), 10), (("招标公告", "Tender notice"), 9),
    (("设计院推荐", "Design institute"), 4),
)

DEALER_INDUSTRY: Pair = ("设备贸易", "Equipment trade")
CONTRACTOR_INDUSTRY: Pair = ("工程承包", "Contracting")
DESIGN_INDUSTRY: Pair = ("工程设计", "Engineering design")
