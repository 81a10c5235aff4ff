"""Learned figures are about many sales at once and hold no words."""

from loudou.core.personal_data import declare

declare("insights.learnedprocess")
declare("insights.learnedstage")
