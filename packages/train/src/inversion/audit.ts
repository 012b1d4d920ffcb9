import type { People } from '@arcface/data'
import type { PreprocessingInput } from '@arcface/onnx'
import { TrainError } from '../errors.js'
import { attack, type Drawn } from './attack.js'
import { hasStatistics, headOf, openAttacked } from './attacked.js'
import type { InversionSettings } from './invert.js'
import { type Judge, Jury } from './judge.js'
import { drawTargets, meanFace, type Target } from './people.js'
import { NO_PROTECTION, type Protection, protectionOf } from './protection.js'
import type { Judged, Point } from './summary.js'

/** What is given to the attacker: the centres of a run's classes, or templates of photographs. */
export type InversionSet = 'closed' | 'open'

export interface InversionOptions extends InversionSettings {
  /** Single values of what a file wants pixels to be, where it does not say so. */
  readonly preprocessing?: PreprocessingInput | undefined
  /** Default: all that the model has. */
  readonly sets?: readonly InversionSet[] | undefined
  /** Of each group: those whom it was trained on, and others. */
  readonly people: number
  /** Names of protections that are measured beside none, see `protectionOf`. */
  readonly protect: readonly string[]
  /** From noise about grey, or from the mean of other people's faces. */
  readonly start: 'noise' | 'mean'
  /** After every batch, with what is known until then. */
  readonly onResult?: ((audit: InversionAudit) => Promise<void> | void) | undefined
  readonly onWarning?: ((message: string) => void) | undefined
  readonly onProgress?: ((what: string, done: number, total: number) => void) | undefined
  /** Ends the work after the step in work; what there is then counts. */
  readonly signal?: AbortSignal | undefined
}

/** What was drawn of people by one way of attack. */
export interface Attack {
  readonly set: InversionSet
  /** `none`, or the name of a protection. */
  readonly protection: string
  readonly drawn: Drawn[]
}

export interface InversionAudit {
  readonly settings: InversionSettings
  readonly start: 'noise' | 'mean'
  /** Whether the network has layers whose statistics lead pixels. */
  readonly hasBatchNorm: boolean
  readonly points: readonly Point[]
  /** What the judge's thresholds were measured on. */
  readonly source: string
  readonly targets: readonly Target[]
  /** What the judge takes the real photographs for, in the order of the targets. */
  readonly real: readonly Judged[]
  readonly attacks: readonly Attack[]
  /** Whether all was done that was asked for. */
  readonly finished: boolean
}

/**
 * Draws faces from what a network knows of people, by an attacker who has its weights, and asks another network whom they
 * show (ArcFace, TPAMI 2022, section 3.3). A signal ends it after the step in work: what there is then counts.
 * @param people with aligned photographs; whom a run was trained on is known by the name
 * @throws TrainError TRAIN_CONFIG, TRAIN_RUN (closed without centres), TRAIN_DATA, TRAIN_NON_FINITE; as `openNetwork`; DataError;
 *   EvaluateError EVALUATE_PAIRS where the judge has no thresholds and these people are too few for them
 */
export async function auditInversion(
  model: string,
  people: People,
  judge: Judge,
  options: InversionOptions,
): Promise<InversionAudit> {
  const { signal, onProgress, onResult } = options
  const protections = options.protect.map((name) => protectionOf(name, options.seed))
  using attacked = await openAttacked(model, options.preprocessing ?? null)
  const sets = options.sets ?? (attacked.head ? ['closed', 'open'] : ['open'])
  if (sets.includes('closed')) headOf(attacked)
  const { classes } = attacked
  const targets = await drawTargets(people, classes, {
    count: options.people,
    seed: options.seed,
    groups:
      classes === null ? ['unknown'] : sets.includes('open') ? ['member', 'stranger'] : ['member'],
  })
  const members = targets.filter(({ label }) => label !== null)
  if (sets.includes('closed') && members.length === 0)
    throw new TrainError('TRAIN_DATA', 'nobody whom the run was trained on is among these people', {
      hint: 'Name the folders that it was trained on, whose names are those of its classes.',
    })
  const jury = await Jury.of(judge, targets)
  const hasBatchNorm = hasStatistics(attacked)
  const plans = sets.flatMap((set) =>
    [NO_PROTECTION, ...protections]
      .filter((one) => isOfUse(one, set, hasBatchNorm, options))
      .map((protection) => ({ set, protection })),
  )
  const start = options.start === 'mean' ? await meanFace(people, targets) : null
  const attacks: Attack[] = plans.map(({ set, protection }) => ({
    set,
    protection: protection.name,
    drawn: [],
  }))
  const so = (finished: boolean): InversionAudit => ({
    ...{ settings: options, start: options.start, hasBatchNorm, finished, targets, attacks },
    ...{ points: jury.points, source: jury.source, real: jury.real() },
  })
  const total = plans.length * options.steps
  for (const [i, { set, protection }] of plans.entries()) {
    const attackedPeople = set === 'closed' ? members : targets
    const tell = (share: number) =>
      onProgress?.('steps', Math.round((i + share) * options.steps), total)
    const batches = attack(attacked, jury, targets, attackedPeople, {
      set,
      protection,
      start,
      settings: options,
      signal,
      tell,
    })
    for await (const drawn of batches) {
      attacks[i]!.drawn.push(...drawn)
      await onResult?.(so(false))
    }
    if (signal?.aborted) return so(false)
  }
  return so(true)
}

/** Says why where a protection changes nothing. */
function isOfUse(
  { name, hasBatchNorm, steal }: Protection,
  set: InversionSet,
  network: boolean,
  { onWarning }: InversionOptions,
): boolean {
  if (set === 'closed' && steal) {
    onWarning?.(
      `${name} changes templates, and a closed set is attacked without any: it is measured on the open set alone`,
    )
    return false
  }
  if (!hasBatchNorm && !network) {
    onWarning?.(`${name}: the network has no BatchNorm over maps, so all attacks are without it`)
    return false
  }
  return true
}
