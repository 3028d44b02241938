"""The page of hot spots on the demo district: what it shows, tells and refuses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gis.analysis.hotspots import service
from gis.analysis.hotspots.model import HotspotQuestion, last_weeks


@pytest.fixture(scope="module")
def weeks():
    from_on, to_on = last_weeks(date.today() - timedelta(days=1))
    return {"from_on": str(from_on), "to_on": str(to_on)}


def test_the_page_tells_findings_before_the_map(client_for, weeks):
    page = client_for("planner").get("/planner/hotspots", query_string={**weeks, "lang": "en"})
    assert page.status_code == 200
    text = page.text
    assert "judged cells" in text
    assert text.index("judged cells") < text.index('id="map-frame"')
    assert 'class="twin"' in text
    assert "Where patrols walked" in text
