import { ComprefaceRefusal } from './refusals.js'

const NAMES = [
  ...['limit', 'det_prob_threshold', 'prediction_count', 'face_plugins', 'status'],
  ...['detect_faces', 'subject', 'page', 'size'],
] as const
export type ParameterName = (typeof NAMES)[number]
export type Parameters = ReadonlyMap<string, string>

/** CompreFace's own SDK writes a second `?` where an `&` belongs. One within a name stays what it is. */
const SECOND = new RegExp(`\\?(?=(?:${NAMES.join('|')})=)`, 'g')

/** The parameters of an address, the first of each name; those that are empty are as if they were not there. */
export function parametersOf(url: string): Map<string, string> {
  const mark = url.indexOf('?')
  const text = mark < 0 ? '' : url.slice(mark + 1).replace(SECOND, '&')
  const found = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text))
    if (!found.has(name)) found.set(name, value)
  return found
}

/** What Java's int holds. */
const LARGEST = 2 ** 31 - 1

/** @throws ComprefaceRefusal: no whole number (0), less than `least` (26) */
function count(
  parameters: Parameters,
  name: ParameterName,
  otherwise: number,
  least: number,
  called: string = name,
): number {
  const text = parameters.get(name)?.trim()
  if (text === undefined || text === '') return otherwise
  const value = /^[+-]?\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(Math.abs(value) <= LARGEST)) throw notA(name, 'whole number')
  if (value >= least) return value
  throw new ComprefaceRefusal('constraint', `${called} should be equal or greater than ${least}; `)
}

const notA = (name: ParameterName, what: string) =>
  new ComprefaceRefusal('other', '', { detail: `${name}: it is no ${what}` })

const WORDS: Readonly<Record<string, boolean>> = {
  ...{ true: true, on: true, yes: true, 1: true },
  ...{ false: false, off: false, no: false, 0: false },
}

function flag(parameters: Parameters, name: ParameterName, otherwise: boolean): boolean {
  const text = parameters.get(name)?.trim().toLowerCase()
  if (text === undefined || text === '') return otherwise
  if (!Object.hasOwn(WORDS, text)) throw notA(name, 'true or false')
  return WORDS[text]!
}

/** The most predictions of a face: each needs the embeddings of a person's faces. */
const PREDICTIONS = 1000

export interface FindParameters {
  /** Faces at most, the largest; 0: all. */
  readonly limit: number
  /** Faces of a lower score are none. */
  readonly minScore: number | undefined
  readonly plugins: ReadonlySet<string>
  /** Whether times and versions are told. */
  readonly status: boolean
  /** False: the picture is a face and nothing else. */
  readonly detect: boolean
}

/** What all routes take that look for faces. @throws ComprefaceRefusal */
export function findParameters(parameters: Parameters): FindParameters {
  return {
    limit: count(parameters, 'limit', 0, 0, 'Limit'),
    minScore: minScore(parameters),
    plugins: new Set((parameters.get('face_plugins') ?? '').split(',').map((one) => one.trim())),
    status: flag(parameters, 'status', false),
    detect: flag(parameters, 'detect_faces', true),
  }
}

/** As its core has it: a threshold that is none is an image without a face. */
export function minScore(parameters: Parameters): number | undefined {
  const text = parameters.get('det_prob_threshold')?.trim()
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  if (Number.isNaN(value)) throw notA('det_prob_threshold', 'number')
  if (value >= 0 && value <= 1) return value
  throw new ComprefaceRefusal('noFace', '', { detail: 'det_prob_threshold: from 0 to 1' })
}

export const predictionCount = (parameters: Parameters): number =>
  Math.min(count(parameters, 'prediction_count', 1, 1), PREDICTIONS)

/** Spring's: what is no page is the first, and what is no size 20. */
export function pageOf(parameters: Parameters): { page: number; size: number } {
  const whole = (name: ParameterName, least: number, most: number, otherwise: number) => {
    const text = parameters.get(name)?.trim() ?? ''
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
    return value >= least ? Math.min(value, most) : otherwise
  }
  return { page: whole('page', 0, LARGEST, 0), size: whole('size', 1, 2000, 20) }
}

/** @throws ComprefaceRefusal: missing (33), blank (26) */
export function subjectParameter(parameters: Parameters): string {
  const subject = parameters.get('subject')
  if (subject === undefined) throw new ComprefaceRefusal('parameter', 'subject')
  return notBlank(subject)
}

export function notBlank(subject: string): string {
  if (subject.trim() !== '') return subject
  throw new ComprefaceRefusal('constraint', 'Subject name is empty; ')
}
