/** Genuine couples of probes and rows of a gallery. */
export interface MateList {
  /** The mates of probe p are entries offsets[p] .. offsets[p + 1] - 1; P + 1. */
  readonly offsets: Int32Array
  /** Row of each mate in the gallery; ascending for a probe. */
  readonly rows: Int32Array
  /** Its score. */
  readonly scores: Float32Array
}

/** Who is looked for in which row, and where their scores go. */
export interface Subjects {
  /** Probes of the person in a row of the gallery. */
  probesOfRow(row: number): readonly number[]
  readonly mates: MateList & { note(probe: number, row: number, score: number): void }
}

const NOBODY: readonly number[] = []

/**
 * @param probeOf person of each probe
 * @param galleryOf person of each row of the gallery; negative for nobody
 */
export function matesBySubject(probeOf: Int32Array, galleryOf: Int32Array): Subjects {
  const probesOf = new Map<number, number[]>()
  probeOf.forEach((person, probe) => {
    const probes = probesOf.get(person)
    if (probes) probes.push(probe)
    else probesOf.set(person, [probe])
  })
  const probesOfRow = (row: number) => {
    const person = galleryOf[row]!
    return person < 0 ? NOBODY : (probesOf.get(person) ?? NOBODY)
  }

  const offsets = new Int32Array(probeOf.length + 1)
  for (let row = 0; row < galleryOf.length; row++) {
    for (const probe of probesOfRow(row)) offsets[probe + 1]!++
  }
  for (let p = 0; p < probeOf.length; p++) offsets[p + 1]! += offsets[p]!
  const total = offsets[probeOf.length]!
  const rows = new Int32Array(total)
  const scores = new Float32Array(total)
  const next = offsets.slice()
  const note = (probe: number, row: number, score: number) => {
    const at = next[probe]!++
    rows[at] = row
    scores[at] = score
  }
  return { probesOfRow, mates: { offsets, rows, scores, note } }
}
