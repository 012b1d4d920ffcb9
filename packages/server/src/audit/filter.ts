import type { AuditLine } from './line.js'

/** Which lines are wanted; without a condition every one is. */
export interface AuditFilter {
  readonly since?: Date | undefined
  /** Before this time. */
  readonly until?: Date | undefined
  /** Id of the key that asked. */
  readonly key?: string | undefined
  readonly gallery?: string | undefined
  /** Who was found, or whom it concerned. */
  readonly person?: string | undefined
  /** Stands somewhere in the operation, or is the kind of the line. */
  readonly operation?: string | undefined
}

/** What a person asks of a line first. */
export interface AuditSummary {
  /** The operation, or the kind of the line. */
  readonly what: string
  readonly gallery: string | null
  /** Id of the key. */
  readonly key: string | null
  /** Whom the line concerns, and who was found. */
  readonly people: readonly string[]
  readonly status: number | null
}

export function summaryOf(line: AuditLine): AuditSummary {
  const { operation, kind, gallery, key, status, people = [], inputs = [] } = line
  const faces = (inputs as { faces: { people: string[] }[] }[]).flatMap((input) => input.faces)
  return {
    what: String(operation ?? kind),
    gallery: gallery === undefined ? null : String(gallery),
    // A job names the id alone.
    key: typeof key === 'string' ? key : ((key as { id?: string } | null | undefined)?.id ?? null),
    people: [...new Set([...(people as string[]), ...faces.flatMap((face) => face.people)])],
    status: typeof status === 'number' ? status : null,
  }
}

export function isWanted(
  line: AuditLine,
  { since, until, key, gallery, person, operation }: AuditFilter,
): boolean {
  const time = Date.parse(line.time)
  const told = summaryOf(line)
  return (
    (since === undefined || time >= since.getTime()) &&
    (until === undefined || time < until.getTime()) &&
    (key === undefined || told.key === key) &&
    (gallery === undefined || told.gallery === gallery) &&
    (person === undefined || told.people.includes(person)) &&
    (operation === undefined || told.what.includes(operation))
  )
}
