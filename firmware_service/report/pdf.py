"""The one-page PDF of a screen, as a stroke neurologist reads it: the answer first."""

from __future__ import annotations

from firmware_service.report.charts import draw_charts, draw_key
from firmware_service.report.headline import (
    INNER_MM,
    draw_findings,
    draw_identity,
    draw_level,
    draw_simulated,
)
from firmware_service.report.page import MARGIN_MM, Box, Page
from firmware_service.report.particulars import (
    draw_disclaimer,
    draw_means,
    draw_not_assessed,
    draw_speech_and_arms,
)
from firmware_service.report.schematic import WIDTH_MM as FACE_MM
from firmware_service.report.schematic import draw_face
from firmware_service.report.task_table import draw_table
from firmware_service.wire.v1 import Report

_COLUMN_GAP_MM = 3.0
_HALF_MM = (INNER_MM - 4.0) / 2


def one_page(report: Report) -> bytes:
    """The report as a PDF of exactly one A4 page; the same report gives the same bytes.

    Text that is too long for its room ends in an ellipsis; the report itself keeps all of it.
    """
    page = Page(
        title=f"Stroke screen {report.screen_id}, unit {report.unit}", made_at=report.ended_at
    )
    if report.simulated:
        draw_simulated(page)
    draw_identity(page, 10, report)
    draw_level(page, 26.5, report)
    draw_findings(page, 54.5, report)
    draw_face(page, MARGIN_MM, 91.5, report)
    table_x = MARGIN_MM + FACE_MM + _COLUMN_GAP_MM
    draw_table(page, Box(table_x, 91.5, INNER_MM - FACE_MM - _COLUMN_GAP_MM, 70), report)
    page.text(MARGIN_MM, 163.5, 100, "How each side moved", size=9.5, bold=True)
    draw_key(page, 130, 164)
    draw_charts(page, Box(MARGIN_MM, 169, INNER_MM, 47), report)
    draw_speech_and_arms(page, MARGIN_MM, 220, _HALF_MM, report)
    draw_not_assessed(page, Box(MARGIN_MM + _HALF_MM + 4, 220, _HALF_MM, 43), report)
    draw_means(page, 266, report)
    draw_disclaimer(page)
    return page.to_bytes()
