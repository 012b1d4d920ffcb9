import { basename } from 'node:path'
import type { MeasuredGroups } from '../groups/evaluate.js'
import type { GroupPlan } from '../groups/plan.js'
import { factsOf, type Provenance } from './facts.js'
import { type ReportEvents, writeFiles } from './write.js'

/** Where what was measured lies, as it was given. */
export interface GroupSources {
  readonly images: readonly string[]
  readonly groups: string
  readonly pairs?: string | undefined
}

/** Writes report.html, report.json and rates.csv into a folder. @throws FilesError, DataError */
export async function reportGroups(
  folder: string,
  { result }: MeasuredGroups,
  plan: GroupPlan,
  { images, groups, pairs }: GroupSources,
  provenance: Provenance,
  events: ReportEvents = {},
): Promise<void> {
  // Charts load only where there is a report to write.
  const page = await import('../../report/index.js')
  const { list } = plan
  const facts = await factsOf(provenance, {
    data: { Images: images.join(', '), Groups: groups, Pairs: pairs },
    images: plan.files,
    lists: [
      Buffer.from(JSON.stringify(plan.columns)),
      ...(list ? [list.a, list.b, list.same] : []),
    ],
  })
  const meta = {
    title: `Groups of ${images.map((path) => basename(path)).join(', ')}`,
    facts,
    command: provenance.command,
  }
  writeFiles(
    folder,
    {
      'report.html': page.groupsReport(result, meta),
      'report.json': page.groupsJson(result, meta),
      'rates.csv': page.groupsCsv(result),
    },
    events,
  )
}
