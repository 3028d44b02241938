// Who is out, on the map: a sign for each person where they were seen last, and one for each overdue round.
import { el } from "../dom.js";
import { t } from "../i18n.js";
import { lookAt } from "../rounds/ground.js";
import { accuracyOf, ageBadge, ageOf, clock, freshness, personName, roundName, sourceOf, stateBadge, symbol } from "./words.js";

const SIZE = 34;
const REACH = { color: "#0b5f6d", weight: 1, fillOpacity: 0.08, interactive: false };

export class LiveMap {
  constructor(map, now) {
    this.map = map;
    this.now = now;
    this.signs = new Map();
    this.layer = L.layerGroup().addTo(map);
    this.isNew = true; // nobody has chosen what to look at
    map.on("dragstart", () => { this.isNew = false; });
  }

  // `rounds` as told; signs of those who are no longer there go.
  show(rounds, now) {
    const wanted = new Map(rounds.flatMap(signsOf).map((sign) => [sign.key, sign]));
    for (const [key, { marker, reach }] of this.signs) {
      if (wanted.has(key)) continue;
      this.layer.removeLayer(marker);
      if (reach) this.layer.removeLayer(reach);
      this.signs.delete(key);
    }
    for (const sign of wanted.values()) this.put(sign, now);
    if (this.isNew) lookAt(this.map, [...wanted.values()]);
    this.isNew = this.isNew && !wanted.size;
  }

  // Time goes on: what was fresh grows old.
  tick(now) {
    for (const shown of this.signs.values()) this.draw(shown, now);
  }

  // Open what is told of a person or a round.
  open(key) {
    const shown = this.signs.get(key);
    if (!shown) return;
    this.map.setView(shown.marker.getLatLng(), Math.max(this.map.getZoom(), 15), { animate: false });
    shown.marker.openPopup();
    this.map.getContainer().scrollIntoView({ block: "nearest" });
  }

  put(sign, now) {
    const shown = this.signs.get(sign.key) || this.add(sign);
    shown.sign = sign;
    shown.marker.setLatLng([sign.lat, sign.lon]);
    if (shown.reach) this.layer.removeLayer(shown.reach);
    const radius = sign.person?.seen.accuracy_m;
    shown.reach = radius ? L.circle([sign.lat, sign.lon], { radius, ...REACH }).addTo(this.layer) : null;
    this.draw(shown, now);
    // Whoever is about to follow a link there is not disturbed.
    const popup = shown.marker.getPopup();
    if (shown.marker.isPopupOpen() && !popup.getElement().contains(document.activeElement)) popup.setContent(words(sign, now));
  }

  add(sign) {
    const shown = { sign, marker: L.marker([sign.lat, sign.lon], { title: sign.title, icon: face(sign, "fresh", ""), zIndexOffset: sign.person ? 1000 : 0 }) };
    shown.marker.bindPopup(() => words(shown.sign, this.now()), { minWidth: 200, maxWidth: 280, closeButton: false }).addTo(this.layer);
    this.signs.set(sign.key, shown);
    return shown;
  }

  draw(shown, now) {
    const { sign } = shown;
    const age = sign.person ? freshness(sign.person.seen, now) : "fresh";
    const label = age === "fresh" ? "" : ageOf(sign.person.seen.at, now);
    const look = `${sign.round.state} ${age} ${label}`;
    if (shown.look === look) return;
    shown.look = look;
    shown.marker.setIcon(face(sign, age, label));
  }
}

function face(sign, age, label) {
  const html = el("div", { class: "live-face", "data-sign": sign.key, "data-state": sign.round.state, "data-age": age },
    symbol(sign.round.state, age), label ? el("span", { class: "live-age" }, label) : null);
  return L.divIcon({ className: "live-sign", html, iconSize: [SIZE, SIZE], popupAnchor: [0, -SIZE / 2] });
}

function signsOf(round) {
  const found = round.people.filter((person) => person.seen).map((person) => (
    { key: `${round.id}-${person.id}`, round, person, lon: person.seen.lon, lat: person.seen.lat, title: personName(person) }));
  if (round.place) found.push({ key: `${round.id}`, round, lon: round.place[0], lat: round.place[1], title: roundName(round) });
  return found;
}

function words({ round, person }, now) {
  const place = [round.team, round.community].filter(Boolean).join(" · ");
  return el("div", { class: "live-words" },
    person ? el("strong", {}, personName(person)) : null,
    el("p", {}, stateBadge(round.state), " ", el("a", { href: round.href }, roundName(round))),
    place ? el("p", {}, place) : null,
    person
      ? el("p", {}, t("Seen at %(time)s", { time: clock(person.seen.at, 8) }), " ", ageBadge(person.seen.at, now), el("br"),
        [sourceOf(person.seen), accuracyOf(person.seen)].filter(Boolean).join(" · "))
      : el("p", {}, t("Planned %(from)s–%(to)s, nobody has started", { from: clock(round.from), to: clock(round.to) })),
    ...round.findings.map((finding) => el("p", {}, el("a", { href: finding.href }, finding.kind))),
  );
}
