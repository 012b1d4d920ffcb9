import { basename } from 'node:path'
import type { PadCase } from '../../report/index.js'
import type { JudgedPresentation, MeasuredPad } from '../pad/evaluate.js'
import { factsOf, type Provenance, sumOfWeights } from './facts.js'
import { type ReportEvents, writeFiles } from './write.js'

/** What a report of presentations needs besides their figures. */
export interface PadSources {
  /** The folder of the presentations, as it was given. */
  readonly folder: string
  /** Of the detectors of attacks; that of the provenance is the first. */
  readonly weights: readonly string[]
  /** A picture made small, as a `data:` address. */
  readonly picture: (file: string) => Promise<string>
  /** What the names of species that were drawn by code begin with. */
  readonly simulated: string
}

/** Worst cases of each kind. */
const SHOWN = 12

/** Writes report.html, report.json, figures.csv, curves.csv and scores.csv into a folder. @throws FilesError, DataError */
export async function reportPad(
  folder: string,
  { result, presentations }: MeasuredPad,
  sources: PadSources,
  provenance: Provenance,
  events: ReportEvents = {},
): Promise<void> {
  // Charts load only where there is a report to write.
  const page = await import('../../report/index.js')
  const of = (species: string | null) => presentations.filter((one) => one.species === species)
  const score = ({ scores }: JudgedPresentation) => scores?.[0] ?? []
  const worst = (species: string | null) => worstOf(of(species), sources)
  const others = await Promise.all(
    sources.weights.slice(1).map(async (file) => `${await sumOfWeights(file)} (${basename(file)})`),
  )
  const facts = await factsOf(provenance, {
    data: {
      ...(others.length > 0 && { 'SHA-256 of the others': others.join(', ') }),
      Presentations: sources.folder,
    },
    images: presentations.flatMap(({ files }) => files),
    lists: [Buffer.from(JSON.stringify(presentations.map(({ name }) => name)))],
  })
  const meta = {
    title: `Presentation attack detection on ${basename(sources.folder)}`,
    facts,
    command: provenance.command,
    scores: {
      living: of(null).flatMap(score),
      species: result.species.map(({ name }) => of(name).flatMap(score)),
    },
    worst: {
      living: await worst(null),
      species: await Promise.all(result.species.map(({ name }) => worst(name))),
    },
    silent: countsOf(presentations.flatMap(({ silent }) => silent ?? [])),
    simulated: result.species.some(({ name }) => name.startsWith(sources.simulated)),
  }
  writeFiles(
    folder,
    {
      'report.html': page.padReport(result, meta),
      'report.json': page.padJson(result, meta),
      'figures.csv': page.padCsv(result),
      'curves.csv': page.padCurvesCsv(result, presentations),
      'scores.csv': page.padScoresCsv(result.detectors, presentations),
    },
    events,
  )
}

/** Of living people the lowest scores of the first detector, of attacks the highest. */
async function worstOf(
  kind: readonly JudgedPresentation[],
  { picture }: PadSources,
): Promise<PadCase[]> {
  const found = kind.flatMap(({ name, species, files, scores }) =>
    scores ? [{ name, species, file: files[0]!, score: scores[0]! }] : [],
  )
  found.sort((a, b) => (a.species === null ? a.score - b.score : b.score - a.score))
  return Promise.all(
    found
      .slice(0, SHOWN)
      .map(async ({ name, file, score }) => ({ name, score, source: await picture(file) })),
  )
}

/** The most frequent first. */
function countsOf(reasons: readonly string[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])
}
