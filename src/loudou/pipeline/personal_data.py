"""Personal data of contacts in sales: free texts of opportunities may name them."""

from loudou.core.personal_data import declare

declare("pipeline.salesprocess", plain=("name", "name_zh", "description", "key_action"))
declare("pipeline.stage", plain=("name", "name_zh", "colour"))
declare("pipeline.stagecriterion", plain=("name", "name_zh"))
declare("pipeline.lossreason", plain=("name", "name_zh"))
declare("pipeline.competitor", plain=("name",), searched=("website", "strengths", "weaknesses"))
declare(
    "pipeline.opportunity",
    plain=("currency", "contract_reference", "external_id"),
    searched=("subject", "source", "next_step", "close_note", "notes"),
    derived=("search_text",),
    ties=("people__contact", "customer__posts__contact"),
)
declare(
    "pipeline.stagechange",
    plain=("currency",),
    searched=("note",),
    ties=("opportunity__people__contact", "opportunity__customer__posts__contact"),
)
declare(
    "pipeline.criterioncheck",
    searched=("evidence",),
    ties=("opportunity__people__contact", "opportunity__customer__posts__contact"),
)
declare("pipeline.opportunitycontact")
declare("pipeline.opportunityline")
declare("pipeline.opportunitymember")
declare("pipeline.star")
