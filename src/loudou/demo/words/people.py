"""Names of people, teams and posts."""

from loudou.demo.words import Pair

# fmt: off

COMPANY: Pair = ("澜川流体装备有限公司", "Lanchuan Fluid Equipment Co., Ltd.")
PARTICULARS: dict[str, Pair] = {
    "credit_code": ("91310115MA2TWQXB2P", "91310115MA2TWQXB2P"),
    "address": ("上海市浦东新区澜川路 1 号", "1 Lanchuan Road, Pudong, Shanghai"),
    "phone": ("021-5550 0100", "+86 21 5550 0100"),
    "representative": ("陆明远", "Lu Mingyuan"),
    "bank_name": ("江澜银行上海分行", "Jianglan Bank, Shanghai branch"),
    "bank_account": ("9550 8800 0000 1024", "9550 8800 0000 1024"),
}
"""What stands at the head of its papers, by fields of the company."""

SURNAMES: tuple[Pair, ...] = (
    ("林", "Lin"), ("陈", "Chen"), ("黄", "Huang"), ("周", "Zhou"), ("吴", "Wu"), ("徐", "Xu"), ("孙", "Sun"),
    ("马", "Ma"), ("朱", "Zhu"), ("胡", "Hu"), ("郭", "Guo"), ("何", "He"), ("高", "Gao"), ("罗", "Luo"),
    ("郑", "Zheng"), ("梁", "Liang"), ("谢", "Xie"), ("宋", "Song"), ("唐", "Tang"), ("许", "Xu"), ("韩", "Han"),
    ("冯", "Feng"), ("邓", "Deng"), ("曹", "Cao"), ("彭", "Peng"), ("曾", "Zeng"), ("萧", "Xiao"), ("田", "Tian"),
    ("董", "Dong"), ("潘", "Pan"), ("袁", "Yuan"), ("蔡", "Cai"), ("蒋", "Jiang"), ("余", "Yu"), ("于", "Yu"),
    ("杜", "Du"), ("叶", "Ye"), ("程", "Cheng"), ("魏", "Wei"), ("苏", "Su"), ("吕", "Lü"), ("丁", "Ding"),
    ("沈", "Shen"), ("任", "Ren"), ("姚", "Yao"), ("卢", "Lu"), ("傅", "Fu"), ("钟", "Zhong"), ("姜", "Jiang"),
    ("崔", "Cui"), ("谭", "Tan"), ("廖", "Liao"), ("范", "Fan"), ("汪", "Wang"), ("陆", "Lu"), ("金", "Jin"),
)

GIVEN_NAMES: tuple[Pair, ...] = (
    ("晓峰", "Xiaofeng"), ("思远", "Siyuan"), ("雨桐", "Yutong"), ("建国", "Jianguo"), ("文博", "Wenbo"),
    ("佳宁", "Jianing"), ("志强", "Zhiqiang"), ("海燕", "Haiyan"), ("明哲", "Mingzhe"), ("静怡", "Jingyi"),
    ("浩然", "Haoran"), ("丽华", "Lihua"), ("子轩", "Zixuan"), ("欣悦", "Xinyue"), ("国栋", "Guodong"),
    ("婷婷", "Tingting"), ("俊杰", "Junjie"), ("雪梅", "Xuemei"), ("伟东", "Weidong"), ("慧敏", "Huimin"),
    ("立新", "Lixin"), ("春霞", "Chunxia"), ("鹏飞", "Pengfei"), ("若曦", "Ruoxi"), ("永康", "Yongkang"),
    ("淑芬", "Shufen"), ("天宇", "Tianyu"), ("梦洁", "Mengjie"), ("振华", "Zhenhua"), ("玉兰", "Yulan"),
    ("景行", "Jingxing"), ("亦菲", "Yifei"), ("少华", "Shaohua"), ("红梅", "Hongmei"), ("嘉豪", "Jiahao"),
    ("晨曦", "Chenxi"), ("德胜", "Desheng"), ("秀英", "Xiuying"), ("一鸣", "Yiming"), ("可欣", "Kexin"),
    ("宏伟", "Hongwei"), ("巧云", "Qiaoyun"), ("泽宇", "Zeyu"), ("诗涵", "Shihan"), ("卫民", "Weimin"),
    ("敏", "Min"), ("磊", "Lei"), ("娜", "Na"), ("洋", "Yang"), ("琳", "Lin"), ("刚", "Gang"), ("倩", "Qian"),
    ("超", "Chao"), ("颖", "Ying"), ("斌", "Bin"), ("璐", "Lu"), ("涛", "Tao"), ("蕾", "Lei"), ("凯", "Kai"),
)

HEADQUARTERS: Pair = ("总部", "Headquarters")
SALES: Pair = ("销售中心", "Sales")
OFFICES: dict[str, Pair] = {
    "operations": ("销售运营部", "Sales Operations"),
    "finance": ("财务部", "Finance"),
    "executive": ("总裁办公室", "Executive Office"),
}

REGIONS: tuple[tuple[Pair, tuple[tuple[Pair, int], ...]], ...] = (
    (("华东大区", "East China"), ((("上海组", "Shanghai"), 3), (("江苏组", "Jiangsu"), 3), (("浙江组", "Zhejiang"), 3))),
    (("华北大区", "North China"), ((("京津组", "Beijing and Tianjin"), 3), (("山东组", "Shandong"), 2))),
    (("华南大区", "South China"), ((("广东组", "Guangdong"), 3), (("福建组", "Fujian"), 2))),
    (("西部大区", "West China"), ((("川渝组", "Sichuan and Chongqing"), 3), (("西北组", "Northwest"), 2))),
)
"""Regions with their teams and how many reps each team has."""

JOB_TITLES: dict[str, Pair] = {
    "rep": ("客户经理", "Account manager"),
    "senior": ("高级客户经理", "Senior account manager"),
    "manager": ("大区经理", "Regional manager"),
    "director": ("销售总监", "Head of sales"),
    "operations": ("销售运营专员", "Sales operations specialist"),
    "finance": ("财务主管", "Financial controller"),
    "executive": ("总裁", "President"),
    "administrator": ("系统管理员", "System administrator"),
    "auditor": ("内部审计", "Internal auditor"),
}

POSTS: tuple[tuple[Pair, Pair], ...] = (
    (("采购经理", "Purchasing manager"), ("采购部", "Purchasing")),
    (("设备部部长", "Head of equipment"), ("设备部", "Equipment")),
    (("总工程师", "Chief engineer"), ("技术中心", "Engineering")),
    (("工艺工程师", "Process engineer"), ("技术中心", "Engineering")),
    (("维修主管", "Maintenance supervisor"), ("设备部", "Equipment")),
    (("生产厂长", "Plant manager"), ("生产部", "Production")),
    (("副总经理", "Deputy general manager"), ("总经办", "Management")),
    (("总经理", "General manager"), ("总经办", "Management")),
    (("项目经理", "Project manager"), ("项目部", "Projects")),
    (("财务经理", "Finance manager"), ("财务部", "Finance")),
    (("仪表工程师", "Instrumentation engineer"), ("电仪部", "Electrical and instruments")),
    (("采购专员", "Buyer"), ("采购部", "Purchasing")),
)

SALUTATIONS: tuple[Pair, ...] = (("先生", "Mr."), ("女士", "Ms."))
