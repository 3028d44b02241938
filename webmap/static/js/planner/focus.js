// Opens the map at bounds a question names: west, south, east, north in degrees.
export function focus(map, { bounds: [west, south, east, north] }) {
  map.fitBounds([[south, west], [north, east]], { animate: false, padding: [24, 24] });
}
