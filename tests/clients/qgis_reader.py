"""Run by the system's Python, which has QGIS: read what standard input says, and print what was found.

Input: {"url", "token", "layers": [{"name", "box", "filter", "page"}], "tiles": [names], "view": [metres]}. Nothing of this project is
imported here. QGIS of Debian 12 (3.22) has no bearer tokens; the token goes as the password of Basic.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsAuthMethodConfig,
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize


def main() -> None:
    asked = json.load(sys.stdin)
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False, tempfile.mkdtemp())
    application.initQgis()
    messages: list[str] = []
    QgsApplication.messageLog().messageReceived.connect(
        lambda text, tag, _level: messages.append(f"{tag}: {text}")
    )
    auth = sign_in(asked["token"])
    found = {
        "version": Qgis.QGIS_VERSION,
        "layers": {layer["name"]: read(asked["url"], auth, layer) for layer in asked["layers"]},
        "tiles": {name: draw(asked["url"], auth, name, asked["view"]) for name in asked["tiles"]},
        "messages": messages,
    }
    sys.stdout.write(f"RESULT {json.dumps(found)}\n")
    sys.stdout.flush()
    os._exit(0)  # QGIS crashes now and then when it is taken down without a display


def sign_in(token: str) -> str:
    manager = QgsApplication.authManager()
    assert manager.setMasterPassword("only for this run", True)
    config = QgsAuthMethodConfig("Basic")
    config.setName("district")
    config.setConfig("username", "token")
    config.setConfig("password", token)
    stored = manager.storeAuthenticationConfig(config)
    assert stored[0] if isinstance(stored, tuple) else stored
    return config.id()


def read(url: str, auth: str, asked: dict) -> dict:
    """What the OAPIF provider makes of a collection: all of it, a box, a filter, and all of it in metres."""
    name = asked["name"]
    source = f"url='{url}/ogc' typename='{name}' authcfg={auth} pageSize='{asked['page']}'"
    layer = QgsVectorLayer(source, name, "OAPIF")
    if not layer.isValid():
        return {"error": layer.error().message()}
    in_metres = QgsFeatureRequest().setDestinationCrs(
        QgsCoordinateReferenceSystem("EPSG:4547"), QgsProject.instance().transformContext()
    )
    found = {
        "crs": layer.crs().authid(),
        "fields": [field.name() for field in layer.fields()],
        "all": codes(layer, QgsFeatureRequest()),
        "in_box": codes(layer, QgsFeatureRequest().setFilterRect(QgsRectangle(*asked["box"]))),
        "metres": bounds(layer, in_metres),
    }
    if asked["filter"]:
        assert layer.setSubsetString(asked["filter"]), "the filter was refused"
        found["filtered"] = codes(layer, QgsFeatureRequest())
    return found


def codes(layer: QgsVectorLayer, request: QgsFeatureRequest) -> list:
    """The code of each feature found, None where it has none: QGIS keeps no ids that are numbers."""
    has_code = layer.fields().indexOf("code") >= 0
    return [feature["code"] if has_code else None for feature in layer.getFeatures(request)]


def bounds(layer: QgsVectorLayer, request: QgsFeatureRequest) -> list[float] | None:
    """The rectangle around all that a request finds."""
    boxes = [feature.geometry().boundingBox() for feature in layer.getFeatures(request)]
    if not boxes:
        return None
    return [
        min(box.xMinimum() for box in boxes),
        min(box.yMinimum() for box in boxes),
        max(box.xMaximum() for box in boxes),
        max(box.yMaximum() for box in boxes),
    ]


def draw(url: str, auth: str, name: str, view: list[float]) -> dict:
    """What a map of a collection's vector tiles shows: how many points of it are not white."""
    tiles = f"{url}/ogc/collections/{name}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}"
    layer = QgsVectorTileLayer(f"type=xyz&url={tiles}&zmin=0&zmax=18&authcfg={auth}", name)
    if not layer.isValid():
        return {"error": layer.error().message()}
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(QgsRectangle(*view))
    settings.setOutputSize(QSize(400, 400))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    white = image.pixel(0, 0)
    drawn = sum(image.pixel(x, y) != white for x in range(400) for y in range(400))
    return {"drawn": drawn, "zoom": [layer.sourceMinZoom(), layer.sourceMaxZoom()]}


main()
