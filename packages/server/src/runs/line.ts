/** What a line of a run's `metrics.jsonl` says; see `run/metrics.ts` of the training. */
export type MetricsLine =
  | {
      readonly kind: 'step'
      readonly step: number
      /** Numbers by name, those of an object in it as `seconds.data`; what is not finite is left out. */
      readonly values: ReadonlyMap<string, number>
    }
  | { readonly kind: 'verification' | 'failure'; readonly step: number; readonly line: object }
  /** Whole, and of a kind that is not known here. */
  | { readonly kind: 'other' }

const NAME = /^[A-Za-z]\w{0,63}$/

/** @returns undefined for what is no line: cut off, damaged, or without a step */
export function metricsLine(text: string): MetricsLine | undefined {
  const line = objectIn(text)
  if (line === undefined) return undefined
  const { step } = line
  if (typeof step !== 'number' || !Number.isSafeInteger(step) || step < 0) return undefined
  if ('failure' in line) return { kind: 'failure', step, line }
  if ('accuracy' in line) return { kind: 'verification', step, line }
  if (!('loss' in line)) return { kind: 'other' }
  const values = new Map<string, number>()
  for (const [name, value] of Object.entries(line)) {
    if (name === 'step' || !NAME.test(name)) continue
    if (typeof value === 'number') put(values, name, value)
    else if (typeof value === 'object' && value !== null)
      for (const [part, one] of Object.entries(value))
        if (typeof one === 'number' && NAME.test(part)) put(values, `${name}.${part}`, one)
  }
  return { kind: 'step', step, values }
}

/** As it is sent to who follows: any whole object. */
export function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function put(values: Map<string, number>, name: string, value: number): void {
  if (Number.isFinite(value)) values.set(name, value)
}
