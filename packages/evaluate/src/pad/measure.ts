import type { BootstrapOptions } from '../bootstrap/bootstrap.js'
import { checkRate } from '../roc/scores.js'
import { countPeople, numberNames } from '../verification/identities.js'
import { Answers, type Bound } from './answers.js'
import { check } from './check.js'
import { drawnRates, type Figure, type RatesOf } from './rates.js'
import type {
  AtApcer,
  AtBpcer,
  AtOwn,
  DetectorFigures,
  PadDetector,
  PadRate,
  PadResult,
  Presentation,
  PresentedKind,
} from './result.js'

export interface PadOptions extends BootstrapOptions {
  /** At which BPCER is wanted. Default 10 %, 5 %, 1 %: BPCER10, BPCER20, BPCER100. */
  readonly apcers?: readonly number[]
  /** At which APCER is wanted. Default 10 %, 5 %, 1 %. */
  readonly bpcers?: readonly number[]
}

const RATES = [0.1, 0.05, 0.01]

/**
 * Figures of presentation attack detection after ISO/IEC 30107-3: APCER of each species of attack instruments and the
 * highest, BPCER, both at the detector's own threshold and at the thresholds at which the other is fixed, the share without
 * an answer apart. Intervals by bootstrap over people (see `rateLimits`): where a threshold is found on the presentations,
 * it is found anew in each draw. Somebody is one person in every species.
 * @throws EvaluateError EVALUATE_PAD, EVALUATE_OPTION
 */
export function measurePad(
  presentations: readonly Presentation[],
  detectors: readonly PadDetector[],
  options: PadOptions = {},
): PadResult {
  const { apcers = RATES, bpcers = RATES, level = 0.95, replicates = 1000, seed = 0 } = options
  for (const rate of apcers) checkRate(rate, 'APCER')
  for (const rate of bpcers) checkRate(rate, 'BPCER')
  const species = [...new Set(presentations.flatMap((one) => one.species ?? []))]
  check(presentations, detectors, species)
  const people = numberNames(
    presentations.map(({ person }, i) => (person === null ? `${i}` : `=${person}`)),
  )
  const count = countPeople(people)
  const kinds = [null, ...species].map((kind) =>
    [...presentations.keys()].filter((i) => presentations[i]!.species === kind),
  )

  const ratesOf = drawnRates(count, { level, replicates, seed })
  const silent = ratesOf(
    kinds.map((rows) => ({
      answers: new Answers(
        rows.map((i) => Number(presentations[i]!.scores !== null)),
        rows.map((i) => people[i]!),
      ),
      wrong: 'refused',
      bound: () => ({ score: 1, inclusive: true }),
    })),
  )
  const presented = (kind: number): PresentedKind => {
    const nonResponse = silent[kind]!
    return { presentations: nonResponse.presentations, people: nonResponse.people, nonResponse }
  }
  const figuresOf = ({ name, threshold }: PadDetector, place: number): DetectorFigures => {
    const [living, ...attacks] = kinds.map((rows) => {
      const known = rows.filter((i) => presentations[i]!.scores !== null)
      return new Answers(
        known.map((i) => presentations[i]!.scores![place]!),
        known.map((i) => people[i]!),
      )
    }) as [Answers, ...Answers[]]
    const detector = { name, living, attacks, species, ratesOf, count }
    return {
      name,
      own: threshold === null ? null : atOwn(threshold, detector),
      atApcer: apcers.map((apcer) => atApcer(apcer, detector)),
      atBpcer: bpcers.map((bpcer) => atBpcer(bpcer, detector)),
    }
  }
  return {
    living: presented(0),
    species: species.map((name, i) => ({ name, ...presented(i + 1) })),
    detectors: detectors.map(figuresOf),
    people: count,
    level,
    replicates,
  }
}

interface Detector {
  readonly living: Answers
  /** Of each species. */
  readonly attacks: readonly Answers[]
  readonly species: readonly string[]
  readonly ratesOf: RatesOf
  /** How many people there are. */
  readonly count: number
}

function atOwn(threshold: number, { living, attacks, ratesOf }: Detector): AtOwn {
  const bound = () => ({ score: threshold, inclusive: true })
  const [bpcer, ...apcer] = ratesOf([
    { answers: living, wrong: 'refused', bound },
    ...attacks.map((answers): Figure => ({ answers, wrong: 'accepted', bound })),
  ]) as [PadRate, ...(PadRate | null)[]]
  const worst = worstOf(apcer)
  const highs = apcer.flatMap((rate) => rate?.high ?? [])
  const apcerMax = {
    ...apcer[worst]!,
    high: highs.length > 0 ? Math.max(...highs) : null,
  }
  return { threshold, bpcer, apcer, worst, apcerMax, acer: (bpcer.value + apcerMax.value) / 2 }
}

function atApcer(apcer: number, { living, attacks, species, ratesOf, count }: Detector): AtApcer {
  // Of several species the highest: then none exceeds the share.
  const strictest = (draws: Float64Array) =>
    attacks.reduce<Bound>(
      (highest, attack) => {
        const own = attack.boundAccepting(apcer, draws)
        return own.score > highest.score ? own : highest
      },
      { score: Number.NEGATIVE_INFINITY, inclusive: false },
    )
  const [bpcer, ...each] = ratesOf([
    { answers: living, wrong: 'refused', bound: strictest },
    ...attacks.map(
      (attack): Figure => ({
        answers: living,
        wrong: 'refused',
        bound: (draws) => attack.boundAccepting(apcer, draws),
      }),
    ),
  ]) as [PadRate, ...PadRate[]]
  const once = new Float64Array(count).fill(1)
  const bound = strictest(once)
  const asks = attacks.findIndex(
    (attack) =>
      attack.boundAccepting(apcer, once).score === bound.score && Number.isFinite(bound.score),
  )
  const threshold = Math.min(...[living, ...attacks].map((kind) => kind.lowestAccepted(bound)))
  return {
    apcer,
    threshold: Number.isFinite(threshold) ? threshold : null,
    bpcer,
    species: species[asks] ?? null,
    each: each.map((rate, i) => (attacks[i]!.length === 0 ? null : rate)),
  }
}

function atBpcer(bpcer: number, { living, attacks, ratesOf, count }: Detector): AtBpcer {
  const bound = (draws: Float64Array) => living.boundRefusing(bpcer, draws)
  const apcer = ratesOf(attacks.map((answers): Figure => ({ answers, wrong: 'accepted', bound })))
  const { score } = bound(new Float64Array(count).fill(1))
  return { bpcer, threshold: score, apcer, worst: worstOf(apcer) }
}

const worstOf = (rates: readonly (PadRate | null)[]): number => {
  const values = rates.map((rate) => rate?.value ?? -1)
  return values.indexOf(Math.max(...values))
}
