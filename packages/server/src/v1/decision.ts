import type { Match } from '@arcface/gallery'
import {
  comparedProbability,
  type EmbeddedFace,
  type Identification,
  isDecided,
} from '@arcface/vision'
import { z } from 'zod'
import type { App } from '../app/app.js'
import type { AuditVerdict } from '../audit/note.js'
import { chosen, far, fpir, list, probability, similarity, threshold } from './schemas.js'

// Whom of a gallery a face resembles, as answers have it.

const match = z
  .object({
    name: z.string(),
    similarity,
    face: z.string().describe('Id of the most similar face'),
    source: z.string().nullable(),
    groups: z.array(z.string()),
    metadata: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Match' })

/** Of a search among many. */
export const decision = {
  known: z.boolean().nullable().describe('null: no threshold is known, or the face is rejected'),
  ...chosen,
  fpir: z.number().nullable().describe('False positive identification rate of the search'),
  searched: z.object({ people: z.int(), faces: z.int() }),
  matches: z.array(match).describe('Above the threshold, the most similar first'),
  ...probability,
}

export const searchQuery = {
  top: z.coerce.number().int().min(1).max(100).default(1).describe('People at most'),
  group: list.describe('Only people in all of these groups'),
  ...{ far, fpir, threshold },
}

const matchOf = ({ name, similarity, face, source, groups, metadata }: Match) => ({
  ...{ name, similarity, face, source },
  groups: [...groups],
  metadata: { ...metadata },
})

export type Decided = Identification & Pick<EmbeddedFace, 'rejected'>

/** What is decided about a face: of the best match also how likely it is where the model is calibrated. */
export function decidedOf({ recognizer }: Pick<App, 'recognizer'>, found: Decided) {
  const { threshold, far, fpir, source, warning, searched, matches, rejected } = found
  const [best] = matches
  return {
    known: isDecided(found, rejected) ? best !== undefined : null,
    ...{ threshold, far, fpir, source, warning, searched: { ...searched } },
    matches: matches.map(matchOf),
    ...(best &&
      comparedProbability(recognizer.thresholds, best.similarity, rejected, searched.faces)),
  }
}

/** What the audit log is told of a decision. */
export const told = (
  decision: Omit<AuditVerdict, 'people'> & {
    readonly matches: readonly { readonly name: string }[]
  },
): AuditVerdict => {
  const { known, threshold, far, fpir, searched, matches } = decision
  return { known, people: matches.map(({ name }) => name), threshold, far, fpir, searched }
}
