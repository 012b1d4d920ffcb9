import type { Finding, PlacedImage, SuspectPoints } from '@arcface/evaluate'
import { quoted } from '../../ui/shell.js'

/** What somebody decided of a finding. */
export interface Act {
  /** Its number among the findings. */
  readonly finding: number
  readonly act: 'keep' | 'drop' | 'move'
  /** Whom to move to. */
  readonly person?: string
}

/** Of an image, as `arcface data curate` takes it. */
export type Decision = { readonly image: string; readonly offset?: number } & (
  | { readonly decision: 'drop' }
  | { readonly decision: 'move'; readonly person: string }
)

/** How far somebody is: what was decided, in order, and the finding that is looked at. */
export interface Work {
  readonly acts: readonly Act[]
  readonly at: number
}

export const START: Work = { acts: [], at: 0 }

/** What the finding itself would have done: the first choice, not the decision. */
export function suggestionOf(finding: Finding): Omit<Act, 'finding'> {
  switch (finding.kind) {
    case 'label':
      return finding.move === null ? { act: 'drop' } : { act: 'move', person: finding.move }
    case 'one-person':
      return { act: 'move', person: finding.people[0] }
    default:
      return { act: 'drop' }
  }
}

/** Whether its images can be moved to another person. */
export const canMove = ({ kind }: Finding): boolean => kind === 'label' || kind === 'one-person'

/** The act of each finding that has been decided about. */
export const decided = ({ acts }: Work): ReadonlyMap<number, Act> =>
  new Map(acts.map((act) => [act.finding, act]))

/** Decides, and goes on to the next finding of these that is open; one decided about again is decided anew. */
export function decide(work: Work, act: Act, shown: readonly number[]): Work {
  const acts = [...work.acts.filter(({ finding }) => finding !== act.finding), act]
  return { acts, at: nextOpen({ acts, at: act.finding }, shown) }
}

/** Takes the last decision back, and shows what it was about. */
export function undo({ acts, at }: Work): Work {
  const last = acts.at(-1)
  return { acts: acts.slice(0, -1), at: last?.finding ?? at }
}

/** The next open one of those shown behind the one looked at, else the first open one; where there is none it stays. */
function nextOpen(work: Work, shown: readonly number[]): number {
  const done = decided(work)
  const open = shown.filter((finding) => !done.has(finding))
  return open.find((finding) => finding > work.at) ?? open[0] ?? work.at
}

/** One further or back among those shown. */
export function step({ acts, at }: Work, by: 1 | -1, shown: readonly number[]): Work {
  const next = by > 0 ? shown.find((one) => one > at) : shown.findLast((one) => one < at)
  return { acts, at: next ?? at }
}

/** Numbers of the findings of a kind, or all. */
export const ofKind = (findings: readonly Finding[], kind: Finding['kind'] | 'all'): number[] =>
  [...findings.keys()].filter((i) => kind === 'all' || findings[i]!.kind === kind)

/** Work as it was kept; what is none of these findings is left out. */
export function revive(kept: unknown, findings: number): Work {
  const { acts, at } = Object(kept) as Partial<Work>
  const isThere = (finding: unknown) =>
    Number.isInteger(finding) && (finding as number) >= 0 && (finding as number) < findings
  return {
    acts: Array.isArray(acts) ? acts.filter((one: Act) => isThere(one?.finding)) : [],
    at: isThere(at) ? at! : 0,
  }
}

const keyOf = ({ path, offset }: Pick<PlacedImage, 'path' | 'offset'>) => `${path}\t${offset ?? ''}`

/**
 * What the acts mean for each image, for `arcface data curate`. What was decided of a folder as a whole gives way to what
 * was decided of an image; of two decisions about an image the later one holds.
 */
export function decisionsOf(
  findings: readonly Finding[],
  points: SuspectPoints,
  acts: readonly Act[],
): Decision[] {
  const found = new Map<string, Decision>()
  const put = (images: readonly PlacedImage[], { act, person }: Act) => {
    for (const { path, offset } of images) {
      const image = { image: path, ...(offset !== undefined && { offset }) }
      const decision: Decision =
        act === 'move'
          ? { ...image, decision: 'move', person: person! }
          : { ...image, decision: 'drop' }
      found.set(keyOf({ path, ...(offset !== undefined && { offset }) }), decision)
    }
  }
  const isWhole = ({ finding }: Act) => wholeFolder(findings[finding]!) !== null
  for (const act of [...acts.filter(isWhole), ...acts.filter((one) => !isWhole(one))]) {
    const finding = findings[act.finding]!
    if (act.act === 'keep') {
      // A label that was looked at and is right stays, also where its folder goes elsewhere.
      if (finding.kind === 'label') found.delete(keyOf(finding.images[0]!))
      continue
    }
    const folder = wholeFolder(finding)
    put(folder === null ? imagesOf(finding) : imagesOfPerson(points, folder), act)
  }
  return [...found.values()]
}

/** The person all of whose images an act moves or drops: the second of two folders, who is in the other set. */
function wholeFolder(finding: Finding): string | null {
  if (finding.kind === 'one-person') return finding.people[1]
  return finding.kind === 'overlap' ? finding.people[0] : null
}

/** The images of a finding that an act is about. */
const imagesOf = ({ kind, images }: Finding): readonly PlacedImage[] =>
  // Of one picture the first is to be kept.
  kind === 'copy' || kind === 'copy-of-two' ? images.slice(1) : images.slice(0, 1)

export function imagesOfPerson(points: SuspectPoints, person: string): PlacedImage[] {
  const number = points.people.indexOf(person)
  return [...points.person.keys()]
    .filter((row) => points.person[row] === number)
    .map((row) => placedAt(points, row))
}

export function placedAt(
  { path, offset, people, person }: SuspectPoints,
  row: number,
): PlacedImage {
  const first = offset?.[row] ?? null
  return {
    path: path[row]!,
    ...(first !== null && { offset: first }),
    person: people[person[row]!]!,
  }
}

/** A shell script that writes the decisions and makes the list of them. */
export function scriptOf(decisions: string, out: string): string {
  // Of a single quote in the JSON the shell would take the end of the text.
  const json = decisions.replaceAll("'", '\\u0027')
  return `#!/bin/sh
# In the workspace: makes ${JSON.stringify(out)} again, for data.list of a training.
printf '%s' '${json}' >decisions.json
arcface data curate decisions.json ${quoted(out)}
`
}
