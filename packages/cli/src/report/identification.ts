import { bestPairs, type SearchResult } from '@arcface/evaluate'
import {
  curvesCsv,
  figureRows,
  type IdentificationResult,
  identificationFigures,
  identificationJson,
  identificationReport,
  scoresCsv,
  worstPairs,
} from '@arcface/evaluate/report'
import { commandLine } from '../commands/evaluate-shared.js'
import type { Facts } from './facts.js'
import { type Named, pictured, writeFiles } from './write.js'

export interface SearchReport {
  readonly folder: string
  readonly title: string
  readonly result: IdentificationResult
  /** Left out for MegaFace, whose couples are no pairs of probes and rows. */
  readonly search?: SearchResult
  readonly probe: (probe: number) => Named
  /** A row of the gallery. */
  readonly row: (row: number) => Named
  readonly facts: Facts
}

/** Writes report.html, report.json, figures.csv, and where there are curves or pairs curves.csv and scores.csv. */
export async function writeSearchReport(report: SearchReport): Promise<void> {
  const { folder, title, search, facts, probe, row } = report
  const best = search && bestPairs(search)
  const result = { ...report.result, ...(best && { best }) }
  const searches = result.openSet?.searches
  const meta = {
    title,
    facts,
    command: commandLine(),
    ...(best && {
      worst: await pictured(worstPairs(best), (p) => [probe(best.probe[p]!), row(best.row[p]!)]),
    }),
  }
  await writeFiles(folder, {
    'report.html': identificationReport(result, meta),
    'report.json': identificationJson(result, meta),
    'figures.csv': figureRows([[result.protocol, identificationFigures(result)]]),
    ...(searches && { 'curves.csv': curvesCsv([{ name: 'open set', result: searches }]) }),
    ...(best && {
      'scores.csv': scoresCsv({
        ...best,
        names: (p) => [probe(best.probe[p]!).name, row(best.row[p]!).name],
      }),
    }),
  })
}
