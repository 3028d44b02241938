// What the parts of a planner's page tell each other. Events:
//   select  { code, by }       a place was chosen (code null: none); by: map, chart, key, table, address
//   hover   { code, by }       the pointer is over a place (code null: over none)
//   shown   { figure, level }  the map now shows this figure of these places
export class Bus {
  constructor() {
    this.listeners = new Map();
  }

  on(event, listener) {
    if (!this.listeners.has(event)) this.listeners.set(event, []);
    this.listeners.get(event).push(listener);
  }

  emit(event, detail) {
    for (const listener of this.listeners.get(event) || []) listener(detail);
  }
}
