import type { PersonRow } from '../store/rows.js'
import { type Metadata, metadataOf } from './metadata.js'

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
  metadata: metadataOf(JSON.parse(metadata)),
  added: new Date(added),
})
