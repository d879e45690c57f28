"""Names of accounts, addressees and balances, Chinese and English."""

from __future__ import annotations

ACCOUNTS: dict[str, str] = {
    "contract_physical": "中长期物理合约 physical contract",
    "contract_financial": "中长期金融合约 contract for difference",
    "day_ahead": "日前电能 day-ahead energy",
    "real_time": "实时电能 real-time energy",
    "emergency": "紧急电能 emergency energy",
    "imbalance": "不平衡资金分摊 share of imbalance",
    "retail": "零售套餐 retail package",
    "regulation": "调频 regulation",
    "spinning_ahead": "日前旋转备用 day-ahead spinning reserve",
    "spinning_real": "实时旋转备用 real-time spinning reserve",
    "non_spinning_ahead": "日前非旋转备用 day-ahead non-spinning reserve",
    "non_spinning_real": "实时非旋转备用 real-time non-spinning reserve",
    "black_start": "黑启动 black start",
    "reactive_power": "无功 reactive power",
    "ancillary_share": "辅助服务费用分摊 share of ancillary cost",
    "transmission": "输配电费 transmission and distribution",
    "transmission_loss": "网损盈余分配 share of loss surplus",
    "congestion": "阻塞盈余分配 share of congestion surplus",
    "transmission_right": "输电权 transmission right",
    "unscheduled_transmission": "非计划输电 unscheduled transmission",
    "energy_deviation": "电能执行偏差 energy deviation",
    "ancillary_deviation": "辅助服务执行偏差 ancillary deviation",
    "retail_deviation": "零售偏差考核 deviation from a retail package",
    "back_billing": "追补清算 back-billing",
    "plan_assessment": "发电计划考核 generation plan assessment",
    "frequency_assessment": "一次调频考核 primary frequency assessment",
    "agc_assessment": "AGC考核 AGC assessment",
    "avc_assessment": "AVC考核 AVC assessment",
    "penalty_share": "考核罚款分配 share of penalties",
    "compensation_ahead": "日前成本补偿 day-ahead cost compensation",
    "compensation_real": "实时成本补偿 real-time cost compensation",
    "opportunity_cost": "辅助服务机会成本补偿 opportunity cost",
    "start_up": "启动补偿 start-up compensation",
    "must_run": "必开补偿 must-run compensation",
    "compensation_share": "成本补偿费用分摊 share of compensation",
    "demand_response": "需求响应 demand response",
    "demand_response_share": "需求响应费用分摊 share of demand response",
    "retail_termination": "零售解约金 termination of a retail package",
    "fee_balance": "管理费结余分配 share of the fee balance",
    "capacity": "容量电费 capacity",
    "membership": "会员费 membership",
    "commission": "交易佣金 commission",
    "management": "管理服务费 management fee",
    "fund": "政府基金及附加 funds and surcharges",
}
"""Account, in small letters → 中文 English."""

KINDS: dict[str, str] = {
    "generation": "发电企业 generation company",
    "user": "直接交易用户 user",
    "retailer": "售电公司 retailer",
    "demand_response": "需求响应主体 demand response",
    "grid": "电网公司 grid company",
    "storage": "储能 storage",
}
"""Kind of addressee, in small letters → 中文 English."""

BALANCES: dict[str, str] = {
    "congestion": "阻塞盈余 congestion surplus",
    "loss": "网损盈余 loss surplus",
    "imbalance": "不平衡资金 imbalance",
    "rounding": "尾差 rounding",
    "ancillary": "辅助服务 ancillary services",
    "demand_response": "需求响应 demand response",
    "compensation": "成本补偿 compensation",
    "penalty": "考核罚款 penalties",
    "fee_balance": "管理费结余 fee balance",
    "fees_held": "管理费结余来源 source of the fee balance",
    "deviation": "偏差收益回收 deviation recovery",
    "capacity": "容量 capacity",
    "entries": "其他 entries",
    "earlier": "原账单 earlier statements",
}
"""Balance → 中文 English; of a charge its own id."""
