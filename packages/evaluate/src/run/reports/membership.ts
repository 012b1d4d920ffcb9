import { basename } from 'node:path'
import type { MembershipAudit, MembershipSets } from '../membership.js'
import { factsOf, type Provenance } from './facts.js'
import { type ReportEvents, writeFiles } from './write.js'

/** Where the photographs lie, as it was given. */
export interface MembershipFolders {
  readonly members: readonly string[]
  readonly strangers: readonly string[]
  readonly heldOut?: readonly string[] | undefined
  readonly control?: string | undefined
}

/** Writes report.html, report.json and figures.csv into a folder. @throws FilesError, DataError */
export async function reportMembership(
  folder: string,
  { rows }: MembershipAudit,
  { members, strangers, heldOut }: MembershipSets,
  folders: MembershipFolders,
  provenance: Provenance,
  events: ReportEvents = {},
): Promise<void> {
  // Charts load only where there is a report to write.
  const page = await import('../../report/index.js')
  const facts = await factsOf(provenance, {
    data: {
      'Trained on': folders.members.join(', '),
      Strangers: folders.strangers.join(', '),
      'Other photographs of members': folders.heldOut?.join(', '),
      'Control network': folders.control,
    },
    images: [members, strangers, ...(heldOut ? [heldOut] : [])].flatMap(({ samples }) => samples),
    lists: [],
  })
  const title = `Membership in ${basename(provenance.model)}`
  const meta = { title, facts, command: provenance.command }
  writeFiles(
    folder,
    {
      'report.html': page.membershipReport(rows, meta),
      'report.json': page.membershipJson(rows, meta),
      'figures.csv': page.membershipCsv(rows),
    },
    events,
  )
}
