import { statSync } from 'node:fs'
import { join } from 'node:path'
import { readTable, readText } from '@arcface/files'
import { z } from 'zod'
import type { CardFacts, CardResult } from '../card/facts.js'
import { EvaluateError } from '../errors.js'
import { groupsResultSchema } from '../groups/schema.js'
import type { Figure } from '../report/scored.js'

const reportSchema = z.object({ title: z.string(), facts: z.record(z.string(), z.string()) })

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
    const { result, figure, value, low, high } = values
    const limits = low === '' || high === '' ? {} : { low: Number(low), high: Number(high) }
    const one = { figure: String(figure), value: Number(value), ...limits }
    results.set(String(result), [...(results.get(String(result)) ?? []), one])
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
