import { bestPairs } from '../../identification/pairs.js'
import type { SearchResult } from '../../identification/search.js'
import type { IdentificationResult } from '../../measures/search.js'
import { worstPairs } from '../../verification/worst.js'
import type { Facts } from './facts.js'
import { type NamedImage, pictured, type ReportEvents, writeFiles } from './write.js'

/** A search, and what a report says of it. */
export interface SearchReport {
  readonly title: string
  readonly result: IdentificationResult
  /** Left out for MegaFace, whose couples are no pairs of probes and rows. */
  readonly search?: SearchResult | undefined
  readonly probe: (probe: number) => NamedImage
  /** A row of the gallery. */
  readonly row: (row: number) => NamedImage
  readonly facts: Facts
  readonly command: string
}

/**
 * Writes report.html, report.json, figures.csv, and where there are curves or pairs curves.csv and scores.csv into a folder.
 * @throws FilesError, DataError
 */
export async function writeSearchReport(
  folder: string,
  { title, search, facts, command, probe, row, ...report }: SearchReport,
  events: ReportEvents,
): Promise<void> {
  // Charts load only where there is a report to write.
  const page = await import('../../report/index.js')
  const best = search && bestPairs(search)
  const result = { ...report.result, ...(best && { best }) }
  const searches = result.openSet?.searches
  const meta = {
    title,
    facts,
    command,
    ...(best && {
      worst: pictured(worstPairs(best), (p) => [probe(best.probe[p]!), row(best.row[p]!)]),
    }),
  }
  const files = {
    'report.html': page.identificationReport(result, meta),
    'report.json': page.identificationJson(result, meta),
    'figures.csv': page.figureRows([[result.protocol, page.identificationFigures(result)]]),
    ...(searches && { 'curves.csv': page.curvesCsv([{ name: 'open set', result: searches }]) }),
    ...(best && {
      'scores.csv': page.scoresCsv({
        ...best,
        names: (p) => [probe(best.probe[p]!).name, row(best.row[p]!).name],
      }),
    }),
  }
  writeFiles(folder, files, events)
}
