/** In an order of which each beginning is spread over all. */
export function shuffled(places: Float32Array, colours: Uint8Array) {
  const n = places.length / 2
  const order = Uint32Array.from({ length: n }, (_, i) => i)
  let state = 1
  for (let i = n - 1; i > 0; i--) {
    // Numerical Recipes' linear congruence: for an order it is good enough, and the same each time.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const j = state % (i + 1)
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  const mixed = { places: new Float32Array(2 * n), colours: new Uint8Array(4 * n) }
  for (const [i, row] of order.entries()) {
    mixed.places.set(places.subarray(2 * row, 2 * row + 2), 2 * i)
    mixed.colours.set(colours.subarray(4 * row, 4 * row + 4), 4 * i)
  }
  return mixed
}
