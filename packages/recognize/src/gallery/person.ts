import type { PersonRow } from './tables.js'

export type Metadata = Readonly<Record<string, unknown>>

export interface Person {
  readonly name: string
  /** In order of their names. */
  readonly groups: readonly string[]
  readonly metadata: Metadata
  /** When the person came into the gallery. */
  readonly added: Date
}

export const personOf = ({ name, groups, metadata, added }: PersonRow): Person => ({
  name,
  groups: Array.from(groups),
  metadata: JSON.parse(metadata) as Metadata,
  added: new Date(added),
})
