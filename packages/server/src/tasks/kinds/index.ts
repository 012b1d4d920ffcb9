import type { TaskKind } from '../kind.js'
import { curate } from './curate.js'
import { groups } from './groups.js'
import { scores } from './scores.js'
import { suspects } from './suspects.js'
import { toy } from './toy.js'
import { ablate, resume, train } from './train.js'
import { verification } from './verification.js'

/** What can be run as a task; each stands in a file of its own. */
export const KINDS: readonly TaskKind[] = [
  ...[train, resume, ablate],
  ...[curate, suspects, toy, verification, scores, groups],
]
