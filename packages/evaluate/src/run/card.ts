import { statSync } from 'node:fs'
import { join } from 'node:path'
import { readTable, readText } from '@arcface/files'
import { z } from 'zod'
import type { CardFacts, CardResult } from '../card/facts.js'
import { EvaluateError } from '../errors.js'
import { groupsResultSchema } from '../groups/schema.js'
import type { Figure } from '../report/scored.js'

const reportSchema = z.object({ title: z.string(), facts: z.record(z.string(), z.string()) })

const limit = z.union([z.literal('').transform(() => undefined), z.coerce.number()])
/** A line of figures.csv; a figure without limits has them empty. */
const figureSchema = z.object({
  result: z.string(),
  figure: z.string(),
  value: z.string().min(1).pipe(z.coerce.number()),
  low: limit,
  high: limit,
})

/**
 * Figures for a model card: of the folders that `--report` of an evaluation wrote, and of the files of `arcface evaluate
 * groups --out`. Whose figures they are is told by the model's name and sum in the report.
 * @throws EvaluateError EVALUATE_OPTION for what is neither; FilesError
 */
export async function readCardFigures(
  paths: readonly string[],
): Promise<Pick<CardFacts, 'results' | 'groups'>> {
  const read = await Promise.all(paths.map(figuresIn))
  return {
    results: read.flatMap(({ results }) => results),
    groups: read.flatMap(({ groups }) => groups),
  }
}

async function figuresIn(path: string): Promise<Pick<CardFacts, 'results' | 'groups'>> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    return { results: await reported(path), groups: [] }
  const groups = groupsResultSchema.safeParse(jsonOf(path))
  if (groups.success) return { results: [], groups: [groups.data] }
  throw notFigures(path)
}

async function reported(folder: string): Promise<CardResult[]> {
  const report = reportSchema.safeParse(jsonOf(join(folder, 'report.json')))
  if (!report.success) throw notFigures(folder)
  const { title, facts } = report.data
  const { Model: named = 'not named', 'SHA-256 of its weights': weights = 'not known' } = facts
  const model = { name: named, sha256: weights.split(' ')[0]! } // behind it stands the file
  const results = new Map<string, Figure[]>()
  for await (const { values } of readTable(join(folder, 'figures.csv'))) {
    const row = figureSchema.safeParse(values)
    if (!row.success) throw notFigures(folder)
    const { result, figure, value, low, high } = row.data
    const limits = low === undefined || high === undefined ? {} : { low, high }
    results.set(result, [...(results.get(result) ?? []), { figure, value, ...limits }])
  }
  return [...results].map(([name, figures]) => ({
    ...{ set: title, note: name, model, figures },
  }))
}

function jsonOf(path: string): unknown {
  const text = readText(path)
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const notFigures = (path: string) =>
  new EvaluateError('EVALUATE_OPTION', `${path} holds no figures for a model card`, {
    hint: 'Name the folder of a report, or what an evaluation of groups wrote.',
  })
