import { readText } from '@arcface/files'
import { z } from 'zod'
import { ServerError } from '../../errors.js'
import { place } from '../../workspace/place.js'
import { defineKind, type TaskPlace } from '../kind.js'

export const curate = defineKind(
  'curate',
  'The list of images that is left by decisions about some: `arcface data curate`',
  {
    decisions: place.describe('JSON, see `arcface data curate --help`; its paths are places too'),
    out: place.describe('The list to be written, for data.list of a training'),
  },
  ({ decisions, out }, at) => {
    checkDecisions(decisions, at)
    return ['data', 'curate', at.in(decisions, 'decisions'), at.out(out, 'out'), '--json']
  },
)

/** What of a file of decisions names paths; the command looks at the rest. */
const named = z.object({
  roots: z.array(place),
  list: place.optional(),
  decisions: z.array(z.object({ image: place })),
})

/** @throws ServerError SERVER_REQUEST: it leads out of the workspace; as `TaskPlace.in` */
function checkDecisions(decisions: string, at: TaskPlace): void {
  const { path } = at.workspace.there(decisions, 'decisions')
  const refuse = (why: string) => new ServerError('SERVER_REQUEST', `decisions: ${why}`)
  let value: unknown
  try {
    value = JSON.parse(readText(path))
  } catch {
    throw refuse('it is no JSON')
  }
  const { data, error } = named.safeParse(value)
  if (!data) throw refuse(`${error.issues[0]!.path.join('.') || 'it'}: ${error.issues[0]!.message}`)
  for (const root of data.roots) at.in(root, 'roots')
  if (data.list !== undefined) at.in(data.list, 'list')
}
