import type { Schema } from '../../api/client.js'

/** Of a run or of a part of it, as the page draws it: a value a step, null where there is none. */
export interface Measured {
  readonly step: readonly number[]
  readonly series: Readonly<Record<string, readonly (number | null)[]>>
  readonly verification: readonly Verification[]
  readonly failures: readonly Failure[]
  /** Lines of steps in all, and of them damaged ones. */
  readonly total: number
  readonly torn: number
  /** Bytes that were read, and of the file. */
  readonly read: number
  readonly bytes: number
  /** Where events go on. */
  readonly follow: { readonly offset: number; readonly file: string }
}

/** A line is none that is longer; the last may be half written. */
const LINE_BYTES = 1 << 20
/** Whether a large file is still being read. */
export const isBeingRead = ({ read, bytes }: Measured): boolean => bytes - read > LINE_BYTES

export interface Verification {
  readonly step: number
  readonly set: string
  readonly accuracy: number
  readonly std: number | null
  readonly interval: { readonly low: number; readonly high: number } | null
}
export interface Failure {
  readonly step: number
  readonly set: string
  readonly failure: string
}

const isNumber = (value: unknown): value is number => Number.isFinite(value)

/** A line of a verification, which may be of another version; null where it is none. */
function verificationOf(line: Readonly<Record<string, unknown>>): Verification | null {
  const { step, set, accuracy, std, intervals } = line
  if (!isNumber(step) || typeof set !== 'string' || !isNumber(accuracy)) return null
  const { low, high } = Object(Object(intervals).accuracy)
  const interval = isNumber(low) && isNumber(high) ? { low, high } : null
  return { step, set, accuracy, std: isNumber(std) ? std : null, interval }
}

const failureOf = ({ step, set, failure }: Readonly<Record<string, unknown>>): Failure | null =>
  isNumber(step) && typeof failure === 'string' ? { step, set: String(set), failure } : null

const known = <T>(all: readonly (T | null)[]): T[] => all.filter((one) => one !== null)

export function measuredOf(told: Schema<'RunMetrics'>): Measured {
  const { step, series, verification, failures, total, torn, offset, bytes, file } = told
  return {
    step,
    series: Object.fromEntries(
      Object.entries(series).map(([name, one]) => [name, Array.isArray(one) ? one : one.mean]),
    ),
    verification: known(verification.map(verificationOf)),
    failures: known(failures.map(failureOf)),
    ...{ total, torn, bytes, read: offset, follow: { offset, file } },
  }
}

/** Numbers of a line by name, those of an object in it as `seconds.data`. */
function valuesOf(line: Readonly<Record<string, unknown>>): Map<string, number> {
  const values = new Map<string, number>()
  for (const [name, value] of Object.entries(line)) {
    if (isNumber(value)) values.set(name, value)
    else if (typeof value === 'object' && value !== null)
      for (const [part, one] of Object.entries(value))
        if (isNumber(one)) values.set(`${name}.${part}`, one)
  }
  return values
}

/** What is known with lines that the run has written since. Those that are known already change nothing. */
export function withLines(before: Measured, lines: readonly unknown[]): Measured {
  const step = [...before.step]
  const columns = new Map(Object.entries(before.series).map(([name, all]) => [name, [...all]]))
  const verification = [...before.verification]
  const failures = [...before.failures]
  let added = 0
  for (const one of lines) {
    const line = Object(one) as Record<string, unknown>
    if (!isNumber(line.step)) continue
    if ('failure' in line || 'accuracy' in line) {
      const list: { step: number; set: string }[] = 'failure' in line ? failures : verification
      const told = 'failure' in line ? failureOf(line) : verificationOf(line)
      const isNew = told && !list.some(({ step, set }) => step === told.step && set === told.set)
      if (isNew) list.push(told)
      continue
    }
    if (!('loss' in line) || line.step <= (step.at(-1) ?? -1)) continue
    const values = valuesOf(line)
    step.push(line.step)
    added++
    for (const name of values.keys())
      if (name !== 'step' && !columns.has(name))
        columns.set(name, new Array(step.length - 1).fill(null))
    for (const [name, column] of columns) column.push(values.get(name) ?? null)
  }
  const series = Object.fromEntries(columns)
  return { ...before, step, series, verification, failures, total: before.total + added }
}
