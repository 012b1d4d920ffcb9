import { imageName, type People } from '@arcface/data'
import type { BootstrapOptions } from '../bootstrap/bootstrap.js'
import type { EmbedFn } from '../embeddings/embed.js'
import { joinRows, normalizeRows } from '../embeddings/rows.js'
import {
  type MembershipRow,
  type MembershipSignal,
  membership,
  type ScoredPhotos,
} from '../membership/membership.js'
import { classSignals, genuineCosines, type HeadScores } from '../membership/signals.js'
import { goodImages } from './good-images.js'
import { telling, type WorkOptions } from './work.js'

export interface MembershipSets {
  /** Photographs that the network was trained on. */
  readonly members: People
  /** Photographs of people whom it was not trained on. */
  readonly strangers: People
  /** Photographs of members that it was not trained on. */
  readonly heldOut?: People | undefined
}

/** A network as an attacker has it. */
export interface AuditedModel {
  readonly embed: EmbedFn
  /** Its head where the attacker has it too: names of the classes, and scores of raw embeddings. */
  readonly head?: {
    readonly classes: readonly string[]
    scores(rows: Float32Array, n: number): HeadScores
  } | null
}

export interface MembershipOptions extends WorkOptions, Pick<BootstrapOptions, 'replicates'> {
  /** Another network, trained on none of these people. */
  readonly control?: EmbedFn | undefined
}

export interface MembershipAudit {
  readonly rows: readonly MembershipRow[]
  /** Images that cannot be decoded. */
  readonly skipped: readonly string[]
  readonly warnings: readonly string[]
}

/**
 * How surely a network's training photographs can be told from others, by how surely it recognises them. Without a head:
 * by the mean cosine with other photographs of the person. With it also by the cosine with a class's centre and by the
 * softmax; of whom nobody knows the class, by the best.
 * @throws EvaluateError EVALUATE_PAIRS, EVALUATE_EMBEDDING, EVALUATE_OPTION; DataError; what the networks throw
 */
export async function auditMembership(
  { members, strangers, heldOut }: MembershipSets,
  model: AuditedModel,
  { control, replicates, ...work }: MembershipOptions = {},
): Promise<MembershipAudit> {
  const sets = heldOut ? [members, strangers, heldOut] : [members, strangers]
  const total = sets.reduce((sum, { samples }) => sum + samples.length, 0) * (control ? 2 : 1)
  let before = 0
  const tell = telling(work, 'images')
  const skipped = new Set<string>()
  const scored = async (by: AuditedModel) => {
    const found: Signals[] = []
    for (const set of sets) {
      found.push(await signalsOf(set, by, skipped, (done) => tell(before + done, total)))
      before += set.samples.length
    }
    return found as [Signals, Signals, Signals?]
  }
  const rows = [
    ...compared(await scored(model), false, replicates),
    ...(control ? compared(await scored({ embed: control }), true, replicates) : []),
  ]
  return { rows, skipped: [...skipped], warnings: warningsOf(members, strangers, heldOut) }
}

/** Scores of a set's photographs by signal; `own` by the class that is the photograph's own. */
interface Signals {
  readonly best: Partial<Record<MembershipSignal, ScoredPhotos>>
  readonly own: Partial<Record<MembershipSignal, ScoredPhotos>>
}

async function signalsOf(
  { classes, samples }: People,
  { embed, head }: AuditedModel,
  skipped: Set<string>,
  onProgress: (done: number) => void,
): Promise<Signals> {
  const parts: Float32Array[] = []
  const good: number[] = []
  const best = { centre: [] as number[], certainty: [] as number[] }
  const own = { centre: [] as number[], certainty: [] as number[] }
  const known = head && new Map(head.classes.map((name, label) => [name, label]))
  const labels = classes.map((name) => known?.get(name))
  for await (const { rows, pixels, done } of goodImages(samples)) {
    if (rows.length > 0) {
      const embeddings = await embed(pixels, rows.length)
      if (head) {
        const scores = head.scores(embeddings, rows.length)
        const named = rows.map((row) => labels[samples[row]!.label] ?? -1)
        for (const [into, by] of [
          [best, undefined],
          [own, named],
        ] as const) {
          const { centre, certainty } = classSignals(scores, by)
          into.centre.push(...centre)
          into.certainty.push(...certainty)
        }
      }
      parts.push(embeddings)
      good.push(...rows)
    }
    onProgress(done)
  }
  const isGood = new Set(good)
  samples.forEach((sample, row) => {
    if (!isGood.has(row)) skipped.add(imageName(sample))
  })
  const embeddings = joinRows(parts)
  const dim = embeddings.length / good.length
  const names = good.map((row) => imageName(samples[row]!))
  const people = Int32Array.from(good, (row) => samples[row]!.label)
  const genuine = genuineCosines({
    embeddings: normalizeRows({ embeddings, dim, names }, embeddings),
    dim,
    people,
  })
  const photos = (scores: ArrayLike<number>): ScoredPhotos => {
    const kept = [...people.keys()].filter((row) => !Number.isNaN(scores[row]))
    return {
      scores: Float64Array.from(kept, (row) => scores[row]!),
      people: kept.map((row) => classes[people[row]!]!),
    }
  }
  const both = { genuine: photos(genuine) }
  if (!head) return { best: both, own: both }
  const of = ({ centre, certainty }: typeof best) => ({
    ...both,
    centre: photos(centre),
    certainty: photos(certainty),
  })
  return { best: of(best), own: of(own) }
}

function compared(
  [members, strangers, heldOut]: readonly [Signals, Signals, Signals?],
  control: boolean,
  replicates: number | undefined,
): MembershipRow[] {
  // Strangers have no class of their own: of whom it is asked whether they are members, the best class is taken of all.
  const questions = [
    ...(heldOut ? [['photographs', members.own, heldOut.own] as const] : []),
    ['people', members.best, strangers.best] as const,
    ...(heldOut ? [['people-new', heldOut.best, strangers.best] as const] : []),
  ]
  return questions.flatMap(([question, trained, others]) =>
    (['genuine', 'centre', 'certainty'] as const).flatMap((signal) => {
      const [a, b] = [trained[signal], others[signal]]
      if (!a || !b) return []
      const figures = membership(a, b, replicates === undefined ? {} : { replicates })
      return [{ question, signal, control, figures }]
    }),
  )
}

function warningsOf(members: People, strangers: People, heldOut?: People): string[] {
  const names = new Set(members.classes)
  const both = strangers.classes.filter((name) => names.has(name))
  const unknown = (heldOut?.classes ?? []).filter((name) => !names.has(name))
  return [
    ...(both.length > 0
      ? [
          `${both.length} of the strangers are called as members are, for example ${both[0]}: they should be others`,
        ]
      : []),
    ...(unknown.length > 0
      ? [
          `${unknown.length} of the people with other photographs are no members, for example ${unknown[0]}`,
        ]
      : []),
  ]
}
